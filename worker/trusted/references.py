"""What every check is judged by: the references of operations and of nets, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl import dropout, operations
from reference_impl.nets import nets


def references(variables: Mapping[str, str]) -> dict[str, Any]:
    """Operations and nets by the name that a rubric's `of` uses, as the course's variables want them."""
    return {**operations(), **nets(), "dropout": dropout.operation(variables.get("dropout_p", "keep"))}
