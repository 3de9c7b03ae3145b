"""What a regrade run changes, student by student, before it is accepted and after: from light rows, as the gradebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.core.submission import AttemptState
from grader.db.gradebook import ClassRecords, Line, class_records, lines
from grader.db.regrade_runs import version_before
from grader.db.review_tables import RegradeRun
from grader.db.tables import Attempt, Verdict


@dataclass(frozen=True)
class QuestionDifference:
    """Points of one question; None: not part of the rubric, or not graded."""

    question: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class StudentDifference:
    """A student's total without the run and with it; `state` is that of the run's attempt."""

    submission_id: int
    student: str
    state: AttemptState
    before: float | None
    after: float | None
    questions: tuple[QuestionDifference, ...]

    @property
    def change(self) -> float:
        return round((self.after or 0.0) - (self.before or 0.0), 4)


def differences(session: Session, run: RegradeRun) -> list[StudentDifference]:
    """Every student of the run, the largest change first: what counts without the run, by the rubric that was in force
    when it began, against what counts with it, by the run's."""
    records, without = _records(session, run)
    states = {submission: rows[-1].state for submission, rows in _attempts(session, run).items()}
    before = lines(without, version_before(session, run).document)
    after = lines(records, run.rubric_version.document)
    found = [
        _difference(was, now, states[was.submission_id])
        for was, now in zip(before, after, strict=True)
        if was.submission_id in states
    ]
    return sorted(found, key=lambda it: (-abs(it.change), it.student.casefold(), it.submission_id))


def _records(session: Session, run: RegradeRun) -> tuple[ClassRecords, ClassRecords]:
    """The class with the run's attempts, and without them, whether they count or not. Every submission."""
    records = class_records(session, run.assignment, newest_only=False)
    own = _attempts(session, run)
    others = {
        submission: [row for row in rows if row.id not in {mine.id for mine in own.get(submission, ())}]
        for submission, rows in records.attempts.items()
    }
    both = {submission: [*rows, *own.get(submission, ())] for submission, rows in others.items()}
    earned = {**records.earned, **_earned(session, run)}
    return replace(records, attempts=both, earned=earned), replace(records, attempts=others)


def _attempts(session: Session, run: RegradeRun) -> dict[int, list[Any]]:
    query = select(Attempt.id, Attempt.submission_id, Attempt.state).where(Attempt.run_id == run.id)
    found: dict[int, list[Any]] = {}
    for row in session.execute(query.order_by(Attempt.id)):
        found.setdefault(row.submission_id, []).append(row)
    return found


def _earned(session: Session, run: RegradeRun) -> Mapping[int, dict[str, tuple[float, float]]]:
    query = (
        select(Verdict.attempt_id, Verdict.question, func.sum(Verdict.points), func.sum(Verdict.max_points))
        .join(Attempt, Attempt.id == Verdict.attempt_id)
        .where(Attempt.run_id == run.id)
        .group_by(Verdict.attempt_id, Verdict.question)
    )
    found: dict[int, dict[str, tuple[float, float]]] = {}
    for attempt, question, points, most in session.execute(query):
        found.setdefault(attempt, {})[question] = (float(points), float(most))
    return found


def _difference(was: Line, now: Line, state: AttemptState) -> StudentDifference:
    names = dict.fromkeys([*was.questions, *now.questions])
    pairs = [(name, was.questions.get(name), now.questions.get(name)) for name in names]
    questions = [
        QuestionDifference(name, old.score if old else None, new.score if new else None) for name, old, new in pairs
    ]
    return StudentDifference(
        submission_id=was.submission_id, student=was.student, state=state, before=was.score, after=now.score,
        questions=tuple(question for question in questions if question.before != question.after),
    )  # fmt: skip
