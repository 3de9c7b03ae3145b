"""How far the marking of an assignment is, by written question."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.class_answers import counting, written_questions
from grader.db.clear_answers import clear_counts
from grader.db.kinds import RequestState
from grader.db.review_tables import AnswerGroup, Claim, RegradeRequest, Review
from grader.db.tables import Answer, Assignment, Submission, User


@dataclass(frozen=True)
class QuestionProgress:
    """`answered`: all answers to decide, those left `empty` too. `clear`: undecided, with every item suggested clear.

    `graders`: names of those besides the asker who have an answer on their screen now.
    """

    question: str
    title: str
    points: float
    answered: int
    empty: int
    decided: int
    clear: int
    groups: int
    open_requests: int
    graders: tuple[str, ...]


def progress(session: Session, assignment: Assignment, asker: User) -> list[QuestionProgress]:
    """The written questions in the rubric's order."""
    students = session.scalar(select(func.count()).select_from(Submission).where(counting(assignment))) or 0
    said = _counts(session, assignment, Answer, func.count(), func.btrim(Answer.text, " \t\r\n") != "")
    decided = _counts(session, assignment, Review, func.count())
    groups = _counts(session, assignment, AnswerGroup, func.count(AnswerGroup.group.distinct()))
    clear = clear_counts(session, assignment)
    requests, graders = _open_requests(session, assignment), _graders(session, assignment, asker)
    return [
        QuestionProgress(
            question=(name := question["id"]), title=question["title"], points=float(question["points"]),
            answered=students, empty=students - said[name], decided=decided[name], clear=clear[name],
            groups=groups[name], open_requests=requests[name], graders=tuple(graders[name]),
        )
        for question in written_questions(assignment)
    ]  # fmt: skip


def _counts(session: Session, assignment: Assignment, table: Any, what: Any, *conditions: Any) -> Counter[str]:
    query = select(table.question, what).join(Submission, Submission.id == table.submission_id)
    query = query.where(counting(assignment), *conditions).group_by(table.question)
    return Counter(dict(session.execute(query).all()))


def _open_requests(session: Session, assignment: Assignment) -> Counter[str]:
    query = select(RegradeRequest.question, func.count()).join(RegradeRequest.submission)
    query = query.where(Submission.assignment_id == assignment.id, RegradeRequest.state == RequestState.OPEN)
    return Counter(dict(session.execute(query.group_by(RegradeRequest.question)).all()))


def _graders(session: Session, assignment: Assignment, asker: User) -> dict[str, list[str]]:
    query = (
        select(Claim.question, User.name).distinct()
        .join(User, User.id == Claim.by_id)
        .join(Submission, Submission.id == Claim.submission_id)
        .where(Submission.assignment_id == assignment.id, Claim.until >= func.clock_timestamp())
        .where(Claim.by_id != asker.id)
        .order_by(User.name)
    )  # fmt: skip
    found: dict[str, list[str]] = defaultdict(list)
    for question, name in session.execute(query):
        found[question].append(name)
    return found
