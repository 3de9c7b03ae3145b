"""Whether two accuracies differ by more than chance: proportions, their standard errors, and how many images lie behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NOISE = 2.0
"""A difference of up to so many standard errors is taken for noise (about 95 of 100 such differences are)."""

_SURE = 0.01
_FLOAT32 = 2.0**-24  # relative; figures with many digits were usually computed in float32


@dataclass(frozen=True)
class Comparison:
    """`difference`: second minus first, a fraction; `error`: its standard error; `n`: images behind each of the two."""

    first: float
    second: float
    error: float
    n: int
    paired: bool = False

    @property
    def difference(self) -> float:
        return self.second - self.first

    @property
    def within_noise(self) -> bool:
        return abs(self.difference) <= NOISE * self.error

    @property
    def text(self) -> str:
        """ "0.571 vs 0.589 with n=175 differ by 1.8 ± 5.3 points"."""
        same = " (the same images)" if self.paired else ""
        return (
            f"{self.first:.3f} vs {self.second:.3f} with n={self.n:,}{same} differ by "
            f"{abs(self.difference) * 100:.1f} ± {self.error * 100:.1f} points"
        )


def standard_error(proportion: float, n: int) -> float:
    """Of a proportion of `n` independent images: sqrt(p (1 - p) / n). None and all of them are not certain either: there one
    success and one failure are added (Agresti and Caffo 2000, The American Statistician 54)."""
    if not 0 < proportion < 1:
        proportion, n = (proportion * n + 1) / (n + 2), n + 2
    return math.sqrt(proportion * (1 - proportion) / n)


def compare_proportions(right1: float, n1: int, right2: float, n2: int) -> Comparison:
    """Two independent samples: `right1` of `n1` against `right2` of `n2`. Raises ValueError unless 0 <= right <= n."""
    for right, n in ((right1, n1), (right2, n2)):
        if not 0 <= right <= n or n < 1:
            raise ValueError(f"{right} of {n} is no proportion")
    p1, p2 = right1 / n1, right2 / n2
    return Comparison(p1, p2, math.hypot(standard_error(p1, n1), standard_error(p2, n2)), min(n1, n2))


def compare_paired(right1: np.ndarray, right2: np.ndarray) -> Comparison:
    """The same images judged by both: (N,) bool each. Only images that one of them alone gets right tell anything
    (McNemar 1947, Psychometrika 12): the standard error is sqrt(b + c) / N."""
    n = len(right1)
    if n == 0 or right1.shape != right2.shape:
        raise ValueError("the same images are needed, at least one")
    discordant = int(np.sum(right1 != right2))
    return Comparison(float(np.mean(right1)), float(np.mean(right2)), math.sqrt(max(discordant, 1)) / n, n, True)


def common_count(values: Sequence[tuple[float, float]], most: int = 20_000) -> int | None:
    """The smallest n for which all values are whole multiples of 1/n: how many images they were measured on.

    values: (fraction, half a unit of its last digit). None when there is none up to `most`, or when the figures have so
    few digits that such an n would be found for any figures. 0 and 1 tell nothing.
    """
    told = {(value, max(half, _FLOAT32 * value)) for value, half in values if 0 < value < 1}
    if not told:
        return None
    value, half = (np.array(column) for column in zip(*sorted(told), strict=True))
    by_chance = 0.0
    for n in range(2, most + 1):
        by_chance += math.prod(min(1.0, 2 * one * n) for one in half)
        if by_chance > _SURE:
            return None
        if np.all(np.abs(np.rint(value * n) / n - value) <= half):
            return n
    return None
