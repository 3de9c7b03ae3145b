"""The dictionary `bn_param` with which batch normalization is called, and its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

EPS = 1e-5
MOMENTUM = 0.9
OTHER_SETTINGS = "settings other than the defaults"


@dataclass(frozen=True)
class Parameters:
    """mode "train" or "test"; running_mean and running_var (D,) before the call, copies of the caller's."""

    mode: str
    eps: float
    momentum: float
    running_mean: np.ndarray
    running_var: np.ndarray


def read(bn_param: dict[str, Any], features: int) -> Parameters:
    """The entries of `bn_param`, which must have a mode; running averages start at zero."""
    zeros = np.zeros(features)
    return Parameters(
        mode=bn_param["mode"],
        eps=bn_param.get("eps", EPS),
        momentum=bn_param.get("momentum", MOMENTUM),
        running_mean=np.array(bn_param.get("running_mean", zeros)),
        running_var=np.array(bn_param.get("running_var", zeros)),
    )
