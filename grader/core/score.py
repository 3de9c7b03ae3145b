"""Rubric items and adjustments to points: derived, clamped, never stored by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from grader.core.result import CheckResult

Scoring = Literal["add", "deduct"]


def clamp(points: float, max_points: float) -> float:
    """`points` limited to 0 … `max_points`, rounded to 4 decimals as the database keeps them."""
    return round(min(max(points, 0.0), max_points), 4)


def question_score(
    max_points: float,
    item_points: Sequence[float],
    adjustments: Sequence[float] = (),
    scoring: Scoring = "deduct",
) -> float:
    """A question's points from its applied items (negative for deductions) and a TA's adjustments.

    With "deduct" a question starts at `max_points`, with "add" at 0. The sum is clamped to 0 … `max_points`.
    """
    start = max_points if scoring == "deduct" else 0.0
    return clamp(start + sum(item_points) + sum(adjustments), max_points)


def is_written(question: Mapping[str, Any]) -> bool:
    """Whether a question of a rubric's document is answered in words: it has items, not checks."""
    return bool(question.get("items"))


def applied_items(items: Iterable[Mapping[str, Any]], marked: Collection[str]) -> list[Mapping[str, Any]]:
    """The items of a rubric's document that apply, when a TA applied those in `marked`: an item that others were merged
    into applies wherever one of them did."""
    return [item for item in items if not {item["id"], *(item.get("formerly") or ())}.isdisjoint(marked)]


def checks_score(max_points: float, checks: Iterable[CheckResult]) -> float:
    """A code question's points: the sum over its checks, clamped."""
    return clamp(sum(check.points for check in checks), max_points)
