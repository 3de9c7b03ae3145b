"""Values with indices: arrays whose first axes have a name (the i of x_i) and whose last ones are whole vectors or matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.core.answers.formulas.tree import Unreadable
from grader.core.computation import FUNCTIONS, Array

MOST_INDICES = 4  # at once: a value then has at most 12 ** 4 numbers


@dataclass(frozen=True)
class Value:
    """array: one axis per name, then `whole` axes."""

    array: Array
    names: tuple[str, ...] = ()

    @property
    def whole(self) -> int:
        return self.array.ndim - len(self.names)


def both(operation: np.ufunc, left: Value, right: Value) -> Value:
    if left.names == right.names or not left.array.ndim or not right.array.ndim:  # nothing to line up
        return Value(np.asarray(operation(left.array, right.array)), left.names or right.names)
    names = left.names + tuple(name for name in right.names if name not in left.names)
    if len(names) > MOST_INDICES:
        raise Unreadable("the formula has too many indices at once")
    whole = max(left.whole, right.whole)
    return Value(np.asarray(operation(_spread(left, names, whole), _spread(right, names, whole))), names)


def _spread(value: Value, names: tuple[str, ...], whole: int) -> Array:
    """The array with one axis per name, of size 1 where it does not depend on it, and `whole` more."""
    order = [value.names.index(name) for name in names if name in value.names]
    rest = list(range(len(value.names), value.array.ndim))
    array = np.transpose(value.array, order + rest)
    for place, name in enumerate(names):
        if name not in value.names:
            array = np.expand_dims(array, place)
    for _ in range(whole - value.whole):
        array = np.expand_dims(array, len(names))
    return array


def transposed_matrix(value: Value) -> Value:
    return Value(np.swapaxes(value.array, -1, -2), value.names) if value.whole == 2 else value


def applied(function: str, arguments: list[Value]) -> Value:
    if len(arguments) == 2:
        operation = np.maximum if function == "max" else np.minimum
        return both(operation, *arguments)
    (value,) = arguments
    if function == "softmax":
        if not value.whole:
            raise Unreadable("a softmax of values with indices is not understood")
        exponents = np.exp(value.array - np.max(value.array, axis=-1, keepdims=True))
        return Value(exponents / np.sum(exponents, axis=-1, keepdims=True), value.names)
    return Value(np.asarray(FUNCTIONS[function](value.array)), value.names)


def aligned(value: Value, target: Array, free: tuple[str, ...]) -> Array | None:
    """The value in the target's shape; None where it keeps an index that is not free, or has another shape.

    free: the index letters of the left side, empty where it shows none.
    """
    if value.names and value.whole:
        raise Unreadable("some vectors have an index and others have none")
    if not value.array.ndim:
        return np.broadcast_to(value.array, target.shape)
    array = value.array
    if value.names:
        if set(value.names) != set(free):
            return None
        array = np.transpose(array, [value.names.index(name) for name in free])
    return array if array.shape == target.shape else None
