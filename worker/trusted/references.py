"""What every check is judged by: the references of operations and of nets, by name."""

from __future__ import annotations

from typing import Any

from reference_impl import operations


def references() -> dict[str, Any]:
    """Operations and nets by the name that a rubric's `of` uses."""
    return dict(operations())
