"""Two-dimensional convolution as deep learning means it (cross-correlation) with stride and zero padding.

    out[n, f, i, j] = b[f] + sum over c, u, v of  w[f, c, u, v] * padded[n, c, i*stride + u, j*stride + v]

Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), sections 2 and 4.
The gradients follow from the chain rule on this sum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl.operation import Case, Mistake, Operation
from reference_impl.windows import (
    Size,
    correlate,
    correlate_backward,
    crop,
    output_size,
    pad_with_zeros,
    positions,
    reach,
)


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray, conv_param: dict[str, int]) -> dict[str, np.ndarray]:
    """x (N, C, H, W), w (F, C, HH, WW), b (F,), conv_param {"stride", "pad"} -> out (N, F, H', W').

    H' = 1 + (H + 2 pad - HH) // stride; rows and columns that no window reaches are left out.
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    size = output_size(x.shape[2:], w.shape[2:], stride, pad)
    return {"out": correlate(pad_with_zeros(x, pad), w, stride, size) + b[:, None, None]}


def backward(
    upstream: np.ndarray, x: np.ndarray, w: np.ndarray, b: np.ndarray, conv_param: dict[str, int]
) -> dict[str, np.ndarray]:
    """upstream (N, F, H', W') -> dx like x, dw like w, db like b."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    dpadded, dw = correlate_backward(upstream, pad_with_zeros(x, pad), w, stride)
    return {"dx": crop(dpadded, pad, x.shape), "dw": dw, "db": upstream.sum(axis=(0, 2, 3))}


def _case(
    rng: np.random.Generator,
    name: str,
    image: tuple[int, int, int, int],
    filters: tuple[int, int, int],
    stride: int,
    pad: int,
    note: str = "",
) -> Case:
    """An edge case if it has a note. `filters` is (F, HH, WW)."""
    f, hh, ww = filters
    inputs: dict[str, Any] = {
        "x": rng.standard_normal(image),
        "w": rng.standard_normal((f, image[1], hh, ww)) / np.sqrt(image[1] * hh * ww),
        "b": rng.standard_normal(f),
        "conv_param": {"stride": stride, "pad": pad},
    }
    return Case(name, "edge" if note else "core", inputs, note)


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Square images and filters first; small enough for six nested Python loops."""
    return [
        _case(rng, "four-by-four-filters", (2, 3, 4, 4), (3, 4, 4), stride=2, pad=1),
        _case(rng, "three-by-three-filters", (3, 2, 5, 5), (2, 3, 3), stride=1, pad=1),
        _case(rng, "five-by-five-filters", (2, 2, 6, 6), (3, 5, 5), stride=1, pad=2, note="padding 2"),
        _case(rng, "stride-two", (2, 2, 7, 7), (3, 3, 3), stride=2, pad=1),
        _case(rng, "no-padding", (2, 2, 6, 6), (2, 3, 3), stride=1, pad=0, note="padding 0"),
        _case(rng, "no-padding-stride", (2, 2, 7, 7), (2, 3, 3), stride=2, pad=0, note="padding 0 and stride 2"),
        _case(rng, "wide-image", (2, 2, 4, 7), (2, 3, 3), stride=1, pad=1, note="an image wider than high"),
        _case(rng, "high-image", (2, 2, 8, 4), (2, 4, 4), stride=2, pad=1, note="an image higher than wide"),
        _case(rng, "oblong-filters", (2, 2, 5, 5), (2, 3, 1), stride=1, pad=1, note="filters higher than wide"),
        _case(rng, "one-image", (1, 3, 5, 5), (2, 3, 3), stride=1, pad=1, note="a batch of one"),
        _case(rng, "one-channel", (2, 1, 5, 5), (1, 3, 3), stride=1, pad=1, note="one channel, one filter"),
        _case(rng, "stride-three", (2, 2, 8, 8), (2, 4, 4), stride=3, pad=1, note="stride 3"),
        _case(rng, "wide-padding", (2, 2, 4, 4), (2, 3, 3), stride=1, pad=2, note="padding that enlarges the image"),
        _case(rng, "remainder", (2, 2, 6, 6), (2, 3, 3), stride=2, pad=1, note="a stride that leaves a remainder"),
        _case(rng, "single-pixel-filters", (2, 3, 3, 3), (2, 1, 1), stride=1, pad=0, note="filters of one pixel"),
    ]


# Known mistakes, forward


def _stride_ignored(x, w, b, conv_param):
    size = output_size(x.shape[2:], w.shape[2:], conv_param["stride"], conv_param["pad"])
    return {"out": correlate(pad_with_zeros(x, conv_param["pad"]), w, 1, size) + b[:, None, None]}


def _padded_otherwise(pad_image: Callable[[np.ndarray, int], np.ndarray]) -> Callable[..., dict[str, np.ndarray]]:
    def variant(x, w, b, conv_param):
        return forward(pad_image(x, conv_param["pad"]), w, b, conv_param | {"pad": 0})

    return variant


