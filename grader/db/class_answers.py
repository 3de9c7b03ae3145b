"""The answers that a class gave to one question: of each student's newest submission, once it is graded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from grader.core.similarity import duplicate_key, shows_picture
from grader.core.submission import AttemptState
from grader.db.tables import Answer, Assignment, Attempt, Submission
from grader.errors import NotFound


@dataclass(frozen=True)
class ClassAnswer:
    """`text` is empty where the student answered nothing. `key` is the same for answers that say the same (see below)."""

    submission_id: int
    text: str
    key: str


def class_answers(
    session: Session, assignment: Assignment, question: str, among: Collection[int] | None = None
) -> list[ClassAnswer]:
    """By submission; `among` limits them to these submissions."""
    query = (
        select(Submission.id, Answer.text, Answer.place, Answer.document)
        .join(Answer, (Answer.submission_id == Submission.id) & (Answer.question == question), isouter=True)
        .where(counting(assignment))
        .order_by(Submission.id)
    )
    if among is not None:
        query = query.where(Submission.id.in_(among))
    return [
        ClassAnswer(submission_id, text or "", answer_key(submission_id, text, place, document))
        for submission_id, text, place, document in session.execute(query)
    ]


def answer_key(submission_id: int, text: str | None, place: str | None, document: str | None) -> str:
    """`duplicate_key`, or one of its own where words are not the whole answer: a page of a document, a picture."""
    if document or place == "unselected" or shows_picture(text or ""):
        return f"own {submission_id}"
    return duplicate_key(text or "")


def counting(assignment: Assignment) -> ColumnElement[bool]:
    """The submissions that a TA marks: each student's newest, if it is graded."""
    newest = select(func.max(Submission.id)).where(Submission.assignment_id == assignment.id)
    return Submission.id.in_(newest.group_by(Submission.user_id)) & is_graded()


def is_graded() -> ColumnElement[bool]:
    """Whether a submission has an attempt that is graded and counts."""
    return exists().where(
        Attempt.submission_id == Submission.id, Attempt.counts, Attempt.state == AttemptState.GRADED
    )


def written_questions(assignment: Assignment) -> list[Mapping[str, Any]]:
    """The rubric's questions that a TA marks, in its order."""
    return [question for question in assignment.rubric_version.document["questions"] if question.get("items")]


def written_question(assignment: Assignment, question: str) -> Mapping[str, Any]:
    """Raises NotFound."""
    for found in written_questions(assignment):
        if found["id"] == question:
            return found
    raise NotFound(f"this assignment has no written question {question!r}")
