"""Values that lie, do not end, or do not fit."""

import sys

import numpy as np


def broadcast():
    return np.broadcast_to(np.float64(1), (1_000_000, 1_000_000))


def overlapping():
    return np.lib.stride_tricks.as_strided(np.ones(1), (1 << 20, 1 << 20), (0, 0))


def not_numbers():
    return np.array([np.nan, np.inf, -np.inf])


def objects():
    return np.array([object(), None], dtype=object)


def structured():
    return np.zeros(3, dtype=[("a", "f8"), ("b", "i4")])


def long_double():
    return np.zeros(3, dtype=np.longdouble)


def complex_numbers():
    return np.zeros(3, dtype=complex)


def text_array():
    return np.array(["full marks"])


def dates():
    return np.array(["2024-01-01"], dtype="datetime64[D]")


def big_endian():
    return np.arange(3, dtype=">f8")


def nested():
    value = []
    for _ in range(10_000):
        value = [value]
    return value


def wide():
    return [[[0] * 100] * 1000] * 1000


def itself():
    value = []
    value.append(value)
    return value


def itself_in_a_dict():
    value = {}
    value["self"] = value
    return value


def huge_message():
    return [np.zeros(1 << 24) for _ in range(8)]


def many_arrays():
    return [np.zeros(1) for _ in range(10_000)]


def huge_integer():
    return 10**100_000


def huge_text():
    return "x" * (1 << 28)


def broken_text():
    return "\ud800\0 text"


class Evil:
    """Every protocol raises, or lies."""

    __class__ = float

    def __getattribute__(self, name):
        raise RuntimeError("no")

    def __str__(self):
        raise RuntimeError("no")

    __repr__ = __array__ = __float__ = __len__ = __iter__ = __eq__ = __hash__ = __reduce__ = __str__


def evil_object():
    return Evil()


class EvilArray(np.ndarray):
    def __array_finalize__(self, other):
        raise RuntimeError("no")


class LyingArray(np.ndarray):
    shape = property(lambda self: (1, 1))
    dtype = property(lambda self: np.dtype("O"))
    nbytes = property(lambda self: 0)

    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        return np.full(3, 42.0)


def lying_array():
    return np.arange(3.0).view(LyingArray)


class LyingDict(dict):
    def items(self):
        raise RuntimeError("no")

    def __getitem__(self, key):
        raise RuntimeError("no")


def lying_dict():
    return LyingDict(a=1)


class LyingFloat(float):
    def __float__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        return True


def lying_float():
    return LyingFloat(2.5)


class EvilMeta(type):
    __name__ = property(lambda cls: 1 / 0)


class Unnameable(metaclass=EvilMeta):
    pass


def unnameable():
    return Unnameable()


class EvilError(Exception):
    def __str__(self):
        raise SystemExit

    __repr__ = __str__


def evil_error():
    raise EvilError


class TextError(Exception):
    def __str__(self):
        return "x" * (1 << 26)


def long_error():
    raise TextError


def lying_error():
    error = ValueError("no")
    error.__traceback__ = None
    error.lineno = error.filename = Evil()
    raise error


def syntax_error():
    raise SyntaxError("pretended", ("/code/values.py", 10**9, None, "x"))


def recursive_error():
    sys.setrecursionlimit(200)
    try:
        recursive_error()
    except RecursionError as error:
        raise ValueError from error
