"""Max pooling: every window of every channel becomes its largest value.

    out[n, c, i, j] = max over u, v of  x[n, c, i*stride + u, j*stride + v]

The gradient of a maximum goes to the input that attains it; where several do, the choice is a convention, so cases
have no ties. Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl.operation import Case, Mistake, Operation
from reference_impl.windows import Size, output_size, positions, reach

Array = np.ndarray


def forward(x: Array, pool_param: dict[str, int]) -> dict[str, Array]:
    """x (N, C, H, W), pool_param {"pool_height", "pool_width", "stride"} -> out (N, C, H', W').

    H' = 1 + (H - pool_height) // stride; rows and columns that no window reaches are left out.
    """
    window, stride = _window(pool_param), pool_param["stride"]
    return {"out": pool(x, window, stride, output_size(x.shape[2:], window, stride))}


def backward(upstream: Array, x: Array, pool_param: dict[str, int]) -> dict[str, Array]:
    """upstream (N, C, H', W') -> dx like x. An input that is the largest of several windows gets the sum."""
    return {"dx": pool_backward(upstream, x, _window(pool_param), pool_param["stride"], largest)}


def pool(x: Array, window: Size, stride: int, size: Size, statistic: Callable[..., Array] = np.max) -> Array:
    """(N, C, H, W) -> (N, C, *size): `statistic` over each window."""
    out = np.zeros((*x.shape[:2], *size))
    for i, j, (rows, columns) in positions(size, window, stride):
        out[:, :, i, j] = statistic(x[:, :, rows, columns], axis=(2, 3))
    return out


def pool_backward(upstream: Array, x: Array, window: Size, stride: int, share: Callable[[Array], Array]) -> Array:
    """`share` says which part of a window's upstream gradient each of its inputs gets."""
    dx = np.zeros(x.shape)
    for i, j, (rows, columns) in positions(upstream.shape[2:], window, stride):
        dx[:, :, rows, columns] += share(x[:, :, rows, columns]) * upstream[:, :, i, j, None, None]
    return dx


def largest(window: Array) -> Array:
    """(N, C, h, w) -> 1.0 where a value is the largest of its image's and channel's window, else 0.0."""
    return 1.0 * (window == window.max(axis=(2, 3), keepdims=True))


