"""Stochastic gradient descent: next_w = w - learning_rate * dw.

Shapes: w, dw, next_w alike; float64. config: {"learning_rate": 1e-2}, which is also the default.
A student's function returns (next_w, config); some course files change w in place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_impl.operation import Case, Mistake, Operation
from reference_impl.update_cases import draw_updates

Array = np.ndarray
LEARNING_RATE = 1e-2


def forward(w: Array, dw: Array, config: dict[str, Any] | None) -> dict[str, Array]:
    """One step: next_w in the shape of w."""
    return {"next_w": w - _rate(config) * dw}


def _rate(config: dict[str, Any] | None) -> float:
    return (config or {}).get("learning_rate", LEARNING_RATE)


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """See `draw_updates`; there is no state."""
    return draw_updates(rng, 0.05, lambda shape: {}, {"learning_rate": 0.3})


MISTAKES = (
    Mistake(
        "ascent",
        "the step goes up the gradient",
        "forward",
        lambda w, dw, config: {"next_w": w + _rate(config) * dw},
    ),
    Mistake(
        "learning-rate-missing",
        "the learning rate is not used",
        "forward",
        lambda w, dw, config: {"next_w": w - dw},
    ),
    Mistake(
        "learning-rate-default",
        "the learning rate is not read from the config",
        "forward",
        lambda w, dw, config: {"next_w": w - LEARNING_RATE * dw},
    ),
    Mistake(
        "step-for-weights",
        "the step is returned instead of the new weights",
        "forward",
        lambda w, dw, config: {"next_w": -_rate(config) * dw},
    ),
    Mistake(
        "gradient-normalized",
        "the gradient is divided by its length",
        "forward",
        lambda w, dw, config: {"next_w": w - _rate(config) * dw / np.linalg.norm(dw)},
    ),
    Mistake("unchanged", "the weights stay as they are", "forward", lambda w, dw, config: {"next_w": w.copy()}),
)

OPERATION = Operation(
    name="sgd",
    forward=forward,
    backward=None,
    arguments=("w", "dw", "config"),
    outputs=("next_w",),
    gradients=(),
    draw=draw,
    mistakes=MISTAKES,
    has_cache=False,
)
