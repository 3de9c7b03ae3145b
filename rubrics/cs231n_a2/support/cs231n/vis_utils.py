"""Several images in one, as arrays; nothing is drawn here."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np


def visualize_grid(Xs, ubound=255.0, padding=1):
    """Images Xs (N, H, W, C), each stretched to 0..ubound, in a square grid with `padding` black pixels between."""
    count, height, width, channels = Xs.shape
    side = ceil(sqrt(count))
    grid = np.zeros((side * (height + padding) - padding, side * (width + padding) - padding, channels))
    for number, image in enumerate(Xs):
        top, left = (number // side) * (height + padding), (number % side) * (width + padding)
        grid[top : top + height, left : left + width] = _stretched(image, ubound)
    return grid


def vis_grid(Xs):
    """Images Xs (N, H, W, C) in a square grid on a ground of their smallest value, the whole stretched to 0..1."""
    side = ceil(sqrt(len(Xs)))
    return vis_nn([[_or_blank(Xs, row * side + column) for column in range(side)] for row in range(side)])


def vis_nn(rows):
    """Rows of equally large images (H, W, C) in one array, one pixel between them, the whole stretched to 0..1."""
    height, width, channels = rows[0][0].shape
    across = max(len(row) for row in rows)
    lowest = min(np.min(image) for row in rows for image in row)
    canvas = np.full((len(rows) * (height + 1) - 1, across * (width + 1) - 1, channels), lowest, dtype=np.float64)
    for row_number, row in enumerate(rows):
        for column_number, image in enumerate(row):
            top, left = row_number * (height + 1), column_number * (width + 1)
            canvas[top : top + height, left : left + width] = image
    return _stretched(canvas, 1.0)


def _stretched(image, highest):
    """The image's values moved to 0..highest; all zero where every value is the same."""
    low, high = np.min(image), np.max(image)
    return highest * (image - low) / (high - low) if high > low else np.zeros_like(image, dtype=np.float64)


def _or_blank(images, number):
    return images[number] if number < len(images) else np.full_like(images[0], images.min())
