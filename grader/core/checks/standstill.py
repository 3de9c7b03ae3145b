"""Whether a training that was cut off had come to a standstill, so that a faster machine would have found the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from grader.core.proportions import standard_error

LOOKS = 3
"""In each half of the steps: of fewer, the best says too little."""
PASSES, STEPS = 5.0, 1000
"""Over the training images, at least: nets that learn may stay at chance in their first passes, and of few images in many more."""


class Look(Protocol):
    @property
    def step(self) -> int: ...

    @property
    def accuracy(self) -> float: ...

    @property
    def passes(self) -> float | None: ...


def stands_still(looks: Sequence[Look], count: int) -> bool:
    """looks: at one net, in order, each at `count` images. Still is what was watched long enough and got no better: the best of
    the second half of the steps exceeds the best of the first by no more than the standard error of an accuracy."""
    if not looks or (looks[-1].passes or 0.0) < PASSES or looks[-1].step - looks[0].step < STEPS:
        return False
    middle = looks[-1].step / 2
    first = [one.accuracy for one in looks if one.step <= middle]
    second = [one.accuracy for one in looks if one.step > middle]
    if min(len(first), len(second)) < LOOKS:
        return False
    return max(second) - max(first) <= standard_error(max(first), count)
