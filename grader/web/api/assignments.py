"""Assignments, and handing in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from grader.db.courses import assignments_for
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import TokenPurpose
from grader.errors import BadInput
from grader.settings import Settings
from grader.web.access import assignment_for
from grader.web.api.answers import problems
from grader.web.api.shapes import AssignmentOut, ReceiptOut, SubmissionOut
from grader.web.deps import ApiUser, Db, SettingsDep
from grader.web.handin import HandedIn, Sender, hand_in, may_hand_in, read_answers, read_form
from grader.web.security.cookies import session_cookie
from grader.web.security.csrf import HEADER, check_csrf

router = APIRouter(prefix="/assignments", tags=["assignments"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "A zip, or loose files with their relative names.",
                        },
                        "answers": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": "Written answers as JSON: {question id: text}.",
                        },
                    },
                },
                "examples": {"written": {"value": {"answers": '{"fc-inline-1": "Sigmoid saturates where …"}'}}},
            }
        },
    }
}


@router.get("", summary="Assignments of my courses", responses=problems(401))
def list_assignments(db: Db, user: ApiUser) -> list[AssignmentOut]:
    return [AssignmentOut.of(assignment, role) for assignment, role in assignments_for(db, user)]


@router.get("/{slug}", summary="One assignment with its questions", responses=problems(401, 404))
def get_assignment(slug: str, db: Db, user: ApiUser) -> AssignmentOut:
    return AssignmentOut.of(*assignment_for(db, user, slug))


@router.post(
    "/{slug}/submissions",
    summary="Hand in",
    status_code=201,
    response_model=SubmissionOut,
    openapi_extra=_BODY,
    responses={
        200: {"model": SubmissionOut, "description": "This very content was handed in before: the first submission."},
        202: {"model": ReceiptOut, "description": "Kept on disk; graded as soon as the database is back."},
        **problems(401, 404, 413, 422),
    },
)
async def create_submission(slug: str, request: Request, settings: SettingsDep) -> JSONResponse:
    """A zip or several files in the multipart field `files`, and/or written answers in the field `answers`."""
    sender = _sender(request, settings)
    await run_in_threadpool(may_hand_in, slug, sender)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadInput("send multipart/form-data with the field `files` (or `answers`)")
    async with read_form(request, settings) as form:
        answers = read_answers(str(form.get("answers") or ""))
        handed_in = await hand_in(form, answers, slug, sender, settings)
    return await run_in_threadpool(_answer, handed_in)


def _sender(request: Request, settings: Settings) -> Sender:
    scheme, _, plaintext = request.headers.get("authorization", "").partition(" ")
    if scheme:
        secret = plaintext.strip() if scheme.lower() == "bearer" else ""
        return Sender(secret, TokenPurpose.API, request.headers.get("x-grader-source", "api")[:20])
    if session_cookie(request):
        check_csrf(request, settings, request.headers.get(HEADER, ""))
    return Sender(session_cookie(request), TokenPurpose.SESSION, "page")


def _answer(handed_in: HandedIn) -> JSONResponse:
    if handed_in.receipt:
        link = f"/api/v1/receipts/{handed_in.receipt}"
        kept = ReceiptOut(receipt=str(handed_in.receipt), state="kept", link=link)
        return JSONResponse(kept.model_dump(mode="json"), 202, headers={"location": link})
    with transaction() as session:
        submission = submission_by_id(session, handed_in.submission_id)
        sheet = score_sheet(session, submission)
        shown = SubmissionOut.of(submission, sheet, staff=False)
    status = 201 if handed_in.created else 200
    return JSONResponse(shown.model_dump(mode="json"), status, headers={"location": shown.links.self})
