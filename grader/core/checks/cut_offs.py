"""Credit for a measured accuracy, between the two that a course declares."""


def interpolated(value: float, zero_at: float, full_at: float) -> float:
    """0 up to `zero_at`, 1 from `full_at` on, linear in between; `zero_at == full_at` is a step."""
    if value >= full_at:
        return 1.0
    return max(0.0, (value - zero_at) / (full_at - zero_at)) if full_at > zero_at else 0.0
