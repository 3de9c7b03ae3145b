"""`architecture`: a model's layers in their order, with filters, activations, output shapes, and the number of parameters,
as seen when it computes; declared against found in a table."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field, field_validator

from grader.core.checks.alignment import align
from grader.core.checks.anatomy import Anatomy, Row, Shape, contradiction, observe, shape_words
from grader.core.checks.kind import Context, Declaration, Kind, Run
from grader.core.checks.layers import KINDS_OF_LAYER, WEIGHTED, Layer, Seen, declared_words, found_words, nearest
from grader.core.checks.model import Built, Model, build_each
from grader.core.exhibit import Table
from grader.core.result import Status
from grader.core.verdict import Judgement, unread

USUAL_INPUTS: tuple[Shape, ...] = (
    *((channels, size, size) for size in (28, 32, 48, 64, 96, 128, 224) for channels in (1, 3)),
    *((784,), (1024,), (3072,), (64,)),
)
"""Images of known data sets, as planes and as rows: tried where a model takes none of the declared shapes."""


def inputs_of(declared: Shape | tuple[Shape, ...] | None) -> tuple[Shape, ...]:
    """Shapes to try, the declared ones first."""
    given = () if declared is None else declared if isinstance(declared[0], tuple) else (declared,)
    return (*given, *(shape for shape in USUAL_INPUTS if shape not in given))


class Weights(BaseModel):
    """How much the layers count against the number of parameters. Without: as one layer more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layers: float = Field(gt=0)
    parameters: float = Field(gt=0)


class Architecture(Declaration):
    """input: the shape of one input, channels first, or several that are tried in order; a Keras model that declares its own
    gets that. strict: pooling, dropout, normalization and flattening count as layers too many where none is declared."""

    model: Model
    layers: tuple[Layer, ...] = Field(min_length=1)
    input: Shape | tuple[Shape, ...] | None = None
    parameters: int | tuple[int, ...] | None = None
    weights: Weights | None = None
    strict: bool = False

    @field_validator("input")
    @classmethod
    def _sizes_are_positive(cls, given: Shape | tuple[Shape, ...] | None) -> Shape | tuple[Shape, ...] | None:
        if given is not None and any(size < 1 for shape in (given if isinstance(given[0], tuple) else (given,)) for size in shape):
            raise ValueError("`input` is the shape of one input, without the batch: sizes from 1 on")
        return given

    @property
    def inputs(self) -> tuple[Shape, ...]:
        return inputs_of(self.input)

    @property
    def totals(self) -> tuple[int, ...]:
        return (
            ()
            if self.parameters is None
            else self.parameters
            if isinstance(self.parameters, tuple)
            else (self.parameters,)
        )


def run(declaration: Architecture, context: Context) -> Run:
    built = yield from build_each(declaration.model, context)
    if isinstance(built, Judgement):
        return built
    judged: list[Judgement] = []
    for model in built:
        anatomy = yield from observe(model, declaration.inputs, declared=declaration.input is not None)
        if isinstance(anatomy, Judgement):
            judged.append(anatomy)
            if anatomy.ended:
                break
        else:
            judged.append(judge(declaration, model, anatomy))
    return best(judged)


def best(judged: list[Judgement]) -> Judgement:
    """Of several models that may be meant, the one that says most for the student; one that a TA has to read comes before
    one that is wrong."""
    order = {Status.PASS: 3, Status.OURS: 2, Status.FAIL: 1}
    return max(judged, key=lambda one: (order.get(one.status, 0), one.credit or 0.0))


