"""From a student's values to what may cross the wall, and which arguments were changed.

Student's classes can lie in every method. So only the methods of builtin types and of `numpy.ndarray` itself are called
here, on values whose real type (`type(value)`, not `__class__`) derives from them.
"""

import sys

import numpy as np

from .frames import DTYPES, MAX_ARRAYS, Leaf

MAX_VALUES = 20_000
MAX_DEPTH = 12
MAX_TEXT = 20_000
_type_name = type.__dict__["__name__"].__get__


class Token:
    """Something that the trusted side keeps; inside it is only a number."""

    __slots__ = ("id",)

    def __init__(self, id):
        self.id = id


def type_name(value):
    return str(_type_name(type(value)))[:200]


class Claims:
    """Turns values into trees that `frames.encode` takes; what cannot cross becomes a leaf with the name of its type.

    max_bytes: of all arrays of one message together. tokens: whether tokens may go out.
    """

    def __init__(self, max_bytes, tokens=False):
        self.bytes_left = max_bytes
        self.values_left = MAX_VALUES
        self.arrays_left = MAX_ARRAYS
        self.tokens = tokens

    def claim(self, value, depth=MAX_DEPTH):
        try:
            return self._claim(value, depth)
        except (MemoryError, RecursionError):
            raise
        except Exception:
            return Leaf("opaque", type_name(value))

    def _claim(self, value, depth):
        kind = type(value)
        self.values_left -= 1
        if self.values_left < 0 or depth == 0:
            return Leaf("opaque", type_name(value) + " (too deep or too large)")
        if value is None or kind is bool or kind is float or kind is Leaf:
            return value
        if kind is Token:
            return Leaf("token", value.id) if self.tokens else Leaf("opaque", "Token")
        if issubclass(kind, np.ndarray):
            return self._array(np.ndarray.view(value, np.ndarray))
        if issubclass(kind, np.generic):
            return self._number(value)
        if issubclass(kind, int):
            number = int.__add__(value, 0)
            return number if -(2**63) <= number < 2**64 else Leaf("opaque", "int (too large)")
        if issubclass(kind, float):
            return float.__add__(value, 0.0)
        if issubclass(kind, str):
            return str.__str__(value) if str.__len__(value) <= MAX_TEXT else Leaf("opaque", "str (too long)")
        if issubclass(kind, list):
            return [self.claim(item, depth - 1) for item in list.__iter__(value)]
        if issubclass(kind, tuple):
            return tuple([self.claim(item, depth - 1) for item in tuple.__iter__(value)])
        if issubclass(kind, dict):
            return {_key(key): self.claim(item, depth - 1) for key, item in dict.items(value)}
        tensor = sys.modules.get("torch")
        if tensor is not None and issubclass(kind, tensor.Tensor):
            return self._tensor(value, tensor)
        return Leaf("opaque", type_name(value))

    def _array(self, array):
        if array.dtype.name not in DTYPES:
            return Leaf("opaque", f"ndarray of {array.dtype.name}"[:200])
        if array.nbytes > self.bytes_left or self.arrays_left == 0:
            return Leaf("opaque", "array too large")
        self.bytes_left -= array.nbytes
        self.arrays_left -= 1
        return array.copy(order="C")

    def _number(self, value):
        """Numbers that Python has exactly become Python's; the rest keep their dtype as arrays without dimensions."""
        if issubclass(type(value), (np.bool_, np.integer, np.float64)):
            return self._claim(value.item(), 1)
        return self._array(np.asarray(value))

    def _tensor(self, value, torch):
        value = torch.Tensor.detach(value)
        if torch.Tensor.numel(value) * value.element_size() > self.bytes_left:
            return Leaf("opaque", "array too large")
        value = torch.Tensor.cpu(value)
        if value.dtype is torch.bfloat16:
            value = value.float()
        return self._array(torch.Tensor.numpy(value))


def _key(key):
    if type(key) in (str, int, bool):
        return key
    if issubclass(type(key), (str, np.str_)):
        return str.__str__(key)
    if issubclass(type(key), np.integer):
        return int(key)
    raise TypeError("such keys do not cross")


def fresh(value):
    """A deep copy of a decoded message's value: arrays, lists, tuples and dicts anew, everything else as it is."""
    if type(value) is np.ndarray:
        return value.copy()
    if type(value) is list:
        return [fresh(item) for item in value]
    if type(value) is tuple:
        return tuple([fresh(item) for item in value])
    if type(value) is dict:
        return {key: fresh(item) for key, item in value.items()}
    return value


def changed(sent, now, name):
    """Names of the arrays in `sent` that are not the same in `now`, where `name` is what the whole is called."""
    if type(sent) is np.ndarray:
        return [] if same(sent, now) else [name]
    if type(sent) in (list, tuple):
        items = list(enumerate(sent))
        current = now if type(now) is type(sent) else ()
        current = dict(enumerate(current))
    elif type(sent) is dict:
        items = list(sent.items())
        current = now if type(now) is dict else {}
    else:
        return []
    return [found for key, item in items for found in changed(item, current.get(key), f"{name}[{key!r}]")]


def same(sent, now):
    """Bit for bit, so NaN equals itself."""
    if type(now) is not np.ndarray or now.shape != sent.shape or now.dtype != sent.dtype:
        return False
    if sent.size == 0:
        return True
    return memoryview(np.ascontiguousarray(sent)).cast("B") == memoryview(np.ascontiguousarray(now)).cast("B")
