"""Spatial group normalization: the channels of an image are split into groups, each normalized over its channels and
pixels; then every channel is scaled and shifted.

Shapes: x (N, C, H, W), G groups of C / G neighbouring channels, out like x; gn_param {"eps": 1e-5}, also the default.
gamma and beta are (1, C, 1, 1) or (C,), depending on the edition of the assignment; their gradients have the shape of
what was given. The variance is the biased one. Training and test mode do not differ.
Source: Wu, He, "Group normalization", 2018.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_impl.batchnorm_parameters import OTHER_SETTINGS
from reference_impl.operation import Case, Operation
from reference_impl.spatial_groupnorm_mistakes import MISTAKES

Array = np.ndarray
EPS = 1e-5
CONVENTIONS = ("(1, C, 1, 1)", "(C,)")


def forward(x: Array, gamma: Array, beta: Array, G: int, gn_param: dict[str, Any]) -> dict[str, Array]:
    """out (N, C, H, W)."""
    normalized, _ = _normalize(x, G, gn_param)
    return {"out": per_channel(gamma) * normalized.reshape(x.shape) + per_channel(beta)}


def backward(
    upstream: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: dict[str, Any]
) -> dict[str, Array]:
    """dx (N, C, H, W), dgamma and dbeta in the shape of gamma and beta; upstream (N, C, H, W).

    Within a group, dx is the gradient by the normalized values, less its mean and its component along the normalized
    values, over the standard deviation.
    """
    normalized, std = _normalize(x, G, gn_param)
    dnormalized = (upstream * per_channel(gamma)).reshape(normalized.shape)
    mean = dnormalized.mean(axis=2, keepdims=True)
    along = (dnormalized * normalized).mean(axis=2, keepdims=True)
    return {
        "dx": ((dnormalized - mean - normalized * along) / std).reshape(x.shape),
        "dgamma": (upstream * normalized.reshape(x.shape)).sum(axis=(0, 2, 3)).reshape(gamma.shape),
        "dbeta": upstream.sum(axis=(0, 2, 3)).reshape(beta.shape),
    }


def per_channel(parameter: Array) -> Array:
    """(1, C, 1, 1) or (C,) -> (1, C, 1, 1)."""
    return parameter.reshape(1, -1, 1, 1)


def _normalize(x: Array, groups: int, gn_param: dict[str, Any]) -> tuple[Array, Array]:
    """Normalized x as (N, G, values of a group), standard deviation with epsilon (N, G, 1)."""
    grouped = x.reshape(x.shape[0], groups, -1)
    std = np.sqrt(grouped.var(axis=2, keepdims=True) + gn_param.get("eps", EPS))
    return (grouped - grouped.mean(axis=2, keepdims=True)) / std, std


def draw(rng: np.random.Generator, convention: str = CONVENTIONS[0]) -> list[Case]:
    """Different numbers of groups and of channels in a group; groups of small variance, where eps shows."""

    def case(name: str, shape: tuple[int, ...], groups: int, note: str = "", **gn_param: float) -> Case:
        channels = shape[1]
        spread = np.repeat(rng.uniform(0.5, 4.0, size=(shape[0], groups)), channels // groups, axis=1)
        spread[0, : channels // groups] = rng.uniform(0.02, 0.04)
        centre = np.repeat(rng.normal(0.0, 4.0, size=groups), channels // groups)[:, None, None]
        centre = centre + rng.normal(size=(channels, 1, 1)) * spread[..., None, None]
        parameters = (1, channels, 1, 1) if convention == CONVENTIONS[0] else (channels,)
        inputs = {
            "x": rng.normal(size=shape) * spread[..., None, None] + centre,
            "gamma": rng.uniform(0.5, 2.0, size=parameters),
            "beta": rng.normal(1.0, 1.0, size=parameters),
            "G": groups,
            "gn_param": gn_param,
        }
        return Case(name, "edge" if note else "core", inputs, note)

    return [
        case("two groups", (2, 6, 4, 4), 2),
        case("three groups", (3, 6, 3, 4), 3),
        case("groups of four", (2, 8, 3, 3), 2),
        case("two groups, eps 1e-3", (2, 8, 3, 4), 2, OTHER_SETTINGS, eps=1e-3),
        case("wide image", (2, 6, 3, 5), 2, "an image wider than high"),
        case("high image", (2, 4, 5, 2), 2, "an image higher than wide"),
        case("one image", (1, 6, 4, 4), 2, "a batch of one"),
        case("one group", (2, 4, 3, 3), 1, "all channels in one group"),
        case("groups of one", (2, 4, 3, 3), 4, "groups of one channel"),
        case("one channel", (2, 1, 4, 4), 1, "one channel"),
        case("one pixel", (2, 6, 1, 1), 2, "images of one pixel"),
    ]


OPERATION = Operation(
    name="spatial_groupnorm",
    forward=forward,
    backward=backward,
    arguments=("x", "gamma", "beta", "G", "gn_param"),
    outputs=("out",),
    gradients=("dx", "dgamma", "dbeta"),
    draw=draw,
    mistakes=MISTAKES,
    conventions=CONVENTIONS,
    depends_on=("layernorm",),
)
