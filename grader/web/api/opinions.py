"""For staff: ask the course's language model about an answer, read what it said. It decides nothing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from grader.core.score import is_written
from grader.db.opinions import newest_opinion
from grader.db.tables import Submission
from grader.errors import BadInput, NotFound
from grader.language_model import is_on
from grader.queue import send_question
from grader.settings import Settings
from grader.web.access import submission_for
from grader.web.api.answers import problems
from grader.web.api.submissions import Id
from grader.web.deps import ApiUser, Db, SettingsDep

router = APIRouter(tags=["staff"])


class ItemOpinionOut(BaseModel):
    suggested: Literal["clear", "deduct", "unknown"]
    quote: str
    reason: str


class OpinionOut(BaseModel):
    """`flagged`: the answer speaks to its grader. `error`: why nothing, or not all of it, could be used."""

    model_config = ConfigDict(from_attributes=True)

    model: str
    items: dict[str, ItemOpinionOut]
    flagged: bool
    error: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: Decimal | None
    at: datetime


class AskedOut(BaseModel):
    """`sent`: False when the queue is away; ask again."""

    sent: bool


@router.post(
    "/submissions/{submission_id}/opinions/{question}",
    summary="Ask the language model about an answer (staff)",
    status_code=202,
    responses=problems(401, 403, 404, 422),
)
def ask_opinion(question: str, db: Db, user: ApiUser, submission_id: Id, settings: SettingsDep) -> AskedOut:
    submission, _ = submission_for(db, user, submission_id, staff=True)
    return AskedOut(sent=ask_about(submission, question, settings))


@router.get(
    "/submissions/{submission_id}/opinions/{question}",
    summary="The newest opinion about an answer (staff)",
    responses=problems(401, 403, 404, 422),
)
def get_opinion(question: str, db: Db, user: ApiUser, submission_id: Id) -> OpinionOut:
    submission_for(db, user, submission_id, staff=True)
    opinion = newest_opinion(db, submission_id, question)
    if opinion is None:
        raise NotFound(f"nobody asked about the answer to {question!r} yet")
    return OpinionOut.model_validate(opinion)


def ask_about(submission: Submission, question: str, settings: Settings) -> bool:
    """Whether the question went out. Raises NotFound, and BadInput where nothing can be asked."""
    _refuse_code(submission, question)
    if not is_on(settings, submission.assignment.course.slug):
        raise BadInput("this course asks no language model; see GRADER_LLM_URL and GRADER_LLM_COURSES")
    if not any(answer.question == question and answer.text.strip() for answer in submission.answers):
        raise BadInput("there is no answer to ask about")
    return send_question(submission.id, question)


def _refuse_code(submission: Submission, question: str) -> None:
    document = submission.assignment.rubric_version.document
    if not any(one["id"] == question and is_written(one) for one in document["questions"]):
        raise NotFound(f"this assignment has no written question {question!r}")
