"""Python 2 spellings of built-in names, under Python 3."""

from functools import reduce  # noqa: F401

xrange = range
basestring = (str, bytes)
unicode = str
long = int
raw_input = input
unichr = chr


def cmp(x, y):
    """-1, 0 or 1 as x is less than, equal to or greater than y."""
    return (x > y) - (x < y)
