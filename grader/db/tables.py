"""The tables. PostgreSQL only.

Scores are derived (`grader/core/score.py`) from an attempt's result, the marks and the adjustments; `attempt.score` is
what the checks alone gave, kept for lists and queries.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Numeric,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from grader.core.submission import AttemptState
from grader.db.kinds import EventKind, Lane, MarkState, Role, TokenPurpose

Points = Numeric(10, 4)


def _one_of(kind: type[StrEnum]) -> Enum:
    """Text with a check constraint: a new value needs no `ALTER TYPE`."""
    return Enum(
        kind, native_enum=False, length=20, create_constraint=True, name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )  # fmt: skip


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        Decimal: Points,
        str: Text,
        Role: _one_of(Role),
        TokenPurpose: _one_of(TokenPurpose),
        Lane: _one_of(Lane),
        AttemptState: _one_of(AttemptState),
        EventKind: _one_of(EventKind),
        MarkState: _one_of(MarkState),
    }


def _id() -> Mapped[int]:
    return mapped_column(Identity(always=True), primary_key=True)


def _now() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


class User(Table):
    __tablename__ = "users"

    id: Mapped[int] = _id()
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    password_hash: Mapped[str | None]  # argon2; None: signs in by token only
    is_admin: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = _now()

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)


class Token(Table):
    """A secret that its owner holds; only its SHA-256 is kept."""

    __tablename__ = "token"

    id: Mapped[int] = _id()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[TokenPurpose]
    label: Mapped[str]
    created_at: Mapped[datetime] = _now()
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class LoginThrottle(Table):
    __tablename__ = "login_throttle"

    email: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    paused_until: Mapped[datetime | None]


class Course(Table):
    __tablename__ = "course"

    id: Mapped[int] = _id()
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    created_at: Mapped[datetime] = _now()


class Enrollment(Table):
    __tablename__ = "enrollment"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[Role]

    course: Mapped[Course] = relationship()
    user: Mapped[User] = relationship()


class RubricVersion(Table):
    __tablename__ = "rubric_version"

    id: Mapped[int] = _id()
    pack: Mapped[str]
    sha256: Mapped[str]
    yaml_text: Mapped[str]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = _now()

    __table_args__ = (UniqueConstraint("pack", "sha256"),)


class Assignment(Table):
    __tablename__ = "assignment"

    id: Mapped[int] = _id()
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)  # in the whole service: it is what the API is addressed by
    title: Mapped[str]
    pack: Mapped[str]
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    variables: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    lane: Mapped[Lane] = mapped_column(server_default=Lane.INTERACTIVE)
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = _now()

    course: Mapped[Course] = relationship()
    rubric_version: Mapped[RubricVersion] = relationship()


class Submission(Table):
    """Immutable. The same content handed in again by the same user is the same submission."""

    __tablename__ = "submission"

    id: Mapped[int] = _id()
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    content_sha256: Mapped[str]
    source: Mapped[str]  # "api", "page", "cli", "push", "inbox"
    remarks: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # of ingest: what was skipped and why
    created_at: Mapped[datetime] = _now()

    assignment: Mapped[Assignment] = relationship()
    user: Mapped[User] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(order_by="SubmissionFile.path")
    answers: Mapped[list[Answer]] = relationship(order_by="Answer.question")
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id", back_populates="submission")

    __table_args__ = (UniqueConstraint("assignment_id", "user_id", "content_sha256"),)


class SubmissionFile(Table):
    __tablename__ = "submission_file"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(BigInteger)


class Answer(Table):
    __tablename__ = "answer"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    source: Mapped[str]  # where it was found: "BatchNormalization.ipynb, cell 12"


class Attempt(Table):
    """One grading of one submission by one rubric version. The row is the queue; messages are hints."""

    __tablename__ = "attempt"

    id: Mapped[int] = _id()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    lane: Mapped[Lane]
    state: Mapped[AttemptState] = mapped_column(server_default=AttemptState.QUEUED)
    created_at: Mapped[datetime] = _now()
    # When a message last went to the broker. Whoever opens an attempt sends one; if that fails, the sweeper does later.
    sent_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    not_before: Mapped[datetime | None]  # a retry waits until then
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    worker: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]  # grader.core.result.Result
    score: Mapped[Decimal | None]
    max_score: Mapped[Decimal | None]
    error: Mapped[str | None]  # for staff: why it failed

    submission: Mapped[Submission] = relationship(back_populates="attempts")
    rubric_version: Mapped[RubricVersion] = relationship()

    __table_args__ = (
        Index("ix_attempt_undone", "state", "lease_until", postgresql_where=text("state IN ('queued', 'running')")),
        CheckConstraint("(state = 'running') = (lease_token IS NOT NULL)", name="lease_while_running"),
        CheckConstraint("state <> 'graded' OR result IS NOT NULL", name="result_when_graded"),
    )


class AttemptEvent(Table):
    """Progress, for live pages. `seq` rises over the whole table, so it is also the id of a server-sent event."""

    __tablename__ = "attempt_event"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    kind: Mapped[EventKind]
    text: Mapped[str]
    done: Mapped[int | None]
    total: Mapped[int | None]

    __table_args__ = (Index("ix_attempt_event_attempt", "attempt_id", "seq"),)


class Verdict(Table):
    """One check of one graded attempt, as columns for queries; the words are in `attempt.result`."""

    __tablename__ = "verdict"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    check_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    function: Mapped[str | None]
    scope: Mapped[str]
    status: Mapped[str]
    points: Mapped[Decimal]
    max_points: Mapped[Decimal]
    mistake: Mapped[str | None]
    relative_error: Mapped[float | None]
    seconds: Mapped[float]


class Mark(Table):
    """A rubric item on one answer of a submission, as a TA decided (or as we suggested). Outlives regrades."""

    __tablename__ = "mark"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    applied: Mapped[bool]
    state: Mapped[MarkState]
    comment: Mapped[str] = mapped_column(server_default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = _now()
    version: Mapped[int] = mapped_column(server_default=text("1"))

    by: Mapped[User | None] = relationship()


class Adjustment(Table):
    """Points that a TA adds to (or takes from) one question of a submission, with the reason."""

    __tablename__ = "adjustment"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[Decimal]
    comment: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = _now()
    version: Mapped[int] = mapped_column(server_default=text("1"))

    by: Mapped[User] = relationship()

    __table_args__ = (CheckConstraint("comment <> ''", name="comment_given"),)


class Receipt(Table):
    """What became of an upload that was kept in the inbox while the database was away."""

    __tablename__ = "receipt"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    error: Mapped[str | None]
