"""How often TAs decided as was suggested, by item: what a course may trust the suggestions with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from grader.db.class_answers import written_questions
from grader.db.kinds import ReviewVia
from grader.db.review_tables import Mark, Review, Suggestion
from grader.db.tables import Assignment, Submission

BY_HAND = (ReviewVia.DESK, ReviewVia.PAGE, ReviewVia.API, ReviewVia.IMPORT)
"""The ways on which a TA judged one answer by itself. Groups, duplicates and "all clear" would count one look many times,
and the last would have the suggestions confirm themselves."""


@dataclass(frozen=True)
class ItemAgreement:
    """`clear_n` answers where the item was suggested clear, in `clear_agreed` of which the TA did not apply it; likewise
    `deduct`, where the TA did."""

    item: str
    label: str
    clear_n: int
    clear_agreed: int
    deduct_n: int
    deduct_agreed: int
    unknown_n: int


def agreement(session: Session, assignment: Assignment) -> dict[str, list[ItemAgreement]]:
    """By written question, its items in the rubric's order."""
    counts = _counts(session, assignment)
    return {
        question["id"]: [_item(item, question["id"], counts) for item in question["items"]]
        for question in written_questions(assignment)
    }


Counts = dict[tuple[str, str], dict[tuple[str, bool], int]]


def _counts(session: Session, assignment: Assignment) -> Counts:
    """(question, item) → (suggested, applied) → number of answers."""
    said = func.jsonb_each(Suggestion.items).table_valued("key", "value", joins_implicitly=True)
    suggested = func.jsonb_extract_path_text(said.c.value, "suggested")
    applied = func.coalesce(Mark.applied, False)
    same = (Review.submission_id == Suggestion.submission_id) & (Review.question == Suggestion.question)
    marked = (
        (Mark.submission_id == Suggestion.submission_id) & (Mark.question == Suggestion.question)
        & (Mark.item == said.c.key)
    )  # fmt: skip
    query = (
        select(Suggestion.question, said.c.key, suggested, applied, func.count())
        .select_from(Suggestion)
        .join(Submission, Submission.id == Suggestion.submission_id)
        .join(Review, same)
        .join(said, true())
        .outerjoin(Mark, marked)
        .where(Submission.assignment_id == assignment.id, Review.via.in_(BY_HAND))
        .group_by(Suggestion.question, said.c.key, suggested, applied)
    )
    found: Counts = defaultdict(dict)
    for question, item, what, was_applied, number in session.execute(query):
        found[question, item][what, was_applied] = number
    return found


def _item(item: Mapping[str, Any], question: str, counts: Counts) -> ItemAgreement:
    names = [item["id"], *(item.get("formerly") or ())]

    def number(suggested: str, *applied: bool) -> int:
        return sum(counts.get((question, name), {}).get((suggested, it), 0) for name in names for it in applied)

    return ItemAgreement(
        item=item["id"], label=item["label"],
        clear_n=number("clear", True, False), clear_agreed=number("clear", False),
        deduct_n=number("deduct", True, False), deduct_agreed=number("deduct", True),
        unknown_n=number("unknown", True, False),
    )  # fmt: skip
