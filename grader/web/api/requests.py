"""Second looks over REST: students ask about published marks, staff answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from grader.db import requests
from grader.db.courses import STAFF
from grader.db.requests import TEXT_LIMIT, Allowance
from grader.db.review_tables import RegradeMessage, RegradeRequest, RequestState
from grader.errors import EditConflict, Forbidden
from grader.web.access import assignment_for, request_for, submission_for
from grader.web.api.answers import problems
from grader.web.api.submissions import LARGEST, Id
from grader.web.deps import ApiUser, Db
from grader.web.visible import is_published

router = APIRouter(tags=["second looks"])
RequestId = Annotated[int, Path(ge=1, le=LARGEST)]
Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT, description="Markdown.")]


class MessageOut(BaseModel):
    by: Literal["student", "staff"]
    at: datetime
    text: str

    @classmethod
    def of(cls, message: RegradeMessage, student_id: int) -> MessageOut:
        return cls(by="student" if message.by_id == student_id else "staff", at=message.at, text=message.text)


class RequestOut(BaseModel):
    """A request for a second look at one question, with its thread."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4, "submission": 12, "question": "bn-inline-4", "state": "open",
                "created_at": "2026-12-05T10:02:00Z", "closed_at": None,
                "messages": [{"by": "student", "at": "2026-12-05T10:02:00Z", "text": "Option 2 is in my last line."}],
            }
        }
    )  # fmt: skip

    id: int
    submission: int
    question: str
    state: RequestState
    created_at: datetime
    closed_at: datetime | None
    messages: list[MessageOut]

    @classmethod
    def of(cls, request: RegradeRequest) -> RequestOut:
        student = request.submission.user_id
        return cls(
            id=request.id, submission=request.submission_id, question=request.question, state=request.state,
            created_at=request.created_at, closed_at=request.closed_at,
            messages=[MessageOut.of(message, student) for message in request.messages],
        )  # fmt: skip


class AllowanceOut(BaseModel):
    """How often the student may still ask; `refusal` says why not now."""

    quota: int
    left: int
    until: datetime | None
    refusal: str

    @classmethod
    def of(cls, allowance: Allowance) -> AllowanceOut:
        return cls.model_validate(allowance, from_attributes=True)


class RequestsOut(BaseModel):
    allowance: AllowanceOut
    items: list[RequestOut]


class RequestIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str
    text: Text


class MessageIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Text


class AnswerIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["granted", "declined"]
    text: Text


@router.get(
    "/submissions/{submission_id}/requests", summary="Requests about a submission", responses=problems(401, 404)
)
def list_requests(db: Db, user: ApiUser, submission_id: Id) -> RequestsOut:
    """Empty for students while the marks are not published."""
    submission, role = submission_for(db, user, submission_id)
    shown = role in STAFF or is_published(submission.assignment)
    found = requests.requests_about(db, submission).values() if shown else ()
    return RequestsOut(
        allowance=AllowanceOut.of(requests.allowance(db, submission)), items=[RequestOut.of(one) for one in found]
    )


@router.post(
    "/submissions/{submission_id}/requests", summary="Ask for a second look", status_code=201,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
def ask(asked: RequestIn, db: Db, user: ApiUser, response: Response, submission_id: Id) -> RequestOut:
    """Of one's own submission, within the quota, until the deadline. 409 when this question has a request already."""
    submission, _ = submission_for(db, user, submission_id)
    _refuse_others(submission.user_id == user.id)
    request = requests.open_request(db, submission=submission, question=asked.question, text=asked.text, by=user)
    response.headers["location"] = f"/api/v1/requests/{request.id}"
    return RequestOut.of(requests.request_by_id(db, request.id))


@router.get("/requests/{request_id}", summary="One request", responses=problems(401, 404, 422))
def get_request(db: Db, user: ApiUser, request_id: RequestId) -> RequestOut:
    return RequestOut.of(request_for(db, user, request_id)[0])


@router.post("/requests/{request_id}/messages", summary="Write", responses=problems(401, 404, 409, 422))
def write(message: MessageIn, db: Db, user: ApiUser, request_id: RequestId) -> RequestOut:
    """409 when the request is not open."""
    request, _ = request_for(db, user, request_id)
    return _done(request, requests.write, db, request, message.text, user)


@router.post(
    "/requests/{request_id}/answer", summary="Grant or decline (staff)", responses=problems(401, 403, 404, 409, 422),
    tags=["staff"],
)  # fmt: skip
def answer(given: AnswerIn, db: Db, user: ApiUser, request_id: RequestId) -> RequestOut:
    """The marks are changed apart, with `PUT /submissions/{id}/marks/{question}`."""
    request, _ = request_for(db, user, request_id, staff=True)
    granted = given.state == "granted"
    return _done(request, requests.answer, db, request, granted=granted, text=given.text, by=user)


@router.post("/requests/{request_id}/withdraw", summary="Withdraw", responses=problems(401, 403, 404, 409, 422))
def withdraw(db: Db, user: ApiUser, request_id: RequestId) -> RequestOut:
    request, _ = request_for(db, user, request_id)
    _refuse_others(request.submission.user_id == user.id)
    return _done(request, requests.withdraw, db, request, user)


@router.post(
    "/requests/{request_id}/reopen", summary="Open an answered request again (staff)",
    responses=problems(401, 403, 404, 409, 422), tags=["staff"],
)  # fmt: skip
def reopen(db: Db, user: ApiUser, request_id: RequestId) -> RequestOut:
    request, _ = request_for(db, user, request_id, staff=True)
    return _done(request, requests.reopen, db, request, user)


@router.get(
    "/assignments/{slug}/requests", summary="Requests of a class, open ones first (staff)",
    responses=problems(401, 403, 404, 422), tags=["staff"],
)  # fmt: skip
def inbox(slug: str, db: Db, user: ApiUser, state: RequestState | None = None) -> list[RequestOut]:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return [RequestOut.of(request) for request in requests.inbox(db, assignment, state)]


def _refuse_others(mine: bool) -> None:
    if not mine:
        raise Forbidden("only the student who handed in can do this")


def _done(request: RegradeRequest, act: Any, *given: Any, **named: Any) -> RequestOut:
    """The request as it is afterwards; in a conflict too, so that both sides can be shown."""
    try:
        act(*given, **named)
    except EditConflict as error:
        raise EditConflict(str(error), RequestOut.of(request)) from error
    return RequestOut.of(request)
