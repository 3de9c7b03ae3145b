"""One submission: its state, its result, grading it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from grader.core.submission import AttemptState
from grader.db.attempts import open_regrade
from grader.db.courses import STAFF
from grader.db.scores import score_sheet
from grader.errors import EditConflict, NotFound
from grader.queue import send_attempt
from grader.web.access import submission_for
from grader.web.api.answers import problems
from grader.web.api.shapes import AttemptOut, ResultOut, SubmissionOut
from grader.web.deps import ApiUser, Db

router = APIRouter(prefix="/submissions", tags=["submissions"])
LARGEST = 2**31 - 1  # of an integer key
Id = Annotated[int, Path(ge=1, le=LARGEST)]


@router.get("/{submission_id}", summary="State, score, attempts, files", responses=problems(401, 404, 422))
def get_submission(db: Db, user: ApiUser, submission_id: Id) -> SubmissionOut:
    submission, role = submission_for(db, user, submission_id)
    return SubmissionOut.of(submission, score_sheet(db, submission), staff=role in STAFF)


@router.get("/{submission_id}/result", summary="The result, with reasons", responses=problems(401, 404, 422))
def get_result(db: Db, user: ApiUser, submission_id: Id) -> ResultOut:
    """404 while nothing is graded yet. Students see marks, comments and adjustments once they are published."""
    submission, role = submission_for(db, user, submission_id)
    sheet = score_sheet(db, submission)
    if sheet is None:
        raise NotFound(f"submission {submission_id} is not graded yet")
    return ResultOut.of(sheet, submission.assignment, staff=role in STAFF)


@router.post(
    "/{submission_id}/regrade", summary="Grade again (staff)", status_code=202,
    responses=problems(401, 403, 404, 409, 422), tags=["staff"],
)  # fmt: skip
def regrade(db: Db, user: ApiUser, response: Response, submission_id: Id) -> AttemptOut:
    """Opens a new attempt by the assignment's present rubric. 409 while one is still waiting or running."""
    submission, _ = submission_for(db, user, submission_id, staff=True)
    if submission.newest_attempt.state in {AttemptState.QUEUED, AttemptState.RUNNING}:
        raise EditConflict("this submission is being graded already", AttemptOut.of(submission.newest_attempt))
    attempt = open_regrade(db, submission)
    db.refresh(attempt)
    db.commit()
    send_attempt(attempt.id, attempt.lane)
    response.headers["location"] = f"/api/v1/submissions/{submission_id}"
    return AttemptOut.of(attempt)
