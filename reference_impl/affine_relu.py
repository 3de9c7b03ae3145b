"""An affine layer followed by a ReLU: out = max(x w + b, 0), as one layer.

Shapes: x (N, d1, ..., dk) with d1 * ... * dk = D, w (D, M), b (M,), out (N, M); all float64.
Backward: the ReLU's mask is applied to the upstream gradient first, then the affine layer's gradients are taken.
"""

from __future__ import annotations

import numpy as np

from reference_impl import affine, relu
from reference_impl.operation import Case, Mistake, Operation, but

Array = np.ndarray


def forward(x: Array, w: Array, b: Array) -> dict[str, Array]:
    """out (N, M), not negative."""
    return relu.forward(affine.forward(x, w, b)["out"])


def backward(upstream: Array, x: Array, w: Array, b: Array) -> dict[str, Array]:
    """dx in the shape of x, dw (D, M), db (M,); upstream (N, M)."""
    scores = affine.forward(x, w, b)["out"]
    return affine.backward(relu.backward(upstream, scores)["dx"], x, w, b)


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """The affine layer's cases: about half of the scores are negative."""
    return affine.draw(rng)


def _affine_alone(upstream: Array, x: Array, w: Array, b: Array) -> dict[str, Array]:
    return affine.backward(upstream, x, w, b)


def _mask_from_upstream(upstream: Array, x: Array, w: Array, b: Array) -> dict[str, Array]:
    return affine.backward(upstream * (upstream > 0), x, w, b)


def _mask_from_input(upstream: Array, x: Array, w: Array, b: Array) -> dict[str, Array]:
    dx = affine.backward(upstream, x, w, b)["dx"]
    return affine.backward(upstream, x, w, b) | {"dx": dx * (x > 0)}


FORWARD_MISTAKES = (
    Mistake(
        "relu-missing", "the ReLU is not applied", "forward", but(forward, out=lambda x, w, b: affine.rows(x) @ w + b)
    ),
    Mistake(
        "bias-missing",
        "the bias is not added",
        "forward",
        but(forward, out=lambda x, w, b: np.maximum(affine.rows(x) @ w, 0.0)),
    ),
    Mistake(
        "relu-first",
        "the ReLU is applied before the affine layer",
        "forward",
        but(forward, out=lambda x, w, b: np.maximum(affine.rows(x), 0.0) @ w + b),
    ),
    Mistake(
        "bias-after-relu",
        "the bias is added after the ReLU",
        "forward",
        but(forward, out=lambda x, w, b: np.maximum(affine.rows(x) @ w, 0.0) + b),
    ),
)

BACKWARD_MISTAKES = (
    Mistake("relu-missing", "the gradient ignores the ReLU", "backward", backward=_affine_alone),
    Mistake(
        "mask-from-upstream",
        "the gradient is stopped by the sign of the upstream gradient, not by that of the scores",
        "backward",
        backward=_mask_from_upstream,
    ),
    Mistake(
        "order-swapped",
        "the two layers are gone through backwards in the wrong order",
        "backward",
        backward=_mask_from_input,
    ),
    Mistake(
        "db-not-masked",
        "the bias gradient ignores the ReLU",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: upstream.sum(axis=0)),
    ),
    Mistake(
        "db-averaged",
        "db is averaged over the batch although the layer computes no average",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b: backward(upstream, x, w, b)["db"] / x.shape[0]),
    ),
    Mistake(
        "dx-not-reshaped",
        "dx is left flattened, not in the shape of x",
        "backward",
        backward=but(backward, dx=lambda upstream, x, w, b: affine.rows(backward(upstream, x, w, b)["dx"])),
    ),
)

OPERATION = Operation(
    name="affine_relu",
    forward=forward,
    backward=backward,
    arguments=("x", "w", "b"),
    outputs=("out",),
    gradients=("dx", "dw", "db"),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
    depends_on=("affine", "relu"),
)