def _sized_otherwise(size_of: Callable[..., Size]) -> Callable[..., dict[str, np.ndarray]]:
    """`size_of(image, window, stride, pad)` replaces `output_size`; zeros stand where a window leaves the image."""

    def variant(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        size = size_of(x.shape[2:], w.shape[2:], stride, pad)
        padded = reach(pad_with_zeros(x, pad), w.shape[2:], stride, size)
        return {"out": correlate(padded, w, stride, size) + b[:, None, None]}

    return variant


def _named(variant: Callable[..., dict[str, np.ndarray]]) -> Callable[..., dict[str, np.ndarray]]:
    return lambda x, w, b, conv_param: variant(x, w, b, conv_param)


def _only_height(image, window, stride, pad):
    return output_size((image[0],) * 2, (window[0],) * 2, stride, pad)


def _rounded_up(image, window, stride, pad):
    return tuple(1 - (window[k] - image[k] - 2 * pad) // stride for k in (0, 1))


FORWARD_MISTAKES = tuple(
    Mistake(id, label, "forward", forward=_named(variant), visible=visible)
    for id, label, visible, variant in (
        ("stride-ignored", "the windows move by one pixel whatever the stride", "core", _stride_ignored),
        (
            "stride-one-assumed",
            "the whole layer, its output's size included, behaves as if the stride were 1",
            "core",
            lambda x, w, b, p: forward(x, w, b, p | {"stride": 1}),
        ),
        ("padding-ignored", "the image is not padded", "core", lambda x, w, b, p: forward(x, w, b, p | {"pad": 0})),
        (
            "padding-of-one-assumed",
            "the padding is always 1 instead of what conv_param says",
            "edge",
            lambda x, w, b, p: forward(x, w, b, p | {"pad": 1}),
        ),
        (
            "padding-on-one-side",
            "all the padding is put after the image instead of on both sides",
            "core",
            _padded_otherwise(lambda x, pad: np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))),
        ),
        (
            "padding-not-zero",
            "the padding is filled with the image's border instead of zeros",
            "core",
            _padded_otherwise(lambda x, pad: np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")),
        ),
        (
            "size-without-padding",
            "the output's size is computed as if the image were not padded",
            "core",
            _sized_otherwise(lambda image, window, stride, pad: output_size(image, window, stride, 0)),
        ),
        (
            "kernel-flipped",
            "the filters are turned by 180 degrees (the convolution of mathematics, not that of neural networks)",
            "core",
            lambda x, w, b, p: forward(x, w[:, :, ::-1, ::-1], b, p),
        ),
        (
            "kernel-transposed",
            "rows and columns of the filters are exchanged",
            "core",
            lambda x, w, b, p: forward(x, w.swapaxes(2, 3), b, p),
        ),
        ("bias-missing", "the bias is not added", "core", lambda x, w, b, p: forward(x, w, np.zeros_like(b), p)),
        (
            "bias-once-per-channel",
            "the bias is added once for every input channel",
            "core",
            lambda x, w, b, p: forward(x, w, x.shape[1] * b, p),
        ),
        (
            "last-channel-only",
            "the channels overwrite one another: only the last one reaches the output",
            "core",
            lambda x, w, b, p: forward(x[:, -1:], w[:, -1:], b, p),
        ),
        (
            "height-width-swapped",
            "height and width of the output are exchanged",
            "edge",
            _sized_otherwise(lambda *shapes: output_size(*shapes)[::-1]),
        ),
        (
            "square-only",
            "the width is taken to be the height: only square images and filters work",
            "edge",
            _sized_otherwise(_only_height),
        ),
        (
            "size-rounded-up",
            "a window that only partly fits at the end is counted",
            "edge",
            _sized_otherwise(_rounded_up),
        ),
    )
)


# Known mistakes, backward: each changes one thing in an otherwise right gradient


def _spoiled(spoil: Callable[..., dict[str, np.ndarray]]) -> Callable[..., dict[str, np.ndarray]]:
    """`spoil(upstream, x, w, stride, pad)` gives the gradients that come out wrong."""

    def variant(upstream, x, w, b, conv_param):
        right = backward(upstream, x, w, b, conv_param)
        return right | spoil(upstream, x, w, conv_param["stride"], conv_param["pad"])

    return variant


def _dpadded(upstream, x, w, stride, pad):
    return correlate_backward(upstream, pad_with_zeros(x, pad), w, stride)[0]


def _only_windows(rows: int, columns: int, upstream, x, w, stride, pad):
    reached = np.zeros_like(upstream)
    reached[:, :, :rows, :columns] = upstream[:, :, :rows, :columns]
    return _windows(reached, x, w, stride, pad)


def _windows(upstream, x, w, stride, pad):
    dpadded, dw = correlate_backward(upstream, pad_with_zeros(x, pad), w, stride)
    return {"dx": crop(dpadded, pad, x.shape), "dw": dw}


def _dx_overwritten(upstream, x, w, stride, pad):
    dpadded = np.zeros_like(pad_with_zeros(x, pad))
    for i, j, (rows, columns) in positions(upstream.shape[2:], w.shape[2:], stride):
        dpadded[:, :, rows, columns] = np.tensordot(upstream[:, :, i, j], w, axes=(1, 0))
    return {"dx": crop(dpadded, pad, x.shape)}


def _dw_overwritten(upstream, x, w, stride, pad):
    *_, (i, j, (rows, columns)) = positions(upstream.shape[2:], w.shape[2:], stride)
    last_window = pad_with_zeros(x, pad)[-1, :, rows, columns]
    return {"dw": upstream[-1, :, i, j, None, None, None] * last_window}


BACKWARD_MISTAKES = tuple(
    Mistake(id, label, "backward", backward=_spoiled(spoil), visible=visible)
    for id, label, visible, spoil in (
        (
            "stride-ignored",
            "the windows move by one pixel whatever the stride",
            "core",
            lambda up, x, w, s, p: _windows(up, x, w, 1, p),
        ),
        ("dx-zero", "dx is never written: it stays zero", "core", lambda up, x, w, s, p: {"dx": np.zeros_like(x)}),
        (
            "dx-keeps-padding",
            "dx still has the padding around it",
            "core",
            lambda up, x, w, s, p: {"dx": _dpadded(up, x, w, s, p)},
        ),
        (
            "dx-cropped-at-corner",
            "the padding is cut off at one side of dx only",
            "core",
            lambda up, x, w, s, p: {"dx": crop(_dpadded(up, x, w, s, p), 0, x.shape)},
        ),
        (
            "padding-of-one-assumed",
            "one pixel is cut off around dx whatever the padding",
            "edge",
            lambda up, x, w, s, p: {"dx": _dpadded(up, x, w, s, p)[:, :, 1:-1, 1:-1]},
        ),
        ("dx-overwritten", "windows that overlap overwrite one another in dx", "core", _dx_overwritten),
        (
            "dx-last-filter-only",
            "filters and overlapping windows overwrite one another in dx",
            "core",
            lambda up, x, w, s, p: _dx_overwritten(up[:, -1:], x, w[-1:], s, p),
        ),
        ("dw-overwritten", "images and windows overwrite one another in dw", "core", _dw_overwritten),
        (
            "kernel-flipped",
            "the filters are turned by 180 degrees on the way to dx",
            "core",
            lambda up, x, w, s, p: {"dx": crop(_dpadded(up, x, w[:, :, ::-1, ::-1], s, p), p, x.shape)},
        ),
        (
            "last-window-missed",
            "the loops end one window early in each direction",
            "core",
            lambda up, x, w, s, p: _only_windows(up.shape[2] - 1, up.shape[3] - 1, up, x, w, s, p),
        ),
        (
            "averaged-over-batch",
            "dw and db are averaged over the batch",
            "core",
            lambda up, x, w, s, p: {"dw": _windows(up, x, w, s, p)["dw"] / len(x), "db": up.sum((0, 2, 3)) / len(x)},
        ),
        ("db-mean", "db is a mean", "core", lambda up, x, w, s, p: {"db": up.mean(axis=(0, 2, 3))}),
        ("db-per-pixel", "db is not summed over the pixels", "core", lambda up, x, w, s, p: {"db": up.sum(axis=0)}),
        (
            "upstream-missing",
            "the upstream gradient is not used in dx and dw",
            "core",
            lambda up, x, w, s, p: _windows(np.ones_like(up), x, w, s, p),
        ),
        (
            "empty-slice-without-padding",
            "cutting off a padding of 0 leaves nothing of dx",
            "edge",
            lambda up, x, w, s, p: {"dx": _dpadded(up, x, w, s, p)[:, :, p:-p, p:-p]},
        ),
        (
            "loops-over-input-size",
            "the loops run over the size of the input instead of the output's",
            "edge",
            lambda up, x, w, s, p: _only_windows(-(-x.shape[2] // s), -(-x.shape[3] // s), up, x, w, s, p),
        ),
        (
            "height-width-swapped",
            "height and width of dx are exchanged",
            "edge",
            lambda up, x, w, s, p: {"dx": _dpadded(up, x, w, s, p)[:, :, p : p + x.shape[3], p : p + x.shape[2]]},
        ),
        (
            "square-only",
            "the width is taken to be the height: only square images work",
            "edge",
            lambda up, x, w, s, p: _only_windows(up.shape[2], up.shape[2], up, x, w, s, p),
        ),
    )
)


OPERATION = Operation(
    name="conv",
    forward=forward,
    backward=backward,
    arguments=("x", "w", "b", "conv_param"),
    outputs=("out",),
    gradients=("dx", "dw", "db"),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
)
