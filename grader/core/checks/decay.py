"""Weight decay: how strongly weights are pulled to zero, by an optimizer, by a penalty function, by Keras' regularizers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from grader.core.calls import Call, Request
from grader.core.checks.anatomy import Shape
from grader.core.checks.found import Found, Thing, open_options, plain
from grader.core.checks.kind import Context, Run
from grader.core.checks.model import Built, Model, alternatives, build_one, choose_with_others, failed, look
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_error, from_reply, unread

SECONDS = 90.0
MOST = 12
TOLERANCE = 0.03


class Optimizer(BaseModel):
    """named: functions that are given the model and return its optimizer, or the penalty of its weights; or variables that hold
    the optimizer. Where none has such a name, the optimizers that the script made are looked at.
    arguments: as of `model`; the first argument is always the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    named: tuple[str, ...] = ()
    arguments: tuple[dict[str, Any], ...] = ({},)


class Decay(BaseModel):
    """λ of each weight and bias: the pull is λ·w. None: pulled in another way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: str = Field(max_length=20)
    type: str = Field(max_length=60)
    weights: tuple[float | None, ...]
    biases: tuple[float | None, ...]

    def agrees(self, amount: float | str) -> bool:
        """For every weight; biases may be left out. A penalty may be written λ·w² or λ/2·w²."""
        if amount == "any":
            return any(weight for weight in self.weights)
        asked = (amount, 2 * amount) if self.form == "penalty" else (amount,)
        return bool(self.weights) and any(
            all(weight is not None and abs(weight - one) <= TOLERANCE * one for weight in self.weights) for one in asked
        )

    @property
    def unclear(self) -> bool:
        """A weight is pulled by an amount that could not be told. (A penalty that is not λ·w² is another one.)"""
        return self.form == "optimizer" and None in self.weights

    @property
    def none(self) -> bool:
        return all(weight == 0 for weight in self.weights)


MANY = TypeAdapter(tuple[Decay, ...])


def run(
    model: Model, optimizer: Optimizer, amount: float | str, inputs: tuple[Shape, ...], context: Context
) -> Run:
    """inputs: shapes that a Keras model is shown which has no weights yet."""
    found = yield from look(model, context)
    if isinstance(found, Judgement):
        return found
    candidates = choose_with_others(found, model.named)
    first: Built | None = None
    judged: list[Judgement] = []
    for thing in candidates:
        built = yield from build_one(model, found, thing, f"decaying-{thing.index}")
        if isinstance(built, Judgement):
            if built.ended:
                return built
            continue
        first = first or built
        if built.framework == "torch":
            break
        judged.append((yield from _keras(built, amount, inputs)))
        if judged[-1].ended or judged[-1].status is Status.PASS:
            return judged[-1]
    if judged:
        return _without_what_was_not_read(most_telling(judged), found)
    return (yield from _torch(found, first, optimizer, amount))


def most_telling(judged: list[Judgement]) -> Judgement:
    """A submission has models without decay, too: one that a TA has to read comes first, then one that has another decay."""
    return max(judged, key=lambda one: (one.unread, one.mistake != "no-weight-decay"))


def _without_what_was_not_read(judgement: Judgement, found: Found) -> Judgement:
    """Not wrong, where what makes another optimizer or model may not have run."""
    if not found.unmade or judgement.unread or judgement.ended:
        return judgement
    return unread(f"{judgement.message} {failed(found.unmade)} It may make another one; a TA looks at it.")


def _torch(found: Found, built: Built | None, optimizer: Optimizer, amount: float | str) -> Run:
    named = [thing for name in optimizer.named for thing in found.things if plain(thing.name) == plain(name)]
    named = [thing for thing in named if thing.form == "optimizer" or (thing.form == "function" and built is not None)]
    others = [thing for thing in found.things if thing.form == "optimizer" and thing not in named]
    seen: list[tuple[Thing, Decay]] = []
    stopped: Judgement | None = None
    for thing in [*named, *others][:MOST]:
        for arguments in alternatives(optimizer.arguments, thing) if thing.form == "function" else [{}]:
            measured = yield from _measure(thing, built, arguments or {})
            if isinstance(measured, Judgement):
                if measured.ended:
                    return measured
                stopped = stopped or measured
                continue
            seen.append((thing, measured))
            if measured.agrees(amount):
                return Judgement(Status.PASS, f"{_what(thing, measured)} pulls every weight to zero{_words(measured)}.")
    judgement = _not_as_asked(named, seen, optimizer, amount, stopped)
    return judgement if all(thing in named for thing, _ in seen) else _without_what_was_not_read(judgement, found)


def _not_as_asked(
    named: list[Thing], seen: list[tuple[Thing, Decay]], optimizer: Optimizer, amount: float | str, stopped: Judgement | None
) -> Judgement:
    if stopped is not None and not seen:
        return stopped
    asked = f"; {amount:g} was asked for" if amount != "any" else ""
    known = {plain(name) for given in optimizer.arguments for name in given}
    options = [
        name for thing, _ in seen if thing.form == "function"
        for name in open_options(thing.parameters[1:]) if plain(name) not in known
    ]  # fmt: skip
    for thing, measured in seen:
        text = f"{_what(thing, measured)} pulls the weights to zero{_words(measured)}{asked}."
        if measured.unclear:
            return unread(f"{text} A TA looks at it.")
        if not measured.none:
            return _doubted(Judgement(Status.FAIL, text, mistake="weight-decay-amount", credit=0.0), options)
    for thing, measured in seen:
        if thing in named and thing.form == "function":
            text = f"{_what(thing, measured)} leaves the weights as they are where the gradient is zero{asked}."
            return _doubted(Judgement(Status.FAIL, text, mistake="no-weight-decay", credit=0.0), options)
    if seen:
        return unread("No optimizer that the script makes decays weights; a penalty in its loss could not be seen.")
    return unread("No optimizer was found that could be observed.")


def _doubted(judgement: Judgement, options: list[str]) -> Judgement:
    """An option that the rubric does not know may set the decay."""
    if not options:
        return judgement
    return unread(f"{judgement.message} But its options {', '.join(options[:6])} may change that; a TA looks at it.")


def _measure(
    thing: Thing, built: Built | None, arguments: dict[str, Any]
) -> Generator[Request, Reply, Judgement | Decay]:
    model = built.ref if built is not None else None
    reply = yield Call("_sandbox.decay.of_thing", (thing.index, model, arguments), seconds=SECONDS)
    judged = from_reply(reply, f"{thing.place},", SECONDS, "when one step was observed")
    if judged is None:
        try:
            return Decay.model_validate(reply.values[0] if reply.values else None)
        except ValidationError as error:
            return Judgement(Status.ERROR, f"{thing.place}, could not be observed.", detail=str(error)[:2000])
    if judged.ended or reply.error is None:
        return judged
    if reply.error.type in ("TooLong", "NoDecay") or reply.error.file is None:
        return unread(f"{thing.place}, could not be observed: {reply.error.type}: {reply.error.message}.")
    return from_error(reply.error, thing.place)


def _keras(built: Built, amount: float | str, inputs: tuple[Shape, ...]) -> Run:
    shapes = [list(shape) for shape in inputs]
    reply = yield Call("_sandbox.decay.of_keras", (built.ref, shapes), seconds=SECONDS)
    stopped = from_reply(reply, built.place, SECONDS, "when its regularizers were observed")
    if stopped is not None:
        return stopped
    try:
        seen = MANY.validate_python(reply.values[0] if reply.values else None)
    except ValidationError as error:
        return Judgement(Status.ERROR, f"{built.place}, could not be observed.", detail=str(error)[:2000])
    for one in seen:
        if one.agrees(amount) or (amount != "any" and _partly(one, amount)):
            return Judgement(Status.PASS, f"{built.place}: its {_source(one)} pulls weights to zero{_words(one)}.")
    options = open_options(built.defaults)
    strongest = next((one for one in seen if not one.none), None)
    if strongest is None:
        text = f"{built.place}: neither its regularizers nor its optimizer pull weights to zero."
        return _doubted(Judgement(Status.FAIL, text, mistake="no-weight-decay", credit=0.0), options)
    text = (
        f"{built.place}: its {_source(strongest)} pulls weights to zero{_words(strongest)}; {amount:g} was asked for."
    )
    return _doubted(Judgement(Status.FAIL, text, mistake="weight-decay-amount", credit=0.0), options)


def _partly(one: Decay, amount: float | str) -> bool:
    """A regularizer belongs to a layer: the others need none."""
    pulled = [weight for weight in one.weights if weight != 0]
    return one.form == "penalty" and bool(pulled) and one.model_copy(update={"weights": tuple(pulled)}).agrees(amount)


def _source(one: Decay) -> str:
    return "regularizer" if one.form == "penalty" else f"optimizer ({one.type})"


def _what(thing: Thing, measured: Decay) -> str:
    return f"{thing.place}, ({measured.type})" if measured.form == "optimizer" else f"The penalty of {thing.place},"


def _words(measured: Decay) -> str:
    """The pulls that there are."""
    values = sorted({float(f"{weight:.3g}") for weight in measured.weights if weight})
    return f" by {', '.join(f'{value:g}' for value in values[:4])}" if values else " in an unusual way"
