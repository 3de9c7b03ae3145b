"""The result of one grading, as `grader check --json` prints it, the database stores it and the pages show it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.core.exhibit import Exhibit


class Status(StrEnum):
    """A verdict. `OURS` is never zero points: it is retried, then shown to staff."""

    PASS = "pass"
    FAIL = "fail"
    MISSING = "missing"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OURS = "ours"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckResult(_Strict):
    """`points` of `max_points`; both 0 for a check that only informs. `message` is for the student (plain text)."""

    id: str
    kind: str
    function: str | None
    scope: Literal["core", "edge"]
    status: Status
    points: float
    max_points: float
    message: str
    mistake: str | None = None
    relative_error: float | None = None
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()
    detail: str = ""  # for staff only: signals, tracebacks, what was printed
    unread: bool = False  # with OURS: nothing broke; what was handed in cannot be judged by a machine
    exhibits: tuple[Annotated[Exhibit, Field(discriminator="kind")], ...] = ()


class ItemResult(_Strict):
    """A rubric item on one answer.

    suggested: "clear" when the answer shows that the item does not apply, "deduct" when it shows that it does, else
        "unknown". Nothing is applied before a TA says so.
    evidence: quoted from the answer, verbatim. reason: a sentence for the TA.
    """

    id: str
    label: str
    points: float
    applied: bool = False
    suggested: Literal["clear", "deduct", "unknown"] = "unknown"
    confidence: float | None = None
    evidence: tuple[str, ...] = ()
    reason: str = ""


class QuestionResult(_Strict):
    """`score` counts what is decided; while `status` is needs_review, undecided points are not in it."""

    id: str
    title: str
    score: float
    max_score: float
    status: Literal["graded", "needs_review"]
    items: tuple[ItemResult, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    answer: str | None = None
    answer_source: str | None = None


class Result(_Strict):
    """`score` is the sum over the graded questions; `awaiting_review` the points that a TA still has to decide."""

    pack: str
    rubric_hash: str
    score: float
    max_score: float
    awaiting_review: float
    seconds: float
    questions: tuple[QuestionResult, ...]
    remarks: tuple[str, ...] = ()
    record: dict[str, object] = {}  # what a replay needs: seeds, variables, reference hash, versions, backend
