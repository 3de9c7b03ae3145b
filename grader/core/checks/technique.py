"""`technique`: dropout, batch normalization or weight decay, in force in training and off in evaluation, as measured on what the
model computes and on what the optimizer does to its weights (`worker/untrusted/regularization.py`, `decay.py`)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.core.calls import Call, Request
from grader.core.checks import decay
from grader.core.checks.anatomy import FORWARD_SECONDS, Shape
from grader.core.checks.architecture import inputs_of
from grader.core.checks.found import open_options
from grader.core.checks.kind import Context, Declaration, Kind, Run
from grader.core.checks.model import Built, Model, build_each
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply, unread

DEVIATIONS = 6.0
"""A fair mask leaves this many standard deviations about once in 500 million cases."""

MOST_UNITS = 10**15
"""No net has more: a claim beyond it is none, and no number to calculate with."""

ABSENT = ("no-dropout", "no-batch-norm", "batch-norm-never-called", "other-normalization")
DOUBTED = (*ABSENT, "dropout-rate", "dropout-keeps-what-it-should-drop", "batch-norm-missing-somewhere")
"""Mistakes that may come of an option of the constructor that the rubric does not know."""


class Technique(Declaration):
    """Exactly one of dropout (the share of units that is dropped, or "any"), batch_norm and weight_decay (λ, or "any").

    after: kinds of layers that each must be followed by batch normalization. input: as of `architecture`.
    optimizer: functions that make the optimizer, or the penalty, for a model, or variables that hold it.
    """

    model: Model
    dropout: float | Literal["any"] | None = Field(default=None)
    batch_norm: Literal[True] | None = None
    after: tuple[Literal["conv", "dense"], ...] = ()
    weight_decay: float | Literal["any"] | None = None
    optimizer: decay.Optimizer = decay.Optimizer()
    input: Shape | tuple[Shape, ...] | None = None

    @model_validator(mode="after")
    def _one(self) -> Technique:
        if sum(value is not None for value in (self.dropout, self.batch_norm, self.weight_decay)) != 1:
            raise ValueError("a technique is exactly one of dropout, batch_norm, weight_decay")
        if isinstance(self.dropout, float) and not 0 < self.dropout < 1:
            raise ValueError("dropout is the share of units that is dropped, between 0 and 1")
        return self

    @property
    def inputs(self) -> tuple[Shape, ...]:
        return inputs_of(self.input)


class Point(BaseModel):
    """A place that sets numbers to zero: how many could be, how many were, and the factor of the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: int = Field(ge=0, le=MOST_UNITS)
    dropped: int = Field(ge=0, le=MOST_UNITS)
    scale: tuple[float, float]
    own: bool

    @property
    def share(self) -> float:
        return self.dropped / self.units if self.units else 0.0

    def agrees(self, rate: float) -> bool:
        return abs(self.share - rate) <= DEVIATIONS * (rate * (1 - rate) / max(self.units, 1)) ** 0.5


