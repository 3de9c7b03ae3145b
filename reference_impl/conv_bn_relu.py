"""A convolution, spatial batch normalization and a ReLU, as one layer.

Shapes as in `conv.py`; gamma, beta, running_mean and running_var (F,), bn_param as in `batchnorm.py`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from reference_impl import conv, relu, spatial_batchnorm
from reference_impl.operation import Case, Mistake, Operation

Array = np.ndarray
Param = dict[str, Any]


def forward(
    x: Array, w: Array, b: Array, gamma: Array, beta: Array, conv_param: Param, bn_param: Param
) -> dict[str, Array]:
    """out (N, F, H', W'); running_mean, running_var (F,) as they are after the call."""
    normalized = spatial_batchnorm.forward(conv.forward(x, w, b, conv_param)["out"], gamma, beta, bn_param)
    return normalized | relu.forward(normalized["out"])


def backward(
    upstream: Array, x: Array, w: Array, b: Array, gamma: Array, beta: Array, conv_param: Param, bn_param: Param
) -> dict[str, Array]:
    """dx like x, dw like w, db, dgamma, dbeta (F,); upstream (N, F, H', W'). In training mode db is zero but for rounding:
    the normalization takes every constant away."""
    scores = conv.forward(x, w, b, conv_param)["out"]
    normalized = spatial_batchnorm.forward(scores, gamma, beta, bn_param)["out"]
    drectified = relu.backward(upstream, normalized)["dx"]
    return _through_normalization(drectified, x, w, b, gamma, beta, conv_param, bn_param)


def _through_normalization(
    upstream: Array, x: Array, w: Array, b: Array, gamma: Array, beta: Array, conv_param: Param, bn_param: Param
) -> dict[str, Array]:
    scores = conv.forward(x, w, b, conv_param)["out"]
    normalization = spatial_batchnorm.backward(upstream, scores, gamma, beta, bn_param)
    convolution = conv.backward(normalization["dx"], x, w, b, conv_param)
    return convolution | {name: normalization[name] for name in ("dgamma", "dbeta")}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """The convolution's cases, normalized in both modes."""
    convolutions = {case.name: case for case in conv.draw(rng)}

    def normalized(name: str, mode: str = "train", scope: str | None = None, note: str = "") -> Case:
        case = convolutions[name]
        filters = len(case.inputs["b"])
        bn_param = {
            "mode": mode,
            "running_mean": rng.normal(size=filters),
            "running_var": rng.uniform(0.5, 2.0, size=filters),
        }
        inputs = {
            "x": case.inputs["x"],
            "w": case.inputs["w"],
            "b": case.inputs["b"],
            "gamma": rng.uniform(0.5, 2.0, size=filters),
            "beta": rng.normal(size=filters),
            "conv_param": case.inputs["conv_param"],
            "bn_param": bn_param,
        }
        return dataclasses.replace(
            case,
            name=f"{name}, {mode}",
            scope=scope or case.scope,
            inputs=inputs,
            note=note or case.note,
            has_backward=mode == "train",
        )

    return [
        normalized("three-by-three-filters"),
        normalized("five-by-five-filters"),
        normalized("stride-two"),
        normalized("three-by-three-filters", "test"),
        normalized("no-padding"),
        normalized("wide-image"),
        normalized("one-image"),
    ]


def _relu_first(
    x: Array, w: Array, b: Array, gamma: Array, beta: Array, conv_param: Param, bn_param: Param
) -> dict[str, Array]:
    rectified = relu.forward(conv.forward(x, w, b, conv_param)["out"])["out"]
    return spatial_batchnorm.forward(rectified, gamma, beta, bn_param)


def _relu_missing(
    x: Array, w: Array, b: Array, gamma: Array, beta: Array, conv_param: Param, bn_param: Param
) -> dict[str, Array]:
    return spatial_batchnorm.forward(conv.forward(x, w, b, conv_param)["out"], gamma, beta, bn_param)


def _normalization_missing(
    x: Array, w: Array, b: Array, gamma: Array, beta: Array, conv_param: Param, bn_param: Param
) -> dict[str, Array]:
    untouched = {name: bn_param[name].copy() for name in ("running_mean", "running_var")}
    return untouched | relu.forward(conv.forward(x, w, b, conv_param)["out"])


def _skips_normalization(
    upstream: Array, x: Array, w: Array, b: Array, gamma: Array, beta: Array, conv_param: Param, bn_param: Param
) -> dict[str, Array]:
    right = backward(upstream, x, w, b, gamma, beta, conv_param, bn_param)
    out = forward(x, w, b, gamma, beta, conv_param, bn_param)["out"]
    return right | conv.backward(upstream * (out > 0), x, w, b, conv_param)


FORWARD_MISTAKES = (
    Mistake("relu-first", "the ReLU is applied before the normalization", "forward", _relu_first),
    Mistake("relu-missing", "the ReLU is not applied", "forward", _relu_missing),
    Mistake("normalization-missing", "the result is not normalized", "forward", _normalization_missing),
)

BACKWARD_MISTAKES = (
    Mistake("relu-missing", "the gradient ignores the ReLU", "backward", backward=_through_normalization),
    Mistake(
        "normalization-missing", "the gradient ignores the normalization", "backward", backward=_skips_normalization
    ),
)

OPERATION = Operation(
    name="conv_bn_relu",
    forward=forward,
    backward=backward,
    arguments=("x", "w", "b", "gamma", "beta", "conv_param", "bn_param"),
    outputs=("out",),
    gradients=("dx", "dw", "db", "dgamma", "dbeta"),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
    after={"running_mean": ("bn_param", "running_mean"), "running_var": ("bn_param", "running_var")},
    depends_on=("conv", "spatial_batchnorm", "batchnorm", "relu"),
)
