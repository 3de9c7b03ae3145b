"""The audit log of an assignment, searched and paged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from grader.db.review_tables import AuditEntry
from grader.db.tables import Assignment, Submission, User


@dataclass(frozen=True)
class LogFilter:
    """What to look for; empty and None: everything. `student` is a part of a name or e-mail, `by` a user's id."""

    student: str = ""
    submission: int | None = None
    question: str = ""
    action: str = ""
    by: int | None = None


@dataclass(frozen=True)
class LogLine:
    """`student`: who handed in what the entry is about, if it is about a submission."""

    entry: AuditEntry
    by: str | None
    student: str | None


@dataclass(frozen=True)
class LogChoices:
    """What there is to choose from: actions, and (id, name) of the people who did something."""

    actions: Sequence[str]
    people: Sequence[tuple[int, str]]


def log_lines(
    session: Session, assignment: Assignment, wanted: LogFilter, *, before_id: int | None = None, limit: int = 50
) -> list[LogLine]:
    """Newest first; `before_id` pages on."""
    student, actor = User.__table__.alias("student"), User.__table__.alias("actor")
    query = (
        select(AuditEntry, actor.c.name, student.c.name)
        .outerjoin(actor, actor.c.id == AuditEntry.by_id)
        .outerjoin(Submission, Submission.id == AuditEntry.submission_id)
        .outerjoin(student, student.c.id == Submission.user_id)
        .where(AuditEntry.assignment_id == assignment.id)
    )
    if wanted.student:
        part = func.lower(wanted.student)
        query = query.where(
            or_(func.strpos(func.lower(student.c.name), part) > 0, func.strpos(student.c.email, part) > 0)
        )
    for column, value in (
        (AuditEntry.submission_id, wanted.submission), (AuditEntry.question, wanted.question),
        (AuditEntry.action, wanted.action), (AuditEntry.by_id, wanted.by),
    ):  # fmt: skip
        if value:
            query = query.where(column == value)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    rows = session.execute(query.order_by(AuditEntry.id.desc()).limit(limit))
    return [LogLine(entry, by, name) for entry, by, name in rows]


def log_choices(session: Session, assignment: Assignment) -> LogChoices:
    mine = AuditEntry.assignment_id == assignment.id
    actions = session.scalars(select(AuditEntry.action).where(mine).distinct().order_by(AuditEntry.action))
    people = session.execute(
        select(User.id, User.name)
        .join(AuditEntry, AuditEntry.by_id == User.id)
        .where(mine)
        .distinct()
        .order_by(User.name)
    )
    return LogChoices(tuple(actions), tuple((person, name) for person, name in people))
