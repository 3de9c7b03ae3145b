"""Second looks on the pages: the student asks and answers on the page of the submission, staff in their inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db import requests
from grader.db.courses import STAFF
from grader.db.review_tables import RegradeRequest, RequestState
from grader.db.scores import QuestionSheet, score_sheet
from grader.db.tables import Assignment, Role, Submission, User
from grader.errors import BadInput, EditConflict, Forbidden, GraderError
from grader.web.access import assignment_for, request_for, submission_for
from grader.web.api.submissions import LARGEST, Id
from grader.web.contexts import Page, RefusedRequest
from grader.web.deps import Db, PageForm, PageUser
from grader.web.pages.submissions import submission_page
from grader.web.rendering import render

router = APIRouter()
RequestId = Annotated[int, Path(ge=1, le=LARGEST)]
REFUSALS = (BadInput, EditConflict)
PAGE = 50  # requests on one page of the inbox


@dataclass(frozen=True)
class RequestLine:
    """A request in the inbox. `student`: a name, or none where marking is anonymous; `desk`: where the marks change."""

    request: RegradeRequest
    title: str
    student: str
    sheet: QuestionSheet | None
    asked_at: float | None
    desk: str


@dataclass(frozen=True)
class RequestsPage(Page):
    """The inbox: `state` is the filter, `counts` the requests of each state; `refused` what could not be stored."""

    assignment: Assignment
    lines: Sequence[RequestLine]
    state: str
    counts: Mapping[RequestState, int]
    total: int
    refused: RefusedRequest | None = None


@router.get("/assignments/{slug}/requests")
def show_inbox(slug: str, request: Request, db: Db, user: PageUser, state: str = "") -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return render(request, "requests.html", _inbox(db, assignment, state))


@router.post("/submissions/{submission_id}/requests/{question}")
def ask(submission_id: Id, question: str, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    """Ask for a second look at one question of one's own submission."""
    submission, role = submission_for(db, user, submission_id)
    refuse_others(submission, user)
    text = str(form.get("text", ""))
    try:
        requests.open_request(db, submission=submission, question=question, text=text, by=user)
    except REFUSALS as error:
        return _refused(db, request, submission, user, role, RefusedRequest(question, text, str(error)), error)
    return RedirectResponse(f"/submissions/{submission_id}#q-{question}", 303)


@router.post("/requests/{request_id}/messages")
def write(request_id: RequestId, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    return _act(db, request, user, request_id, form, requests.write, "text")


@router.post("/requests/{request_id}/grant")
def grant(request_id: RequestId, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    return _answer(db, request, user, request_id, form, granted=True)


@router.post("/requests/{request_id}/decline")
def decline(request_id: RequestId, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    return _answer(db, request, user, request_id, form, granted=False)


@router.post("/requests/{request_id}/withdraw")
def withdraw(request_id: RequestId, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    found, _ = request_for(db, user, request_id)
    refuse_others(found.submission, user)
    return _act(db, request, user, request_id, form, requests.withdraw)


@router.post("/requests/{request_id}/reopen")
def reopen(request_id: RequestId, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    request_for(db, user, request_id, staff=True)
    return _act(db, request, user, request_id, form, requests.reopen)


def refuse_others(submission: Submission, user: User) -> None:
    """Only whoever handed in asks, or withdraws. Raises Forbidden."""
    if submission.user_id != user.id:
        raise Forbidden("only the student who handed in can do this")


def _answer(db: Session, request: Request, user: User, request_id: int, form: PageForm, *, granted: bool) -> Response:
    request_for(db, user, request_id, staff=True)

    def answer(db: Session, found: RegradeRequest, text: str, by: User) -> None:
        requests.answer(db, found, granted=granted, text=text, by=by)

    return _act(db, request, user, request_id, form, answer, "text")


def _act(db, request: Request, user: User, request_id: int, form: PageForm, act, *fields: str) -> Response:
    """Do it, and go back to where the thread is; what cannot be stored is shown there, with what was written."""
    found, role = request_for(db, user, request_id)
    given = [str(form.get(field, "")) for field in fields]
    try:
        act(db, found, *given, user)
    except REFUSALS as error:
        refused = RefusedRequest(found.question, "".join(given), str(error))
        return _refused(db, request, found.submission, user, role, refused, error, request_id)
    return RedirectResponse(_back(found, role), 303)


def _back(found: RegradeRequest, role: Role) -> str:
    if role in STAFF:
        return f"/assignments/{found.submission.assignment.slug}/requests#r-{found.id}"
    return f"/submissions/{found.submission_id}#q-{found.question}"


def _refused(
    db: Session, request: Request, submission: Submission, user: User, role: Role, refused: RefusedRequest,
    error: GraderError, request_id: int = 0,
) -> Response:  # fmt: skip
    if role in STAFF:
        named = RefusedRequest(str(request_id), refused.text, refused.why)
        return render(request, "requests.html", _inbox(db, submission.assignment, "", named), status=error.status)
    page = submission_page(db, submission, user, role, refused=refused)
    return render(request, "submission.html", page, status=error.status)


def _inbox(db: Session, assignment: Assignment, state: str, refused: RefusedRequest | None = None) -> RequestsPage:
    wanted = RequestState(state) if state in set(RequestState) else None
    found = requests.inbox(db, assignment, wanted)
    titles = {question["id"]: question["title"] for question in assignment.rubric_version.document["questions"]}
    return RequestsPage(
        assignment=assignment, lines=[_line(db, one, titles, assignment) for one in found[:PAGE]],
        state=wanted or "", counts=requests.states_count(db, assignment), total=len(found), refused=refused,
    )  # fmt: skip


def _line(db: Session, request: RegradeRequest, titles: Mapping[str, str], assignment: Assignment) -> RequestLine:
    submission, question = request.submission, request.question
    sheet = score_sheet(db, submission)
    found = sheet.question(question) if sheet else None
    written = found is not None and found.written
    return RequestLine(
        request=request,
        title=titles.get(question, question),
        student="" if assignment.anonymous else submission.user.name,
        sheet=found,
        asked_at=requests.scores_when_asked(db, submission.id).get(question),
        desk=f"/assignments/{assignment.slug}/desk/{question}/{submission.id}"
        if written
        else f"/submissions/{submission.id}/review#q-{question}",
    )
