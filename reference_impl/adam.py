"""Adam: averages of the gradient and of its square, both corrected for their start at zero.

t = t + 1; m = beta1 * m + (1 - beta1) * dw; v = beta2 * v + (1 - beta2) * dw^2;
next_w = w - learning_rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
Shapes: w, dw, next_w, m, v alike, float64; t an integer, the number of steps so far, raised before it is used.
config: {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": zeros, "v": zeros, "t": 0}, which
are also the defaults; m and v are kept uncorrected. The file that the course handed out up to 2017 sets t to 1 where
there is none, so that a right step begins with t = 2.
A student's function returns (next_w, config): `after` is read from that config, the second element.
Source: Kingma, Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_impl.adam_mistakes import MISTAKES
from reference_impl.adam_settings import settings
from reference_impl.operation import Case, Operation
from reference_impl.update_cases import draw_updates

Array = np.ndarray


def forward(w: Array, dw: Array, config: dict[str, Any] | None) -> dict[str, Any]:
    """One step: next_w, m and v in the shape of w, t."""
    s = settings(w, config)
    t = s.t + 1
    m = s.beta1 * s.m + (1 - s.beta1) * dw
    v = s.beta2 * s.v + (1 - s.beta2) * dw**2
    m_corrected, v_corrected = m / (1 - s.beta1**t), v / (1 - s.beta2**t)
    return {"next_w": w - s.rate * m_corrected / (np.sqrt(v_corrected) + s.eps), "m": m, "v": v, "t": t}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """See `draw_updates`; the state is m, v and the number of steps so far, 5."""

    def state(shape: tuple[int, ...]) -> dict[str, Any]:
        return {"m": rng.normal(0.2, 0.5, size=shape), "v": rng.uniform(0.1, 1.5, size=shape), "t": 5}

    other = {"learning_rate": 0.3, "beta1": 0.7, "beta2": 0.95, "epsilon": 1e-4}
    return draw_updates(rng, 0.02, state, other)


OPERATION = Operation(
    name="adam",
    forward=forward,
    backward=None,
    arguments=("w", "dw", "config"),
    outputs=("next_w",),
    gradients=(),
    draw=draw,
    mistakes=MISTAKES,
    has_cache=False,
    after={name: ("config", name) for name in ("m", "v", "t")},
    starts={"": {}, "the steps are counted from 1, as in the file that was handed out up to 2017": {"t": 1}},
)