def _window(pool_param: dict[str, int]) -> Size:
    return pool_param["pool_height"], pool_param["pool_width"]


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers from -3 to 2 in random order, all different: no ties, and windows without a positive number."""
    count = int(np.prod(shape))
    return rng.permutation(np.linspace(-3, 2, count)).reshape(shape) + rng.uniform(-0.1, 0.1)


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """2 x 2 windows with stride 2 on square images first; then every other way that windows can lie."""

    def case(name: str, shape: tuple[int, ...], window: Size, stride: int, note: str = "") -> Case:
        pool_param: dict[str, Any] = {"pool_height": window[0], "pool_width": window[1], "stride": stride}
        return Case(name, "edge" if note else "core", {"x": distinct(rng, shape), "pool_param": pool_param}, note)

    return [
        case("small", (2, 3, 4, 4), (2, 2), 2),
        case("larger", (3, 2, 8, 8), (2, 2), 2),
        case("six-by-six", (2, 2, 6, 6), (2, 2), 2),
        case("overlapping", (2, 2, 7, 7), (3, 3), 2, "windows that overlap"),
        case("stride-one", (2, 2, 4, 4), (2, 2), 1, "windows that overlap, stride 1"),
        case("gaps", (2, 2, 8, 8), (2, 2), 3, "windows with gaps between them"),
        case("wide-image", (2, 2, 4, 8), (2, 2), 2, "an image wider than high"),
        case("high-image", (2, 2, 6, 4), (2, 2), 2, "an image higher than wide"),
        case("oblong-windows", (2, 2, 6, 6), (3, 2), 1, "windows higher than wide"),
        case("one-image", (1, 2, 4, 4), (2, 2), 2, "a batch of one"),
        case("one-channel", (2, 1, 4, 4), (2, 2), 2, "one channel"),
        case("stride-three", (2, 2, 6, 6), (3, 3), 3, "stride 3"),
        case("remainder", (2, 2, 5, 5), (2, 2), 2, "a stride that leaves a remainder"),
        case("whole-image", (2, 2, 3, 3), (3, 3), 1, "one window over the whole image"),
    ]


# Known mistakes: each gets the window and the stride


def _forward(compute: Callable[..., Array]) -> Callable[..., dict[str, Array]]:
    return lambda x, pool_param: {"out": compute(x, _window(pool_param), pool_param["stride"])}


def _pooled(
    x: Array, window: Size, stride: int, size: Size | None = None, statistic: Callable[..., Array] = np.max
) -> Array:
    """As the reference, but never fails: beyond the image there are zeros."""
    size = size or tuple(max(0, 1 + (x.shape[2 + k] - window[k]) // stride) for k in (0, 1))
    return pool(reach(x, window, stride, size), window, stride, size, statistic)


def _size(x: Array, window: Size, stride: int) -> Size:
    return output_size(x.shape[2:], window, stride)


def _over_channels(x: Array, window: Size, stride: int) -> Array:
    right = _pooled(x, window, stride)
    return np.broadcast_to(right.max(axis=1, keepdims=True), right.shape)


FORWARD_MISTAKES = tuple(
    Mistake(id, label, "forward", forward=_forward(compute), visible=visible)
    for id, label, visible, compute in (
        (
            "stride-ignored",
            "the windows move by one pixel whatever the stride",
            "core",
            lambda x, w, s: pool(x, w, 1, _size(x, w, s)),
        ),
        (
            "stride-one-assumed",
            "the whole layer, its output's size included, behaves as if the stride were 1",
            "core",
            lambda x, w, s: _pooled(x, w, 1),
        ),
        (
            "average",
            "the windows are averaged",
            "core",
            lambda x, w, s: _pooled(x, w, s, statistic=np.mean),
        ),
        ("minimum", "the smallest value is taken", "core", lambda x, w, s: _pooled(x, w, s, statistic=np.min)),
        (
            "never-below-zero",
            "windows of negative numbers give zero",
            "core",
            lambda x, w, s: np.maximum(_pooled(x, w, s), 0.0),
        ),
        (
            "largest-magnitude",
            "the maximum is taken over absolute values",
            "core",
            lambda x, w, s: _pooled(np.abs(x), w, s),
        ),
        ("over-channels", "the maximum is taken over the channels as well", "core", _over_channels),
        (
            "size-one-short",
            "the output is one row and one column too small",
            "core",
            lambda x, w, s: _pooled(x, w, s)[:, :, :-1, :-1],
        ),
        (
            "window-of-two-assumed",
            "the windows are always 2 by 2 instead of what pool_param says",
            "edge",
            lambda x, w, s: _pooled(x, (2, 2), s, _size(x, w, s)),
        ),
        (
            "stride-is-window",
            "the windows move by their own size instead of by the stride",
            "edge",
            lambda x, w, s: _pooled(x, w, w[0]),
        ),
        (
            "stride-of-two-assumed",
            "the stride is always 2 instead of what pool_param says",
            "edge",
            lambda x, w, s: _pooled(x, w, 2),
        ),
        (
            "height-width-swapped",
            "height and width of the output are exchanged",
            "edge",
            lambda x, w, s: _pooled(x, w, s, _size(x, w, s)[::-1]),
        ),
        (
            "square-only",
            "the width is taken to be the height: only square images and windows work",
            "edge",
            lambda x, w, s: _pooled(x, (w[0], w[0]), s, (_size(x, w, s)[0],) * 2),
        ),
    )
)


def _backward(compute: Callable[..., Array]) -> Callable[..., dict[str, Array]]:
    return lambda upstream, x, pool_param: {"dx": compute(upstream, x, _window(pool_param), pool_param["stride"])}


def _windows_at(stride: int | Callable[[Size], int]) -> Callable[..., Array]:
    """Windows at another stride; what hangs over the edge of the image is lost."""

    def variant(upstream: Array, x: Array, window: Size, _: int) -> Array:
        step = stride if isinstance(stride, int) else stride(window)
        beyond = reach(x, window, step, upstream.shape[2:])
        return pool_backward(upstream, beyond, window, step, largest)[:, :, : x.shape[2], : x.shape[3]]

    return variant


def _overwritten(upstream: Array, x: Array, window: Size, stride: int, only_largest: bool) -> Array:
    dx = np.zeros(x.shape)
    for i, j, (rows, columns) in positions(upstream.shape[2:], window, stride):
        mask, share = largest(x[:, :, rows, columns]), upstream[:, :, i, j, None, None]
        dx[:, :, rows, columns] = np.where(mask + (not only_largest), mask * share, dx[:, :, rows, columns])
    return dx


def _all_channels(window: Array) -> Array:
    return 1.0 * (window == window.max(axis=(1, 2, 3), keepdims=True))


def _top_left(window: Array) -> Array:
    corner = np.zeros(window.shape)
    corner[:, :, 0, 0] = 1.0
    return corner


def _only_windows(rows: int, columns: int, upstream: Array, x: Array, window: Size, stride: int) -> Array:
    return pool_backward(upstream[:, :, :rows, :columns], x, window, stride, largest)


BACKWARD_MISTAKES = tuple(
    Mistake(id, label, "backward", backward=_backward(compute), visible=visible)
    for id, label, visible, compute in (
        (
            "given-to-all",
            "every input of a window gets the gradient",
            "core",
            lambda up, x, w, s: pool_backward(up, x, w, s, np.ones_like),
        ),
        (
            "shared-by-all",
            "the gradient is shared out evenly over the window",
            "core",
            lambda up, x, w, s: pool_backward(up, x, w, s, lambda v: np.full(v.shape, 1 / (w[0] * w[1]))),
        ),
        ("stride-ignored", "the windows move by one pixel whatever the stride", "core", _windows_at(1)),
        (
            "upstream-missing",
            "the upstream gradient is not used",
            "core",
            lambda up, x, w, s: pool_backward(np.ones_like(up), x, w, s, largest),
        ),
        (
            "largest-value-itself",
            "the largest values are returned in place of their gradients",
            "core",
            lambda up, x, w, s: pool_backward(np.ones_like(up), x, w, s, lambda v: v * largest(v)),
        ),
        (
            "multiplied-by-input",
            "the gradient is multiplied by the largest value",
            "core",
            lambda up, x, w, s: pool_backward(up, x, w, s, lambda v: v * largest(v)),
        ),
        (
            "over-channels",
            "only the largest value of all channels gets a gradient",
            "core",
            lambda up, x, w, s: pool_backward(up, x, w, s, _all_channels),
        ),
        (
            "top-left",
            "the gradient goes to the window's first input",
            "core",
            lambda up, x, w, s: pool_backward(up, x, w, s, _top_left),
        ),
        ("dx-zero", "dx is never written: it stays zero", "core", lambda up, x, w, s: np.zeros(x.shape)),
        (
            "last-window-missed",
            "the loops end one window early in each direction",
            "core",
            lambda up, x, w, s: _only_windows(up.shape[2] - 1, up.shape[3] - 1, up, x, w, s),
        ),
        (
            "windows-overwritten",
            "windows that overlap overwrite one another in dx",
            "edge",
            lambda up, x, w, s: _overwritten(up, x, w, s, only_largest=False),
        ),
        (
            "maximum-overwritten",
            "an input that is the largest of several windows keeps the gradient of the last one only",
            "edge",
            lambda up, x, w, s: _overwritten(up, x, w, s, only_largest=True),
        ),
        (
            "window-of-two-assumed",
            "the windows are always 2 by 2 instead of what pool_param says",
            "edge",
            lambda up, x, w, s: pool_backward(up, reach(x, (2, 2), s, up.shape[2:]), (2, 2), s, largest),
        ),
        ("stride-of-two-assumed", "the stride is always 2 instead of what pool_param says", "edge", _windows_at(2)),
        (
            "stride-is-window",
            "the windows move by their own size instead of by the stride",
            "edge",
            _windows_at(lambda window: window[0]),
        ),
        (
            "square-only",
            "the width is taken to be the height: only square images work",
            "edge",
            lambda up, x, w, s: _only_windows(up.shape[2], up.shape[2], up, x, w, s),
        ),
    )
)


OPERATION = Operation(
    name="max_pool",
    forward=forward,
    backward=backward,
    arguments=("x", "pool_param"),
    outputs=("out",),
    gradients=("dx",),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
)