class Dropped(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Shape
    training: tuple[Point, ...]
    evaluation: tuple[Point, ...]
    random_in_training: bool
    random_in_evaluation: bool


class Normalized(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Shape
    rows: tuple[str, ...]
    companions_in_training: bool
    companions_in_evaluation: bool
    follows: bool
    unused: tuple[str, ...]


def run(declaration: Technique, context: Context) -> Run:
    if declaration.weight_decay is not None:
        asked = declaration.optimizer, declaration.weight_decay, declaration.inputs
        return (yield from decay.run(declaration.model, *asked, context))
    built = yield from build_each(declaration.model, context, others=True)
    if isinstance(built, Judgement):
        return built
    judged: list[Judgement] = []
    meant: Judgement | None = None
    for model in sorted(built, key=lambda one: not (one.named and one.made)):
        if meant is not None and not (model.named and model.made):
            return meant  # none of those that the submission makes of it is right, whatever the rubric's arguments would give
        judged.append((yield from _one_model(declaration, model)))
        if judged[-1].ended or judged[-1].status is Status.PASS:
            return judged[-1]
        if model.named and judged[-1].status is Status.FAIL and judged[-1].mistake not in ABSENT:
            meant = meant or judged[-1]  # this is the model that was meant
            if not model.made:
                return meant
    return meant or _most_telling(judged)


def _most_telling(judged: list[Judgement]) -> Judgement:
    """One that a TA has to read; else one that has the technique, but wrongly: a submission has models without it, too."""
    bare = ("no-dropout", "no-batch-norm")
    return max(judged, key=lambda one: (one.unread, one.mistake not in ABSENT, one.mistake not in bare))


def _one_model(declaration: Technique, built: Built) -> Run:
    if declaration.dropout is not None:
        seen = yield from _observe("dropout", built, declaration, Dropped)
        return seen if isinstance(seen, Judgement) else judge_dropout(built, seen, declaration.dropout)
    seen = yield from _observe("batch_norm", built, declaration, Normalized)
    return seen if isinstance(seen, Judgement) else judge_batch_norm(built, seen, declaration.after)


def _observe(what: str, built: Built, declaration: Technique, form: type[BaseModel]) -> Generator[Request, Reply, Any]:
    inputs = [list(shape) for shape in declaration.inputs]
    reply = yield Call(f"_sandbox.regularization.{what}", (built.ref, inputs), seconds=FORWARD_SECONDS)
    stopped = from_reply(reply, built.place, FORWARD_SECONDS, "in training and in evaluation mode")
    if stopped is not None:
        slow = reply.error is not None and reply.error.type == "TooLong"
        if slow:
            return unread(f"{built.place}, could not be observed: {reply.error.message}.")
        if reply.error is not None and declaration.input is None:
            return unread(f"{built.place}, took images of no usual size: {stopped.message}")
        return stopped
    try:
        return form.model_validate(reply.values[0] if reply.values else None)
    except ValidationError as error:
        return Judgement(Status.ERROR, f"{built.place}, could not be observed.", detail=str(error)[:2000])


def judge_dropout(built: Built, seen: Dropped, rate: float | str) -> Judgement:
    active = [point for point in seen.training if point.dropped]
    if seen.random_in_evaluation or any(point.dropped for point in seen.evaluation):
        return _wrong(
            built,
            "drops units in evaluation mode, too: two evaluations of the same input differ. `F.dropout` needs "
            "`training=self.training`.",
            "dropout-in-evaluation",
        )
    if not active:
        if seen.random_in_training:
            return unread(f"{built.place}, is random in training mode, but where it drops units could not be seen.")
        return _wrong(built, "shows no dropout: no unit is dropped in training mode", "no-dropout")
    shares = ", ".join(f"{point.share:.1%} of {point.units:,}" for point in active[:6])
    if rate != "any" and not all(point.agrees(rate) for point in active):
        turned = abs(rate - 0.5) > 0.02 and all(point.agrees(1 - rate) for point in active)
        meaning = " It looks as if the share that is kept was given as the share that is dropped." if turned else ""
        return _wrong(
            built,
            f"drops {shares} units in training mode; {rate:.0%} was asked for.{meaning}",
            "dropout-keeps-what-it-should-drop" if turned else "dropout-rate",
        )
    if any(abs(side * (1 - point.share) - 1) > point.share / 2 for point in active for side in point.scale):
        if all(point.own for point in active):
            return unread(
                f"{built.place}, scales what its dropout keeps in an unusual way ({shares} units are dropped)."
            )
        return _wrong(built, "drops units, but does not scale the others by 1/(1 - p)", "dropout-unscaled")
    return Judgement(
        Status.PASS, f"{built.place}: dropout is in force in training ({shares} units) and off in evaluation."
    )


def judge_batch_norm(built: Built, seen: Normalized, after: tuple[str, ...]) -> Judgement:
    norms = [row for row in seen.rows if row == "norm batch"]
    if not seen.companions_in_training:
        unused = [name for name in seen.unused if "norm" in name.casefold()]
        if unused:
            return _wrong(
                built,
                f"defines {', '.join(unused[:4])}, but the forward pass never calls it",
                "batch-norm-never-called",
            )
        other = next((row for row in seen.rows if row.startswith("norm ") and row != "norm batch"), None)
        if other:
            return _wrong(
                built, f"uses {other[5:]} normalization, which does not look at the batch", "other-normalization"
            )
        return _wrong(
            built, "shows no batch normalization: no output depends on the rest of the batch", "no-batch-norm"
        )
    if seen.companions_in_evaluation:
        return _wrong(
            built,
            "normalizes by the batch in evaluation mode, too: an output depends on what else is in the batch",
            "batch-statistics-in-evaluation",
        )
    if not seen.follows:
        return _wrong(
            built,
            "does not learn running statistics: what goes through in training changes nothing in evaluation",
            "no-running-statistics",
        )
    if after and not norms:
        return unread(f"{built.place}, normalizes by the batch in a way of its own; where it does could not be seen.")
    lacking = [kind for kind in after if _without_norm(seen.rows, kind)]
    if lacking:
        return _wrong(
            built,
            f"lacks batch normalization after {_without_norm(seen.rows, lacking[0])} of its {lacking[0]} layers",
            "batch-norm-missing-somewhere",
        )
    return Judgement(
        Status.PASS,
        f"{built.place}: batch normalization is in force in training{f' ({len(norms)} layers)' if norms else ''}, "
        "and running statistics take its place in evaluation.",
    )


def _without_norm(rows: tuple[str, ...], kind: str) -> int:
    """How many layers of this kind have no batch normalization before the next layer with weights."""
    lacking = 0
    for index, row in enumerate(rows):
        if row == kind:
            behind = []
            for following in rows[index + 1 :]:
                if following in ("conv", "dense"):
                    break
                behind.append(following)
            lacking += "norm batch" not in behind
    return lacking


def _wrong(built: Built, what: str, mistake: str) -> Judgement:
    """A constructor's option that was not given may be what switches a technique on, or sets its rate."""
    text = f"{built.place}: the model {what.rstrip('.')}."
    options = open_options(built.defaults)
    if options and mistake in DOUBTED:
        return unread(f"{text} But its options {', '.join(options[:6])} may change that; a TA looks at it.")
    if built.doubt and (mistake in ABSENT or built.made):
        return unread(f"{text} {built.doubt} It may make another model; a TA looks at it.")
    return Judgement(Status.FAIL, text, mistake=mistake, credit=0.0)


KIND = Kind(Technique, run, scopes=("core",), tree="submission")
