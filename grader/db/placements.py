"""Where the answers of a submission stand, and placing one that was not found: the files stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.core import submission as core
from grader.db.audit import record
from grader.db.class_answers import written_question, written_questions
from grader.db.review_tables import Review
from grader.db.suggestions import refresh_suggestions
from grader.db.tables import Answer, Submission, User
from grader.db.text import storable
from grader.errors import Forbidden

_AUDITED = 5000  # characters of an answer that the audit log keeps


@dataclass(frozen=True)
class Standing:
    """A written question of a submission and its answer, if there is a row of one. `reviewed`: a TA decided it."""

    question: str
    title: str
    points: float
    answer: Answer | None
    reviewed: bool

    @property
    def found(self) -> bool:
        return self.answer is not None and is_answered(self.answer)


def is_answered(answer: Answer) -> bool:
    """Whether there is something to mark: a text, or pages that somebody pointed at."""
    return bool(answer.text.strip() or answer.pages)


def missing_answers(submission: Submission) -> list[str]:
    """The written questions of the rubric to which no answer was found."""
    found = {answer.question for answer in submission.answers if is_answered(answer)}
    return [it["id"] for it in written_questions(submission.assignment) if it["id"] not in found]


def standings(session: Session, submission: Submission) -> list[Standing]:
    """Every written question of the rubric, in its order."""
    answers = {answer.question: answer for answer in submission.answers}
    reviewed = set(session.scalars(select(Review.question).where(Review.submission_id == submission.id)))
    return [
        Standing(it["id"], it["title"], float(it["points"]), answers.get(it["id"]), it["id"] in reviewed)
        for it in written_questions(submission.assignment)
    ]


def why_not(submission: Submission, reviewed: bool, *, staff: bool) -> str:
    """Why the reader cannot point at an answer now, as the end of a sentence; "" if they can."""
    if staff:
        return ""
    if submission.assignment.due_at and submission.assignment.due_at < datetime.now(UTC):
        return "the due date has passed"
    return "a TA has marked it already" if reviewed else ""


def place_answer(session: Session, submission: Submission, answer: core.Answer, *, by: User, staff: bool) -> Answer:
    """Store an answer that `by` pointed at or typed, note it in the audit log, and suggest its marks anew.

    Raises NotFound for an unknown written question, Forbidden for a student after the due date or after a TA's review.
    """
    written_question(submission.assignment, answer.question)
    key = {"submission_id": submission.id, "question": answer.question}
    session.execute(select(Submission.id).where(Submission.id == submission.id).with_for_update())
    if reason := why_not(submission, session.get(Review, tuple(key.values())) is not None, staff=staff):
        raise Forbidden(f"the answer to {answer.question} cannot be pointed at any more: {reason}")
    before = session.get(Answer, tuple(key.values()), populate_existing=True)
    noted = _document(before) if before else None
    values = {
        "text": storable(answer.text), "source": storable(answer.source), "place": answer.place,
        "document": answer.document and storable(answer.document), "pages": list(answer.pages),
        "placed_by_id": by.id, "placed_at": func.clock_timestamp(),
    }  # fmt: skip
    session.execute(insert(Answer).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values))
    session.expire(submission, ["answers"])
    row = session.get_one(Answer, tuple(key.values()), populate_existing=True)
    record(
        session, "answer placed", assignment_id=submission.assignment_id, by=by, submission_id=submission.id,
        question=answer.question, before=noted, after=_document(row),
    )  # fmt: skip
    refresh_suggestions(session, submission, answer.question)
    return row


def _document(row: Answer) -> Mapping[str, Any]:
    return {
        "text": row.text[:_AUDITED], "source": row.source, "place": row.place, "document": row.document,
        "pages": row.pages,
    }  # fmt: skip
