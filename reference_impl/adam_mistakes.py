"""Known mistakes of Adam's step: its parts, with one of them done otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl.adam_settings import Settings, settings
from reference_impl.operation import Mistake

Array = np.ndarray


def _first(dw: Array, s: Settings) -> Array:
    return s.beta1 * s.m + (1 - s.beta1) * dw


def _second(dw: Array, s: Settings) -> Array:
    return s.beta2 * s.v + (1 - s.beta2) * dw**2


def _corrected(m: Array, v: Array, t: int, s: Settings) -> tuple[Array, Array]:
    return m / (1 - s.beta1**t), v / (1 - s.beta2**t)


def _step(m: Array, v: Array, s: Settings) -> Array:
    return -s.rate * m / (np.sqrt(v) + s.eps)


def step_with(
    *,
    first: Callable[[Array, Settings], Array] = _first,
    second: Callable[[Array, Settings], Array] = _second,
    corrected: Callable[[Array, Array, int, Settings], tuple[Array, Array]] = _corrected,
    step: Callable[[Array, Array, Settings], Array] = _step,
    used_t: int = 1,
    stored_t: int = 1,
    stored: Callable[..., dict[str, Array]] = lambda m, v, t, s: {"m": m, "v": v},
) -> Callable[..., dict[str, Any]]:
    """One step with some parts replaced; with none replaced it is the right one.

    first, second: the averages m and v. corrected(m, v, t, s): both corrected. step(m, v, s): what is added to w, from
    the corrected averages. used_t, stored_t: by how much t is raised before it is used, and in what is stored.
    stored(m, v, t, s): the averages that the config keeps, from the uncorrected ones.
    """

    @np.errstate(all="ignore")
    def update(w: Array, dw: Array, config: dict[str, Any] | None) -> dict[str, Any]:
        s = settings(w, config)
        m, v, t = first(dw, s), second(dw, s), s.t + used_t
        next_w = w + step(*corrected(m, v, t, s), s)
        return {"next_w": next_w, **stored(m, v, t, s), "t": s.t + stored_t}

    return update


def _mistake(name: str, label: str, accepted: str = "", **parts: Any) -> Mistake:
    return Mistake(name, label, "forward", step_with(**parts), accepted=accepted)


def _eps_before_correction(m: Array, v: Array, t: int, s: Settings) -> tuple[Array, Array]:
    """As if epsilon were added to the uncorrected root: the same v, with a step that is divided accordingly."""
    return m / (1 - s.beta1**t) * np.sqrt(1 - s.beta2**t), v


MISTAKES = (
    _mistake(
        "no-bias-correction",
        "the averages are not corrected for their start at zero",
        corrected=lambda m, v, t, s: (m, v),
    ),
    _mistake(
        "first-moment-not-corrected",
        "the average of the gradient is not corrected for its start at zero",
        corrected=lambda m, v, t, s: (m, v / (1 - s.beta2**t)),
    ),
    _mistake(
        "second-moment-not-corrected",
        "the average of the squared gradient is not corrected for its start at zero",
        corrected=lambda m, v, t, s: (m / (1 - s.beta1**t), v),
    ),
    _mistake("t-before-increment", "t is used before it is raised", used_t=0),
    _mistake("t-not-stored", "t is raised for this step but not in the config", stored_t=0),
    _mistake("t-never-raised", "t is never raised", used_t=0, stored_t=0),
    _mistake("t-raised-twice", "t is raised twice", used_t=2, stored_t=2),
    _mistake(
        "power-missing",
        "the correction does not depend on the number of steps",
        corrected=lambda m, v, t, s: (m / (1 - s.beta1), v / (1 - s.beta2)),
    ),
    _mistake(
        "product-for-power",
        "the correction multiplies by t where a power is needed",
        corrected=lambda m, v, t, s: (m / (1 - s.beta1 * t), v / (1 - s.beta2 * t)),
    ),
    _mistake(
        "powers-swapped",
        "the corrections of the two averages are swapped",
        corrected=lambda m, v, t, s: (m / (1 - s.beta2**t), v / (1 - s.beta1**t)),
    ),
    _mistake(
        "same-correction",
        "both averages get the correction of the first",
        corrected=lambda m, v, t, s: (m / (1 - s.beta1**t), v / (1 - s.beta1**t)),
    ),
    _mistake(
        "correction-multiplied",
        "the correction makes the averages smaller",
        corrected=lambda m, v, t, s: (m * (1 - s.beta1**t), v * (1 - s.beta2**t)),
    ),
    _mistake(
        "power-without-complement",
        "the averages are divided by the powers themselves",
        corrected=lambda m, v, t, s: (m / s.beta1**t, v / s.beta2**t),
    ),
    _mistake(
        "corrected-averages-stored",
        "the corrected averages are written to the config",
        stored=lambda m, v, t, s: dict(zip(("m", "v"), _corrected(m, v, t, s), strict=True)),
    ),
    _mistake(
        "averages-not-stored",
        "the averages are not written to the config",
        stored=lambda m, v, t, s: {"m": s.m, "v": s.v},
    ),
    _mistake(
        "first-moment-not-stored",
        "the average of the gradient is not written to the config",
        stored=lambda m, v, t, s: {"m": s.m, "v": v},
    ),
    _mistake(
        "second-moment-not-stored",
        "the average of the squared gradient is not written to the config",
        stored=lambda m, v, t, s: {"m": m, "v": s.v},
    ),
    _mistake(
        "nothing-stored", "nothing is written to the config", stored=lambda m, v, t, s: {"m": s.m, "v": s.v}, stored_t=0
    ),
    _mistake(
        "eps-inside-root",
        "epsilon is added inside the square root",
        step=lambda m, v, s: -s.rate * m / np.sqrt(v + s.eps),
    ),
    _mistake("eps-missing", "epsilon is missing", step=lambda m, v, s: -s.rate * m / np.sqrt(v)),
    _mistake(
        "eps-before-correction",
        "epsilon is added before the average of the squared gradient is corrected",
        accepted="it is the efficient form of Adam (Kingma and Ba, section 2), in which epsilon means something slightly different",
        corrected=_eps_before_correction,
    ),
    _mistake("root-missing", "the square root is missing", step=lambda m, v, s: -s.rate * m / (v + s.eps)),
    _mistake(
        "first-moment-squared-gradient",
        "the average of the gradient averages its square",
        first=lambda dw, s: s.beta1 * s.m + (1 - s.beta1) * dw**2,
    ),
    _mistake(
        "second-moment-not-squared",
        "the average of the squared gradient lacks the square",
        second=lambda dw, s: s.beta2 * s.v + (1 - s.beta2) * np.abs(dw),
    ),
    _mistake(
        "second-moment-of-average",
        "the average of the squared gradient squares the averaged gradient",
        second=lambda dw, s: s.beta2 * s.v + (1 - s.beta2) * _first(dw, s) ** 2,
    ),
    _mistake(
        "betas-swapped",
        "the two decay rates are used in each other's place",
        first=lambda dw, s: s.beta2 * s.m + (1 - s.beta2) * dw,
        second=lambda dw, s: s.beta1 * s.v + (1 - s.beta1) * dw**2,
        corrected=lambda m, v, t, s: (m / (1 - s.beta2**t), v / (1 - s.beta1**t)),
    ),
    _mistake(
        "same-beta",
        "both averages decay at the first rate",
        second=lambda dw, s: s.beta1 * s.v + (1 - s.beta1) * dw**2,
    ),
    _mistake(
        "weights-swapped",
        "the decay rates weigh the new gradient instead of the old averages",
        first=lambda dw, s: (1 - s.beta1) * s.m + s.beta1 * dw,
        second=lambda dw, s: (1 - s.beta2) * s.v + s.beta2 * dw**2,
    ),
    _mistake(
        "new-gradient-not-weighed",
        "the new gradient enters the averages in full",
        first=lambda dw, s: s.beta1 * s.m + dw,
        second=lambda dw, s: s.beta2 * s.v + dw**2,
    ),
    _mistake(
        "gradient-for-first-moment",
        "the step follows the gradient instead of its average",
        first=lambda dw, s: dw,
        corrected=lambda m, v, t, s: (m, v / (1 - s.beta2**t)),
        stored=lambda m, v, t, s: {"m": _first(m, s), "v": v},
    ),
    _mistake("ascent", "the step goes up the gradient", step=lambda m, v, s: -_step(m, v, s)),
    _mistake("learning-rate-missing", "the learning rate is not used", step=lambda m, v, s: _step(m, v, s) / s.rate),
    _mistake("weights-not-updated", "the weights stay as they are", step=lambda m, v, s: np.zeros_like(m)),
)
