"""Stands in for the compiled module of the same name: same names and layouts, plain NumPy."""

from __future__ import annotations

import numpy as np

from .im2col import im2col_indices, output_size


def im2col_cython(x, field_height, field_width, padding, stride):
    """Columns of x (N, C, H, W), laid out as in `im2col.im2col_indices`."""
    return im2col_indices(x, field_height, field_width, padding, stride)


def col2im_cython(cols, N, C, H, W, field_height, field_width, padding, stride):
    """Adjoint of `im2col_cython`; shape (N, C, H, W)."""
    out_height = output_size(H, field_height, padding, stride)
    out_width = output_size(W, field_width, padding, stride)
    split = np.asarray(cols).reshape(C, field_height, field_width, out_height, out_width, N)
    return col2im_6d_cython(split.transpose(0, 1, 2, 5, 3, 4), N, C, H, W, field_height, field_width, padding, stride)


def col2im_6d_cython(cols, N, C, H, W, HH, WW, pad, stride):
    """Columns of shape (C, HH, WW, N, out_height, out_width) added back to images (N, C, H, W)."""
    out_height, out_width = cols.shape[-2:]
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=cols.dtype)
    for row in range(HH):
        for column in range(WW):
            rows = slice(row, row + stride * out_height, stride)
            columns = slice(column, column + stride * out_width, stride)
            padded[:, :, rows, columns] += cols[:, row, column].transpose(1, 0, 2, 3)
    return padded[:, :, pad : pad + H, pad : pad + W]


def col2im_6d(cols, N, C, H, W, HH, WW, pad, stride):
    """Another spelling of `col2im_6d_cython` that some files import."""
    return col2im_6d_cython(cols, N, C, H, W, HH, WW, pad, stride)
