"""Dropout inside a net, judged exactly although it is random: on a tiny net every mask that it could have drawn is tried.

With two examples and hidden layers of 2 and 3 units there are 2^(2·2 + 2·3) = 1,024 masks. The claimed loss must be that of
one of them, and the claimed gradients those of the same mask; over several calls more than one mask must appear; and at
test time nothing may be dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
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
CANDIDATES = 64


def all_masks() -> list[np.ndarray]:
    """For each hidden layer the (K, BATCH, width) Boolean masks, K = 1,024 combinations in the same order for all layers."""
    bits = BATCH * sum(HIDDEN)
    table = (np.arange(2**bits)[:, None] >> np.arange(bits)) & 1
    split = np.split(table.astype(bool), np.cumsum([BATCH * width for width in HIDDEN])[:-1], axis=1)
    return [part.reshape(-1, BATCH, width) for part, width in zip(split, HIDDEN, strict=True)]


def judge_dropout(
    function: str, context: Context, build: Any, params: Mapping[str, np.ndarray], keep: float, rtol: float
) -> Run:
    """Raises nothing; yields the calls and returns the judgement."""
    rng = np.random.default_rng(context.seed + 30)
    x = single(rng.normal(size=(BATCH, *build.input_shape)) + 0.2)
    params = dict(params)
    y = rng.integers(build.classes, size=BATCH)
    masks = [layer / keep for layer in all_masks()]
    losses = context.reference.losses_over_masks(params, x, y, masks)
    drawn: set[int] = set()
    on = f"{build.on}, in training"
    for attempt in range(CALLS):
        paths = (("return", 0), *(("return", 1, name) for name in build.shapes))
        reply = yield Call(Ref("net", ("return", "loss")), (x, y), {}, "loss", paths, context.seed + attempt, SECONDS)
        stopped = from_reply(reply, function, SECONDS, on)
        if stopped is not None:
            return stopped
        claimed = dict(zip(("loss", *build.shapes), reply.values, strict=False))
        loss = as_array(claimed.get("loss"))
        if loss is None or loss.size != 1:
            return not_implemented(function, "its loss is not a number in training with dropout")
        found = _matching(float(loss.reshape(())), losses, rtol)
        if found.size == 0:
            return _no_mask(function, context, params, x, y, float(loss.reshape(())), masks, keep, on, rtol)
        right = [k for k in found if _gradients_agree(context, params, x, y, masks, k, claimed, build.shapes, rtol)]
        if not right:
            text = f"{function}'s loss fits a dropout mask, but its gradients do not fit the same mask, {on}."
            return Judgement(Status.FAIL, text)
        drawn.add(int(right[0]))
    if len(drawn) == 1:
        text = f"{function} drew the same dropout mask in all of {CALLS} training passes with different seeds, {on}."
        return Judgement(
            Status.FAIL, text, mistake="dropout-ignored" if agree(losses[drawn.pop()], losses[-1]) else None
        )
    reply = yield Call(Ref("net", ("return", "loss")), (x,), {}, "scores", (("return",),), context.seed, SECONDS)
    stopped = from_reply(reply, function, SECONDS, on)
    if stopped is not None:
        return stopped
    right_scores = context.reference.scores(params, x, normalization=None, running=None)
    if not agree(reply.values[0] if reply.values else None, right_scores, rtol):
        text = f"{function} drops or rescales units at test time {build.on}: its scores are not those of the whole net."
        return Judgement(Status.FAIL, text, mistake="dropout-at-test-time")
    return Judgement(Status.PASS, f"{function} applies dropout where it should.")


def _matching(loss: float, losses: np.ndarray, rtol: float) -> np.ndarray:
    """Indices of the masks that give this loss, at most CANDIDATES of them."""
    if not np.isfinite(loss):
        return np.array([], dtype=int)
    return np.flatnonzero(np.abs(losses - loss) <= rtol * np.maximum(np.abs(losses), 1e-3))[:CANDIDATES]


def _gradients_agree(
    context: Context, params: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray, masks: list[np.ndarray],
    k: int, claimed: Mapping[str, Any], names: Mapping[str, Any], rtol: float,
) -> bool:  # fmt: skip
    _, gradients, _ = context.reference.loss_and_gradients(params, x, y, dropout_masks=[layer[k] for layer in masks])
    return all(agree(claimed.get(name), gradients[name], rtol) for name in names)


def _no_mask(
    function: str, context: Context, params: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray, loss: float,
    masks: list[np.ndarray], keep: float, on: str, rtol: float,
) -> Judgement:  # fmt: skip
    """No mask gives the loss: is it one of the known other ways to scale?"""
    text = f"{function}'s loss is not that of any dropout mask behind its ReLUs, {on}."
    for factor, mistake, what in (
        (keep, "dropout-unscaled", "the kept units are not rescaled"),
        (keep / (1 - keep), "other-convention", "p is read the other way round (keep against drop)"),
    ):
        losses = context.reference.losses_over_masks(params, x, y, [layer * factor for layer in masks])
        if _matching(loss, losses, rtol).size:
            return Judgement(Status.FAIL, f"{text} It looks as if {what}.", mistake=mistake)
    return Judgement(Status.FAIL, text)
