"""A student's page of one submission, and of an upload that is kept while the database is away."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.courses import STAFF
from grader.db.placements import Standing, standings, why_not
from grader.db.requests import allowance, requests_about, scores_when_asked
from grader.db.scores import score_sheet
from grader.db.tables import Receipt, Role, Submission, User
from grader.errors import BadInput
from grader.web.access import submission_for
from grader.web.api.submissions import Id
from grader.web.contexts import QuestionView, ReceiptPage, RefusedRequest, SubmissionPage
from grader.web.deps import Db, PageUser
from grader.web.graph_drawing import Drawing, filled_in
from grader.web.pointing import documents_of
from grader.web.rendering import render
from grader.web.views import history, progress_of, question_views
from grader.web.visible import is_published, notes_for, shown_sheet, shows_check_totals

router = APIRouter()


@router.get("/submissions/{submission_id}")
def show_submission(
    submission_id: Id, request: Request, db: Db, user: PageUser, again: bool = False, as_student: bool = False
) -> Response:
    """Staff see everything; `as_student` shows them what the student sees."""
    submission, role = submission_for(db, user, submission_id)
    page = submission_page(db, submission, user, role, as_student=as_student, duplicate=again)
    return render(request, "submission.html", page)


def submission_page(
    db: Session, submission: Submission, user: User, role: Role, *, as_student: bool = False, duplicate: bool = False,
    refused: RefusedRequest | None = None,
) -> SubmissionPage:  # fmt: skip
    assignment, staff = submission.assignment, role in STAFF
    full, published = staff and not as_student, is_published(assignment)
    sheet = shown_sheet(score_sheet(db, submission), assignment, staff=full)
    code, written = question_views(sheet, notes_for(assignment, staff=full))
    lines = history(db, submission.user, assignment, staff=full)
    attempt = submission.newest_attempt
    return SubmissionPage(
        submission=submission, attempt=attempt, sheet=sheet, code=code, written=written, history=lines,
        number=next((line.number for line in lines if line.submission.id == submission.id), 0),
        events_url=f"/api/v1/submissions/{submission.id}/events", progress=progress_of(db, attempt),
        duplicate=duplicate, is_staff=staff, full=full, published=published,
        check_totals=shows_check_totals(assignment, staff=full),
        requests=requests_about(db, submission) if published else {},
        asked_at=scores_when_asked(db, submission.id) if published else {},
        allowance=allowance(db, submission) if published and submission.user_id == user.id else None,
        refused=refused, missing=_missing(db, submission, staff=full),
        drawings=_drawings(submission, written, full=full, published=published),
    )  # fmt: skip


def _drawings(
    submission: Submission, written: Sequence[QuestionView], *, full: bool, published: bool
) -> dict[str, Drawing]:  # fmt: skip
    """Graphs as they were answered. Students see what is wrong once the marks are published, where something was deducted."""
    declared = {question["id"]: question for question in submission.assignment.rubric_version.document["questions"]}
    found = {}
    for view in written:
        marked = full or (published and any(item.applied for item in view.result.items))
        drawing = filled_in(declared.get(view.result.id, {}), view.result.answer, marked=marked)
        if drawing:
            found[view.result.id] = drawing
    return found


def _missing(db: Session, submission: Submission, *, staff: bool) -> list[Standing]:
    """What was not found, where there is a document in which it may stand."""
    if not documents_of(submission):
        return []
    return [it for it in standings(db, submission) if not it.found and not why_not(submission, it.reviewed, staff=staff)]


@router.get("/receipts/{receipt}")
def show_receipt(receipt: uuid.UUID, request: Request, db: Db, user: PageUser) -> Response:
    """Works while the database is away only as far as the sign-in does: then the error page asks to come back."""
    row = db.get(Receipt, receipt)
    if row is None:
        return render(request, "receipt.html", ReceiptPage(receipt=str(receipt)), status=202)
    if row.submission_id is None:
        raise BadInput(row.error or "the upload could not be used")
    return RedirectResponse(f"/submissions/{row.submission_id}", 303)
