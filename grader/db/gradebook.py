"""A whole class by question, from light rows: for lists, statistics, exports, and for what an edited rubric would give.

Points come out as in `grader/db/scores.py`, which reads one submission in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.core.score import applied_items, clamp, question_score
from grader.core.submission import AttemptState
from grader.db.review_tables import Adjustment, Mark, Review
from grader.db.tables import Assignment, Attempt, Submission, User, Verdict


@dataclass(frozen=True)
class QuestionScore:
    """`decided`: graded by checks, or by a TA. `applied`: ids of the rubric's items that a TA applied."""

    score: float
    max_score: float
    written: bool
    decided: bool
    applied: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One submission. `state` is its newest attempt's; `questions` is empty before anything is graded."""

    submission_id: int
    user_id: int
    student: str
    email: str
    created_at: datetime
    attempts: int
    state: AttemptState
    questions: Mapping[str, QuestionScore]

    @property
    def score(self) -> float | None:
        """The points that are decided; None before anything is graded."""
        return round(sum(question.score for question in self.questions.values()), 4) if self.questions else None

    @property
    def max_score(self) -> float | None:
        return round(sum(question.max_score for question in self.questions.values()), 4) if self.questions else None


@dataclass(frozen=True)
class ClassRecords:
    """What is stored about a class, read once; `lines` makes scores of it, by any rubric."""

    submissions: Sequence[Any]
    attempts: Mapping[int, Sequence[Any]]  # by submission
    earned: Mapping[int, Mapping[str, tuple[float, float]]]  # attempt → question → points, most points of the checks
    marked: Mapping[tuple[int, str], frozenset[str]]  # items applied
    adjusted: Mapping[tuple[int, str], float]
    reviewed: frozenset[tuple[int, str]]


def gradebook(session: Session, assignment: Assignment, *, newest_only: bool = True) -> list[Line]:
    """Every submission (or each student's newest) by the assignment's rubric, newest first."""
    return lines(class_records(session, assignment, newest_only=newest_only), assignment.rubric_version.document)


def class_records(session: Session, assignment: Assignment, *, newest_only: bool = True) -> ClassRecords:
    found = session.execute(_submissions(assignment)).all()
    if newest_only:
        newest: dict[int, Any] = {}
        for row in found:
            newest.setdefault(row.user_id, row)
        found = list(newest.values())
    return ClassRecords(
        submissions=found,
        attempts=_attempts(session, assignment),
        earned=_earned(session, assignment),
        marked=_marked(session, assignment),
        adjusted=_adjusted(session, assignment),
        reviewed=_reviewed(session, assignment),
    )


def lines(records: ClassRecords, document: Mapping[str, Any]) -> list[Line]:
    """The class by the rubric in `document` (a dumped `Rubric`)."""
    return [_line(row, records, document) for row in records.submissions]


def _line(row: Any, records: ClassRecords, document: Mapping[str, Any]) -> Line:
    attempts = records.attempts.get(row.id, ())
    graded = next((attempt for attempt in reversed(attempts) if attempt.state == AttemptState.GRADED), None)
    questions = {}
    if graded:
        earned = records.earned.get(graded.id, {})
        questions = {q["id"]: _question(row.id, q, earned.get(q["id"]), records) for q in document["questions"]}
    return Line(
        submission_id=row.id, user_id=row.user_id, student=row.name, email=row.email, created_at=row.created_at,
        attempts=len(attempts), state=attempts[-1].state if attempts else AttemptState.QUEUED, questions=questions,
    )  # fmt: skip


def _question(
    submission_id: int, question: Mapping[str, Any], earned: tuple[float, float] | None, records: ClassRecords
) -> QuestionScore:
    key, most = (submission_id, question["id"]), float(question["points"])
    extra = [records.adjusted[key]] if key in records.adjusted else []
    if not question.get("items"):
        got, of = earned or (0.0, most)
        got = clamp(got, of)
        score = question_score(of, [got], extra, "add") if extra else got
        return QuestionScore(score, of, written=False, decided=earned is not None or bool(extra))
    if key not in records.reviewed:
        return QuestionScore(0.0, most, written=True, decided=False)
    applied = applied_items(question["items"], records.marked.get(key, frozenset()))
    points = [float(item["points"]) for item in applied]
    score = question_score(most, points, extra, question.get("scoring") or "add")
    return QuestionScore(score, most, written=True, decided=True, applied=tuple(item["id"] for item in applied))


def _submissions(assignment: Assignment) -> Any:
    query = select(
        Submission.id, Submission.created_at, User.id.label("user_id"), User.name, User.email
    ).join(Submission.user)  # fmt: skip
    return query.where(Submission.assignment_id == assignment.id).order_by(Submission.id.desc())


def _attempts(session: Session, assignment: Assignment) -> dict[int, list[Any]]:
    query = (
        select(Attempt.id, Attempt.submission_id, Attempt.state)
        .join(Attempt.submission)
        .where(Submission.assignment_id == assignment.id, Attempt.counts)
        .order_by(Attempt.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        found[row.submission_id].append(row)
    return found


def _of_class(table: Any, assignment: Assignment, *columns: Any) -> Any:
    query = select(table.submission_id, table.question, *columns).join(
        Submission, Submission.id == table.submission_id
    )
    return query.where(Submission.assignment_id == assignment.id)


def _marked(session: Session, assignment: Assignment) -> dict[tuple[int, str], frozenset[str]]:
    query = _of_class(Mark, assignment, func.array_agg(Mark.item)).where(Mark.applied)
    rows = session.execute(query.group_by(Mark.submission_id, Mark.question))
    return {(submission, question): frozenset(items) for submission, question, items in rows}


def _adjusted(session: Session, assignment: Assignment) -> dict[tuple[int, str], float]:
    rows = session.execute(_of_class(Adjustment, assignment, Adjustment.points))
    return {(submission, question): float(points) for submission, question, points in rows}


def _reviewed(session: Session, assignment: Assignment) -> frozenset[tuple[int, str]]:
    return frozenset((submission, question) for submission, question in session.execute(_of_class(Review, assignment)))


def _earned(session: Session, assignment: Assignment) -> dict[int, dict[str, tuple[float, float]]]:
    """(points, most points) of the checks, by attempt and question."""
    query = (
        select(Verdict.attempt_id, Verdict.question, func.sum(Verdict.points), func.sum(Verdict.max_points))
        .join(Attempt, Attempt.id == Verdict.attempt_id)
        .join(Submission, Submission.id == Attempt.submission_id)
        .where(Submission.assignment_id == assignment.id, Attempt.counts)
        .group_by(Verdict.attempt_id, Verdict.question)
    )
    found: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    for attempt, question, points, most in session.execute(query):
        found[attempt][question] = (float(points), float(most))
    return found
