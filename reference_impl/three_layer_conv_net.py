"""A small convolutional net: conv - relu - 2x2 max pool - affine - relu - affine - softmax.

Shapes: x (N, C, H, W); y (N,); params W1 (F, C, S, S), b1 (F,), W2 (F * H/2 * W/2, hidden), b2, W3 (hidden, classes), b3;
all float64. The convolution keeps height and width: stride 1, padding (S - 1) // 2.
Loss: softmax loss plus 0.5 * reg * the sum of squares of W1, W2 and W3.
Source: the chain rule over the layers of this folder; the assignment's own description of the net.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_impl import affine, conv, l2_penalty, max_pool, relu, softmax_loss
from reference_impl.l2_penalty import PENALTY, Penalty
from reference_impl.operation import Mistake

Array = np.ndarray
Params = Mapping[str, Array]

POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}


@dataclass(frozen=True)
class Habits:
    """What the net does besides its layers; the defaults are right, each known mistake changes one."""

    penalty: Penalty = PENALTY
    biases: bool = True
    first_relu: bool = True
    second_relu: bool = True
    last_relu: bool = False
    backward_relus: bool = True
    summed: bool = False


RIGHT = Habits()


def scores(params: Params, x: Array, *, habits: Habits = RIGHT, **_: Any) -> Array:
    """(N, classes) scores."""
    return _forward(params if habits.biases else _without_biases(params), x, habits)[-1]


def loss_and_gradients(
    params: Params, x: Array, y: Array, *, reg: float = 0.0, habits: Habits = RIGHT, **_: Any
) -> tuple[float, dict[str, Array], list[dict[str, Array]]]:
    """The loss, its gradient by every parameter, and an empty list (there are no running averages)."""
    given, params = params, params if habits.biases else _without_biases(params)
    convolved, activated, pooled, hidden, active, out = _forward(params, x, habits)
    result, factor = softmax_loss.forward(out, y), len(y) if habits.summed else 1.0
    upstream = result["dx"] * factor
    last = affine.backward(upstream * (out > 0) if habits.last_relu else upstream, active, params["W3"], params["b3"])
    upstream = last["dx"] * (hidden > 0) if habits.second_relu and habits.backward_relus else last["dx"]
    middle = affine.backward(upstream, pooled, params["W2"], params["b2"])
    upstream = max_pool.backward(middle["dx"].reshape(pooled.shape), activated, POOL)["dx"]
    upstream = upstream * (convolved > 0) if habits.first_relu and habits.backward_relus else upstream
    first = conv.backward(upstream, x, params["W1"], params["b1"], _conv_param(params))
    gradients = {
        "W1": first["dw"], "b1": first["db"], "W2": middle["dw"], "b2": middle["db"], "W3": last["dw"], "b3": last["db"],
    }  # fmt: skip
    if not habits.biases:
        gradients = gradients | {name: np.zeros_like(value) for name, value in given.items() if name.startswith("b")}
    loss, gradients = habits.penalty.add(float(result["loss"]) * factor, gradients, given, reg, len(y))
    return loss, gradients, []


def _without_biases(params: Params) -> Params:
    return {name: np.zeros_like(value) if name.startswith("b") else value for name, value in params.items()}


def _conv_param(params: Params) -> dict[str, int]:
    return {"stride": 1, "pad": (params["W1"].shape[2] - 1) // 2}


def _forward(params: Params, x: Array, habits: Habits) -> tuple[Array, ...]:
    convolved = conv.forward(x, params["W1"], params["b1"], _conv_param(params))["out"]
    activated = relu.forward(convolved)["out"] if habits.first_relu else convolved
    pooled = max_pool.forward(activated, POOL)["out"]
    hidden = affine.forward(pooled, params["W2"], params["b2"])["out"]
    active = relu.forward(hidden)["out"] if habits.second_relu else hidden
    out = affine.forward(active, params["W3"], params["b3"])["out"]
    return convolved, activated, pooled, hidden, active, np.maximum(out, 0) if habits.last_relu else out


@dataclass(frozen=True)
class _Variant:
    """A net with other habits, called as `loss_and_gradients` is; `scores` is its score function."""

    habits: Habits

    def __call__(self, *args: Any, **options: Any) -> tuple[float, dict[str, Array], list[dict[str, Array]]]:
        return loss_and_gradients(*args, **options, habits=self.habits)

    def scores(self, *args: Any, **options: Any) -> Array:
        return scores(*args, **options, habits=self.habits)


def _mistake(identifier: str, label: str, **habits: Any) -> Mistake:
    return Mistake(identifier, label, "network", forward=_Variant(Habits(**habits)))


MISTAKES = (
    *(_mistake(name, label, penalty=penalty) for name, label, penalty in l2_penalty.MISTAKES),
    _mistake("penalty-without-hidden-layer", "the hidden layer's weights are not penalized", penalty=Penalty(skipped=(1,))),
    _mistake("loss-summed", "the loss is the sum over the batch, not its average", summed=True),
    _mistake("bias-missing", "the biases are not used", biases=False),
    _mistake("first-relu-missing", "no ReLU follows the convolution", first_relu=False),
    _mistake("second-relu-missing", "no ReLU follows the hidden affine layer", second_relu=False),
    _mistake("last-layer-relu", "a ReLU follows the last layer", last_relu=True),
    _mistake("backward-without-relu", "the gradients ignore the ReLUs", backward_relus=False),
)
