"""The audit log: who changed what, before and after. Written in the same transaction as the change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from grader.db.review_tables import AuditEntry
from grader.db.tables import User
from grader.db.text import storable_json


def record(
    session: Session,
    action: str,
    *,
    assignment_id: int,
    by: User | None,
    submission_id: int | None = None,
    question: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Note a change. `before` and `after` are small JSON objects; None: there was, or is, nothing."""
    entry = AuditEntry(
        action=action, assignment_id=assignment_id, by_id=by.id if by else None, submission_id=submission_id,
        question=question, before=storable_json(before), after=storable_json(after),
    )  # fmt: skip
    session.add(entry)
    return entry


def entries(
    session: Session,
    assignment_id: int,
    *,
    submission_id: int | None = None,
    question: str | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[AuditEntry]:
    """Newest first, with `by` loaded; `before_id` pages on."""
    query = select(AuditEntry).where(AuditEntry.assignment_id == assignment_id).options(joinedload(AuditEntry.by))
    if submission_id is not None:
        query = query.where(AuditEntry.submission_id == submission_id)
    if question is not None:
        query = query.where(AuditEntry.question == question)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)))
