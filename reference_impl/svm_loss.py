"""Multiclass SVM (hinge) loss of class scores with margin 1, averaged over the batch.

Shapes: x (N, C) scores, y (N,) integer labels in 0..C-1; loss a number, dx (N, C).
loss = mean_n sum_{c != y_n} max(0, x_nc - x_{n, y_n} + 1). Each violated margin adds 1/N to dx at its class and
subtracts 1/N at the example's own.
Source: Weston, Watkins, "Support vector machines for multi-class pattern recognition", 1999.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reference_impl.operation import Case, Mistake, Operation, but
from reference_impl.softmax_loss import draw as draw_scores
from reference_impl.softmax_loss import one_hot

Array = np.ndarray


def margins(x: Array, y: Array, margin: float = 1.0) -> Array:
    """(N, C): max(0, x_nc - x_{n, y_n} + margin), and 0 at each example's own class."""
    own = x[np.arange(len(y)), y][:, None]
    return np.maximum(x - own + margin, 0.0) * (1 - one_hot(x, y))


def slope(violated: Array, x: Array, y: Array) -> Array:
    """dx of the sum of the violated margins: violated (N, C) minus, at each example's own class, their number."""
    return violated - violated.sum(axis=1, keepdims=True) * one_hot(x, y)


def forward(x: Array, y: Array) -> dict[str, float | Array]:
    """loss, dx."""
    n = x.shape[0]
    m = margins(x, y)
    return {"loss": float(m.sum() / n), "dx": slope((m > 0).astype(float), x, y) / n}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """As for the softmax loss; the kinks, where a margin is exactly met, have probability 0."""
    return draw_scores(rng)


def _with_margin(margin: float) -> Callable[..., dict[str, float | Array]]:
    def variant(x: Array, y: Array) -> dict[str, float | Array]:
        m = margins(x, y, margin)
        return {"loss": float(m.sum() / len(y)), "dx": slope((m > 0).astype(float), x, y) / len(y)}

    return variant


def _squared(x: Array, y: Array) -> dict[str, float | Array]:
    m = margins(x, y)
    return {"loss": float((m**2).sum() / len(y)), "dx": slope(2 * m, x, y) / len(y)}


def _worst_only(x: Array, y: Array) -> dict[str, float | Array]:
    m = margins(x, y)
    worst = one_hot(x, m.argmax(axis=1)) * (m > 0)
    return {"loss": float((m * worst).sum() / len(y)), "dx": slope(worst, x, y) / len(y)}


def _reversed(x: Array, y: Array) -> dict[str, float | Array]:
    m = margins(-x, y)
    return {"loss": float(m.sum() / len(y)), "dx": -slope((m > 0).astype(float), x, y) / len(y)}


def _sum_loss(x: Array, y: Array) -> float:
    return forward(x, y)["loss"] * x.shape[0]


def _sum_dx(x: Array, y: Array) -> Array:
    return forward(x, y)["dx"] * x.shape[0]


def _violated(x: Array, y: Array) -> Array:
    return (margins(x, y) > 0).astype(float)


MISTAKES = (
    Mistake(
        "own-class-in-loss",
        "the loss counts each example's own class",
        "forward",
        but(forward, loss=lambda x, y: forward(x, y)["loss"] + 1.0),
    ),
    Mistake(
        "own-class-in-count",
        "the gradient counts each example's own class among the violated margins",
        "forward",
        but(forward, dx=lambda x, y: forward(x, y)["dx"] - one_hot(x, y) / x.shape[0]),
    ),
    Mistake(
        "own-class-in-loss-and-count",
        "loss and gradient count each example's own class",
        "forward",
        but(
            forward,
            loss=lambda x, y: forward(x, y)["loss"] + 1.0,
            dx=lambda x, y: forward(x, y)["dx"] - one_hot(x, y) / x.shape[0],
        ),
    ),
    Mistake(
        "own-class-not-subtracted",
        "the gradient lacks the term of each example's own class",
        "forward",
        but(forward, dx=lambda x, y: _violated(x, y) / x.shape[0]),
    ),
    Mistake(
        "own-class-subtracted-once",
        "the gradient at each example's own class does not depend on how many margins are violated",
        "forward",
        but(forward, dx=lambda x, y: (_violated(x, y) - one_hot(x, y)) / x.shape[0]),
    ),
    Mistake(
        "own-class-only",
        "the gradient is zero except at each example's own class",
        "forward",
        but(forward, dx=lambda x, y: forward(x, y)["dx"] * one_hot(x, y)),
    ),
    Mistake(
        "margins-for-counts",
        "the gradient adds up the margins themselves instead of counting the violated ones",
        "forward",
        but(forward, dx=lambda x, y: slope(margins(x, y), x, y) / x.shape[0]),
    ),
    Mistake(
        "not-averaged",
        "loss and gradient are not averaged over the batch",
        "forward",
        but(forward, loss=_sum_loss, dx=_sum_dx),
    ),
    Mistake("loss-not-averaged", "the loss is not averaged over the batch", "forward", but(forward, loss=_sum_loss)),
    Mistake("dx-not-averaged", "the gradient is not averaged over the batch", "forward", but(forward, dx=_sum_dx)),
    Mistake(
        "averaged-over-classes",
        "loss and gradient are also divided by the number of classes",
        "forward",
        but(
            forward,
            loss=lambda x, y: forward(x, y)["loss"] / x.shape[1],
            dx=lambda x, y: forward(x, y)["dx"] / x.shape[1],
        ),
    ),
    Mistake("margin-missing", "no margin is asked for", "forward", _with_margin(0.0)),
    Mistake("margin-sign", "the margin has the wrong sign", "forward", _with_margin(-1.0)),
    Mistake("squared", "the margins are squared", "forward", _squared),
    Mistake("worst-class-only", "only the most violated margin of an example counts", "forward", _worst_only),
    Mistake("difference-reversed", "the difference of the scores has the wrong sign", "forward", _reversed),
    Mistake(
        "dx-sign", "the gradient has the wrong sign", "forward", but(forward, dx=lambda x, y: -forward(x, y)["dx"])
    ),
    Mistake("dx-zero", "the gradient is zero", "forward", but(forward, dx=lambda x, y: np.zeros_like(x))),
    Mistake(
        "not-cut-off",
        "margins that are met lower the loss",
        "forward",
        but(
            forward,
            loss=lambda x, y: float(((x - x[np.arange(len(y)), y][:, None] + 1) * (1 - one_hot(x, y))).sum() / len(y)),
        ),
    ),
)

OPERATION = Operation(
    name="svm_loss",
    forward=forward,
    backward=None,
    arguments=("x", "y"),
    outputs=("loss", "dx"),
    gradients=(),
    draw=draw,
    mistakes=MISTAKES,
    has_cache=False,
)
