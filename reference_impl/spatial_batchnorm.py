"""Spatial batch normalization: batch normalization of images, with every pixel of every image as one example.

Shapes: x (N, C, H, W), gamma (C,), beta (C,), out like x; bn_param, running_mean (C,) and running_var (C,) as in
`batchnorm.py`. A channel's statistics are taken over the N * H * W pixels.
Source: Ioffe, Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
shift", 2015, section 3.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_impl import batchnorm, spatial_batchnorm_mistakes
from reference_impl.batchnorm_parameters import OTHER_SETTINGS
from reference_impl.operation import Case, Operation
from reference_impl.pixels import from_pixels, to_pixels

Array = np.ndarray


def forward(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    """out (N, C, H, W); running_mean, running_var (C,) as they are after the call."""
    flat = batchnorm.forward(to_pixels(x), gamma, beta, bn_param)
    return flat | {"out": from_pixels(flat["out"], x.shape)}


def backward(upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    """dx (N, C, H, W), dgamma (C,), dbeta (C,); upstream (N, C, H, W)."""
    flat = batchnorm.backward(to_pixels(upstream), to_pixels(x), gamma, beta, bn_param)
    return flat | {"dx": from_pixels(flat["dx"], x.shape)}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Both modes, with and without given running averages; a channel of small variance, where eps shows."""

    def case(name: str, shape: tuple[int, ...], note: str = "", **bn_param: Any) -> Case:
        channels = shape[1]
        spread, centre = rng.uniform(0.5, 4.0, size=channels), rng.normal(0.0, 4.0, size=channels)
        spread[0] = rng.uniform(0.02, 0.04)
        x = rng.normal(size=shape) * spread[:, None, None] + centre[:, None, None]
        if bn_param.pop("given", True):
            bn_param["running_mean"] = centre + rng.normal(0.0, 0.5, size=channels)
            bn_param["running_var"] = spread**2 * rng.uniform(0.5, 1.5, size=channels)
        inputs = {
            "x": x,
            "gamma": rng.uniform(0.5, 2.0, size=channels),
            "beta": rng.normal(1.0, 1.0, size=channels),
            "bn_param": bn_param,
        }
        return Case(name, "edge" if note else "core", inputs, note, has_backward=bn_param["mode"] == "train")

    return [
        case("train, first call", (2, 3, 4, 4), mode="train", given=False),
        case("train", (3, 4, 4, 5), mode="train"),
        case("train, four images", (4, 3, 4, 4), mode="train"),
        case("test", (3, 4, 4, 5), mode="test"),
        case("test, square", (2, 3, 5, 5), mode="test"),
        case("train, eps 1e-3", (4, 3, 3, 4), OTHER_SETTINGS, mode="train", eps=1e-3, momentum=0.7),
        case("test, eps 1e-3", (2, 3, 4, 5), OTHER_SETTINGS, mode="test", eps=1e-3, momentum=0.7),
        case("wide image", (2, 3, 3, 6), "an image wider than high", mode="train"),
        case("wide image, test", (2, 3, 3, 6), "an image wider than high", mode="test"),
        case("one image", (1, 3, 4, 4), "a batch of one", mode="train"),
        case("one channel", (3, 1, 4, 4), "one channel", mode="train"),
        case("one pixel", (5, 3, 1, 1), "images of one pixel", mode="train"),
    ]


OPERATION = Operation(
    name="spatial_batchnorm",
    forward=forward,
    backward=backward,
    arguments=("x", "gamma", "beta", "bn_param"),
    outputs=("out",),
    gradients=("dx", "dgamma", "dbeta"),
    draw=draw,
    mistakes=spatial_batchnorm_mistakes.MISTAKES,
    after={"running_mean": ("bn_param", "running_mean"), "running_var": ("bn_param", "running_var")},
    depends_on=("batchnorm",),
)
