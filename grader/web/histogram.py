"""Counting changes of scores into bars of equal width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

BARS = 15
_STEPS = (0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0)


@dataclass(frozen=True)
class Bar:
    """How many values lie from `low` up to (without) `high`, in points."""

    low: float
    high: float
    count: int


def bars(values: Sequence[float]) -> list[Bar]:
    """At most `BARS` bars around 0, so that losses and gains never share one; empty without values."""
    if not values:
        return []
    lowest, highest = min(*values, 0.0), max(*values, 0.0)
    step = next((step for step in _STEPS if _count(lowest, highest, step) <= BARS), (highest - lowest) / (BARS - 2))
    first, last = math.floor(lowest / step), math.floor(highest / step)
    found = [0] * (last - first + 1)
    for value in values:
        found[math.floor(value / step) - first] += 1
    return [Bar((first + at) * step, (first + at + 1) * step, count) for at, count in enumerate(found)]


def _count(lowest: float, highest: float, step: float) -> int:
    return math.floor(highest / step) - math.floor(lowest / step) + 1
