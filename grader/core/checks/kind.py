"""What every check kind is: a strict declaration, and a generator that yields requests and returns a judgement."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.core.calls import Describe, Request
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.submission import Submission
from grader.core.verdict import Judgement, from_reply, missing

Run = Generator[Request, Reply, Judgement]


class Budget(BaseModel):
    """What a long check may use: seconds of wall clock, memory in MB, processor cores. device: `gpu` sends the attempts of
    the assignment to workers with one; where there is none, the check runs on a CPU and says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(gt=0, le=24 * 3600)
    memory_mb: int = Field(default=3072, ge=256)
    cores: int = Field(default=1, ge=1)
    device: Literal["cpu", "gpu"] = "cpu"


class Declaration(BaseModel):
    """The part of a rubric that one kind of check reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: Budget | None = None

    @property
    def name(self) -> str | None:
        """The student's function that is judged, by its bare name; None for a kind that judges something else."""
        return None

    @property
    def operation(self) -> str | None:
        """The name of the reference it is judged by."""
        return None


class FunctionDeclaration(Declaration):
    """Of a kind that judges one function. `function` is a dotted name in the students' package."""

    function: str = Field(pattern=r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$")

    @property
    def name(self) -> str:
        """The function's bare name, such as `batchnorm_backward`."""
        return self.function.rpartition(".")[2]

    @property
    def operation(self) -> str | None:
        return getattr(self, "of", None)


@dataclass(frozen=True)
class Context:
    """What a check is run with, besides its declaration.

    reference: the `Operation` of the declaration's `of` (its fields are read, never imported, so that rules stay pure).
    seed: recorded with the attempt; everything random comes from it.
    data: named arrays of a training check: those that may enter the sandbox and those that may not.
    submission: what was handed in; None where a mistake of the catalogue is judged.
    """

    reference: Any
    scope: Literal["core", "edge"]
    seed: int
    variables: Mapping[str, str] = field(default_factory=dict)
    data: Any = None
    submission: Submission | None = None


Tree = Literal["package", "submission"]
"""What lies in a sandbox: the files that the layout asks for, in their places, without torch unless the pack says so; or
everything that was handed in, at its own paths, with torch and Keras."""


@dataclass(frozen=True)
class Kind:
    """scopes: which of "core" and "edge" this kind has cases for. tree: what its sandbox holds."""

    declaration: type[Declaration]
    run: Callable[[Any, Context], Run]
    scopes: tuple[str, ...] = ("core", "edge")
    tree: Tree = "package"


def find(declaration: FunctionDeclaration) -> Generator[Request, Reply, tuple[Judgement | None, tuple[str, ...]]]:
    """Whether the function is there: a judgement if it is not, else None; and the names of its parameters."""
    request = Describe(declaration.function)
    reply = yield request
    stopped = from_reply(reply, declaration.name, request.seconds)
    if stopped is not None:
        return stopped, ()
    described = reply.values[0] if reply.values else None
    if not isinstance(described, dict) or not described.get("found"):
        return missing(declaration.name), ()
    parameters = described.get("parameters") or ()
    return None, tuple(str(parameter) for parameter in parameters)


def under_any_convention(declaration: Any, context: Context, judge_under: Callable[[Any, Context, str], Run]) -> Run:
    """Right under any one of the reference's calling conventions is right; else the verdict that says most."""
    absent, _ = yield from find(declaration)
    if absent is not None:
        return absent
    best: Judgement | None = None
    for convention in context.reference.conventions:
        judgement = yield from judge_under(declaration, context, convention)
        if judgement.status is Status.PASS or judgement.ended:
            return judgement
        if best is None or (best.status is Status.ERROR and judgement.status is Status.FAIL):
            best = judgement
    assert best is not None, "an operation has at least one convention"
    return best
