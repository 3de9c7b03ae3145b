"""Rubric → the checks to run, each with the seed that everything random in it comes from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from grader.core.checks import KINDS
from grader.core.rubric import Check, Question, Rubric


@dataclass(frozen=True)
class PlannedCheck:
    """One check of one question on one scope. `id` is unique in the question: edge cases carry the suffix `.edge`."""

    question: str
    check: Check
    scope: Literal["core", "edge"]
    seed: int

    @property
    def id(self) -> str:
        return self.check.id if self.scope == "core" else f"{self.check.id}.edge"

    @property
    def points(self) -> float:
        return self.check.points if self.scope == "core" else self.check.edge_points

    @property
    def function(self) -> str | None:
        return self.check.declaration.name


def plan(rubric: Rubric, only: frozenset[str] = frozenset(), seed: int = 0) -> tuple[PlannedCheck, ...]:
    """The checks of the rubric's questions (of those in `only`, if any), in the rubric's order.

    Raises ValueError when `only` names a question that the rubric does not have.
    """
    unknown = only - {question.id for question in rubric.questions}
    if unknown:
        raise ValueError(f"no question {', '.join(sorted(unknown))} in {rubric.assignment}")
    return tuple(
        PlannedCheck(question.id, check, scope, _seed(seed, question, check, scope))
        for question in rubric.questions
        if not only or question.id in only
        for check in question.checks
        for scope in KINDS[check.kind].scopes
    )


def functions_of(rubric: Rubric, operation: str) -> tuple[str | None, list[str]]:
    """The students' forward function (dotted) and backward functions of an operation, as the rubric's checks name them."""
    forward: str | None = None
    backward: dict[str, None] = {}
    for question in rubric.questions:
        for check in question.checks:
            if check.declaration.operation != operation:
                continue
            if check.kind == "gradient" or getattr(check.declaration, "part", None) == "backward":
                backward[check.declaration.function] = None
                forward = forward or check.declaration.forward
            elif check.kind in ("forward", "dropout", "update"):
                forward = forward or check.declaration.function
    return forward, list(backward)


def _seed(seed: int, question: Question, check: Check, scope: str) -> int:
    """A 31-bit seed; the same for every student, so that all meet the same cases."""
    text = f"{seed}/{question.id}/{check.id}/{scope}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
