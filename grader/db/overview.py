"""The staff's list of submissions: one light row each, without any result's JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.core.score import clamp, question_score
from grader.core.submission import AttemptState
from grader.db.scores import scoring_of
from grader.db.tables import Adjustment, Assignment, Attempt, Mark, MarkState, RubricVersion, Submission, User, Verdict


@dataclass(frozen=True)
class Row:
    """`state` is the newest attempt's; the scores are of the newest graded one. `to_review` and `reviewed` count
    written questions."""

    id: int
    student: str
    email: str
    created_at: datetime
    attempts: int
    state: AttemptState
    score: float | None
    max_score: float | None
    reviewed: int
    to_review: int

    @property
    def review(self) -> str:
        """graded, to-review, or the state of what is not graded."""
        if self.state != AttemptState.GRADED:
            return self.state.value
        return "to-review" if self.to_review > self.reviewed else "reviewed"


def overview(session: Session, assignment: Assignment, *, newest_only: bool = True) -> list[Row]:
    """All submissions for an assignment (or each student's newest), newest first."""
    attempts = _attempts(session, assignment)
    rubrics = _rubrics(session, {attempt.rubric_version_id for found in attempts.values() for attempt in found})
    marks, adjustments = _marks(session, assignment), _adjustments(session, assignment)
    earned = _earned(session, assignment)
    rows, seen = [], set()
    for submission_id, created_at, user_id, name, email in session.execute(_submissions(assignment)):
        if newest_only and user_id in seen:
            continue
        seen.add(user_id)
        mine = attempts.get(submission_id, [])
        graded = next((attempt for attempt in reversed(mine) if attempt.state == AttemptState.GRADED), None)
        score = reviewed = to_review = None
        if graded:
            score, reviewed, to_review = _totals(
                graded, rubrics[graded.rubric_version_id], marks[submission_id], adjustments[submission_id], earned
            )
        rows.append(
            Row(
                id=submission_id,
                student=name,
                email=email,
                created_at=created_at,
                attempts=len(mine),
                state=mine[-1].state if mine else AttemptState.QUEUED,
                score=score,
                max_score=float(graded.max_score) if graded else None,
                reviewed=reviewed or 0,
                to_review=to_review or 0,
            )
        )
    return rows


def _totals(
    attempt: Any,
    rubric: Mapping[str, Any],
    marks: Mapping[str, dict[str, bool]],
    adjustments: Mapping[str, float],
    earned: Mapping[tuple[int, str], float],
) -> tuple[float, int, int]:
    """(score, written questions decided, written questions)."""
    scorings = scoring_of(rubric)
    score, reviewed, written = float(attempt.score or 0), 0, 0
    for question in rubric.get("questions", ()):
        name, most, items = question["id"], float(question["points"]), question.get("items") or ()
        extra = [adjustments[name]] if name in adjustments else []
        if items:
            written += 1
            applied = marks.get(name, {})
            if all(item["id"] in applied for item in items):
                reviewed += 1
                points = [float(item["points"]) for item in items if applied[item["id"]]]
                score += question_score(most, points, extra, scorings[name])
        elif extra:
            got = clamp(earned.get((attempt.id, name), 0.0), most)
            score += question_score(most, [got], extra, "add") - got
    return round(score, 4), reviewed, written


def _submissions(assignment: Assignment) -> Any:
    query = select(Submission.id, Submission.created_at, User.id, User.name, User.email).join(Submission.user)
    return query.where(Submission.assignment_id == assignment.id).order_by(Submission.id.desc())


def _attempts(session: Session, assignment: Assignment) -> dict[int, list[Any]]:
    query = (
        select(
            Attempt.id, Attempt.submission_id, Attempt.state, Attempt.score, Attempt.max_score,
            Attempt.rubric_version_id,
        )
        .join(Attempt.submission).where(Submission.assignment_id == assignment.id).order_by(Attempt.id)
    )  # fmt: skip
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        found[row.submission_id].append(row)
    return found


def _rubrics(session: Session, ids: set[int]) -> dict[int, dict[str, Any]]:
    query = select(RubricVersion.id, RubricVersion.document).where(RubricVersion.id.in_(ids))
    return {row.id: row.document for row in session.execute(query)}


def _marks(session: Session, assignment: Assignment) -> dict[int, dict[str, dict[str, bool]]]:
    """Decided items: submission id → question → item → applied."""
    query = (
        select(Mark.submission_id, Mark.question, func.jsonb_object_agg(Mark.item, Mark.applied))
        .join(Submission, Submission.id == Mark.submission_id)
        .where(Submission.assignment_id == assignment.id, Mark.state != MarkState.SUGGESTED)
        .group_by(Mark.submission_id, Mark.question)
    )
    found: dict[int, dict[str, dict[str, bool]]] = defaultdict(dict)
    for submission_id, question, items in session.execute(query):
        found[submission_id][question] = items
    return found


def _adjustments(session: Session, assignment: Assignment) -> dict[int, dict[str, float]]:
    query = (
        select(Adjustment.submission_id, Adjustment.question, Adjustment.points)
        .join(Submission, Submission.id == Adjustment.submission_id)
        .where(Submission.assignment_id == assignment.id)
    )
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for submission_id, question, points in session.execute(query):
        found[submission_id][question] = float(points)
    return found


def _earned(session: Session, assignment: Assignment) -> dict[tuple[int, str], float]:
    """Points of the checks, per attempt and question, where an adjustment needs them."""
    query = (
        select(Verdict.attempt_id, Verdict.question, func.sum(Verdict.points))
        .join(Attempt, Attempt.id == Verdict.attempt_id)
        .join(Submission, Submission.id == Attempt.submission_id)
        .join(
            Adjustment,
            (Adjustment.submission_id == Submission.id) & (Adjustment.question == Verdict.question),
        )
        .where(Submission.assignment_id == assignment.id)
        .group_by(Verdict.attempt_id, Verdict.question)
    )
    return {(attempt, question): float(points) for attempt, question, points in session.execute(query)}
