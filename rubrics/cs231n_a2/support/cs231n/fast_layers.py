"""Convolution and max pooling without loops over pixels; same interface as the naive layers, opaque caches.

Shapes: x (N, C, H, W), w (F, C, HH, WW), b (F,); conv_param {"stride", "pad"};
pool_param {"pool_height", "pool_width", "stride"}. A window that does not fit at the far edge is left out.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .im2col import *  # noqa: F403  (published as names of this module)
from .im2col import col2im_indices, im2col_indices, output_size
from .im2col_cython import col2im_6d_cython, col2im_cython, im2col_cython  # noqa: F401


def conv_forward_im2col(x, w, b, conv_param):
    """Convolution through a column matrix; returns (out (N, F, H', W'), cache)."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    filters, _, field_height, field_width = w.shape
    out_height = output_size(x.shape[2], field_height, pad, stride)
    out_width = output_size(x.shape[3], field_width, pad, stride)
    x_cols = im2col_indices(x, field_height, field_width, pad, stride)
    out = w.reshape(filters, -1) @ x_cols + b.reshape(-1, 1)
    out = out.reshape(filters, out_height, out_width, x.shape[0]).transpose(3, 0, 1, 2)
    return out, (x, w, b, conv_param, x_cols)


def conv_backward_im2col(dout, cache):
    """Gradients (dx, dw, db) for a cache of `conv_forward_im2col`."""
    x, w, _, conv_param, x_cols = cache
    dout_rows = dout.transpose(1, 2, 3, 0).reshape(w.shape[0], -1)
    dx_cols = w.reshape(w.shape[0], -1).T @ dout_rows
    dx = col2im_indices(dx_cols, x.shape, w.shape[2], w.shape[3], conv_param["pad"], conv_param["stride"])
    return dx, (dout_rows @ x_cols.T).reshape(w.shape), dout.sum(axis=(0, 2, 3))


def conv_forward_strides(x, w, b, conv_param):
    """Convolution through a strided view of the windows; returns (out (N, F, H', W'), cache)."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    filters, channels, field_height, field_width = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, (field_height, field_width), axis=(2, 3))[:, :, ::stride, ::stride]
    out_height, out_width = windows.shape[2:4]
    x_cols = windows.transpose(1, 4, 5, 0, 2, 3).reshape(channels * field_height * field_width, -1)
    out = w.reshape(filters, -1) @ x_cols + b.reshape(-1, 1)
    out = out.reshape(filters, x.shape[0], out_height, out_width).transpose(1, 0, 2, 3)
    # Callers may change the result in place: hand out memory that nothing else shares.
    return np.ascontiguousarray(out), (x, w, b, conv_param, x_cols)


def conv_backward_strides(dout, cache):
    """Gradients (dx, dw, db) for a cache of `conv_forward_strides`."""
    x, w, _, conv_param, x_cols = cache
    examples, channels, height, width = x.shape
    filters, _, field_height, field_width = w.shape
    dout_rows = dout.transpose(1, 0, 2, 3).reshape(filters, -1)
    dx_cols = w.reshape(filters, -1).T @ dout_rows
    dx_cols = dx_cols.reshape(channels, field_height, field_width, examples, *dout.shape[2:])
    dx = col2im_6d_cython(
        dx_cols, examples, channels, height, width, field_height, field_width, conv_param["pad"], conv_param["stride"]
    )
    return dx, (dout_rows @ x_cols.T).reshape(w.shape), dout.sum(axis=(0, 2, 3))


conv_forward_fast = conv_forward_strides
conv_backward_fast = conv_backward_strides


def max_pool_forward_fast(x, pool_param):
    """Max pooling by the quicker way that fits; returns (out, cache)."""
    way = "reshape" if _tiles(x.shape, pool_param) else "im2col"
    forward = max_pool_forward_reshape if way == "reshape" else max_pool_forward_im2col
    out, cache = forward(x, pool_param)
    return out, (way, cache)


def max_pool_backward_fast(dout, cache):
    """Gradient dx for a cache of `max_pool_forward_fast`."""
    way, real_cache = cache
    backward = max_pool_backward_reshape if way == "reshape" else max_pool_backward_im2col
    return backward(dout, real_cache)


def _tiles(x_shape, pool_param) -> bool:
    """Whether square windows cover the input exactly and without overlap."""
    size = pool_param["pool_height"]
    square = size == pool_param["pool_width"] == pool_param["stride"]
    return square and x_shape[2] % size == 0 and x_shape[3] % size == 0


def max_pool_forward_reshape(x, pool_param):
    """Max pooling where square windows tile the input exactly; returns (out, cache)."""
    if not _tiles(x.shape, pool_param):
        raise ValueError(
            f"max_pool_forward_reshape: windows {pool_param} do not tile an input of shape {x.shape}; "
            "use max_pool_forward_im2col"
        )
    size = pool_param["stride"]
    examples, channels, height, width = x.shape
    x_reshaped = x.reshape(examples, channels, height // size, size, width // size, size)
    out = x_reshaped.max(axis=(3, 5))
    return out, (x, x_reshaped, out)


def max_pool_backward_reshape(dout, cache):
    """Gradient dx for a cache of `max_pool_forward_reshape`; equal maxima share it equally."""
    x, x_reshaped, out = cache
    chosen = x_reshaped == out[:, :, :, None, :, None]
    share = dout[:, :, :, None, :, None] / chosen.sum(axis=(3, 5), keepdims=True)
    return (chosen * share).reshape(x.shape)


def max_pool_forward_im2col(x, pool_param):
    """Max pooling with any window and stride; returns (out, cache)."""
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    examples, channels = x.shape[:2]
    out_height = output_size(x.shape[2], height, 0, stride)
    out_width = output_size(x.shape[3], width, 0, stride)
    maps = x.reshape(examples * channels, 1, *x.shape[2:])
    x_cols = im2col_indices(maps, height, width, padding=0, stride=stride)
    chosen = np.argmax(x_cols, axis=0)
    out = x_cols[chosen, np.arange(chosen.size)].reshape(out_height, out_width, examples, channels)
    return np.ascontiguousarray(out.transpose(2, 3, 0, 1)), (x, x_cols, chosen, pool_param)


def max_pool_backward_im2col(dout, cache):
    """Gradient dx for a cache of `max_pool_forward_im2col`; the first of equal maxima receives it."""
    x, x_cols, chosen, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx_cols = np.zeros_like(x_cols)
    dx_cols[chosen, np.arange(chosen.size)] = dout.transpose(2, 3, 0, 1).reshape(-1)
    maps_shape = (x.shape[0] * x.shape[1], 1, *x.shape[2:])
    return col2im_indices(dx_cols, maps_shape, height, width, padding=0, stride=stride).reshape(x.shape)
