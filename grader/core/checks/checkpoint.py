"""`checkpoint`: saved weights of a run, evaluated again on hidden images, against the course's cut-offs."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field, model_validator

from grader.core.checks.cut_offs import check_cut_offs, interpolated
from grader.core.checks.inputs import Preprocessing
from grader.core.checks.kind import Context, Declaration, Kind, Run
from grader.core.checks.model import Model
from grader.core.checks.preparation import undeclared_preparation
from grader.core.checks.saved import Saved, evaluate, ways
from grader.core.proportions import standard_error
from grader.core.result import Status
from grader.core.verdict import Judgement, unread


class Checkpoint(Declaration):
    """file, others, model, inputs: as `Saved`. full_at, zero_at: hidden accuracy (a fraction) by data set, linear in between.

    evaluation: the share of the points that it is worth that dropout and batch statistics are off in evaluation mode.
    """

    file: tuple[str, ...] = Field(min_length=1)
    others: tuple[str, ...] = ()
    model: Model | None = None
    inputs: tuple[Preprocessing, ...] = (Preprocessing(),)
    dataset: str
    full_at: dict[str, float]
    zero_at: dict[str, float]
    evaluation: float = Field(default=0.25, ge=0, le=1)

    @model_validator(mode="after")
    def _cut_offs(self) -> Checkpoint:
        check_cut_offs(self.full_at, self.zero_at)
        return self

    @property
    def saved(self) -> Saved:
        return Saved(file=self.file, others=self.others, model=self.model, inputs=self.inputs)


def checkpoint(declaration: Checkpoint, context: Context) -> Run:
    name = context.data.name
    if name not in declaration.full_at:
        return unread(f"This was not judged: the rubric has no cut-offs for the data set {name}.")
    found = yield from evaluate(declaration.saved, context, "checkpoint")
    if isinstance(found, Judgement):
        return found
    full, zero = declaration.full_at[name], declaration.zero_at[name]
    reached, n = found.accuracy, len(found.right)
    credit = interpolated(reached, zero, full)
    text = (
        f"{found.file} classifies {reached:.1%} of {n:,} hidden images of {name} right (standard error "
        f"{standard_error(reached, n):.1%}; {found.how.text}); full points from {full:.0%}, none up to {zero:.0%}."
    )
    if credit < 1 and not found.whole:
        why = "But the file holds more than the model has a place for: a TA looks at it."
        return replace(unread(f"{text} {why}"), remarks=found.remarks)
    if credit < 1 and found.finite and (own := _own_preparation(declaration, context)):
        return replace(unread(f"{text} But {own}: a TA looks at it."), remarks=found.remarks)
    if found.unsteady:
        credit *= 1 - declaration.evaluation
        text = f"{text} {found.unsteady[0]}"
    return Judgement(Status.PASS if credit >= 1 else Status.FAIL, text, credit=credit, remarks=found.remarks)


def _own_preparation(declaration: Checkpoint, context: Context) -> str:
    """Why the images may be prepared as the rubric does not know; no preparation helps weights that are no numbers."""
    files = context.submission.files if context.submission else {}
    return undeclared_preparation(files, ways(declaration.inputs, context.data), context.data.size)


KIND = Kind(Checkpoint, checkpoint, scopes=("core",), tree="submission")
