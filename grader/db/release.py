"""Publishing an assignment's marks, and the terms of it: what is still open, anonymous marking, second looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.core.submission import AttemptState
from grader.db.audit import record
from grader.db.gradebook import Line
from grader.db.review_tables import RegradeRequest, RequestState
from grader.db.tables import Assignment, Submission, User
from grader.errors import BadInput

QUOTA_LIMIT = 1000


@dataclass(frozen=True)
class OpenQuestion:
    """`undecided` of `answers` students' newest submissions have this question not decided."""

    id: str
    title: str
    undecided: int
    answers: int


@dataclass(frozen=True)
class ReleaseState:
    """What a course looks at before it publishes. Counts are of each student's newest submission.

    ungraded: submissions whose checks have not ended, or failed through our fault.
    """

    students: int
    ungraded: int
    complete: int
    undecided: int
    questions: tuple[OpenQuestion, ...]
    open_requests: int


@dataclass(frozen=True)
class Terms:
    """quota: requests for a second look that a student has in all. regrades_until None: as long as it is published."""

    quota: int
    regrades_until: datetime | None
    anonymous: bool


def release_state(session: Session, assignment: Assignment, lines: list[Line]) -> ReleaseState:
    """`lines` of the assignment's gradebook, newest only."""
    graded = [line for line in lines if line.questions]
    open_questions = [_open_question(question, graded) for question in assignment.rubric_version.document["questions"]]
    complete = sum(is_complete(line) for line in lines)
    return ReleaseState(
        students=len(lines),
        ungraded=sum(line.state != AttemptState.GRADED for line in lines),
        complete=complete,
        undecided=sum(question.undecided for question in open_questions),
        questions=tuple(question for question in open_questions if question.undecided),
        open_requests=open_requests(session, assignment.id),
    )


def is_complete(line: Line) -> bool:
    """Whether every question of a submission is decided."""
    return bool(line.questions) and all(question.decided for question in line.questions.values())


def open_requests(session: Session, assignment_id: int) -> int:
    query = select(func.count()).select_from(RegradeRequest).join(RegradeRequest.submission)
    mine = Submission.assignment_id == assignment_id
    return session.scalar(query.where(mine, RegradeRequest.state == RequestState.OPEN)) or 0


def publish(session: Session, assignment: Assignment, by: User) -> None:
    """From now on students see the marks. Publishing again changes nothing."""
    _lock(session, assignment)
    if assignment.published_at is not None:
        return
    assignment.published_at = session.scalar(select(func.now()))
    _log(session, "publish", assignment, by, None, {"published_at": assignment.published_at.isoformat()})


def unpublish(session: Session, assignment: Assignment, by: User) -> None:
    """Students no longer see the marks; their requests for a second look stay. Doing it again changes nothing."""
    _lock(session, assignment)
    if assignment.published_at is None:
        return
    _log(session, "unpublish", assignment, by, {"published_at": assignment.published_at.isoformat()}, None)
    assignment.published_at = None
    session.flush()


def set_terms(session: Session, assignment: Assignment, terms: Terms, by: User) -> None:
    """Raises BadInput for a quota that is no sensible number."""
    if not 0 <= terms.quota <= QUOTA_LIMIT:
        raise BadInput(f"the number of requests that a student has must be between 0 and {QUOTA_LIMIT}")
    _lock(session, assignment)
    before = _terms_document(assignment)
    assignment.regrade_quota = terms.quota
    assignment.regrades_until = terms.regrades_until and terms.regrades_until.astimezone(UTC)
    assignment.anonymous = terms.anonymous
    after = _terms_document(assignment)
    if before != after:
        _log(session, "release settings", assignment, by, before, after)


def _lock(session: Session, assignment: Assignment) -> None:
    """Two people who publish at once: the second waits, and then sees what the first did."""
    session.refresh(assignment, ["published_at", "regrade_quota", "regrades_until", "anonymous"], with_for_update=True)


def _open_question(question: dict[str, Any], graded: list[Line]) -> OpenQuestion:
    undecided = sum(not line.questions[question["id"]].decided for line in graded)
    return OpenQuestion(question["id"], question["title"], undecided, len(graded))


def _terms_document(assignment: Assignment) -> dict[str, Any]:
    until = assignment.regrades_until
    return {
        "regrade_quota": assignment.regrade_quota,
        "regrades_until": until.astimezone(UTC).isoformat() if until else None,
        "anonymous": assignment.anonymous,
    }


def _log(
    session: Session, action: str, assignment: Assignment, by: User,
    before: dict[str, Any] | None, after: dict[str, Any] | None,
) -> None:  # fmt: skip
    session.flush()
    record(session, action, assignment_id=assignment.id, by=by, before=before, after=after)
