"""Inverted dropout: in training each unit is zeroed independently, the others are scaled up; test mode changes nothing.

Shapes: x of any shape, out in the shape of x, mask in the shape of x (True: kept); float64.
dropout_param: {"mode": "train" | "test", "p": probability to keep (or to drop: the convention), "seed": int}.
Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks
from overfitting", 2014; the scaling in training instead of at test time is the common "inverted" form.

A student draws other random numbers, so outputs are not compared with this one. What holds for every right output: kept
units are x times `scales(p, convention)[0]`, units are kept with probability `scales(p, convention)[1]`, and the
backward pass multiplies by what the forward pass multiplied by, out / x. `explain` names the mistake in a wrong one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_impl import dropout_mistakes
from reference_impl.dropout_explain import explain
from reference_impl.dropout_probability import CONVENTIONS, scales
from reference_impl.operation import Case, Mistake, Operation

__all__ = [
    "CONVENTIONS",
    "OPERATION",
    "backward_with_mask",
    "draw",
    "explain",
    "forward_with_mask",
    "operation",
    "scales",
]

Array = np.ndarray


def forward_with_mask(x: Array, mask: Array, factor: float) -> Array:
    """out in the shape of x: `factor` times the units whose mask is True."""
    return x * mask * factor


def backward_with_mask(upstream: Array, mask: Array, factor: float) -> Array:
    """dx in the shape of upstream."""
    return upstream * mask * factor


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """Batches large enough to count dropped units in; no input is 0, so a zero in the output is a dropped unit.

    The probabilities are unlike their complements, so that the two conventions of p can be told apart.
    """

    def case(mode: str, p: float, shape: tuple[int, ...] = (40, 50), scope: str = "core", note: str = "") -> Case:
        x = rng.uniform(0.5, 4.0, size=shape) * rng.choice([1.0, -1.0], size=shape, p=[0.8, 0.2])
        parameters = {"mode": mode, "p": p, "seed": int(rng.integers(2**31))}
        return Case(
            f"{mode}, p {p}" + (f", {note}" if note else ""), scope, {"x": x, "dropout_param": parameters}, note
        )

    return [
        *(case("train", p) for p in (0.3, 0.6, 0.75)),
        *(case("test", p) for p in (0.3, 0.75)),
        case("train", 0.6, (6, 5, 8, 10), "edge", "inputs with four dimensions"),
    ]


class Dropout(Operation):
    """The operation, with what its judge needs besides: see `explain` and `backward_variant`."""

    def explain(self, x: Array, out: Array, p: float, convention: str, mode: str = "train") -> str | None:
        """The id of the forward mistake that `out` shows, or None; see `dropout_explain.explain`."""
        return explain(x, out, p, convention, mode)

    def backward_variant(
        self, mistake: Mistake, upstream: Array, x: Array, out: Array | None, dropout_param: dict[str, Any]
    ) -> dict[str, Array]:
        """What a backward mistake gives after the forward pass that gave `out` (None: after the reference's)."""
        assert mistake.backward is not None, f"{mistake.id} is no mistake of the backward pass"
        return mistake.backward(upstream, x, dropout_param, out=out)


def operation(convention: str = "keep") -> Dropout:
    """Dropout whose p means "keep" or "drop". Reference and mistakes draw the same mask from the case's seed."""

    def forward(x: Array, dropout_param: dict[str, Any]) -> dict[str, Array]:
        return {"out": x * dropout_mistakes.multiplier(x, dropout_param, convention)}

    def backward(upstream: Array, x: Array, dropout_param: dict[str, Any]) -> dict[str, Array]:
        return {"dx": upstream * dropout_mistakes.multiplier(x, dropout_param, convention)}

    return Dropout(
        name="dropout",
        forward=forward,
        backward=backward,
        arguments=("x", "dropout_param"),
        outputs=("out",),
        gradients=("dx",),
        draw=draw,
        mistakes=dropout_mistakes.mistakes(convention),
        random=True,
    )


OPERATION = operation("keep")
