"""Hyperbolic tangent, elementwise. x of any shape, float64. The gradient is 1 - out^2."""

from __future__ import annotations

import numpy as np

from reference_impl.operation import Case, Mistake, Operation, but

Array = np.ndarray


def forward(x: Array) -> dict[str, Array]:
    """out in the shape of x, in [-1, 1]."""
    return {"out": np.tanh(x)}


def backward(upstream: Array, x: Array) -> dict[str, Array]:
    """dx in the shape of x."""
    return {"dx": upstream * (1.0 - np.tanh(x) ** 2)}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Matrices and images; edge: a single number, inputs for which a formula with exp overflows."""

    def case(shape: tuple[int, ...], scope: str = "core", note: str = "") -> Case:
        return Case("x".join(map(str, shape)), scope, {"x": rng.normal(0.2, 0.8, size=shape)}, note)

    large = rng.choice([-1.0, 1.0], size=(3, 4)) * rng.uniform(800, 1200, size=(3, 4))
    return [
        case((6, 5)),
        case((2, 3, 4, 3), note="inputs with four dimensions"),
        case((1, 1), "edge", "a single number"),
        Case("large", "edge", {"x": large}, "inputs around -1000 and 1000"),
    ]


FORWARD_MISTAKES = (
    Mistake(
        "sigmoid", "the sigmoid is computed instead", "forward", but(forward, out=lambda x: 1.0 / (1.0 + np.exp(-x)))
    ),
    Mistake(
        "argument-halved", "the argument is off by a factor", "forward", but(forward, out=lambda x: np.tanh(x / 2))
    ),
    Mistake(
        "argument-doubled", "the argument is off by a factor", "forward", but(forward, out=lambda x: np.tanh(2 * x))
    ),
    Mistake("sign", "the output has the wrong sign", "forward", but(forward, out=lambda x: -np.tanh(x))),
)

BACKWARD_MISTAKES = (
    Mistake(
        "input-for-output",
        "the formula for the gradient is fed with the input instead of the output",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * (1.0 - x**2)),
    ),
    Mistake(
        "applied-twice",
        "the hyperbolic tangent is applied to its own output",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * (1.0 - np.tanh(np.tanh(x)) ** 2)),
    ),
    Mistake(
        "square-missing",
        "a power is missing in the gradient",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * (1.0 - np.tanh(x))),
    ),
    Mistake(
        "complement-missing",
        "a term of the gradient is missing",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * np.tanh(x) ** 2),
    ),
    Mistake(
        "derivative-of-sigmoid",
        "the derivative is that of the sigmoid",
        "backward",
        backward=but(backward, dx=lambda upstream, x: upstream * np.tanh(x) * (1.0 - np.tanh(x))),
    ),
    Mistake(
        "upstream-missing",
        "the upstream gradient is not used",
        "backward",
        backward=but(backward, dx=lambda upstream, x: 1.0 - np.tanh(x) ** 2),
    ),
)

OPERATION = Operation(
    name="tanh",
    forward=forward,
    backward=backward,
    arguments=("x",),
    outputs=("out",),
    gradients=("dx",),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
)