def judge(declaration: Architecture, built: Built, anatomy: Anatomy) -> Judgement:
    """The verdict on one model."""
    lie = contradiction(anatomy)
    if lie is not None:
        return unread(f"What {built.place}, says of itself cannot be: {lie}. A TA looks at it.")
    seen = significant(declaration, anatomy)
    pairs = align(declaration.layers, seen, _distance)
    rows, wrong, unsure = [], [], False
    for number, (declared, found) in enumerate(pairs):
        faults = ("missing",) if found is None else ("extra",) if declared is None else nearest(declared, found)[1]
        rows.append((str(number + 1), declared_words(declared), found_words(found), ", ".join(faults)))
        if faults:
            wrong.append(number)
            own = found is not None and found.row.bias is None and faults != ("activation",)  # a product of the student's own
            unsure = unsure or "activation?" in faults or own
    right = 1.0 - len(wrong) / len(pairs)
    remarks = []
    if declaration.totals:
        total = _total(declaration.totals, anatomy, built.computes)
        agrees = total in declaration.totals
        rows.append(
            ("parameters", " or ".join(f"{n:,}" for n in declaration.totals), f"{total:,}", "" if agrees else "number")
        )
        if not agrees:
            wrong.append(len(rows) - 1)
        share = declaration.weights or Weights(layers=len(pairs), parameters=1)
        right = (share.layers * right + share.parameters * agrees) / (share.layers + share.parameters)
    if anatomy.unused:
        remarks.append(f"Defined, but not used in the forward pass: {', '.join(anatomy.unused[:5])}.")
    if seen and seen[-1].activation == "none" and "softmax" in declaration.layers[-1].activations:
        remarks.append("The model gives logits; softmax belongs to the loss then.")
    table = Table(
        title=f"{built.place}, on input {shape_words(anatomy.input)}",
        header=("", "declared", "found", "differs in"),
        rows=tuple(rows),
        wrong=tuple(wrong),
    )
    verdict = _verdict(built, rows, wrong, len(pairs), unsure or anatomy.parameters.unseen > 0)
    if verdict.status is Status.FAIL and built.doubt and not built.named:
        verdict = unread(f"{verdict.message} {built.doubt} It may make another model; a TA looks at it.")
    credit = {} if verdict.status is not Status.FAIL else {"credit": right}
    return replace(verdict, exhibits=(table,), remarks=tuple(remarks), **credit)


def _verdict(built: Built, rows: list[tuple[str, ...]], wrong: list[int], layers: int, unsure: bool) -> Judgement:
    if not wrong:
        return Judgement(Status.PASS, f"{built.place}, has the architecture that was asked for.")
    first = rows[wrong[0]]
    which = first[0] if first[0] == "parameters" else f"layer {first[0]}"
    text = f"First: {which}, asked for {first[1]}, found {first[2]}."
    if unsure:
        return unread(f"{built.place}, computes in ways that could not be told apart from what was asked for. {text}")
    bad = len([number for number in wrong if number < layers])
    count = (
        f"{layers - bad} of {layers} layers are as asked" if bad else "the layers are as asked, the parameters are not"
    )
    return Judgement(Status.FAIL, f"{built.place}: {count}. {text}")


def significant(declaration: Architecture, anatomy: Anatomy) -> list[Seen]:
    """The found layers that count, with their activations."""
    declared = {layer.kind for top in declaration.layers for layer in (top, *top.alternatives)}
    counted = {*WEIGHTED, *declared, *(KINDS_OF_LAYER if declaration.strict else ())}
    rows = anatomy.rows
    indices = [index for index, row in enumerate(rows) if row.kind in counted]
    return [Seen(rows[index], _activation(rows, index), index == indices[-1]) for index in indices]


def _activation(rows: tuple[Row, ...], index: int) -> str | None:
    """Behind row `index` and before the next layer with weights."""
    behind = []
    for row in rows[index + 1 :]:
        if row.kind in WEIGHTED:
            break
        behind.append(row)
    names = list(dict.fromkeys(row.name for row in behind if row.kind == "activation"))
    if any(name.startswith("own ") for name in names):
        return None
    if names:
        return " then ".join(names)
    return None if any(row.kind == "step" for row in behind) else "none"


def _distance(declared: Layer, found: Seen) -> float | None:
    layer, wrong = nearest(declared, found)
    return None if layer.kind != found.row.kind else min(0.2 * len(wrong), 0.9)


def _total(asked: tuple[int, ...], anatomy: Anatomy, computes: bool) -> int:
    """The model's count in the reading that agrees, if one does: all, the trainable ones, without normalization's, without
    those of layers that are defined and not used. computes: it is a function that was given its weights; those that it leaves
    unused are not its own."""
    counts, norms = anatomy.parameters, sum(row.parameters for row in anatomy.rows if row.kind == "norm")
    if computes:
        return counts.total - counts.unused
    readings = (
        all_ - norm - unused
        for unused in (0, counts.unused)
        for norm in (0, norms)
        for all_ in (counts.total, counts.trainable)
    )
    return next((count for count in readings if count in asked), counts.total)


KIND = Kind(Architecture, run, scopes=("core",), tree="submission")
