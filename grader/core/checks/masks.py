"""Dropout inside a net, judged exactly although it is random: on a tiny net every mask that it could have drawn is tried.

With two examples and hidden layers of 2 and 3 units there are 2^(2·2 + 2·3) = 1,024 masks. The claimed loss must be that of
one of them, and the claimed gradients those of the same mask; over several calls more than one mask must appear; and at
test time nothing may be dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.core.calls import Call, Ref
from grader.core.checks.calling import single
from grader.core.checks.kind import Context, Run
from grader.core.compare import agree, as_array
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply, not_implemented

CALLS = 8
HIDDEN = (2, 3)
BATCH = 2
SECONDS = 20.0


def all_masks() -> list[np.ndarray]:
    """For each hidden layer the (K, BATCH, width) Boolean masks, K = 1,024 combinations in the same order for all layers."""
    bits = BATCH * sum(HIDDEN)
    table = (np.arange(2**bits)[:, None] >> np.arange(bits)) & 1
    split = np.split(table.astype(bool), np.cumsum([BATCH * width for width in HIDDEN])[:-1], axis=1)
    return [part.reshape(-1, BATCH, width) for part, width in zip(split, HIDDEN, strict=True)]


@dataclass(frozen=True)
class Pass:
    """A net's passes: x (BATCH, D), y, its parameters, and each hidden layer's (K, BATCH, width) factors."""

    x: np.ndarray
    y: np.ndarray
    params: dict[str, np.ndarray]
    factors: list[np.ndarray]


@dataclass(frozen=True)
class Claims:
    """What the net gave: loss and gradients of each training pass, and its scores at test time."""

    passes: list[dict[str, Any]]
    scores: Any


def judge_dropout(
    function: str, context: Context, build: Any, params: Mapping[str, np.ndarray], keep: float, rtol: float
) -> Run:
    """Raises nothing; yields the calls and returns the judgement."""
    rng = np.random.default_rng(context.seed + 30)
    x = single(rng.normal(size=(BATCH, *build.input_shape)) + 0.2)
    y = rng.integers(build.classes, size=BATCH)
    passes: list[dict[str, Any]] = []
    for attempt in range(CALLS):
        paths = (("return", 0), *build.gradients())
        reply = yield Call(Ref("net", ("return", "loss")), (x, y), {}, "loss", paths, context.seed + attempt, SECONDS)
        stopped = from_reply(reply, function, SECONDS, f"{build.on}, in training")
        if stopped is not None:
            return stopped
        passes.append(dict(zip(("loss", *build.shapes), reply.values, strict=False)))
        if _number(passes[-1].get("loss")) is None:
            return not_implemented(function, "its loss is not a number in training with dropout")
    reply = yield Call(Ref("net", ("return", "loss")), (x,), {}, "scores", (("return",),), context.seed, SECONDS)
    stopped = from_reply(reply, function, SECONDS, f"{build.on}, at test time")
    if stopped is not None:
        return stopped
    seen = Claims(passes, reply.values[0] if reply.values else None)
    right = Pass(x, y, dict(params), [layer / keep for layer in all_masks()])
    judgement = _judged(function, build.on, seen, right, context.reference, rtol, keep)
    if judgement.status is Status.PASS or judgement.mistake:
        return judgement
    for mistake in context.reference.mistakes:
        if mistake.part != "network" or "penalt" in mistake.id:  # there is no penalty here
            continue
        counted = _judged(function, build.on, seen, right, mistake.forward, rtol, keep)
        if counted.status is Status.PASS:
            return counted.with_remark(f"It looks as if {mistake.label}; that is counted in the plain net.")
    return judgement


def _judged(function: str, on: str, seen: Claims, right: Pass, net: Any, rtol: float, keep: float) -> Judgement:
    """The verdict when `net`, the reference or one with a known mistake, is what the student's net is without dropout."""
    losses = net.losses_over_masks(right.params, right.x, right.y, right.factors)
    training = f"{on}, in training"
    drawn: set[int] = set()
    for claimed in seen.passes:
        loss = _number(claimed["loss"])
        found = _matching(loss, losses, rtol)
        if found.size == 0:
            return _no_mask(function, net, right, loss, keep, training, rtol)
        compute = getattr(net, "loss_and_gradients", net)
        fitting = next((k for k in found if _gradients_agree(compute, right, k, claimed, rtol)), None)
        if fitting is None:
            return _no_gradients(function, net, right, found, claimed, training, rtol)
        drawn.add(int(fitting))
    if len(drawn) == 1:
        text = f"{function} drew the same dropout mask in all of {CALLS} training passes with different seeds, {training}."
        ignored = agree(losses[drawn.pop()], losses[-1])
        return Judgement(Status.FAIL, text, mistake="dropout-ignored" if ignored else None)
    scores = net.scores(right.params, right.x, normalization=None, running=None)
    if not agree(seen.scores, scores, rtol):
        text = f"{function} drops or rescales units at test time {on}: its scores are not those of the whole net."
        return Judgement(Status.FAIL, text, mistake="dropout-at-test-time")
    return Judgement(Status.PASS, f"{function} applies dropout where it should.")


