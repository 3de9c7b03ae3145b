"""Leaky rectified linear unit, elementwise: out = x where x > 0 and alpha * x elsewhere.

x of any shape, float64; 0 <= alpha < 1.

Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
A student's function is called as `leaky_relu_forward(x, alpha)`. Cases keep away from the kink at 0.
"""

from __future__ import annotations

import numpy as np

from reference_impl.operation import Case, Mistake, Operation, but
from reference_impl.relu import away_from_zero

Array = np.ndarray


def forward(x: Array, alpha: float) -> dict[str, Array]:
    """out in the shape of x."""
    return {"out": np.where(x > 0, x, alpha * x)}


def backward(upstream: Array, x: Array, alpha: float) -> dict[str, Array]:
    """dx in the shape of x."""
    return {"dx": upstream * np.where(x > 0, 1.0, alpha)}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Matrices and images, several slopes; edge: slope 0, a single number."""

    def case(shape: tuple[int, ...], alpha: float, scope: str = "core", note: str = "") -> Case:
        name = f"{'x'.join(map(str, shape))}, alpha {alpha}"
        return Case(name, scope, {"x": away_from_zero(rng, shape), "alpha": alpha}, note)

    return [
        case((6, 5), 0.01),
        case((4, 7), 0.2),
        case((2, 3, 4, 3), 0.1, note="inputs with four dimensions"),
        case((3, 4), 0.0, "edge", "slope 0"),
        case((1, 1), 0.1, "edge", "a single number"),
    ]


FORWARD_MISTAKES = (
    Mistake("not-leaky", "nothing leaks through", "forward", but(forward, out=lambda x, alpha: np.maximum(x, 0.0))),
    Mistake("identity", "negative inputs pass unchanged", "forward", but(forward, out=lambda x, alpha: x.copy())),
    Mistake(
        "wrong-side",
        "the slope is applied to positive inputs",
        "forward",
        but(forward, out=lambda x, alpha: np.where(x > 0, alpha * x, x)),
    ),
    Mistake(
        "slope-fixed",
        "the given slope is not used, but a fixed one",
        "forward",
        but(forward, out=lambda x, alpha: np.where(x > 0, x, 0.01 * x)),
    ),
    Mistake(
        "slope-as-floor",
        "negative inputs are replaced by the slope itself",
        "forward",
        but(forward, out=lambda x, alpha: np.where(x > 0, x, alpha)),
    ),
    Mistake(
        "slope-sign",
        "negative inputs change their sign",
        "forward",
        but(forward, out=lambda x, alpha: np.where(x > 0, x, -alpha * x)),
    ),
)

BACKWARD_MISTAKES = (
    Mistake(
        "not-leaky",
        "no gradient passes where the input was negative",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: upstream * (x > 0)),
    ),
    Mistake(
        "mask-missing",
        "the gradient passes unchanged where the input was negative",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: upstream.copy()),
    ),
    Mistake(
        "wrong-side",
        "the slope is applied where the input was positive",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: upstream * np.where(x > 0, alpha, 1.0)),
    ),
    Mistake(
        "slope-fixed",
        "the given slope is not used, but a fixed one",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: upstream * np.where(x > 0, 1.0, 0.01)),
    ),
    Mistake(
        "mask-from-upstream",
        "the sign of the upstream gradient decides, not that of the input",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: upstream * np.where(upstream > 0, 1.0, alpha)),
    ),
    Mistake(
        "upstream-missing",
        "the upstream gradient is not used",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: np.where(x > 0, 1.0, alpha)),
    ),
    Mistake(
        "upstream-missing-on-negative-side",
        "the upstream gradient is not used where the input was negative",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: np.where(x > 0, upstream, alpha)),
    ),
    Mistake(
        "input-for-upstream",
        "the slope is multiplied with the input, not with the upstream gradient, where the input was negative",
        "backward",
        backward=but(backward, dx=lambda upstream, x, alpha: np.where(x > 0, upstream, alpha * x)),
    ),
)

OPERATION = Operation(
    name="leaky_relu",
    forward=forward,
    backward=backward,
    arguments=("x", "alpha"),
    outputs=("out",),
    gradients=("dx",),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
)
