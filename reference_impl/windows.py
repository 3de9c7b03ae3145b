"""The sliding window that convolution and pooling share: padding, output sizes, correlation and its gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Size = tuple[int, int]


def output_size(image: tuple[int, ...], window: tuple[int, ...], stride: int, pad: int = 0) -> Size:
    """(H, W) of the image and of the window -> how many windows fit, (H', W'). Raises ValueError if none does."""
    height, width = (1 + (image[k] + 2 * pad - window[k]) // stride for k in (0, 1))
    if height < 1 or width < 1:
        raise ValueError(f"a window of {tuple(window)} does not fit into an image of {tuple(image)} padded by {pad}")
    return height, width


def positions(size: Size, window: tuple[int, ...], stride: int) -> Iterator[tuple[int, int, tuple[slice, slice]]]:
    """For each output pixel (i, j): i, j and the rows and columns of the image that its window covers."""
    for i in range(size[0]):
        for j in range(size[1]):
            rows = slice(i * stride, i * stride + window[0])
            columns = slice(j * stride, j * stride + window[1])
            yield i, j, (rows, columns)


def pad_with_zeros(x: np.ndarray, pad: int) -> np.ndarray:
    """(N, C, H, W) -> (N, C, H + 2 pad, W + 2 pad)."""
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def crop(padded: np.ndarray, pad: int, shape: tuple[int, ...]) -> np.ndarray:
    """Takes the image of `shape` (N, C, H, W) out of what `pad_with_zeros` made; right for pad 0 as well."""
    return padded[:, :, pad : pad + shape[2], pad : pad + shape[3]]


def reach(image: np.ndarray, window: tuple[int, ...], stride: int, size: Size) -> np.ndarray:
    """Adds zeros below and to the right of (N, C, H, W) until `size` windows fit (only mistakes need it)."""
    lacking = [max(0, (size[k] - 1) * stride + window[k] - image.shape[2 + k]) for k in (0, 1)]
    return np.pad(image, ((0, 0), (0, 0), (0, lacking[0]), (0, lacking[1])))


def correlate(padded: np.ndarray, w: np.ndarray, stride: int, size: Size) -> np.ndarray:
    """padded (N, C, H, W), w (F, C, HH, WW) -> (N, F, *size): every window times every filter, summed."""
    out = np.zeros((padded.shape[0], w.shape[0], *size))
    for i, j, (rows, columns) in positions(size, w.shape[2:], stride):
        out[:, :, i, j] = np.tensordot(padded[:, :, rows, columns], w, axes=((1, 2, 3), (1, 2, 3)))
    return out


def correlate_backward(
    upstream: np.ndarray, padded: np.ndarray, w: np.ndarray, stride: int
) -> tuple[np.ndarray, np.ndarray]:
    """upstream (N, F, H', W') -> gradients of sum(correlate(padded, w) * upstream): (dpadded, dw).

    A pixel belongs to several windows and a filter to all of them, so both gradients accumulate.
    """
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for i, j, (rows, columns) in positions(upstream.shape[2:], w.shape[2:], stride):
        dpixel = upstream[:, :, i, j]  # (N, F)
        dpadded[:, :, rows, columns] += np.tensordot(dpixel, w, axes=(1, 0))
        dw += np.tensordot(dpixel, padded[:, :, rows, columns], axes=(0, 0))
    return dpadded, dw
