"""Layer normalization: every example is normalized by the mean and variance of its features, then scaled and shifted.

Shapes: x (N, D), gamma (D,), beta (D,), out (N, D); all float64. ln_param: {"eps": 1e-5}, which is also the default.
The variance is the biased one (divided by D). Training and test mode do not differ.
Source: Ba, Kiros, Hinton, "Layer normalization", 2016.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_impl.batchnorm_parameters import OTHER_SETTINGS
from reference_impl.layernorm_mistakes import MISTAKES
from reference_impl.operation import Case, Operation

Array = np.ndarray
EPS = 1e-5


def forward(x: Array, gamma: Array, beta: Array, ln_param: dict[str, Any]) -> dict[str, Array]:
    """out (N, D)."""
    normalized, _ = _normalize(x, ln_param)
    return {"out": gamma * normalized + beta}


def backward(upstream: Array, x: Array, gamma: Array, beta: Array, ln_param: dict[str, Any]) -> dict[str, Array]:
    """dx (N, D), dgamma (D,), dbeta (D,); upstream (N, D).

    dx is the gradient by the normalized values, less its mean and its component along the normalized values, over the
    standard deviation. gamma differs between features, so it stays inside the averages.
    """
    normalized, std = _normalize(x, ln_param)
    dnormalized = upstream * gamma
    mean = dnormalized.mean(axis=1, keepdims=True)
    along = (dnormalized * normalized).mean(axis=1, keepdims=True)
    return {
        "dx": (dnormalized - mean - normalized * along) / std,
        "dgamma": (upstream * normalized).sum(axis=0),
        "dbeta": upstream.sum(axis=0),
    }


def _normalize(x: Array, ln_param: dict[str, Any]) -> tuple[Array, Array]:
    """Normalized x (N, D), standard deviation with epsilon (N, 1)."""
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", EPS))
    return (x - x.mean(axis=1, keepdims=True)) / std, std


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Non-square batches with examples of small variance, where eps shows; edge: one example, one feature."""

    def case(n: int, d: int, scope: str = "core", note: str = "", **ln_param: float) -> Case:
        spread = rng.uniform(0.5, 4.0, size=(n, 1))
        spread[::3] = rng.uniform(0.02, 0.04, size=spread[::3].shape)
        x = rng.normal(size=(n, d)) * spread + rng.normal(0.0, 4.0, size=(n, 1))
        gamma, beta = rng.uniform(0.5, 2.0, size=d), rng.normal(1.0, 1.0, size=d)
        inputs = {"x": x, "gamma": gamma, "beta": beta, "ln_param": ln_param}
        return Case(f"{n}x{d}" + "".join(f", {key} {value:g}" for key, value in ln_param.items()), scope, inputs, note)

    return [
        case(4, 7),
        case(8, 5),
        case(5, 6),
        case(5, 4, "edge", OTHER_SETTINGS, eps=1e-3),
        case(1, 6, "edge", "a batch of one"),
        case(5, 1, "edge", "a single feature"),
    ]


OPERATION = Operation(
    name="layernorm",
    forward=forward,
    backward=backward,
    arguments=("x", "gamma", "beta", "ln_param"),
    outputs=("out",),
    gradients=("dx", "dgamma", "dbeta"),
    draw=draw,
    mistakes=MISTAKES,
)
