"""The dictionary `config` with which Adam is called, and its defaults."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray


class Settings(NamedTuple):
    """The config's entries; m, v (in the shape of w) and t as they are before the step."""

    rate: float
    beta1: float
    beta2: float
    eps: float
    m: Array
    v: Array
    t: int


def settings(w: Array, config: dict[str, Any] | None) -> Settings:
    """The entries of `config`, with defaults."""
    config = config or {}
    return Settings(
        config.get("learning_rate", 1e-3),
        config.get("beta1", 0.9),
        config.get("beta2", 0.999),
        config.get("epsilon", 1e-8),
        np.array(config.get("m", np.zeros_like(w))),
        np.array(config.get("v", np.zeros_like(w))),
        config.get("t", 0),
    )
