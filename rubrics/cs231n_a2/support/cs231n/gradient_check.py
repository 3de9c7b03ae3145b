"""Numerical gradients by centred differences: (f(x + h) - f(x - h)) / 2h, one entry at a time.

Inputs are changed in place while measuring and put back exactly.
"""

from __future__ import annotations

from random import randrange

import numpy as np


def eval_numerical_gradient(f, x, verbose=True, h=0.00001):
    """Gradient of the scalar f(x) with respect to the float array x; prints each entry if `verbose`."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = _both_sides(lambda: f(x), x, index, h)
        gradient[index] = (above - below) / (2 * h)
        if verbose:
            print(index, gradient[index])
    return gradient


def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Gradient of sum(f(x) * df) with respect to the float array x, f(x) an array of df's shape."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = _both_sides(lambda: np.array(f(x), copy=True), x, index, h)
        gradient[index] = np.sum((above - below) * df) / (2 * h)
    return gradient


def eval_numerical_gradient_blobs(f, inputs, output, h=1e-5):
    """Gradients for a function that writes its result into a blob.

    f(*inputs, output) fills `output.vals`; a blob has arrays `vals` and `diffs`. Returns one gradient per input, of
    sum(output.vals * output.diffs).
    """

    def evaluate():
        f(*inputs, output)
        return np.array(output.vals, copy=True)

    gradients = []
    for blob in inputs:
        gradient = np.zeros_like(blob.diffs)
        for index in np.ndindex(blob.vals.shape):
            above, below = _both_sides(evaluate, blob.vals, index, h)
            gradient[index] = np.sum((above - below) * output.diffs) / (2 * h)
        gradients.append(gradient)
    return gradients


def eval_numerical_gradient_net(net, inputs, output, h=1e-5):
    """As `eval_numerical_gradient_blobs`, for an object whose `forward()` reads and fills its own blobs."""
    return eval_numerical_gradient_blobs(lambda *blobs: net.forward(), inputs, output, h=h)


def grad_check_sparse(f, x, analytic_grad, num_checks=10, h=1e-5):
    """Print numerical against analytic gradient at `num_checks` random entries of x, f a scalar function."""
    for _ in range(num_checks):
        index = tuple(randrange(size) for size in x.shape)
        above, below = _both_sides(lambda: f(x), x, index, h)
        numerical, analytic = (above - below) / (2 * h), analytic_grad[index]
        scale = abs(numerical) + abs(analytic)
        error = abs(numerical - analytic) / scale if scale else 0.0
        print(f"numerical: {numerical:f} analytic: {analytic:f}, relative error: {error:e}")


def _both_sides(evaluate, x, index, h):
    """The values with x[index] raised and lowered by h; x is as before afterwards."""
    before = x[index]
    try:
        x[index] = before + h
        above = evaluate()
        x[index] = before - h
        below = evaluate()
    finally:
        x[index] = before
    return above, below
