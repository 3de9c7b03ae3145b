"""Expected against observed, as data: what differs, where, and by how much. Order: finite, shape, dtype, value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from grader.core.calls import Opaque
from grader.core.observation import Missing

SMALL_ENTRIES = 1e-3
"""Entries below this fraction of the largest one are measured against it: cancellation leaves noise there."""

SINGLE_PRECISION = 2e-4
"""Relative tolerance for a result in float32: right values, rounded by the student's choice of dtype."""


class Difference(StrEnum):
    NOTHING = "nothing"  # None was returned, or the value is not there
    TYPE = "type"  # not an array or number at all
    NOT_FINITE = "not finite"
    SHAPE = "shape"
    VALUE = "value"


@dataclass(frozen=True)
class Mismatch:
    """How one output differs.

    values_right: the shape differs but the numbers, read in order, are right.
    index: of the worst entry; relative_error: |observed - expected| there, over |expected| (or the small-entry floor).
    """

    output: str
    difference: Difference
    observed_shape: tuple[int, ...] = ()
    expected_shape: tuple[int, ...] = ()
    values_right: bool = False
    index: tuple[int, ...] = ()
    relative_error: float | None = None
    wrong_fraction: float = 0.0
    observed_type: str = ""


@dataclass(frozen=True)
class Agreement:
    """The output is right; `relative_error` is the largest one, `single_precision` says that it came in float32 or less."""

    output: str
    relative_error: float
    single_precision: bool = False


def compare(output: str, observed: Any, expected: Any, rtol: float = 1e-6, atol: float = 1e-12) -> Mismatch | Agreement:
    """Judge one output. `expected` is a finite array or number; NaN or infinity never equals anything.

    An entry is right when |observed - expected| <= atol + rtol * max(|expected|, SMALL_ENTRIES * max |expected|).
    A number is also right as an array of exactly one entry.
    """
    expected = np.asarray(expected, dtype=np.float64)
    if observed is None or isinstance(observed, Missing):
        return Mismatch(output, Difference.NOTHING, expected_shape=expected.shape)
    found = as_array(observed)
    if found is None:
        return Mismatch(output, Difference.TYPE, expected_shape=expected.shape, observed_type=type_name(observed))
    single = found.dtype.kind == "f" and found.dtype.itemsize < 8
    values = found.astype(np.float64)
    if expected.ndim == 0 and values.size == 1:
        values = values.reshape(())
    shapes = {"observed_shape": found.shape, "expected_shape": expected.shape}
    if not np.all(np.isfinite(values)):
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        return Mismatch(output, Difference.NOT_FINITE, index=index, **shapes)
    rtol = max(rtol, SINGLE_PRECISION) if single else rtol
    if values.shape != expected.shape:
        right = values.size == expected.size and _errors(values.reshape(expected.shape), expected, rtol, atol)[1].all()
        return Mismatch(output, Difference.SHAPE, values_right=bool(right), **shapes)
    errors, right = _errors(values, expected, rtol, atol)
    worst = float(errors.max(initial=0.0))
    if right.all():
        return Agreement(output, worst, single)
    index = np.unravel_index(int(np.argmax(errors)), errors.shape)
    return Mismatch(
        output,
        Difference.VALUE,
        index=tuple(int(i) for i in index),
        relative_error=worst,
        wrong_fraction=float(np.mean(~right)),
        **shapes,
    )


def agree(observed: Any, expected: Any, rtol: float = 1e-6) -> bool:
    """Whether `compare` finds nothing to say."""
    return isinstance(compare("", observed, expected, rtol), Agreement)


def as_array(value: Any) -> np.ndarray | None:
    """A number, a Boolean or an array as an array, nested lists of numbers too; None for anything else."""
    if isinstance(value, (bool, int, float, np.ndarray, np.generic)):
        array = np.asarray(value)
    elif isinstance(value, list):
        try:
            array = np.array(value)
        except ValueError:
            return None
    else:
        return None
    return array if array.dtype.kind in "biuf" else None


def type_name(value: Any) -> str:
    """What a student calls the type of a claimed value."""
    return value.type if isinstance(value, Opaque) else type(value).__name__


def _errors(values: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> tuple[np.ndarray, np.ndarray]:
    magnitude = np.abs(expected)
    scale = np.maximum(magnitude, SMALL_ENTRIES * magnitude.max(initial=0.0))
    difference = np.abs(values - expected)
    errors = difference / np.maximum(scale, max(atol / rtol, 1e-300))
    return errors, difference <= atol + rtol * scale
