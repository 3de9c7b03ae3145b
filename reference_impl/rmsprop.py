"""RMSProp: the step is divided by the root of an average of squared gradients.

cache = decay_rate * cache + (1 - decay_rate) * dw^2; next_w = w - learning_rate * dw / (sqrt(cache) + epsilon).
Shapes: w, dw, next_w, cache alike; float64.
config: {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": zeros}, which are also the defaults.
A student's function returns (next_w, config): `after` is read from that config, the second element.
Source: Tieleman, Hinton, "Lecture 6.5: rmsprop", Neural networks for machine learning, 2012.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from reference_impl.operation import Case, Mistake, Operation
from reference_impl.update_cases import draw_updates

Array = np.ndarray


class Settings(NamedTuple):
    """The config's entries, cache (in the shape of w) as it is before the step."""

    rate: float
    decay: float
    eps: float
    cache: Array


def settings(w: Array, config: dict[str, Any] | None) -> Settings:
    """The entries of `config`, with defaults."""
    config = config or {}
    return Settings(
        config.get("learning_rate", 1e-2),
        config.get("decay_rate", 0.99),
        config.get("epsilon", 1e-8),
        np.array(config.get("cache", np.zeros_like(w))),
    )


def forward(w: Array, dw: Array, config: dict[str, Any] | None) -> dict[str, Array]:
    """One step: next_w and cache in the shape of w."""
    s = settings(w, config)
    cache = s.decay * s.cache + (1 - s.decay) * dw**2
    return {"next_w": w - s.rate * dw / (np.sqrt(cache) + s.eps), "cache": cache}


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """See `draw_updates`; the state is the cache of squared gradients."""

    def state(shape: tuple[int, ...]) -> dict[str, Any]:
        return {"cache": rng.uniform(0.1, 1.5, size=shape)}

    return draw_updates(rng, 0.02, state, {"learning_rate": 0.3, "decay_rate": 0.8, "epsilon": 1e-4})


def _cache(dw: Array, s: Settings) -> Array:
    return s.decay * s.cache + (1 - s.decay) * dw**2


def _step(dw: Array, s: Settings, cache: Array) -> Array:
    return -s.rate * dw / (np.sqrt(cache) + s.eps)


def _mistake(
    name: str,
    label: str,
    *,
    cache: Callable[[Array, Settings], Array] = _cache,
    step: Callable[[Array, Settings, Array], Array] = _step,
    stored: Callable[[Settings, Array], Array] = lambda s, cache: cache,
) -> Mistake:
    """cache(dw, s): the new cache; step(dw, s, cache): what is added to w; stored(s, cache): what the config keeps."""

    @np.errstate(all="ignore")
    def wrong(w: Array, dw: Array, config: dict[str, Any] | None) -> dict[str, Array]:
        s = settings(w, config)
        new = cache(dw, s)
        return {"next_w": w + step(dw, s, new), "cache": stored(s, new)}

    return Mistake(name, label, "forward", wrong)


MISTAKES = (
    _mistake(
        "eps-inside-root",
        "epsilon is added inside the square root",
        step=lambda dw, s, cache: -s.rate * dw / np.sqrt(cache + s.eps),
    ),
    _mistake("eps-missing", "epsilon is missing", step=lambda dw, s, cache: -s.rate * dw / np.sqrt(cache)),
    _mistake(
        "root-missing",
        "the square root is missing",
        step=lambda dw, s, cache: -s.rate * dw / (cache + s.eps),
    ),
    _mistake(
        "decay-swapped",
        "the decay rate weighs the new gradient instead of the old cache",
        cache=lambda dw, s: (1 - s.decay) * s.cache + s.decay * dw**2,
    ),
    _mistake(
        "decay-missing",
        "squared gradients add up for ever, as in AdaGrad",
        cache=lambda dw, s: s.cache + dw**2,
    ),
    _mistake(
        "new-gradient-not-weighed",
        "the new squared gradient enters the cache in full",
        cache=lambda dw, s: s.decay * s.cache + dw**2,
    ),
    _mistake(
        "old-cache-not-weighed",
        "the old cache is not damped",
        cache=lambda dw, s: s.cache + (1 - s.decay) * dw**2,
    ),
    _mistake("old-cache-missing", "the old cache is not used", cache=lambda dw, s: (1 - s.decay) * dw**2),
    _mistake("cache-not-stored", "the new cache is not written to the config", stored=lambda s, cache: s.cache),
    _mistake(
        "old-cache-in-step",
        "the step is divided by the cache from before the step",
        step=lambda dw, s, cache: _step(dw, s, s.cache),
    ),
    _mistake(
        "square-missing",
        "the gradient enters the cache without its square",
        cache=lambda dw, s: s.decay * s.cache + (1 - s.decay) * np.abs(dw),
    ),
    _mistake("eps-in-cache", "epsilon is added to the stored cache", cache=lambda dw, s: _cache(dw, s) + s.eps),
    _mistake("ascent", "the step goes up the gradient", step=lambda dw, s, cache: -_step(dw, s, cache)),
    _mistake(
        "not-divided",
        "the step is not divided by the cache",
        step=lambda dw, s, cache: -s.rate * dw,
    ),
    _mistake(
        "learning-rate-missing",
        "the learning rate is not used",
        step=lambda dw, s, cache: _step(dw, s, cache) / s.rate,
    ),
    _mistake("weights-not-updated", "the weights stay as they are", step=lambda dw, s, cache: np.zeros_like(dw)),
)

OPERATION = Operation(
    name="rmsprop",
    forward=forward,
    backward=None,
    arguments=("w", "dw", "config"),
    outputs=("next_w",),
    gradients=(),
    draw=draw,
    mistakes=MISTAKES,
    has_cache=False,
    after={"cache": ("config", "cache")},
)
