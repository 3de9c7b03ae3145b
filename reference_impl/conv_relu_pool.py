"""A convolution, a ReLU and max pooling, as one layer. Shapes as in `conv.py` and `max_pool.py`."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from reference_impl import conv, conv_relu, max_pool
from reference_impl.operation import Case, Mistake, Operation

Array = np.ndarray
Param = dict[str, Any]


def forward(x: Array, w: Array, b: Array, conv_param: Param, pool_param: Param) -> dict[str, Array]:
    """out (N, F, H'', W'')."""
    return max_pool.forward(conv_relu.forward(x, w, b, conv_param)["out"], pool_param)


def backward(upstream: Array, x: Array, w: Array, b: Array, conv_param: Param, pool_param: Param) -> dict[str, Array]:
    """dx like x, dw like w, db like b; upstream (N, F, H'', W'')."""
    rectified = conv_relu.forward(x, w, b, conv_param)["out"]
    dpooled = max_pool.backward(upstream, rectified, pool_param)["dx"]
    return conv_relu.backward(dpooled, x, w, b, conv_param)


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """The convolution's cases with outputs of even size, pooled 2 by 2; edge: other images, and pooling that overlaps.

    Where a whole window is negative, the ReLU makes a tie; its gradient is zero however it is shared out.
    """
    pooling = {"pool_height": 2, "pool_width": 2, "stride": 2}
    convolutions = {case.name: case for case in conv.draw(rng)}

    def pooled(name: str, scope: str | None = None, note: str = "", **pool_param: int) -> Case:
        case = convolutions[name]
        inputs = case.inputs | {"pool_param": pooling | pool_param}
        return dataclasses.replace(case, scope=scope or case.scope, note=note or case.note, inputs=inputs)

    return [
        pooled("four-by-four-filters"),
        pooled("five-by-five-filters"),
        pooled("stride-two"),
        pooled("no-padding"),
        pooled("high-image"),
        pooled("three-by-three-filters", "edge", "pooling windows that overlap", pool_height=3, pool_width=3),
    ]


def _gate_after_pooling(
    upstream: Array, x: Array, w: Array, b: Array, conv_param: Param, pool_param: Param
) -> dict[str, Array]:
    scores = conv.forward(x, w, b, conv_param)["out"]
    return conv.backward(max_pool.backward(upstream, scores, pool_param)["dx"], x, w, b, conv_param)


def _given_to_all(
    upstream: Array, x: Array, w: Array, b: Array, conv_param: Param, pool_param: Param
) -> dict[str, Array]:
    rectified = conv_relu.forward(x, w, b, conv_param)["out"]
    window = pool_param["pool_height"], pool_param["pool_width"]
    dpooled = max_pool.pool_backward(upstream, rectified, window, pool_param["stride"], np.ones_like)
    return conv_relu.backward(dpooled, x, w, b, conv_param)


FORWARD_MISTAKES = (
    Mistake(
        "relu-missing",
        "the ReLU is not applied",
        "forward",
        lambda x, w, b, conv_param, pool_param: max_pool.forward(conv.forward(x, w, b, conv_param)["out"], pool_param),
    ),
    Mistake(
        "pooling-missing",
        "the result is not pooled",
        "forward",
        lambda x, w, b, conv_param, pool_param: conv_relu.forward(x, w, b, conv_param),
    ),
    Mistake(
        "bias-missing",
        "the bias is not added",
        "forward",
        lambda x, w, b, conv_param, pool_param: forward(x, w, np.zeros_like(b), conv_param, pool_param),
    ),
)

BACKWARD_MISTAKES = (
    Mistake("relu-missing", "the gradient ignores the ReLU", "backward", backward=_gate_after_pooling),
    Mistake(
        "pooling-given-to-all",
        "every input of a pooling window gets its gradient",
        "backward",
        backward=_given_to_all,
    ),
)

OPERATION = Operation(
    name="conv_relu_pool",
    forward=forward,
    backward=backward,
    arguments=("x", "w", "b", "conv_param", "pool_param"),
    outputs=("out",),
    gradients=("dx", "dw", "db"),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
    depends_on=("conv", "relu", "max_pool"),
)
