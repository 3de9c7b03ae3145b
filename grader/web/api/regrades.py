"""For staff: grading a whole class again, the differences, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from grader.core.submission import AttemptState
from grader.db import regrade_runs
from grader.db.kinds import RunState
from grader.db.regrade_differences import differences
from grader.db.review_tables import RegradeRun
from grader.errors import EditConflict
from grader.queue import send_attempts
from grader.web.access import assignment_for
from grader.web.api.answers import problems
from grader.web.deps import ApiUser, Db
from grader.web.regrading import DISK, RunId, wanted_version

router = APIRouter(prefix="/assignments/{slug}/regrades", tags=["regrades"])


class RunIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"rubric": "disk", "all": False}})

    rubric: str = Field(
        DISK, description="`disk`: the pack's file; `present`: the one in force; or a version's sha256."
    )
    yaml: str | None = Field(None, max_length=1_000_000, description="A rubric's text, instead of `rubric`.")
    all: bool = Field(False, description="Older hand-ins too, not only everybody's newest.")


class ProgressOut(BaseModel):
    """Attempts of the run, by state; `failed` through our fault."""

    queued: int
    running: int
    graded: int
    failed: int
    total: int


class RunOut(BaseModel):
    id: int
    state: RunState
    rubric: str
    rubric_before: str
    by: str
    created_at: datetime
    closed_at: datetime | None
    progress: ProgressOut


class QuestionOut(BaseModel):
    question: str
    before: float | None
    after: float | None


class StudentOut(BaseModel):
    """`state` is that of the run's attempt; one that failed keeps the result that counts."""

    submission: int
    student: str
    state: AttemptState
    before: float | None
    after: float | None
    change: float
    questions: list[QuestionOut]


@router.post("", summary="Grade the class again (staff)", status_code=201, responses=problems(401, 403, 404, 422))
def start_run(slug: str, wanted: RunIn, db: Db, user: ApiUser) -> RunOut:
    """Nobody's score changes before the run is accepted."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    version = wanted_version(db, assignment, wanted.rubric, wanted.yaml)
    run = regrade_runs.open_run(db, assignment, version, user, newest_only=not wanted.all)
    shown, attempts = _shown(db, run), regrade_runs.to_send(db, run)
    db.commit()
    send_attempts(attempts)
    return shown


@router.get("", summary="Runs, newest first (staff)", responses=problems(401, 403, 404))
def list_runs(slug: str, db: Db, user: ApiUser) -> list[RunOut]:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return [_shown(db, run) for run in regrade_runs.runs(db, assignment)]


@router.get("/{run_id}", summary="One run and its progress (staff)", responses=problems(401, 403, 404, 422))
def get_run(slug: str, db: Db, user: ApiUser, run_id: RunId) -> RunOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return _shown(db, regrade_runs.run_by_id(db, assignment, run_id))


@router.get(
    "/{run_id}/differences",
    summary="What a run changes, student by student (staff)",
    responses=problems(401, 403, 404, 422),
)
def get_differences(slug: str, db: Db, user: ApiUser, run_id: RunId) -> list[StudentOut]:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return [
        StudentOut(
            submission=it.submission_id, student=it.student, state=it.state, before=it.before, after=it.after,
            change=it.change,
            questions=[QuestionOut(question=q.question, before=q.before, after=q.after) for q in it.questions],
        )
        for it in differences(db, regrade_runs.run_by_id(db, assignment, run_id))
    ]  # fmt: skip


@router.post("/{run_id}/accept", summary="The run counts (staff)", responses=problems(401, 403, 404, 409, 422))
def accept_run(slug: str, db: Db, user: ApiUser, run_id: RunId) -> RunOut:
    return _decide(slug, db, user, run_id, regrade_runs.accept)


@router.post("/{run_id}/discard", summary="The run never counts (staff)", responses=problems(401, 403, 404, 409, 422))
def discard_run(slug: str, db: Db, user: ApiUser, run_id: RunId) -> RunOut:
    return _decide(slug, db, user, run_id, regrade_runs.discard)


@router.post("/{run_id}/undo", summary="Take an accepted run back (staff)", responses=problems(401, 403, 404, 409, 422))
def undo_run(slug: str, db: Db, user: ApiUser, run_id: RunId) -> RunOut:
    return _decide(slug, db, user, run_id, regrade_runs.undo)


def _decide(slug: str, db: Session, user: ApiUser, run_id: int, decision: Callable[..., Any]) -> RunOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    run = regrade_runs.run_by_id(db, assignment, run_id)
    try:
        opened = decision(db, run, user)
    except EditConflict as error:
        raise EditConflict(str(error), _shown(db, run)) from error
    shown = _shown(db, run)
    db.commit()
    send_attempts(opened or ())
    return shown


def _shown(db: Session, run: RegradeRun) -> RunOut:
    done = regrade_runs.progress(db, run)
    return RunOut(
        id=run.id, state=run.state, rubric=run.rubric_version.sha256,
        rubric_before=regrade_runs.version_before(db, run).sha256, by=run.by.name, created_at=run.created_at,
        closed_at=run.closed_at,
        progress=ProgressOut(
            queued=done.queued, running=done.running, graded=done.graded, failed=done.failed, total=done.total
        ),
    )  # fmt: skip
