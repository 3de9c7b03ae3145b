"""Fully connected (affine) layer: every example is flattened to a row, out = x w + b.

Shapes: x (N, d1, ..., dk) with d1 * ... * dk = D, w (D, M), b (M,), out (N, M); all float64.
Gradients of L = sum(out * upstream): dL/dx = upstream w^T, dL/dw = x^T upstream, dL/db = sum_n upstream.
"""

from __future__ import annotations

import numpy as np

from reference_impl.operation import Case, Mistake, Operation, but

Array = np.ndarray


def rows(x: Array) -> Array:
    """(N, d1, ..., dk) -> (N, D), in C order."""
    return x.reshape(x.shape[0], -1)


def forward(x: Array, w: Array, b: Array) -> dict[str, Array]:
    """out (N, M)."""
    return {"out": rows(x) @ w + b}


def backward(upstream: Array, x: Array, w: Array, b: Array) -> dict[str, Array]:
    """dx in the shape of x, dw (D, M), db (M,); upstream (N, M)."""
    return {"dx": (upstream @ w.T).reshape(x.shape), "dw": rows(x).T @ upstream, "db": upstream.sum(axis=0)}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Matrices and images, non-square; edge: one example, one feature and one unit."""

    def case(shape: tuple[int, ...], units: int, scope: str = "core", note: str = "") -> Case:
        x = rng.normal(0.5, 1.5, size=shape)
        w = rng.normal(size=(int(np.prod(shape[1:])), units))
        b = rng.normal(1.0, 1.0, size=units)
        return Case(f"{'x'.join(map(str, shape))} to {units}", scope, {"x": x, "w": w, "b": b}, note)

    return [
        case((5, 6), 3),
        case((4, 3), 7),
        case((3, 2, 4, 5), 4, note="inputs with four dimensions"),
        case((1, 4), 3, "edge", "a batch of one"),
        case((3, 1), 1, "edge", "one feature and one unit"),
    ]


def _column_major(x: Array) -> Array:
    return x.reshape(x.shape[0], -1, order="F")


FORWARD_MISTAKES = (
    Mistake("bias-missing", "the bias is not added", "forward", but(forward, out=lambda x, w, b: rows(x) @ w)),
    Mistake(
        "bias-subtracted", "the bias has the wrong sign", "forward", but(forward, out=lambda x, w, b: rows(x) @ w - b)
    ),
    Mistake(
        "flattened-in-other-order",
        "the dimensions of an example are flattened in another order than NumPy's default",
        "forward",
        but(forward, out=lambda x, w, b: _column_major(x) @ w + b),
    ),
    Mistake(
        "activation-applied",
        "an activation function is applied inside the affine layer",
        "forward",
        but(forward, out=lambda x, w, b: np.maximum(rows(x) @ w + b, 0)),
    ),
    Mistake(
        "output-averaged",
        "the output is divided by the number of features",
        "forward",
        but(forward, out=lambda x, w, b: rows(x) @ w / w.shape[0] + b),
    ),
)

BACKWARD_MISTAKES = (
    Mistake(
        "dx-not-reshaped",
        "dx is left flattened, not in the shape of x",
        "backward",
        backward=but(backward, dx=lambda upstream, x, w, b: upstream @ w.T),
    ),
    Mistake(
        "dw-transposed",
        "dw is transposed",
        "backward",
        backward=but(backward, dw=lambda upstream, x, w, b: upstream.T @ rows(x)),
    ),
    Mistake(
        "dw-averaged",
        "dw is averaged over the batch although the layer computes no average",
        "backward",
        backward=but(backward, dw=lambda upstream, x, w, b: rows(x).T @ upstream / x.shape[0]),
    ),
    Mistake(
        "dw-in-other-order",
        "dw is computed with the dimensions of an example flattened in another order than in the forward pass",
        "backward",
        backward=but(backward, dw=lambda upstream, x, w, b: _column_major(x).T @ upstream),
    ),
    Mistake(
        "db-averaged",
        "db is averaged over the batch although the layer computes no average",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: upstream.mean(axis=0)),
    ),
    Mistake(
        "dw-db-averaged",
        "dw and db are averaged over the batch although the layer computes no average",
        "backward",
        backward=but(
            backward,
            dw=lambda upstream, x, w, b: rows(x).T @ upstream / x.shape[0],
            db=lambda upstream, x, w, b: upstream.mean(axis=0),
        ),
    ),
    Mistake(
        "db-not-summed",
        "db keeps the batch dimension",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: upstream.copy()),
    ),
    Mistake(
        "db-over-features",
        "db is summed over the units, one value per example",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: upstream.sum(axis=1)),
    ),
    Mistake(
        "db-over-everything",
        "db is one number, the sum over examples and units",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: upstream.sum()),
    ),
    Mistake(
        "db-ones",
        "db does not depend on the upstream gradient",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: np.full(b.shape, float(x.shape[0]))),
    ),
    Mistake(
        "keepdims",
        "db has the right values with an extra dimension of length 1",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: upstream.sum(axis=0, keepdims=True)),
    ),
    Mistake(
        "dx-dw-swapped",
        "dx and dw are returned in each other's place",
        "backward",
        backward=but(
            backward,
            dx=lambda upstream, x, w, b: rows(x).T @ upstream,
            dw=lambda upstream, x, w, b: (upstream @ w.T).reshape(x.shape),
        ),
    ),
)

OPERATION = Operation(
    name="affine",
    forward=forward,
    backward=backward,
    arguments=("x", "w", "b"),
    outputs=("out",),
    gradients=("dx", "dw", "db"),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
)
