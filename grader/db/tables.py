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
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from grader.core.submission import AttemptState
from grader.db.kinds import EventKind, Lane, MarkState, RequestState, ReviewVia, Role, RunState, TokenPurpose

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
        ReviewVia: _one_of(ReviewVia),
        RunState: _one_of(RunState),
        RequestState: _one_of(RequestState),
    }


def identity() -> Mapped[int]:
    return mapped_column(Identity(always=True), primary_key=True)


def now_column() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


class User(Table):
    __tablename__ = "users"

    id: Mapped[int] = identity()
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    password_hash: Mapped[str | None]  # argon2; None: signs in by token only
    is_admin: Mapped[bool] = mapped_column(server_default=sql("false"))
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)


class Token(Table):
    """A secret that its owner holds; only its SHA-256 is kept."""

    __tablename__ = "token"

    id: Mapped[int] = identity()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[TokenPurpose]
    label: Mapped[str]
    created_at: Mapped[datetime] = now_column()
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class LoginThrottle(Table):
    __tablename__ = "login_throttle"

    email: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(server_default=sql("0"))
    paused_until: Mapped[datetime | None]


class Course(Table):
    __tablename__ = "course"

    id: Mapped[int] = identity()
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    created_at: Mapped[datetime] = now_column()


class Enrollment(Table):
    __tablename__ = "enrollment"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[Role]

    course: Mapped[Course] = relationship()
    user: Mapped[User] = relationship()


class RubricVersion(Table):
    __tablename__ = "rubric_version"

    id: Mapped[int] = identity()
    pack: Mapped[str]
    sha256: Mapped[str]
    yaml_text: Mapped[str]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (UniqueConstraint("pack", "sha256"),)


class Assignment(Table):
    __tablename__ = "assignment"

    id: Mapped[int] = identity()
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)  # in the whole service: it is what the API is addressed by
    title: Mapped[str]
    pack: Mapped[str]
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    variables: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))
    lane: Mapped[Lane] = mapped_column(server_default=Lane.INTERACTIVE)
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]  # from then on students see the marks of TAs
    anonymous: Mapped[bool] = mapped_column(server_default=sql("false"))  # TAs do not see names while marking
    regrade_quota: Mapped[int] = mapped_column(server_default=sql("3"))  # requests that a student may have, in all
    regrades_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()

    course: Mapped[Course] = relationship()
    rubric_version: Mapped[RubricVersion] = relationship()


class Submission(Table):
    """Immutable. The same content handed in again by the same user is the same submission."""

    __tablename__ = "submission"

    id: Mapped[int] = identity()
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    content_sha256: Mapped[str]
    source: Mapped[str]  # "api", "page", "cli", "gradescope", "demo"
    remarks: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"))  # of ingest: what was skipped and why
    created_at: Mapped[datetime] = now_column()

    assignment: Mapped[Assignment] = relationship()
    user: Mapped[User] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(order_by="SubmissionFile.path")
    answers: Mapped[list[Answer]] = relationship(order_by="Answer.question")
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id", back_populates="submission")

    @property
    def newest_attempt(self) -> Attempt:
        """The newest attempt that counts."""
        return [attempt for attempt in self.attempts if attempt.counts][-1]

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
    place: Mapped[str] = mapped_column(server_default="given")  # grader.core.submission.Place
    document: Mapped[str | None]
    pages: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"))
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who pointed at it, if it was not found
    placed_at: Mapped[datetime | None]


class Attempt(Table):
    """One grading of one submission by one rubric version. The row is the queue; messages are hints."""

    __tablename__ = "attempt"

    id: Mapped[int] = identity()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("regrade_run.id"), index=True)
    counts: Mapped[bool] = mapped_column(server_default=sql("true"))  # false until its run is accepted
    lane: Mapped[Lane]
    state: Mapped[AttemptState] = mapped_column(server_default=AttemptState.QUEUED)
    created_at: Mapped[datetime] = now_column()
    # When a message last went to the broker. Whoever opens an attempt sends one; if that fails, the sweeper does later.
    sent_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    not_before: Mapped[datetime | None]  # a retry waits until then
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default=sql("0"))
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
        Index("ix_attempt_undone", "state", "lease_until", postgresql_where=sql("state IN ('queued', 'running')")),
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


class Receipt(Table):
    """What became of an upload that was kept in the inbox while the database was away."""

    __tablename__ = "receipt"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    error: Mapped[str | None]
