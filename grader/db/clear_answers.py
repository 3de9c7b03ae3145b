"""Undecided answers for which every item of the rubric is suggested clear: full points, if a TA says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from grader.db.class_answers import counting, written_question, written_questions
from grader.db.review_tables import Review, Suggestion
from grader.db.tables import Answer, Assignment, Submission


def clear_answers(session: Session, assignment: Assignment, question: str) -> list[int]:
    """Their submissions. None of a question that starts at 0 points: there, clear would mean no credit."""
    return list(session.scalars(_query(assignment, [written_question(assignment, question)], Submission.id)))


def clear_counts(session: Session, assignment: Assignment) -> Counter[str]:
    """How many there are, by question."""
    query = _query(assignment, written_questions(assignment), Suggestion.question, func.count())
    return Counter(dict(session.execute(query.group_by(Suggestion.question)).all()))


def _query(assignment: Assignment, questions: Sequence[Mapping[str, Any]], *columns: Any) -> Any:
    answer = (Answer.submission_id == Suggestion.submission_id) & (Answer.question == Suggestion.question)
    decided = exists().where(Review.submission_id == Submission.id, Review.question == Suggestion.question)
    unchanged = func.encode(func.sha256(func.convert_to(Answer.text, "UTF8")), "hex") == Suggestion.answer_sha256
    return (
        select(*columns)
        .select_from(Suggestion)
        .join(Submission, Submission.id == Suggestion.submission_id)
        .join(Answer, answer)
        .where(counting(assignment), or_(false(), *(_all_clear(question) for question in questions)))
        .where(~decided, unchanged, func.btrim(Answer.text, " \t\r\n") != "")
    )


def _all_clear(question: Mapping[str, Any]) -> ColumnElement[bool]:
    if question.get("scoring") != "deduct":
        return false()
    clear = {item["id"]: {"suggested": "clear"} for item in question["items"]}
    return and_(Suggestion.question == question["id"], Suggestion.items.contains(clear))
