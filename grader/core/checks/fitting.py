"""Saved weights into the student's model, in the sandbox: which of the models that the code can build they fit."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.core.calls import Call, Ref, Request
from grader.core.checks.found import Found, Thing, plain
from grader.core.checks.kind import Context
from grader.core.checks.model import Model, absent, build_one, choose_with_others, look
from grader.core.exhibit import Table
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply, unread

READ = 60.0  # seconds
SAID = (("return", "said"),)
MOST = 16
"""Models, built of different classes or with different arguments, that a file is tried on."""

Asked = Generator[Request, Reply, Any]
Said = Mapping[str, Any]


@dataclass(frozen=True)
class Fitted:
    """ref: the model with the weights in it. extra: tensors of the file that the model has no place for."""

    ref: Ref
    said: Said
    remarks: tuple[str, ...] = ()

    @property
    def extra(self) -> list[str]:
        return [_text(name) for name in _list(self.said, "extra")]


def load(
    file: str, model: Model | None, context: Context, shown: tuple[Any, ...], keep: str
) -> Generator[Request, Reply, Fitted | Judgement]:
    """The weights of `file` in a model. shown: images and how they are prepared, for a Keras model that needs to see some.

    Whatever the file is, a verdict comes of it: what is wrong with it, and what to do.
    """
    said = yield from _ask("read", (file,), f"{keep}-weights", file)
    if isinstance(said, Judgement):
        return said
    weights = Ref(f"{keep}-weights", ("return",))
    if said.get("refused"):
        refused = Judgement(Status.ERROR, f"{file} {_text(said['refused'])}.")
        if said.get("code") is not True or model is None:
            return refused
        fitted = yield from _fit_any(file, model, context, weights, shown, keep)
        return fitted if isinstance(fitted, Fitted) or fitted.ended else refused
    if said.get("whole"):
        fitted = yield from _fit(file, (weights,), f"{keep}-fitted")
    elif model is None:
        return Judgement(
            Status.ERROR, f"{file} holds weights alone: hand in the whole model, as model.save() writes it."
        )
    else:
        fitted = yield from _fit_any(file, model, context, weights, shown, keep)
    if isinstance(fitted, Judgement):
        return fitted
    return replace(fitted, remarks=tuple(_remarks(file, said, fitted)))


def _fit_any(
    file: str, model: Model, context: Context, weights: Ref, shown: tuple[Any, ...], keep: str
) -> Generator[Request, Reply, Fitted | Judgement]:
    """The first model that takes all the weights, else one that leaves some over, else the verdict on the likeliest."""
    found = yield from look(model, context)
    if isinstance(found, Judgement):
        return found
    leaves_some: Fitted | None = None
    misfit: Judgement | None = None
    unbuilt: Judgement | None = None
    candidates = list(_candidates(model, found))
    for number, (thing, one) in enumerate(candidates[:MOST]):
        built = yield from build_one(one, found, thing, f"{keep}-model{number}")
        if isinstance(built, Judgement):
            if built.ended:
                return _no_model(file, built)
            unbuilt = unbuilt or built
            continue
        fitted = yield from _fit(file, (weights, built.ref, *shown), f"{keep}-fitted{number}", built.place)
        if isinstance(fitted, Judgement):
            if fitted.ended:
                return fitted
            misfit = misfit or fitted
        elif fitted.extra:
            leaves_some = leaves_some or fitted
        else:
            return fitted
    if leaves_some is not None:
        return leaves_some
    if misfit is None:
        return _no_model(file, unbuilt or absent(model, found))
    return _doubted(misfit, model, found, [thing for thing, _ in candidates])


def _candidates(model: Model, found: Found) -> Iterator[tuple[Thing, Model]]:
    """Each thing that may be meant with each of the declared arguments; after those of the declared names all other models,
    since a student may call the net of a run as they like: the weights tell."""
    for thing in choose_with_others(found, model.named):
        for given in model.arguments if thing.form != "model" else ({},):
            yield thing, model.model_copy(update={"arguments": (given,)})


def _doubted(misfit: Judgement, model: Model, found: Found, things: list[Thing]) -> Judgement:
    """A misfit is the student's only where the model that was meant could be built for certain."""
    wanted = {plain(name) for name in model.named}
    broken = [failure for failure in found.failures if wanted & {plain(name) for name in failure.names}]
    known = {plain(name) for given in model.arguments for name in given}
    open_ = [name for thing in things for name in thing.parameters if plain(name) not in known and name != "**"]
    if broken:
        why = f"line {broken[0].line} of {broken[0].file}, which defines the model, did not run"
    elif open_:
        why = f"the model has arguments that the rubric does not know ({', '.join(dict.fromkeys(open_))})"
    elif why := found.untried(known).rstrip("."):
        pass
    else:
        return misfit
    return replace(unread(f"{misfit.message} But {why}, so a TA looks at it."), exhibits=misfit.exhibits)


