"""What language models said about answers: kept for the TA, and for the course to see what it cost."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.review_tables import Opinion
from grader.db.tables import Assignment, Submission
from grader.db.text import storable, storable_json

if TYPE_CHECKING:
    from grader.language_model import Said


def store_opinion(session: Session, *, submission_id: int, question: str, said: Said) -> Opinion:
    opinion = Opinion(
        submission_id=submission_id, question=question, model=storable(said.model),
        items=storable_json({name: asdict(item) for name, item in said.opinion.items.items()} if said.opinion else {}),
        flagged=bool(said.opinion and said.opinion.flagged),
        error=storable(_error(said)) or None,
        prompt_tokens=said.prompt_tokens, completion_tokens=said.completion_tokens, cost=said.cost,
    )  # fmt: skip
    session.add(opinion)
    session.flush()
    return opinion


def _error(said: Said) -> str:
    return said.error or "; ".join(said.opinion.problems if said.opinion else ())


def newest_opinion(session: Session, submission_id: int, question: str) -> Opinion | None:
    query = select(Opinion).where(Opinion.submission_id == submission_id, Opinion.question == question)
    return session.scalar(query.order_by(Opinion.id.desc()).limit(1))


def spent(session: Session, assignment: Assignment) -> tuple[int, Decimal]:
    """(requests, cost) of an assignment so far."""
    query = select(func.count(), func.coalesce(func.sum(Opinion.cost), 0)).select_from(Opinion)
    query = query.join(Submission, Submission.id == Opinion.submission_id)
    requests, cost = session.execute(query.where(Submission.assignment_id == assignment.id)).one()
    return requests, Decimal(cost)
