"""Changes of decisions and their entries in the audit log, together: what was decided at once can be taken back at once.

An entry that came with others names the first of them (`after.with`); that of a duplicate names the submission whose
decision it follows (`after.of`); that of an undo names the entry which it takes back (`before.undoes`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Integer, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from grader.db.answer_sheets import Change, answer_sheets, store_changes
from grader.db.audit import record
from grader.db.review_tables import AuditEntry
from grader.db.reviews import decision_document
from grader.db.tables import Assignment, User

DECIDED, UNDONE = "review", "undo"  # actions of the audit log


def carry_out(
    session: Session, assignment: Assignment, question: str, changes: Mapping[int, Change], *, by: User,
    of: int | None = None, first: int | None = None,
) -> None:  # fmt: skip
    """Store and log `changes` (by submission, locked before). `of`: they follow this submission's decision, which the
    entry `first` noted."""
    for submission, before, after in _stored(session, assignment, question, changes):
        if before == after:
            continue
        notes = {name: it for name, it in (("of", of), ("with", first)) if it is not None}
        entry = record(
            session, DECIDED, assignment_id=assignment.id, by=by, submission_id=submission, question=question,
            before=before, after=(after or {}) | notes,
        )  # fmt: skip
        if first is None:
            session.flush()
            first = entry.id


def take_back(
    session: Session, assignment: Assignment, question: str, changes: Mapping[int, Change], *, by: User,
    undoes: Mapping[int, int], of: Mapping[int, int],
) -> None:  # fmt: skip
    """As `carry_out`, for an undo: `undoes` and `of` by submission."""
    for submission, before, after in _stored(session, assignment, question, changes):
        if after is not None and submission in of:
            after |= {"of": of[submission]}
        record(
            session, UNDONE, assignment_id=assignment.id, by=by, submission_id=submission, question=question,
            before=(before or {}) | {"undoes": undoes[submission]}, after=after,
        )  # fmt: skip


def newest_decision(session: Session, submission_id: int, question: str, by: User) -> int | None:
    """The entry of the newest decision on this answer, if it was by `by`."""
    query = select(AuditEntry).filter_by(submission_id=submission_id, question=question)
    entry = session.scalar(query.where(AuditEntry.action.in_((DECIDED, UNDONE))).order_by(AuditEntry.id.desc()).limit(1))
    return entry.id if entry and entry.action == DECIDED and entry.by_id == by.id else None


def following(session: Session, of: int, question: str, submissions: Collection[int]) -> set[int]:
    """Those of `submissions` whose newest decision follows that of the submission `of`."""
    newest = (
        select(AuditEntry.submission_id, AuditEntry.after["of"].astext.cast(Integer).label("of"))
        .ext(distinct_on(AuditEntry.submission_id))
        .where(AuditEntry.submission_id.in_(submissions), AuditEntry.question == question)
        .where(AuditEntry.action.in_((DECIDED, UNDONE)))
        .order_by(AuditEntry.submission_id, AuditEntry.id.desc())
    )
    return {submission for submission, followed in session.execute(newest) if followed == of}


def _stored(
    session: Session, assignment: Assignment, question: str, changes: Mapping[int, Change]
) -> Iterator[tuple[int, dict[str, Any] | None, dict[str, Any] | None]]:
    """(submission, before, after) of each."""
    if not changes:
        return
    before = {it: decision_document(change.sheet) for it, change in changes.items()}
    store_changes(session, question, changes)
    now = answer_sheets(session, assignment, question, changes)
    yield from ((it, before[it], decision_document(now[it])) for it in changes)
