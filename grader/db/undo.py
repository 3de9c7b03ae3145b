"""Taking back what a TA decided last, with all that was decided at once with it, by the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, exists, select
from sqlalchemy.orm import Session, aliased, joinedload

from grader.db.answer_sheets import Change, answer_sheets, lock_answers
from grader.db.changes import DECIDED, UNDONE, take_back
from grader.db.class_answers import written_questions
from grader.db.kinds import ReviewVia
from grader.db.review_tables import AuditEntry
from grader.db.reviews import Decision, ItemDecision
from grader.db.scores import QuestionSheet
from grader.db.tables import Assignment, User


@dataclass(frozen=True)
class Undone:
    """`submission_id`: where the decision was made. `restored`: the submissions that are as before; `kept`: those that
    somebody changed since, and who."""

    question: str
    submission_id: int
    restored: tuple[int, ...]
    kept: Mapping[int, str]


def undo(session: Session, *, by: User, assignment: Assignment) -> Undone | None:
    """Restore what was before the TA's own last decision on written answers; None if there is none left.

    What was decided together (a group, duplicates) is taken back together, except where somebody decided since.
    """
    last = _last(session, assignment, by)
    if last is None:
        return None
    entries = _together(session, assignment, last)
    question, submissions = last.question, [entry.submission_id for entry in entries]
    lock_answers(session, question, submissions)
    sheets = answer_sheets(session, assignment, question, submissions)
    standing = _standing(session, question, submissions)
    changes, of, kept = {}, {}, {}
    for entry in entries:
        submission, history = entry.submission_id, standing[entry.submission_id]
        other = _changed_by(entry, history, sheets[submission])
        if other:
            kept[submission] = other
            continue
        below = history[-2] if len(history) > 1 else None
        changes[submission] = _restoring(entry, below, sheets[submission], by)
        if below and (below.after or {}).get("of"):
            of[submission] = below.after["of"]
    undoes = {entry.submission_id: entry.id for entry in entries}
    take_back(session, assignment, question, changes, by=by, undoes=undoes, of=of)
    return Undone(question, entries[0].submission_id, tuple(changes), kept)


def _last(session: Session, assignment: Assignment, by: User) -> AuditEntry | None:
    written = [question["id"] for question in written_questions(assignment)]
    query = select(AuditEntry).where(
        AuditEntry.assignment_id == assignment.id, AuditEntry.by_id == by.id, AuditEntry.action == DECIDED,
        AuditEntry.submission_id.is_not(None), AuditEntry.question.in_(written), ~_taken_back(assignment),
    )  # fmt: skip
    return session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))


def _together(session: Session, assignment: Assignment, last: AuditEntry) -> list[AuditEntry]:
    """The entries of what was decided at once with `last`, the first one first."""
    first = (last.after or {}).get("with", last.id)
    query = select(AuditEntry).where(
        AuditEntry.assignment_id == assignment.id, AuditEntry.submission_id.is_not(None), AuditEntry.action == DECIDED,
        (AuditEntry.id == first) | (AuditEntry.after["with"].astext.cast(Integer) == first), ~_taken_back(assignment),
    )  # fmt: skip
    return list(session.scalars(query.order_by(AuditEntry.id)))


def _taken_back(assignment: Assignment) -> Any:
    undo = aliased(AuditEntry)
    return exists().where(
        undo.assignment_id == assignment.id, undo.action == UNDONE,
        undo.before["undoes"].astext.cast(Integer) == AuditEntry.id,
    )  # fmt: skip


def _standing(session: Session, question: str, submissions: Sequence[int]) -> dict[int, list[AuditEntry]]:
    """The decisions on each answer that nobody has taken back, oldest first."""
    query = select(AuditEntry).where(AuditEntry.submission_id.in_(submissions), AuditEntry.question == question)
    query = query.where(AuditEntry.action.in_((DECIDED, UNDONE))).order_by(AuditEntry.id)
    standing: dict[int, list[AuditEntry]] = {submission: [] for submission in submissions}
    for entry in session.scalars(query.options(joinedload(AuditEntry.by))):
        history = standing[entry.submission_id]
        if entry.action == DECIDED:
            history.append(entry)
        else:
            history[:] = [other for other in history if other.id != entry.before["undoes"]]
    return standing


def _changed_by(entry: AuditEntry, history: Sequence[AuditEntry], sheet: QuestionSheet) -> str | None:
    """Who decided the answer since `entry`; None if nobody did."""
    newest, review = history[-1], sheet.review
    if newest.id != entry.id:
        return newest.by.name if newest.by else "somebody else"
    if review and review.by_id != entry.by_id and review.at > entry.at:
        return review.by.name
    return None


def _restoring(entry: AuditEntry, below: AuditEntry | None, sheet: QuestionSheet, by: User) -> Change:
    before = entry.before
    if before is None:
        return Change(sheet, None, by.id, ReviewVia.DESK)
    adjusted, comments = before["adjustment"] or {}, before["comments"]
    items = {
        name: ItemDecision(name in before["applied"], comments.get(name, ""))
        for name in {*before["applied"], *comments}
    }
    decision = Decision(items, adjusted.get("points"), adjusted.get("comment", ""))
    decided_by = below.by_id if below and below.by_id else by.id
    return Change(sheet, decision, decided_by, ReviewVia(before["via"]))
