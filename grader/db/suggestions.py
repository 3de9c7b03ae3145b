"""Suggestions: what the rubric's rules say about each answer, stored when an attempt ends or an answer is placed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.core.result import ItemResult, QuestionResult
from grader.db.review_tables import Suggestion
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


def items_document(items: Iterable[ItemResult]) -> dict[str, Any]:
    """{item id: {suggested, confidence, evidence, reason}}"""
    return storable_json({item.id: item.model_dump(mode="json", include=set(_FIELDS)) for item in items})


def answer_sha256(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()
