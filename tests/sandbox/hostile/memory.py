"""More memory than there is."""

import sys

import numpy as np


def arrays():
    held = []
    while True:
        held.append(np.ones(4 << 20))


def objects():
    held = []
    while True:
        held.append([0] * 1000)


def one_huge_array():
    return np.ones((1 << 20, 1 << 20))


def mapped():
    """Memory that no Python object holds."""
    import mmap

    held = []
    while True:
        part = mmap.mmap(-1, 1 << 26)
        for offset in range(0, 1 << 26, 4096):
            part[offset] = 1
        held.append(part)


def text():
    value = "x"
    while True:
        value += value


def recursion():
    return recursion()


def deep_recursion():
    sys.setrecursionlimit(1 << 30)

    class Nested:
        def __repr__(self):
            return repr(self)

    return repr(Nested())


def stack_overflow():
    """The C stack: a chain of iterators is freed, or advanced, recursively."""
    chain = iter(())
    for _ in range(1_000_000):
        chain = map(int, chain)
    next(chain)


def regular_expression():
    import re

    return re.match(r"(a+)+$", "a" * 60 + "b")