def _number(value: Any) -> float | None:
    loss = as_array(value)
    return None if loss is None or loss.size != 1 else float(loss.reshape(()))


def _matching(loss: float | None, losses: np.ndarray, rtol: float) -> np.ndarray:
    """Indices of the masks that give this loss: several, where a unit is off anyway."""
    if loss is None or not np.isfinite(loss):
        return np.array([], dtype=int)
    return np.flatnonzero(np.abs(losses - loss) <= rtol * np.maximum(np.abs(losses), 1e-3))


def _gradients_agree(compute: Any, right: Pass, k: int, claimed: Mapping[str, Any], rtol: float) -> bool:
    mask = [layer[k] for layer in right.factors]
    _, gradients, _ = compute(right.params, right.x, right.y, dropout_masks=mask)
    return all(agree(claimed.get(name), gradient, rtol) for name, gradient in gradients.items())


def _no_gradients(
    function: str, net: Any, right: Pass, found: np.ndarray, claimed: Mapping[str, Any], on: str, rtol: float
) -> Judgement:
    """The loss fits a mask and the gradients do not: do they leave the mask out?"""
    text = f"{function}'s loss fits a dropout mask, but its gradients do not fit the same mask, {on}."
    without = getattr(net, "without_dropout_backward", None)
    if without is not None and any(_gradients_agree(without, right, k, claimed, rtol) for k in found):
        text += " It looks as if the gradients do not pass through the dropout."
        return Judgement(Status.FAIL, text, mistake="dropout-not-in-backward")
    return Judgement(Status.FAIL, text)


def _no_mask(function: str, net: Any, right: Pass, loss: float | None, keep: float, on: str, rtol: float) -> Judgement:
    """No mask gives the loss: is it one of the known other ways to scale, or was the input dropped too?"""
    text = f"{function}'s loss is not that of any dropout mask behind its ReLUs, {on}."
    for factor, mistake, what in (
        (keep, "dropout-unscaled", "the kept units are not rescaled"),
        (keep / (1 - keep), "other-convention", "p is read the other way round (keep against drop)"),
    ):
        losses = net.losses_over_masks(right.params, right.x, right.y, [layer * factor for layer in right.factors])
        if _matching(loss, losses, rtol).size:
            return Judgement(Status.FAIL, f"{text} It looks as if {what}.", mistake=mistake)
    if hasattr(net, "mistakes") and _input_dropped(net, right, loss, keep, rtol):
        what = "dropout is applied to the net's input as well"
        return Judgement(Status.FAIL, f"{text} It looks as if {what}.", mistake="dropout-on-the-input")
    return Judgement(Status.FAIL, text)


def _input_dropped(net: Any, right: Pass, loss: float | None, keep: float, rtol: float) -> bool:
    """Whether a mask on the input explains the loss. So many masks are tried that one fits by chance only if `rtol` is far
    above 1e-6."""
    entries = right.x.size
    for bits in range(2**entries - 1):
        mask = ((bits >> np.arange(entries)) & 1).reshape(right.x.shape) / keep
        losses = net.losses_over_masks(right.params, right.x * mask, right.y, right.factors)
        if _matching(loss, losses, rtol * 1e-3).size:
            return True
    return False
