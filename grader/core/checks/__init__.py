"""Check kinds, one file each: what the rubric declares, which calls it makes, how it judges."""

from __future__ import annotations

from grader.core.checks import (
    architecture,
    checkpoint,
    curves,
    dropout,
    forward,
    gradient,
    network,
    reported,
    solver_training,
    technique,
    training,
    update,
)
from grader.core.checks.kind import Declaration, Kind

KINDS: dict[str, Kind] = {
    "forward": forward.KIND,
    "gradient": gradient.KIND,
    "update": update.KIND,
    "dropout": dropout.KIND,
    "network": network.KIND,
    "overfit": solver_training.OVERFIT,
    "accuracy": solver_training.ACCURACY,
    "architecture": architecture.KIND,
    "technique": technique.KIND,
    "checkpoint": checkpoint.KIND,
    "reported": reported.KIND,
    "training": training.KIND,
    "curves": curves.KIND,
}

__all__ = ["KINDS", "Declaration"]
