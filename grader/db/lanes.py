"""Which queue an attempt waits in: what its rubric's checks may take decides, not only who asked for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from grader.db.tables import Lane, RubricVersion

LONG_SECONDS = 60.0
"""Checks whose budgets together are longer keep nobody else's attempt waiting: they go to `bulk`."""


def lane_for(session: Session, rubric_version_id: int, asked: Lane) -> Lane:
    """`gpu` if a check asks for one; `bulk` instead of `interactive` if its checks may take long; else as asked."""
    return lane_of(session.get_one(RubricVersion, rubric_version_id).document, asked)


def lane_of(document: Mapping[str, Any], asked: Lane) -> Lane:
    """The same for a dumped rubric."""
    budgets = list(_budgets(document))
    if any(budget.get("device") == "gpu" for budget in budgets):
        return Lane.GPU
    long = sum(float(budget["seconds"]) for budget in budgets) > LONG_SECONDS
    return Lane.BULK if long and asked is Lane.INTERACTIVE else asked


def _budgets(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for question in document.get("questions") or ():
        for check in question.get("checks") or ():
            budget = (check.get("declaration") or {}).get("budget")
            if budget:
                yield budget
