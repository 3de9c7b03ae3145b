"""The tables of marking: suggestions, marks, adjustments, reviews, groups, and what TAs and students say about them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.kinds import MarkState, RequestState, ReviewVia, RunState
from grader.db.tables import Assignment, RubricVersion, Submission, Table, User, identity, now_column


def _submission() -> Mapped[int]:
    return mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)


class Suggestion(Table):
    """What the rubric's rules say about one answer. `items`: {item id: {suggested, confidence, evidence, reason}}."""

    __tablename__ = "suggestion"

    submission_id: Mapped[int] = _submission()
    question: Mapped[str] = mapped_column(primary_key=True)
    items: Mapped[dict[str, Any]]
    answer_sha256: Mapped[str]
    at: Mapped[datetime] = now_column()


class Mark(Table):
    """A rubric item on one answer of a submission, as a TA decided. Outlives regrades."""

    __tablename__ = "mark"

    submission_id: Mapped[int] = _submission()
    question: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    applied: Mapped[bool]
    state: Mapped[MarkState]
    comment: Mapped[str] = mapped_column(server_default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = now_column()
    version: Mapped[int] = mapped_column(server_default=text("1"))

    by: Mapped[User | None] = relationship()


class Adjustment(Table):
    """Points that a TA adds to (or takes from) one question of a submission, with the reason."""

    __tablename__ = "adjustment"

    submission_id: Mapped[int] = _submission()
    question: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[Decimal]
    comment: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = now_column()
    version: Mapped[int] = mapped_column(server_default=text("1"))

    by: Mapped[User] = relationship()

    __table_args__ = (CheckConstraint("comment <> ''", name="comment_given"),)


class Review(Table):
    """That a TA has decided a question of a submission: by whom, how, and how long they looked at it (seconds)."""

    __tablename__ = "review"

    submission_id: Mapped[int] = _submission()
    question: Mapped[str] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    via: Mapped[ReviewVia]
    seconds: Mapped[float | None]
    at: Mapped[datetime] = now_column()
    version: Mapped[int] = mapped_column(server_default=text("1"))

    by: Mapped[User] = relationship()


class Claim(Table):
    """A TA has this answer on their screen until `until`, unless they say so again."""

    __tablename__ = "claim"

    submission_id: Mapped[int] = _submission()
    question: Mapped[str] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    until: Mapped[datetime]

    by: Mapped[User] = relationship()


class AnswerGroup(Table):
    """Where an answer stands among the others to its question: `group` from 0, `position` within the whole order.

    Answers with the same `duplicate` (a hash of the normalised words) say the same.
    """

    __tablename__ = "answer_group"

    submission_id: Mapped[int] = _submission()
    question: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[int]
    position: Mapped[int]
    duplicate: Mapped[str]


class AuditEntry(Table):
    """One change, as it was before and after. Never changed, never deleted."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = identity()
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="SET NULL"))
    question: Mapped[str | None]
    action: Mapped[str]  # "review", "rubric", "publish", "regrade request" …
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]

    by: Mapped[User | None] = relationship()

    __table_args__ = (Index("ix_audit_entry_assignment", "assignment_id", "id"),)


class RegradeRun(Table):
    """A whole class graded again. Its attempts do not count before the run is accepted."""

    __tablename__ = "regrade_run"

    id: Mapped[int] = identity()
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    state: Mapped[RunState] = mapped_column(server_default=RunState.RUNNING)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = now_column()
    closed_at: Mapped[datetime | None]

    assignment: Mapped[Assignment] = relationship()
    rubric_version: Mapped[RubricVersion] = relationship()
    by: Mapped[User] = relationship()


class RegradeRequest(Table):
    """A student asks for a second look at one question. One request per question and submission; a thread below it."""

    __tablename__ = "regrade_request"

    id: Mapped[int] = identity()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    question: Mapped[str]
    state: Mapped[RequestState] = mapped_column(server_default=RequestState.OPEN)
    created_at: Mapped[datetime] = now_column()
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    submission: Mapped[Submission] = relationship()
    messages: Mapped[list[RegradeMessage]] = relationship(order_by="RegradeMessage.id")

    __table_args__ = (UniqueConstraint("submission_id", "question"),)


class RegradeMessage(Table):
    __tablename__ = "regrade_message"

    id: Mapped[int] = identity()
    request_id: Mapped[int] = mapped_column(ForeignKey("regrade_request.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = now_column()
    text: Mapped[str]

    by: Mapped[User] = relationship()


class Opinion(Table):
    """What a language model said about one answer, for a TA to read. It never decides anything.

    items: {item id: {suggested, quotes, reason}}; quotes are verified to stand in the answer. flagged: the answer tries
    to instruct the model. cost in the currency that the course configured, if it did.
    """

    __tablename__ = "opinion"

    id: Mapped[int] = identity()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    question: Mapped[str]
    model: Mapped[str]
    items: Mapped[dict[str, Any]]
    flagged: Mapped[bool]
    error: Mapped[str | None]
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    cost: Mapped[Decimal | None]
    at: Mapped[datetime] = now_column()

    __table_args__ = (Index("ix_opinion_answer", "submission_id", "question"),)
