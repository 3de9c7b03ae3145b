"""Logistic sigmoid, elementwise: out = 1 / (1 + exp(-x)). x of any shape, float64.

The gradient is out * (1 - out). The exponential is only ever taken of non-positive numbers, so nothing overflows.
"""

from __future__ import annotations

import numpy as np

from reference_impl.operation import Case, Mistake, Operation, but

Array = np.ndarray


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow."""
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, decay) / (1.0 + decay)


def forward(x: Array) -> dict[str, Array]:
    """out in the shape of x, in [0, 1]."""
    return {"out": sigmoid(x)}


def backward(upstream: Array, x: Array) -> dict[str, Array]:
    """dx in the shape of x. 1 - sigmoid(x) is written sigmoid(-x), which keeps its digits for large x."""
    return {"dx": upstream * sigmoid(x) * sigmoid(-x)}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Matrices and images; edge: a single number, inputs for which exp overflows."""

    def case(shape: tuple[int, ...], scope: str = "core", note: str = "") -> Case:
        return Case("x".join(map(str, shape)), scope, {"x": rng.normal(0.3, 1.5, size=shape)}, note)

    large = rng.choice([-1.0, 1.0], size=(3, 4)) * rng.uniform(800, 1200, size=(3, 4))
    return [
        case((6, 5)),
        case((2, 3, 4, 3), note="inputs with four dimensions"),
        case((1, 1), "edge", "a single number"),
        Case("large", "edge", {"x": large}, "inputs around -1000 and 1000"),
    ]


FORWARD_MISTAKES = (
    Mistake("sign", "the exponent has the wrong sign", "forward", but(forward, out=lambda x: sigmoid(-x))),
    Mistake("tanh", "the hyperbolic tangent is computed instead", "forward", but(forward, out=lambda x: np.tanh(x))),
    Mistake("one-missing", "a term of the denominator is missing", "forward", but(forward, out=lambda x: np.exp(x))),
    Mistake(
        "minus-in-denominator",
        "a term of the denominator has the wrong sign",
        "forward",
        but(forward, out=lambda x: 1.0 / (1.0 - np.exp(-x))),
    ),
)

BACKWARD_MISTAKES = (
    Mistake(
        "input-for-output",
        "the formula for the gradient is fed with the input instead of the output",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * x * (1.0 - x)),
    ),
    Mistake(
        "applied-twice",
        "the sigmoid is applied to its own output",
        "backward",
        backward=but(backward, dx=lambda upstream, x: backward(upstream, sigmoid(x))["dx"]),
    ),
    Mistake(
        "factor-missing",
        "one of the factors of the gradient is missing",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * sigmoid(x)),
    ),
    Mistake(
        "complement-only",
        "one of the factors of the gradient is missing (only that with the complement is there)",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * sigmoid(-x)),
    ),
    Mistake(
        "upstream-missing",
        "the upstream gradient is not used",
        "backward",
        backward=but(backward, dx=lambda upstream, x: sigmoid(x) * sigmoid(-x)),
    ),
    Mistake(
        "sign",
        "the gradient has the wrong sign",
        "backward",
        backward=but(backward, dx=lambda upstream, x: -upstream * sigmoid(x) * sigmoid(-x)),
    ),
    Mistake(
        "derivative-of-tanh",
        "the derivative is that of the hyperbolic tangent",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * (1.0 - sigmoid(x) ** 2)),
    ),
)

OPERATION = Operation(
    name="sigmoid",
    forward=forward,
    backward=backward,
    arguments=("x",),
    outputs=("out",),
    gradients=("dx",),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
)
