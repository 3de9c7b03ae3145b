"""Publishing over REST."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from grader.db.gradebook import gradebook
from grader.db.release import QUOTA_LIMIT, Terms, publish, release_state, set_terms, unpublish
from grader.db.tables import Assignment
from grader.web.access import assignment_for, instructors_assignment
from grader.web.api.answers import problems
from grader.web.deps import ApiUser, Db

router = APIRouter(prefix="/assignments/{slug}/release", tags=["staff"])


class OpenOut(BaseModel):
    question: str
    undecided: int
    answers: int


class ReleaseOut(BaseModel):
    """What is published, and what is still open. Counts are of each student's newest submission."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "published_at": None, "regrade_quota": 3, "regrades_until": "2026-12-24T18:00:00Z", "anonymous": False,
                "students": 300, "complete": 287, "open_requests": 0,
                "undecided": [{"question": "bn-inline-4", "undecided": 13, "answers": 298}],
            }
        }
    )  # fmt: skip

    published_at: datetime | None
    regrade_quota: int
    regrades_until: datetime | None
    anonymous: bool
    students: int
    complete: int
    open_requests: int
    undecided: list[OpenOut]

    @classmethod
    def of(cls, session: Session, assignment: Assignment) -> ReleaseOut:
        state = release_state(session, assignment, gradebook(session, assignment))
        return cls(
            published_at=assignment.published_at, regrade_quota=assignment.regrade_quota,
            regrades_until=assignment.regrades_until, anonymous=assignment.anonymous, students=state.students,
            complete=state.complete, open_requests=state.open_requests,
            undecided=[OpenOut(question=q.id, undecided=q.undecided, answers=q.answers) for q in state.questions],
        )  # fmt: skip


class TermsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    regrade_quota: int = Field(ge=0, le=QUOTA_LIMIT)
    regrades_until: AwareDatetime | None = None
    anonymous: bool = False


@router.get("", summary="What is published, what is open (staff)", responses=problems(401, 403, 404))
def get_release(slug: str, db: Db, user: ApiUser) -> ReleaseOut:
    return ReleaseOut.of(db, assignment_for(db, user, slug, staff=True)[0])


@router.post("/publish", summary="Publish the marks (instructors)", responses=problems(401, 403, 404))
def publish_marks(slug: str, db: Db, user: ApiUser) -> ReleaseOut:
    """Publishing what is published changes nothing."""
    assignment = instructors_assignment(db, user, slug)
    publish(db, assignment, user)
    return ReleaseOut.of(db, assignment)


@router.post("/unpublish", summary="Take the marks back (instructors)", responses=problems(401, 403, 404))
def unpublish_marks(slug: str, db: Db, user: ApiUser) -> ReleaseOut:
    assignment = instructors_assignment(db, user, slug)
    unpublish(db, assignment, user)
    return ReleaseOut.of(db, assignment)


@router.put(
    "/terms", summary="Second looks and anonymous marking (instructors)", responses=problems(401, 403, 404, 422)
)
def put_terms(slug: str, terms: TermsIn, db: Db, user: ApiUser) -> ReleaseOut:
    assignment = instructors_assignment(db, user, slug)
    set_terms(db, assignment, Terms(terms.regrade_quota, terms.regrades_until, terms.anonymous), user)
    return ReleaseOut.of(db, assignment)
