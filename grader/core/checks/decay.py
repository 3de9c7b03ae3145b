"""Weight decay: how strongly weights are pulled to zero, by an optimizer, by a penalty function, by Keras' regularizers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from grader.core.calls import Call, Request
from grader.core.checks.kind import Context, Run
from grader.core.checks.model import Built, Found, Model, Thing, alternatives, build_one, choose, look, plain
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
    def none(self) -> bool:
        return all(weight == 0 for weight in self.weights)


MANY = TypeAdapter(tuple[Decay, ...])


def run(model: Model, optimizer: Optimizer, amount: float | str, context: Context) -> Run:
    found = yield from look(model, context)
    if isinstance(found, Judgement):
        return found
    built = yield from _first_built(model, found)
    if isinstance(built, Judgement):
        return built
    if built is not None and built.framework == "keras":
        return (yield from _keras(built, amount))
    return (yield from _torch(found, built, optimizer, amount))


def _first_built(model: Model, found: Found) -> Generator[Request, Reply, Built | Judgement | None]:
    """None where there is no model, or none that can be built: the script's own optimizers need none."""
    for thing in choose(found, model.named):
        built = yield from build_one(model, found, thing, "decaying")
        if isinstance(built, Built) or built.ended:
            return built
    return None


def _torch(found: Found, built: Built | None, optimizer: Optimizer, amount: float | str) -> Run:
    named = [thing for name in optimizer.named for thing in found.things if plain(thing.name) == plain(name)]
    named = [thing for thing in named if thing.form == "optimizer" or (thing.form == "function" and built is not None)]
    others = [thing for thing in found.things if thing.form == "optimizer" and thing not in named]
    seen: list[tuple[Thing, Decay]] = []
    stopped: Judgement | None = None
    for thing in [*named, *others][:MOST]:
        measured = yield from _measure(thing, built, optimizer)
        if isinstance(measured, Judgement):
            if measured.ended:
                return measured
            stopped = stopped or measured
            continue
        seen.append((thing, measured))
        if measured.agrees(amount):
            return Judgement(Status.PASS, f"{_what(thing, measured)} pulls every weight to zero{_words(measured)}.")
    return _not_as_asked(named, seen, amount, stopped)


def _not_as_asked(
    named: list[Thing], seen: list[tuple[Thing, Decay]], amount: float | str, stopped: Judgement | None
) -> Judgement:
    if stopped is not None:
        return stopped
    asked = f"; {amount:g} was asked for" if amount != "any" else ""
    for thing, measured in seen:
        if not measured.none:
            text = f"{_what(thing, measured)} pulls the weights to zero{_words(measured)}{asked}."
            return Judgement(Status.FAIL, text, mistake="weight-decay-amount", credit=0.0)
    for thing, measured in seen:
        if thing in named and thing.form == "function":
            text = f"{_what(thing, measured)} leaves the weights as they are where the gradient is zero{asked}."
            return Judgement(Status.FAIL, text, mistake="no-weight-decay", credit=0.0)
    if seen:
        return unread("No optimizer that the script makes decays weights; a penalty in its loss could not be seen.")
    return unread("No optimizer was found that could be observed.")


def _measure(thing: Thing, built: Built | None, optimizer: Optimizer) -> Generator[Request, Reply, Judgement | Decay]:
    stopped: Judgement | None = None
    given = [{}] if thing.form == "optimizer" else alternatives(optimizer.arguments, thing)
    for arguments in given or [{}]:
        model = built.ref if built is not None else None
        reply = yield Call("_sandbox.decay.of_thing", (thing.index, model, arguments), seconds=SECONDS)
        judged = from_reply(reply, f"{thing.place},", SECONDS, "when one step was observed")
        if judged is None:
            try:
                return Decay.model_validate(reply.values[0] if reply.values else None)
            except ValidationError as error:
                return Judgement(Status.ERROR, f"{thing.place}, could not be observed.", detail=str(error)[:2000])
        if judged.ended:
            return judged
        if reply.error is not None and (reply.error.type in ("TooLong", "NoDecay") or reply.error.file is None):
            judged = unread(f"{thing.place}, could not be observed: {reply.error.type}: {reply.error.message}.")
        elif reply.error is not None:
            judged = from_error(reply.error, thing.place)
        stopped = stopped or judged
    return stopped or unread(f"{thing.place}, could not be observed.")


def _keras(built: Built, amount: float | str) -> Run:
    reply = yield Call("_sandbox.decay.of_keras", (built.ref,), seconds=SECONDS)
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
    strongest = next((one for one in seen if not one.none), None)
    if strongest is None:
        text = f"{built.place}: neither its regularizers nor its optimizer pull weights to zero."
        return Judgement(Status.FAIL, text, mistake="no-weight-decay", credit=0.0)
    text = (
        f"{built.place}: its {_source(strongest)} pulls weights to zero{_words(strongest)}; {amount:g} was asked for."
    )
    return Judgement(Status.FAIL, text, mistake="weight-decay-amount", credit=0.0)


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
