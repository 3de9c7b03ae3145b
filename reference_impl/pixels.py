"""Images as a table with one row per pixel and one column per channel, and back."""

from __future__ import annotations

import numpy as np


def to_pixels(images: np.ndarray) -> np.ndarray:
    """(N, C, H, W) -> (N * H * W, C)."""
    return np.moveaxis(images, 1, 3).reshape(-1, images.shape[1])


def from_pixels(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(N * H * W, C) -> `shape` (N, C, H, W)."""
    n, channels, height, width = shape
    return np.moveaxis(pixels.reshape(n, height, width, channels), 3, 1)
