"""Rectified linear unit, elementwise: out = max(x, 0). x of any shape, float64.

The gradient is 1 where x > 0 and 0 where x < 0. At exactly 0 any value in [0, 1] is a
subgradient, so cases keep away from it.
"""

from __future__ import annotations

import numpy as np

from reference_impl.operation import Case, Mistake, Operation, but

Array = np.ndarray


def forward(x: Array) -> dict[str, Array]:
    """out in the shape of x."""
    return {"out": np.maximum(x, 0.0)}


def backward(upstream: Array, x: Array) -> dict[str, Array]:
    """dx in the shape of x."""
    return {"dx": upstream * (x > 0)}


def away_from_zero(rng: np.random.Generator, shape: tuple[int, ...], scale: float = 1.5) -> Array:
    """Normal numbers of both signs, none nearer to 0 than 0.05."""
    x = rng.normal(0.0, scale, size=shape)
    return x + np.where(x < 0, -0.05, 0.05)


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Matrices and images with values of both signs; edge: a single number."""

    def case(shape: tuple[int, ...], scope: str = "core", note: str = "") -> Case:
        return Case("x".join(map(str, shape)), scope, {"x": away_from_zero(rng, shape)}, note)

    return [
        case((6, 5)),
        case((2, 3, 4, 3), note="inputs with four dimensions"),
        case((7,), "edge", "inputs with one dimension"),
        case((1, 1), "edge", "a single number"),
    ]


FORWARD_MISTAKES = (
    Mistake("identity", "negative inputs pass unchanged", "forward", but(forward, out=lambda x: x.copy())),
    Mistake("absolute-value", "negative inputs change their sign", "forward", but(forward, out=lambda x: np.abs(x))),
    Mistake("wrong-side", "positive inputs are cut off", "forward", but(forward, out=lambda x: np.minimum(x, 0.0))),
    Mistake(
        "leaky", "negative inputs leak through", "forward", but(forward, out=lambda x: np.where(x > 0, x, 0.01 * x))
    ),
    Mistake(
        "indicator",
        "the output only says where the input is positive",
        "forward",
        but(forward, out=lambda x: 1.0 * (x > 0)),
    ),
    Mistake("cut-at-one", "outputs are cut off at 1", "forward", but(forward, out=lambda x: np.clip(x, 0.0, 1.0))),
)

BACKWARD_MISTAKES = (
    Mistake(
        "mask-missing",
        "the gradient also passes where the input was negative (is the cached input still the one that came in?)",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream.copy()),
    ),
    Mistake(
        "mask-from-upstream",
        "the gradient is stopped by the sign of the upstream gradient, not by that of the input",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * (upstream > 0)),
    ),
    Mistake(
        "mask-from-both",
        "the gradient is also stopped where the upstream gradient is negative",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * (upstream > 0) * (x > 0)),
    ),
    Mistake(
        "wrong-side",
        "the gradient passes where the input was negative and is stopped where it was positive",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * (x < 0)),
    ),
    Mistake(
        "upstream-missing",
        "the upstream gradient is not used",
        "backward",
        backward=but(backward, dx=lambda upstream, x: 1.0 * (x > 0)),
    ),
    Mistake(
        "multiplied-by-output",
        "the upstream gradient is multiplied by the layer's output",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * np.maximum(x, 0.0)),
    ),
    Mistake(
        "output-for-gradient",
        "the output is returned instead of a gradient",
        "backward",
        backward=but(backward, dx=lambda upstream, x: np.maximum(x, 0.0)),
    ),
    Mistake(
        "leaky",
        "a small part of the gradient leaks through where the input was negative",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * np.where(x > 0, 1.0, 0.01)),
    ),
)

OPERATION = Operation(
    name="relu",
    forward=forward,
    backward=backward,
    arguments=("x",),
    outputs=("out",),
    gradients=("dx",),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
)
