"""One written question of many submissions: the sheets in a handful of queries, and one decision on each in a handful more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.db.class_answers import written_question
from grader.db.kinds import MarkState, ReviewVia
from grader.db.review_tables import Adjustment, Mark, Review, Suggestion
from grader.db.reviews import Decision, ItemDecision
from grader.db.scores import Decisions, QuestionSheet, written_sheet
from grader.db.tables import Answer, Assignment, Submission
from grader.db.text import storable

_MOST_ROWS = 5000  # of one statement, which may have 65,535 values


@dataclass(frozen=True)
class Change:
    """What becomes of the question of one submission. `decision` None: undecided again."""

    sheet: QuestionSheet
    decision: Decision | None
    by_id: int
    via: ReviewVia
    seconds: float | None = None


def answer_sheets(
    session: Session, assignment: Assignment, question: str, submissions: Collection[int]
) -> dict[int, QuestionSheet]:
    """By submission, by the assignment's present rubric. Raises NotFound for what is no written question."""
    declared = written_question(assignment, question)
    stored = [_rows(session, table, question, submissions) for table in (Mark, Adjustment, Suggestion, Review, Answer)]
    return {
        submission: written_sheet(declared, Decisions(*(rows.get(submission, ()) for rows in stored)))
        for submission in submissions
    }


def lock_answers(session: Session, question: str, submissions: Collection[int]) -> None:
    """Nobody else decides the question of these until this transaction ends. In order of id, so that two who lock do not
    wait for each other."""
    query = select(Submission.id).where(Submission.id.in_(submissions)).order_by(Submission.id)
    session.execute(query.with_for_update())
    for table in (Mark, Adjustment, Review):  # who does not lock the submission waits for a row, and fails by its version
        rows = select(table.submission_id).where(table.submission_id.in_(submissions), table.question == question)
        session.execute(rows.order_by(table.submission_id).with_for_update())


def store_changes(session: Session, question: str, changes: Mapping[int, Change]) -> None:
    """Store all `changes` (by submission, locked before); versions rise as if each had been saved by itself."""
    _forget(session, question, {it: change for it, change in changes.items() if change.decision is None})
    decided = {it: change for it, change in changes.items() if change.decision is not None}
    _store_marks(session, question, decided)
    _store_adjustments(session, question, decided)
    _store_reviews(session, question, decided)


def _rows(session: Session, table: Any, question: str, submissions: Collection[int]) -> dict[int, list[Any]]:
    query = select(table).where(table.submission_id.in_(submissions), table.question == question)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.scalars(query, execution_options={"populate_existing": True}):
        found[row.submission_id].append(row)
    return found


def _forget(session: Session, question: str, changes: Mapping[int, Change]) -> None:
    for table in (Mark, Adjustment, Review) if changes else ():
        gone = delete(table).where(table.submission_id.in_(changes), table.question == question)
        session.execute(gone, execution_options={"synchronize_session": "fetch"})


def _store_marks(session: Session, question: str, changes: Mapping[int, Change]) -> None:
    rows = [
        {
            "submission_id": submission, "question": question, "item": item, "applied": chosen.applied,
            "comment": storable(chosen.comment.strip()), "by_id": change.by_id, "state": _state(change.sheet, item, chosen),
        }
        for submission, change in changes.items()
        for item, chosen in _chosen(change).items()
    ]  # fmt: skip
    changed = or_(Mark.applied != insert(Mark).excluded.applied, Mark.comment != insert(Mark).excluded.comment)
    _upsert(session, Mark, ("submission_id", "question", "item"), rows, changed)


def _chosen(change: Change) -> dict[str, ItemDecision]:
    """Every item of the rubric, and every one that was marked before, as decided; comments on old items stay."""
    marks, items = change.sheet.marks, change.decision.items
    names = [item.id for item in change.sheet.result.items]
    old = {name: ItemDecision(False, mark.comment) for name, mark in marks.items() if name not in names}
    return old | {name: ItemDecision(False) for name in names} | dict(items)


def _state(sheet: QuestionSheet, item: str, chosen: ItemDecision) -> MarkState:
    suggested = next((it.suggested for it in sheet.result.items if it.id == item), "unknown")
    against = suggested != "unknown" and (suggested == "deduct") != chosen.applied
    return MarkState.OVERRIDDEN if against else MarkState.CONFIRMED


def _store_adjustments(session: Session, question: str, changes: Mapping[int, Change]) -> None:
    given = {it: change for it, change in changes.items() if _is_adjusted(change.decision)}
    none = [it for it in changes if it not in given]
    if none:
        gone = delete(Adjustment).where(Adjustment.submission_id.in_(none), Adjustment.question == question)
        session.execute(gone, execution_options={"synchronize_session": "fetch"})
    rows = [
        {
            "submission_id": submission, "question": question, "points": change.decision.points or 0.0,
            "comment": storable(change.decision.comment).strip(), "by_id": change.by_id,
        }
        for submission, change in given.items()
    ]  # fmt: skip
    fresh = insert(Adjustment).excluded
    changed = or_(Adjustment.points != fresh.points, Adjustment.comment != fresh.comment)
    _upsert(session, Adjustment, ("submission_id", "question"), rows, changed)


def _is_adjusted(decision: Decision) -> bool:
    return decision.points is not None or bool(decision.comment.strip())


def _store_reviews(session: Session, question: str, changes: Mapping[int, Change]) -> None:
    rows = [
        {
            "submission_id": submission, "question": question, "by_id": change.by_id, "via": change.via,
            "seconds": change.seconds,
        }
        for submission, change in changes.items()
    ]  # fmt: skip
    _upsert(session, Review, ("submission_id", "question"), rows)


def _upsert(
    session: Session, table: Any, key: Sequence[str], rows: Sequence[dict[str, Any]], changed: Any = None
) -> None:
    """New rows are inserted; those that are there, and `changed`, get the new values and the next version."""
    for begin in range(0, len(rows), _MOST_ROWS):
        statement = insert(table).values(rows[begin : begin + _MOST_ROWS])
        fresh = {name: statement.excluded[name] for name in rows[0] if name not in key}
        fresh |= {"version": table.version + 1, "at": func.now()}
        session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=fresh, where=changed))
