"""Softmax (cross-entropy) loss of class scores, averaged over the batch.

Shapes: x (N, C) scores, y (N,) integer labels in 0..C-1; loss a number, dx (N, C).
loss = mean_n(log sum_c exp(x_nc) - x_{n, y_n}); dx = (softmax(x) - onehot(y)) / N.
The largest score of a row is subtracted first, which changes neither and keeps exp from overflowing.
"""

from __future__ import annotations

import numpy as np

from reference_impl.operation import Case, Mistake, Operation, but

Array = np.ndarray


def log_softmax(x: Array, axis: int | None = 1) -> Array:
    """Logarithm of the softmax along `axis` (None: over all entries), in the shape of x."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def one_hot(x: Array, y: Array) -> Array:
    """(N, C): 1 at each example's own class."""
    return (np.arange(x.shape[1]) == y[:, None]).astype(float)


def forward(x: Array, y: Array) -> dict[str, float | Array]:
    """loss, dx."""
    n = x.shape[0]
    log_p = log_softmax(x)
    return {"loss": float(-log_p[np.arange(n), y].mean()), "dx": (np.exp(log_p) - one_hot(x, y)) / n}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Several batches; edge: one example, one class, scores around -1000 and 1000 (exp overflows)."""

    def case(n: int, c: int, scale: float, offset: float = 0.0, scope: str = "core", note: str = "") -> Case:
        x, y = rng.normal(offset, scale, size=(n, c)), rng.integers(c, size=n)
        return Case(f"{n}x{c}, scale {scale:g}", scope, {"x": x, "y": y}, note)

    return [
        case(7, 4, 1.0),
        case(5, 9, 2.5, offset=3.0),
        case(12, 3, 0.01, note="scores near 0, as right after initialization"),
        case(1, 5, 1.0, scope="edge", note="a batch of one"),
        case(3, 1, 1.0, scope="edge", note="one class"),
        case(4, 3, 1000.0, scope="edge", note="scores around -1000 and 1000"),
    ]


def _own(log_p: Array, y: Array) -> Array:
    return log_p[np.arange(len(y)), y]


def _sum_loss(x: Array, y: Array) -> float:
    return forward(x, y)["loss"] * x.shape[0]


def _sum_dx(x: Array, y: Array) -> Array:
    return forward(x, y)["dx"] * x.shape[0]


def _along(axis: int | None):
    """Loss and gradient with the softmax taken along another axis."""

    def variant(x: Array, y: Array) -> dict[str, float | Array]:
        log_p = log_softmax(x, axis)
        return {"loss": float(-_own(log_p, y).mean()), "dx": (np.exp(log_p) - one_hot(x, y)) / x.shape[0]}

    return variant


def _shift_not_undone(x: Array, y: Array) -> float:
    log_sum = np.log(np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1))
    return float((log_sum - x[np.arange(len(y)), y]).mean())


def _without_own_class(x: Array, y: Array) -> float:
    others = (np.exp(x) * (1 - one_hot(x, y))).sum(axis=1)
    return float((np.log(others) - x[np.arange(len(y)), y]).mean())


@np.errstate(all="ignore")
def _overflowing(x: Array, y: Array) -> dict[str, float | Array]:
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return {"loss": float(-np.log(p[np.arange(len(y)), y]).mean()), "dx": (p - one_hot(x, y)) / x.shape[0]}


@np.errstate(all="ignore")
def _log_of_rounded(x: Array, y: Array) -> float:
    """A probability below 1e-308 has become 0 before its logarithm is taken."""
    return float(-np.log(_own(np.exp(log_softmax(x)), y)).mean())


MISTAKES = (
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
    Mistake(
        "normalized-over-batch", "the probabilities add up to 1 over the batch, not per example", "forward", _along(0)
    ),
    Mistake(
        "normalized-over-everything", "the probabilities add up to 1 over the whole array", "forward", _along(None)
    ),
    Mistake(
        "log-missing",
        "the loss lacks the logarithm",
        "forward",
        but(forward, loss=lambda x, y: float(-np.exp(_own(log_softmax(x), y)).mean())),
    ),
    Mistake(
        "other-logarithm",
        "the logarithm has another base",
        "forward",
        but(forward, loss=lambda x, y: forward(x, y)["loss"] / np.log(2)),
    ),
    Mistake(
        "decimal-logarithm",
        "the logarithm has base 10",
        "forward",
        but(forward, loss=lambda x, y: forward(x, y)["loss"] / np.log(10)),
    ),
    Mistake(
        "loss-sign", "the loss has the wrong sign", "forward", but(forward, loss=lambda x, y: -forward(x, y)["loss"])
    ),
    Mistake(
        "dx-sign", "the gradient has the wrong sign", "forward", but(forward, dx=lambda x, y: -forward(x, y)["dx"])
    ),
    Mistake(
        "all-classes",
        "the loss adds up all classes instead of each example's own",
        "forward",
        but(forward, loss=lambda x, y: float(-log_softmax(x).sum() / x.shape[0])),
    ),
    Mistake(
        "own-class-not-subtracted",
        "the gradient lacks the term of each example's own class",
        "forward",
        but(forward, dx=lambda x, y: np.exp(log_softmax(x)) / x.shape[0]),
    ),
    Mistake(
        "own-class-only",
        "the gradient is zero except at each example's own class",
        "forward",
        but(forward, dx=lambda x, y: forward(x, y)["dx"] * one_hot(x, y)),
    ),
    Mistake(
        "own-class-after-averaging",
        "the gradient's term of each example's own class is not averaged over the batch",
        "forward",
        but(forward, dx=lambda x, y: np.exp(log_softmax(x)) / x.shape[0] - one_hot(x, y)),
    ),
    Mistake(
        "own-class-left-out-of-sum",
        "the normalizing sum leaves out each example's own class",
        "forward",
        but(forward, loss=_without_own_class),
    ),
    Mistake(
        "shift-not-undone",
        "the scores are shifted in one term of the loss but not in the other",
        "forward",
        but(forward, loss=_shift_not_undone),
    ),
    Mistake(
        "overflow",
        "the exponentials overflow for large scores",
        "forward",
        _overflowing,
        visible="edge",
    ),
    Mistake(
        "logarithm-of-zero",
        "the logarithm is taken of a probability that is too small for a number and has become 0",
        "forward",
        but(forward, loss=_log_of_rounded),
        visible="edge",
    ),
    Mistake("dx-zero", "the gradient is zero", "forward", but(forward, dx=lambda x, y: np.zeros_like(x))),
)

OPERATION = Operation(
    name="softmax_loss",
    forward=forward,
    backward=None,
    arguments=("x", "y"),
    outputs=("loss", "dx"),
    gradients=(),
    draw=draw,
    mistakes=MISTAKES,
    has_cache=False,
)
