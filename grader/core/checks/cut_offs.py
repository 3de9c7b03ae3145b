"""Credit for a measured accuracy, between the two that a course declares."""

from collections.abc import Mapping


def check_cut_offs(full_at: Mapping[str, float], zero_at: Mapping[str, float]) -> None:
    """Raises ValueError unless every data set of `full_at` has 0 <= zero_at < full_at <= 1."""
    for name, full in full_at.items():
        if not 0 <= zero_at.get(name, -1) < full <= 1:
            raise ValueError(f"data set {name!r} needs 0 <= zero_at < full_at <= 1")


def interpolated(value: float, zero_at: float, full_at: float) -> float:
    """0 up to `zero_at`, 1 from `full_at` on, linear in between; `zero_at == full_at` is a step."""
    if value >= full_at:
        return 1.0
    return max(0.0, (value - zero_at) / (full_at - zero_at)) if full_at > zero_at else 0.0
