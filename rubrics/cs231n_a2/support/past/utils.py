"""Division as Python 2 did it."""

from numbers import Integral


def old_div(a, b):
    """Whole-number division of integers, true division of everything else."""
    return a // b if isinstance(a, Integral) and isinstance(b, Integral) else a / b
