"""For staff: the list of submissions, one submission in full, grading it again."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.blobs import Blobs
from grader.core.submission import AttemptState
from grader.db.attempts import open_regrade
from grader.db.overview import overview
from grader.db.scores import score_sheet
from grader.db.tables import Submission
from grader.queue import send_attempt
from grader.settings import Settings
from grader.web.access import assignment_for, submission_for
from grader.web.api.submissions import Id
from grader.web.contexts import Conflict, StaffListPage, StaffSubmissionPage
from grader.web.deps import Db, PageForm, PageUser, SettingsDep
from grader.web.listing import COLUMNS, Wanted, choose, count_states
from grader.web.rendering import render
from grader.web.shown_answer import shown_answer
from grader.web.views import history, progress_of, question_views

router = APIRouter()
PAGE = 50


@router.get("/assignments/{slug}/submissions")
def list_submissions(
    slug: str, request: Request, db: Db, user: PageUser,
    q: str = "", state: str = "", sort: str = "-time", all: bool = False, page: int = 1,
) -> Response:  # fmt: skip
    assignment, _ = assignment_for(db, user, slug, staff=True)
    everyone = overview(db, assignment, newest_only=not all)
    rows = choose(everyone, Wanted(q, state, sort))
    page = min(max(page, 1), max((len(rows) - 1) // PAGE + 1, 1))
    first = (page - 1) * PAGE

    def link(**changes: object) -> str:
        query = {"q": q, "state": state, "sort": sort, "all": "1" if all else "", "page": ""} | changes
        return f"/assignments/{slug}/submissions?" + urlencode({key: value for key, value in query.items() if value})

    shown = StaffListPage(
        assignment=assignment, rows=rows[first : first + PAGE], found=len(rows), everyone=len(everyone),
        counts=count_states(everyone), search=q, state=state, newest=not all, sort=sort,
        links={column: link(sort=_turned(column, sort)) for column in COLUMNS}
        | {f"state:{name}": link(state=name) for name in ("", "to-review", "reviewed", "running", "queued", "failed")},
        previous=link(page=page - 1) if page > 1 else None,
        next=link(page=page + 1) if first + PAGE < len(rows) else None,
        first=first,
    )  # fmt: skip
    return render(request, "staff_list.html", shown)


@router.get("/submissions/{submission_id}/review")
def review_submission(
    submission_id: Id, request: Request, db: Db, user: PageUser, settings: SettingsDep
) -> Response:
    submission, _ = submission_for(db, user, submission_id, staff=True)
    return render(request, "staff_submission.html", review_page(db, submission, settings=settings))


@router.post("/submissions/{submission_id}/regrade")
def regrade(submission_id: Id, db: Db, user: PageUser, form: PageForm) -> Response:
    submission, _ = submission_for(db, user, submission_id, staff=True)
    if submission.newest_attempt.state in {AttemptState.GRADED, AttemptState.FAILED}:
        attempt = open_regrade(db, submission)
        db.commit()
        send_attempt(attempt.id, attempt.lane)
    return RedirectResponse(f"/submissions/{submission_id}/review", 303)


def review_page(
    db: Session, submission: Submission, *, settings: Settings, conflict: Conflict | None = None, error: str = ""
) -> StaffSubmissionPage:
    sheet = score_sheet(db, submission)
    code, written = question_views(sheet)
    lines = history(db, submission.user, submission.assignment, staff=True)
    rows = sorted(overview(db, submission.assignment), key=lambda row: (row.student.casefold(), row.id))
    ids = [row.id for row in rows]
    here = ids.index(submission.id) if submission.id in ids else None
    others = rows if here is None else rows[here + 1 :] + rows[:here]
    waiting = [row.id for row in others if row.review == "to-review"]
    attempt, blobs = submission.newest_attempt, Blobs(settings.blobs_dir)
    declared = {question["id"]: question for question in submission.assignment.rubric_version.document["questions"]}
    return StaffSubmissionPage(
        submission=submission, attempt=attempt, sheet=sheet, code=code, written=written, history=lines,
        number=next((line.number for line in lines if line.submission.id == submission.id), 0),
        previous=ids[here - 1] if here else None,
        next=ids[here + 1] if here is not None and here + 1 < len(ids) else None,
        next_ungraded=waiting[0] if waiting else None,
        reviewed=sum(view.result.status == "graded" for view in written),
        events_url=f"/api/v1/submissions/{submission.id}/events", progress=progress_of(db, attempt),
        answers={
            view.result.id: shown_answer(
                view.sheet, declared.get(view.result.id, {}), submission.id, submission.files, blobs
            )
            for view in written
        },
        conflict=conflict, error=error,
    )  # fmt: skip


def _turned(column: str, sort: str) -> str:
    """The sort that a click on a column's heading asks for."""
    if sort.removeprefix("-") == column:
        return column if sort.startswith("-") else f"-{column}"
    return f"-{column}" if column in {"time", "score"} else column
