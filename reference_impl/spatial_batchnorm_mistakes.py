"""Known mistakes of spatial batch normalization: images laid out wrongly, and all mistakes of batch normalization."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl import batchnorm_backward_mistakes, batchnorm_forward_mistakes
from reference_impl.batchnorm_backward_mistakes import Training, backward_with
from reference_impl.batchnorm_forward_mistakes import forward_with
from reference_impl.batchnorm_parameters import read
from reference_impl.operation import Mistake
from reference_impl.pixels import from_pixels, to_pixels

Array = np.ndarray
Shape = tuple[int, ...]
Flatten = Callable[[Array], Array]
Unflatten = Callable[[Array, Shape], Array]

_forward, _backward = forward_with(), backward_with()


def _laid_out(
    flatten: Flatten = to_pixels,
    unflatten: Unflatten = from_pixels,
    forward: Callable[..., dict[str, Array]] = _forward,
) -> Callable[..., dict[str, Array]]:
    """`forward` of batch normalization on images that `flatten` makes a table and `unflatten` images again."""

    def variant(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
        flat = forward(flatten(x), gamma, beta, bn_param)
        return flat | {"out": unflatten(flat["out"], x.shape)}

    return variant


def _laid_out_backward(
    flatten: Flatten = to_pixels,
    unflatten: Unflatten = from_pixels,
    backward: Callable[..., dict[str, Array]] = _backward,
    flatten_x: Flatten | None = None,
) -> Callable[..., dict[str, Array]]:
    """`flatten` is for the upstream gradient, and for x as well unless there is a `flatten_x`."""

    def variant(upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
        flat = backward(flatten(upstream), (flatten_x or flatten)(x), gamma, beta, bn_param)
        return flat | {"dx": unflatten(flat["dx"], x.shape)}

    return variant


def _reshaped(images: Array) -> Array:
    return images.reshape(-1, images.shape[1])


def _reshaped_back(pixels: Array, shape: Shape) -> Array:
    return pixels.reshape(shape)


def _transposed_back(pixels: Array, shape: Shape) -> Array:
    return from_pixels(pixels, shape).swapaxes(2, 3)


def _per_value(values: Any, shape: Shape) -> Array:
    """One value per channel, (C,) -> one per channel and pixel, (C * H * W,)."""
    return np.repeat(values, shape[2] * shape[3])


def _with_running_per_value(bn_param: dict[str, Any], shape: Shape) -> dict[str, Any]:
    p = read(bn_param, shape[1])
    per_value = {name: _per_value(getattr(p, name), shape) for name in ("running_mean", "running_var")}
    return bn_param | per_value


def _statistics_per_pixel(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    shape, flat = x.shape, x.reshape(len(x), -1)
    result = _forward(flat, _per_value(gamma, shape), _per_value(beta, shape), _with_running_per_value(bn_param, shape))
    if bn_param["mode"] == "test":
        return _laid_out()(x, gamma, beta, bn_param)
    return {name: value.reshape(shape if name == "out" else shape[1:]) for name, value in result.items()}


def _statistics_per_image(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    right = _laid_out()(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return right
    return right | {"out": np.concatenate([_laid_out()(image[None], gamma, beta, bn_param)["out"] for image in x])}


def _gradients_per_pixel(
    upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> dict[str, Array]:
    shape = x.shape
    flat = _backward(
        upstream.reshape(len(x), -1),
        x.reshape(len(x), -1),
        _per_value(gamma, shape),
        _per_value(beta, shape),
        _with_running_per_value(bn_param, shape),
    )
    return {name: value.reshape(shape if name == "dx" else shape[1:]) for name, value in flat.items()}


def _gradients_per_image(
    upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> dict[str, Array]:
    each = [_laid_out_backward()(upstream[i : i + 1], x[i : i + 1], gamma, beta, bn_param) for i in range(len(x))]
    return {
        "dx": np.concatenate([one["dx"] for one in each]),
        "dgamma": sum(one["dgamma"] for one in each),
        "dbeta": sum(one["dbeta"] for one in each),
    }


def _batch_for_pixels(
    upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> dict[str, Array]:
    def dx(t: Training) -> Array:
        return gamma / (len(x) * t.std) * (len(x) * t.upstream - t.dbeta - t.normalized * t.dgamma)

    return _laid_out_backward(backward=backward_with(dx=dx))(upstream, x, gamma, beta, bn_param)


def _parameters_summed_over(*axes: int) -> Callable[..., dict[str, Array]]:
    def variant(upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
        t = Training(to_pixels(upstream), to_pixels(x), gamma, beta, read(bn_param, x.shape[1]).eps)
        normalized = from_pixels(t.normalized, x.shape)
        sums = {"dgamma": (upstream * normalized).sum(axis=axes), "dbeta": upstream.sum(axis=axes)}
        return _laid_out_backward()(upstream, x, gamma, beta, bn_param) | sums

    return variant


LAYOUT_FORWARD = tuple(
    Mistake(id, label, "forward", forward=variant)
    for id, label, variant in (
        (
            "channels-not-moved",
            "the images are reshaped to rows without the channel axis being moved to the end",
            _laid_out(_reshaped, _reshaped_back),
        ),
        (
            "not-moved-back",
            "the result is reshaped to images without the channel axis being moved back",
            _laid_out(unflatten=_reshaped_back),
        ),
        (
            "moved-back-only",
            "the channel axis is moved on the way back, but not before the reshape to rows",
            _laid_out(_reshaped, from_pixels),
        ),
        ("height-width-swapped", "height and width are exchanged in the output", _laid_out(unflatten=_transposed_back)),
        ("statistics-per-pixel", "every pixel position gets a mean and variance of its own", _statistics_per_pixel),
        ("statistics-per-image", "every image gets a mean and variance of its own", _statistics_per_image),
    )
)

LAYOUT_BACKWARD = tuple(
    Mistake(id, label, "backward", backward=variant)
    for id, label, variant in (
        (
            "channels-not-moved",
            "the images are reshaped to rows without the channel axis being moved to the end",
            _laid_out_backward(_reshaped, _reshaped_back),
        ),
        (
            "upstream-not-moved",
            "the upstream gradient is reshaped to rows without its channel axis being moved to the end",
            _laid_out_backward(_reshaped, flatten_x=to_pixels),
        ),
        (
            "not-moved-back",
            "dx is reshaped to images without the channel axis being moved back",
            _laid_out_backward(unflatten=_reshaped_back),
        ),
        (
            "upstream-and-dx-not-moved",
            "neither the upstream gradient nor dx has its channel axis moved",
            _laid_out_backward(_reshaped, _reshaped_back, flatten_x=to_pixels),
        ),
        (
            "height-width-swapped",
            "height and width are exchanged in dx",
            _laid_out_backward(unflatten=_transposed_back),
        ),
        ("statistics-per-pixel", "every pixel position is treated as a feature of its own", _gradients_per_pixel),
        ("statistics-per-image", "every image is treated as a batch of its own", _gradients_per_image),
        ("batch-for-pixels", "dx uses the number of images for the number of pixels", _batch_for_pixels),
        ("parameters-per-pixel", "dgamma and dbeta are not summed over the pixels", _parameters_summed_over(0)),
        ("parameters-per-image", "dgamma and dbeta are not summed over the images", _parameters_summed_over(2, 3)),
    )
)


def _spatial(mistake: Mistake) -> Mistake:
    """A mistake of batch normalization, made on the pixels."""
    return dataclasses.replace(
        mistake,
        label=mistake.label.replace("feature", "channel").replace("example", "pixel"),
        forward=mistake.forward and _laid_out(forward=mistake.forward),
        backward=mistake.backward and _laid_out_backward(backward=mistake.backward),
    )


MISTAKES = (
    *LAYOUT_FORWARD,
    *LAYOUT_BACKWARD,
    *(_spatial(mistake) for mistake in batchnorm_forward_mistakes.MISTAKES),
    *(_spatial(mistake) for mistake in batchnorm_backward_mistakes.MISTAKES),
)
