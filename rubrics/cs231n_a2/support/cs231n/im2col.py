"""Patches of images as columns, and the adjoint: columns added back to where their patches lay.

A column matrix has one row per (channel, kernel row, kernel column), the last running fastest, and one column per
(output row, output column, example), the example running fastest.
"""

from __future__ import annotations

import numpy as np


def output_size(size: int, field: int, padding: int, stride: int) -> int:
    """Number of positions of a window of length `field` on a padded axis of length `size`; the last may be cut off."""
    return (size + 2 * padding - field) // stride + 1


def get_im2col_indices(x_shape, field_height, field_width, padding=1, stride=1):
    """Indices (k, i, j) such that `padded[:, k, i, j]` has shape (N, C*field_height*field_width, positions)."""
    _, channels, height, width = x_shape
    out_height = output_size(height, field_height, padding, stride)
    out_width = output_size(width, field_width, padding, stride)
    k, row, column = (a.reshape(-1, 1) for a in np.indices((channels, field_height, field_width)))
    top, left = (stride * a.reshape(1, -1) for a in np.indices((out_height, out_width)))
    return k, row + top, column + left


def im2col_indices(x, field_height, field_width, padding=1, stride=1):
    """Columns of x (N, C, H, W): shape (C*field_height*field_width, out_height*out_width*N)."""
    k, i, j = get_im2col_indices(x.shape, field_height, field_width, padding, stride)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return padded[:, k, i, j].transpose(1, 2, 0).reshape(k.size, -1)


def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
    """Adjoint of `im2col_indices`: entries that came from the same pixel are added; shape `x_shape`."""
    examples, channels, height, width = x_shape
    k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
    padded = np.zeros((examples, channels, height + 2 * padding, width + 2 * padding), dtype=cols.dtype)
    values = cols.reshape(k.size, -1, examples).transpose(2, 0, 1)
    np.add.at(padded, (slice(None), k, i, j), values)
    return padded[:, :, padding : padding + height, padding : padding + width]
