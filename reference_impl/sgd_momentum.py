"""Gradient descent with momentum: velocity = momentum * velocity - learning_rate * dw, next_w = w + velocity.

Shapes: w, dw, next_w, velocity alike; float64.
config: {"learning_rate": 1e-2, "momentum": 0.9, "velocity": zeros}, which are also the defaults.
A student's function returns (next_w, config): `after` is read from that config, the second element.
Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever, Martens, Dahl,
Hinton, "On the importance of initialization and momentum in deep learning", 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl.operation import Case, Mistake, Operation
from reference_impl.update_cases import draw_updates

Array = np.ndarray


def forward(w: Array, dw: Array, config: dict[str, Any] | None) -> dict[str, Array]:
    """One step: next_w and velocity in the shape of w."""
    rate, momentum, velocity = _settings(w, config)
    velocity = momentum * velocity - rate * dw
    return {"next_w": w + velocity, "velocity": velocity}


def _settings(w: Array, config: dict[str, Any] | None) -> tuple[float, float, Array]:
    config = config or {}
    velocity = np.array(config.get("velocity", np.zeros_like(w)))
    return config.get("learning_rate", 1e-2), config.get("momentum", 0.9), velocity


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """See `draw_updates`; the state is the velocity."""

    def state(shape: tuple[int, ...]) -> dict[str, Any]:
        return {"velocity": rng.normal(0.3, 0.5, size=shape)}

    return draw_updates(rng, 0.05, state, {"learning_rate": 0.3, "momentum": 0.6})


def _mistake(name: str, label: str, step: Callable[..., tuple[Array, Array]]) -> Mistake:
    """`step(w, dw, rate, momentum, velocity)` gives the new weights and the velocity that is stored."""

    def wrong(w: Array, dw: Array, config: dict[str, Any] | None) -> dict[str, Array]:
        next_w, velocity = step(w, dw, *_settings(w, config))
        return {"next_w": next_w, "velocity": velocity}

    return Mistake(name, label, "forward", wrong)


def _follow(w: Array, velocity: Array, sign: float = 1.0) -> tuple[Array, Array]:
    return w + sign * velocity, velocity


MISTAKES = (
    _mistake(
        "nesterov",
        "the step looks ahead along the velocity, as Nesterov's method does",
        lambda w, dw, rate, mu, v: (w - mu * v + (1 + mu) * (mu * v - rate * dw), mu * v - rate * dw),
    ),
    _mistake("ascent", "the step goes up the gradient", lambda w, dw, rate, mu, v: _follow(w, mu * v + rate * dw)),
    _mistake(
        "velocity-sign",
        "the velocity is kept with the opposite sign",
        lambda w, dw, rate, mu, v: _follow(w, mu * v + rate * dw, -1.0),
    ),
    _mistake(
        "velocity-subtracted",
        "the velocity is subtracted from the weights",
        lambda w, dw, rate, mu, v: _follow(w, mu * v - rate * dw, -1.0),
    ),
    _mistake(
        "learning-rate-on-velocity",
        "the learning rate scales the whole velocity, not only the gradient",
        lambda w, dw, rate, mu, v: (w + rate * (mu * v - dw), mu * v - dw),
    ),
    _mistake(
        "learning-rate-on-velocity-opposite",
        "the learning rate scales the whole velocity, which is kept with the opposite sign",
        lambda w, dw, rate, mu, v: (w - rate * (mu * v + dw), mu * v + dw),
    ),
    _mistake(
        "velocity-not-stored",
        "the new velocity is not written to the config",
        lambda w, dw, rate, mu, v: (w + mu * v - rate * dw, v),
    ),
    _mistake("momentum-missing", "the old velocity is not used", lambda w, dw, rate, mu, v: _follow(w, -rate * dw)),
    _mistake(
        "momentum-of-one",
        "the old velocity is not damped by the momentum",
        lambda w, dw, rate, mu, v: _follow(w, v - rate * dw),
    ),
    _mistake(
        "gradient-damped",
        "the gradient is also weighed by one minus the momentum",
        lambda w, dw, rate, mu, v: _follow(w, mu * v - (1 - mu) * rate * dw),
    ),
    _mistake(
        "gradient-averaged",
        "the velocity is an average of the gradients, which the learning rate scales afterwards",
        lambda w, dw, rate, mu, v: (w - rate * (mu * v + (1 - mu) * dw), mu * v + (1 - mu) * dw),
    ),
    _mistake(
        "momentum-on-gradient",
        "the momentum weighs the gradient as well",
        lambda w, dw, rate, mu, v: _follow(w, mu * (v - rate * dw)),
    ),
    _mistake(
        "weights-follow-old-velocity",
        "the weights follow the velocity from before the step",
        lambda w, dw, rate, mu, v: (w + v, mu * v - rate * dw),
    ),
    _mistake(
        "gradient-step-only",
        "the velocity is updated but the weights follow the gradient alone",
        lambda w, dw, rate, mu, v: (w - rate * dw, mu * v - rate * dw),
    ),
    _mistake(
        "gradient-twice",
        "the gradient step is taken a second time after the velocity",
        lambda w, dw, rate, mu, v: (w + mu * v - 2 * rate * dw, mu * v - rate * dw),
    ),
    _mistake(
        "learning-rate-missing",
        "the learning rate is not used",
        lambda w, dw, rate, mu, v: _follow(w, mu * v - dw),
    ),
    _mistake(
        "weights-not-updated",
        "the weights stay as they are",
        lambda w, dw, rate, mu, v: (w.copy(), mu * v - rate * dw),
    ),
)

OPERATION = Operation(
    name="sgd_momentum",
    forward=forward,
    backward=None,
    arguments=("w", "dw", "config"),
    outputs=("next_w",),
    gradients=(),
    draw=draw,
    mistakes=MISTAKES,
    has_cache=False,
    after={"velocity": ("config", "velocity")},
)
