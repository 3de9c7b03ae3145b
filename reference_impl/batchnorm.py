"""Batch normalization: every feature is normalized by its mean and variance over the batch, then scaled and shifted.

Shapes: x (N, D), gamma (D,), beta (D,), out (N, D), running_mean (D,), running_var (D,); all float64.
bn_param: {"mode": "train" | "test", "eps", "momentum", "running_mean", "running_var"}; see `batchnorm_parameters.py`.
The variance is the biased one (divided by N), for the output and for the running average.
Running averages: running = momentum * running + (1 - momentum) * batch; in test mode they replace the
batch's statistics.
Source: Ioffe, Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
shift", 2015.

A student's `batchnorm_backward` and `batchnorm_backward_alt` (dx in one expression) are both judged by this operation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_impl import batchnorm_backward_mistakes, batchnorm_forward_mistakes
from reference_impl.batchnorm_parameters import OTHER_SETTINGS, Parameters, read
from reference_impl.operation import Case, Operation

Array = np.ndarray


def forward(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    """out (N, D); running_mean, running_var (D,) as they are after the call."""
    p = read(bn_param, x.shape[1])
    if p.mode == "test":
        mean, var = running_mean, running_var = p.running_mean, p.running_var
    else:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = p.momentum * p.running_mean + (1 - p.momentum) * mean
        running_var = p.momentum * p.running_var + (1 - p.momentum) * var
    out = gamma * (x - mean) / np.sqrt(var + p.eps) + beta
    return {"out": out, "running_mean": running_mean, "running_var": running_var}


def backward(upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    """dx (N, D), dgamma (D,), dbeta (D,), node by node through the graph; upstream (N, D)."""
    n, p = x.shape[0], read(bn_param, x.shape[1])
    if p.mode == "test":
        return _backward_with_constants(upstream, x, gamma, p)
    mean, var = x.mean(axis=0), x.var(axis=0)
    centred, std = x - mean, np.sqrt(var + p.eps)

    dnormalized = upstream * gamma
    dvar = (dnormalized * centred).sum(axis=0) * -0.5 * std**-3
    dmean = -(dnormalized / std).sum(axis=0) - dvar * 2 * centred.mean(axis=0)
    dx = dnormalized / std + dvar * 2 * centred / n + dmean / n
    return {"dx": dx, "dgamma": (upstream * centred / std).sum(axis=0), "dbeta": upstream.sum(axis=0)}


def backward_alternative(
    upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> dict[str, Array]:
    """The same gradients in training mode, dx as one expression: dgamma and dbeta are its two sums over the batch."""
    n, p = x.shape[0], read(bn_param, x.shape[1])
    std = np.sqrt(x.var(axis=0) + p.eps)
    normalized = (x - x.mean(axis=0)) / std
    dgamma, dbeta = (upstream * normalized).sum(axis=0), upstream.sum(axis=0)
    return {"dx": gamma / (n * std) * (n * upstream - dbeta - normalized * dgamma), "dgamma": dgamma, "dbeta": dbeta}


def _backward_with_constants(upstream: Array, x: Array, gamma: Array, p: Parameters) -> dict[str, Array]:
    """Test mode: mean and variance do not depend on x."""
    std = np.sqrt(p.running_var + p.eps)
    dgamma = (upstream * (x - p.running_mean) / std).sum(axis=0)
    return {"dx": upstream * gamma / std, "dgamma": dgamma, "dbeta": upstream.sum(axis=0)}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Both modes, with and without given running averages; features of small variance, where eps shows.

    Nobody is asked to try other values of eps and momentum than the defaults: edge cases.
    """

    def case(name: str, n: int, d: int, scope: str = "core", note: str = "", **bn_param: Any) -> Case:
        spread = rng.uniform(0.5, 4.0, size=d)
        spread[::3] = rng.uniform(0.02, 0.04, size=spread[::3].shape)
        x = rng.normal(size=(n, d)) * spread + rng.normal(0.0, 4.0, size=d)
        if bn_param.pop("given", True):
            bn_param["running_mean"] = x.mean(axis=0) + rng.normal(0.0, 0.5, size=d)
            bn_param["running_var"] = spread**2 * rng.uniform(0.5, 1.5, size=d)
        gamma, beta = rng.uniform(0.5, 2.0, size=d), rng.normal(1.0, 1.0, size=d)
        inputs = {"x": x, "gamma": gamma, "beta": beta, "bn_param": bn_param}
        return Case(name, scope, inputs, note, has_backward=bn_param["mode"] == "train")

    constant = case("constant feature", 5, 3, "edge", "a feature that is the same in the whole batch", mode="train")
    constant.inputs["x"][:, 0] = 0.5
    return [
        case("train 7x5", 7, 5, mode="train"),
        case("train 5x8", 5, 8, mode="train"),
        case("train 9x4, first call", 9, 4, note="the first call, without running averages", mode="train", given=False),
        case("test 6x4", 6, 4, mode="test"),
        case("test 4x7", 4, 7, mode="test"),
        case("train 5x6, eps 1e-3", 5, 6, "edge", OTHER_SETTINGS, mode="train", eps=1e-3, momentum=0.7),
        case("test 4x6, eps 1e-3", 4, 6, "edge", OTHER_SETTINGS, mode="test", eps=1e-3, momentum=0.7),
        case("train 1x4", 1, 4, "edge", "a batch of one", mode="train"),
        case("train 6x1", 6, 1, "edge", "a single feature", mode="train"),
        case("test 1x5", 1, 5, "edge", "a batch of one", mode="test"),
        constant,
    ]


OPERATION = Operation(
    name="batchnorm",
    forward=forward,
    backward=backward,
    arguments=("x", "gamma", "beta", "bn_param"),
    outputs=("out",),
    gradients=("dx", "dgamma", "dbeta"),
    draw=draw,
    mistakes=batchnorm_forward_mistakes.MISTAKES + batchnorm_backward_mistakes.MISTAKES,
    after={"running_mean": ("bn_param", "running_mean"), "running_var": ("bn_param", "running_var")},
)
