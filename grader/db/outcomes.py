"""How many answers to a question were marked: the items and the adjustment of each, without anything to read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.review_tables import Adjustment, Mark, Review


@dataclass(frozen=True)
class Outcome:
    """Of an answer that is decided. `marked`: ids of the items that were applied; see `grader.core.score.applied_items`."""

    marked: frozenset[str]
    adjustment: float | None


def outcomes(session: Session, question: str, submissions: Collection[int]) -> dict[int, Outcome]:
    """By submission; those that are undecided are absent."""
    marked = (Mark.submission_id == Review.submission_id) & (Mark.question == Review.question) & Mark.applied
    adjusted = (Adjustment.submission_id == Review.submission_id) & (Adjustment.question == Review.question)
    query = (
        select(Review.submission_id, func.array_remove(func.array_agg(Mark.item), None), func.max(Adjustment.points))
        .outerjoin(Mark, marked)
        .outerjoin(Adjustment, adjusted)
        .where(Review.question == question, Review.submission_id.in_(submissions))
        .group_by(Review.submission_id)
    )
    return {
        submission: Outcome(frozenset(items), None if points is None else float(points))
        for submission, items, points in session.execute(query)
    }