def _no_model(file: str, built: Judgement) -> Judgement:
    text = f"{file} could not be evaluated, because there is no model to put it into: {built.message}"
    return replace(built, message=text)


def _fit(file: str, args: tuple[Any, ...], keep: str, place: str = "") -> Asked:
    said = yield from _ask("fit", args, keep, file)
    if isinstance(said, Judgement):
        return said
    if said.get("refused"):
        return Judgement(Status.FAIL, f"{file} {_text(said['refused'])}.", credit=0.0)
    return _misfit(file, said, place) or Fitted(Ref(keep, ("return",)), said)


def _misfit(file: str, said: Said, place: str) -> Judgement | None:
    rows = [tuple(_text(cell) for cell in row) for row in _list(said, "differences") if len(row) == 3]
    if not rows:
        return None
    name, held, wanted = rows[0]
    what = f"{name} is {held} in the file, {wanted} in the model" if held != "-" else f"the file has no {name}"
    more = said.get("different")
    more = f", and {more - 1} more tensors differ" if isinstance(more, int) and more > 1 else ""
    return Judgement(
        Status.FAIL,
        f"{file} does not fit {place or 'its model'}: {what}{more}. Hand in the code that the weights were saved from.",
        credit=0.0,
        exhibits=(
            Table(
                title=f"{file} against the model",
                header=("tensor", "in the file", "in the model"),
                rows=tuple(rows),
                wrong=tuple(range(len(rows))),
            ),
        ),
    )


def _remarks(file: str, said: Said, fitted: Fitted) -> Iterator[str]:
    if said.get("form") == "whole model":
        yield f"{file} holds a whole pickled model; only its weights were used. Save model.state_dict()."
    if fitted.extra:
        yield f"{file} holds tensors that the model has not: {', '.join(fitted.extra[:3])}."
    broken = [_text(name) for name in _list(fitted.said, "not_finite")]
    if broken:
        yield f"{broken[0]} in {file} holds NaN or infinity: the training diverged before the weights were saved."


def _ask(function: str, args: tuple[Any, ...], keep: str, file: str) -> Asked:
    """What the sandbox says about it, a dict; or the verdict on how the request ended."""
    reply = yield Call(f"_sandbox.checkpoints.{function}", args, {}, keep, SAID, 0, READ)
    stopped = from_reply(reply, file, READ, "while its weights were read")
    if stopped is not None:
        return stopped
    said = reply.values[0] if reply.values else None
    if not isinstance(said, dict) or any(isinstance(value, np.ndarray) for value in said.values()):
        return Judgement(Status.ERROR, f"{file} could not be read: the code that was handed in interferes with it.")
    return said


def _list(said: Said, key: str) -> list[Any]:
    value = said.get(key)
    return [one for one in value if isinstance(one, (str, list, tuple))] if isinstance(value, (list, tuple)) else []


def _text(value: Any) -> str:
    return " ".join(str(value).split())[:400]
