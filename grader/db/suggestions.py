"""Suggestions: what the rubric's rules say about each answer, stored when an attempt ends or an answer is placed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.core import submission as core
from grader.core.answers.declaration import Reading
from grader.core.marking import mark_question
from grader.core.result import ItemResult, QuestionResult
from grader.core.rubric import Question, Rubric
from grader.core.rubric_file import read_rubric
from grader.db.class_answers import is_graded
from grader.db.review_tables import Suggestion
from grader.db.tables import Answer, Assignment, Attempt, RubricVersion, Submission
from grader.db.text import storable_json

_FIELDS = ("suggested", "confidence", "evidence", "reason")


def store_suggestions(session: Session, submission_id: int, questions: Iterable[QuestionResult]) -> None:
    """Keep what was suggested for the items of the written questions; replaces what was kept before."""
    rows = [
        {
            "submission_id": submission_id, "question": question.id, "items": items_document(question.items),
            "answer_sha256": answer_sha256(question.answer),
        }
        for question in questions
        if question.items
    ]  # fmt: skip
    if not rows:
        return
    statement = insert(Suggestion).values(rows)
    fresh = {name: statement.excluded[name] for name in ("items", "answer_sha256")}
    session.execute(statement.on_conflict_do_update(index_elements=["submission_id", "question"], set_=fresh))


def refresh_suggestions(session: Session, submission: Submission, question: str) -> None:
    """Suggest anew for one question, from its answer as it is stored now and the assignment's present rubric."""
    asked = read_rubric(submission.assignment.rubric_version.yaml_text).question(question)
    _suggest(session, submission.id, asked, session.get(Answer, (submission.id, question)))


def refresh_class(session: Session, assignment: Assignment, before: RubricVersion) -> None:
    """Suggest anew, for every graded submission, where the assignment's rubric has other rules than `before`.

    Points, labels and order are no rules: changing them costs nothing here.
    """
    old = _rules(read_rubric(before.yaml_text))
    rubric = read_rubric(assignment.rubric_version.yaml_text)
    for question, rules in _rules(rubric).items():
        if old.get(question) == rules:
            continue
        asked = rubric.question(question)
        of_this = (Answer.submission_id == Submission.id) & (Answer.question == question)
        rows = select(Submission.id, Answer).join(Answer, of_this, isouter=True)
        rows = rows.where(Submission.assignment_id == assignment.id, is_graded())
        for submission_id, row in session.execute(rows).all():
            _suggest(session, submission_id, asked, row)


def _suggest(session: Session, submission_id: int, asked: Question, row: Answer | None) -> None:
    answer = core.Answer(asked.id, row.text, row.source, row.place, row.document, tuple(row.pages)) if row else None
    result = mark_question(asked, (), {asked.id: answer} if answer else {})
    store_suggestions(session, submission_id, [result])


def _rules(rubric: Rubric) -> dict[str, Any]:
    """By written question, what its suggestions follow from."""
    reading = set(Reading.model_fields)
    return {
        question.id: {
            "glossary": rubric.glossary,
            "asked": question.answer.prompt if question.answer else "",
            "reading": question.model_dump(include=reading),
            "items": {
                item.id: rule
                for item in question.items
                if any((rule := item.model_dump(include={"when", "clear", "deduct", "evidence"})).values())
            },
        }
        for question in rubric.questions
        if question.items
    }


def refresh_placed(session: Session, attempt_id: int) -> None:
    """Suggest anew for the answers that somebody pointed at since an attempt began: it has not seen them."""
    attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    since = (Answer.submission_id == attempt.submission_id) & (Answer.placed_at >= attempt.started_at)
    for question in list(session.scalars(select(Answer.question).where(since))):
        refresh_suggestions(session, attempt.submission, question)


def items_document(items: Iterable[ItemResult]) -> dict[str, Any]:
    """{item id: {suggested, confidence, evidence, reason}}"""
    return storable_json({item.id: item.model_dump(mode="json", include=set(_FIELDS)) for item in items})


def answer_sha256(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()
