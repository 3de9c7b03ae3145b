"""Live progress of a submission's newest attempt, as server-sent events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from grader.core.submission import AttemptState
from grader.db.events import events_after
from grader.db.session import is_away, transaction
from grader.db.tables import Attempt, AttemptEvent
from grader.web.access import submission_for
from grader.web.api.answers import problems
from grader.web.api.submissions import Id
from grader.web.deps import api_user

router = APIRouter(prefix="/submissions", tags=["submissions"])

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
_FINAL = {AttemptState.GRADED, AttemptState.FAILED}


@dataclass(frozen=True)
class News:
    events: list[AttemptEvent]
    state: AttemptState


@router.get(
    "/{submission_id}/events",
    summary="Live progress (server-sent events)",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "`progress` events, then one `end`. Send `Last-Event-ID` to go on where you were.",
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": 'id: 41\nevent: progress\ndata: {"kind": "progress", "text": "bn-forward", "done": 4, '
                    '"total": 60}\n\nevent: end\ndata: {"state": "graded"}\n\n',
                }
            },
        },
        **problems(401, 404, 422),
    },
)
async def follow(
    request: Request, submission_id: Id, last_event_id: Annotated[str, Header(alias="last-event-id")] = ""
) -> StreamingResponse:
    attempt_id = await run_in_threadpool(_newest_attempt, request, submission_id)
    after = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0
    stream = _stream(request, attempt_id, min(after, 2**63 - 1))
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"}
    )


async def _stream(request: Request, attempt_id: int, after: int) -> AsyncIterator[str]:
    """Short transactions, one a poll: a page left open holds no connection of the database."""
    yield "retry: 2000\n\n"
    spoken = time.monotonic()
    while not await request.is_disconnected():
        news = await run_in_threadpool(_news, attempt_id, after)
        for event in news.events if news else ():
            yield _event(event)
            after, spoken = event.seq, time.monotonic()
        if news and news.state in _FINAL:
            yield f"event: end\ndata: {json.dumps({'state': news.state})}\n\n"
            return
        if time.monotonic() - spoken >= HEARTBEAT_SECONDS:
            yield ": still here\n\n"
            spoken = time.monotonic()
        await asyncio.sleep(POLL_SECONDS)


def _newest_attempt(request: Request, submission_id: int) -> int:
    with transaction() as session:
        user = api_user(request, session, request.app.state.settings)
        submission, _ = submission_for(session, user, submission_id)
        return submission.newest_attempt.id


def _news(attempt_id: int, after: int) -> News | None:
    """What is new, or None while the database is away. The state is read first: a final one then has all its events."""
    try:
        with transaction() as session:
            state = session.get_one(Attempt, attempt_id).state
            return News(events_after(session, attempt_id, after), state)
    except SQLAlchemyError as error:
        if is_away(error):
            return None
        raise


def _event(event: AttemptEvent) -> str:
    data = {"kind": event.kind, "text": event.text, "done": event.done, "total": event.total}
    return f"id: {event.seq}\nevent: progress\ndata: {json.dumps(data)}\n\n"
