"""What dropout's p means: the probability to keep a unit, or the probability to drop it."""

from __future__ import annotations

CONVENTIONS = ("keep", "drop")


def scales(p: float, convention: str = "keep") -> tuple[float, float]:
    """(factor of a kept unit, probability to keep it) in training. Raises ValueError for what is not a convention.

    The factor is one over the probability, so that the expected output is the input and test mode changes nothing.
    """
    if convention not in CONVENTIONS:
        raise ValueError(f"dropout's p can mean {' or '.join(CONVENTIONS)}, not {convention!r}")
    keep = p if convention == "keep" else 1.0 - p
    return 1.0 / keep, keep
