"""The staff's list of submissions: one light row each, without any result's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.core.submission import AttemptState
from grader.db.gradebook import Line, gradebook
from grader.db.tables import Assignment


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
    return [_row(line) for line in gradebook(session, assignment, newest_only=newest_only)]


def _row(line: Line) -> Row:
    written = [question for question in line.questions.values() if question.written]
    return Row(
        id=line.submission_id, student=line.student, email=line.email, created_at=line.created_at,
        attempts=line.attempts, state=line.state, score=line.score, max_score=line.max_score,
        reviewed=sum(question.decided for question in written), to_review=len(written),
    )  # fmt: skip
