"""The audit log over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from grader.db.log import LogFilter, LogLine, log_lines
from grader.web.access import assignment_for
from grader.web.api.answers import problems
from grader.web.api.submissions import LARGEST
from grader.web.deps import ApiUser, Db

router = APIRouter(tags=["staff"])
Key = Annotated[int | None, Query(ge=1, le=LARGEST)]


class EntryOut(BaseModel):
    id: int
    at: datetime
    by: str | None
    action: str
    submission: int | None
    question: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @classmethod
    def of(cls, line: LogLine, *, anonymous: bool) -> EntryOut:
        entry = line.entry
        by_student = entry.action.startswith("request ") and entry.action not in {
            "request answered",
            "request reopened",
        }
        return cls(
            id=entry.id, at=entry.at, by=None if anonymous and by_student else line.by, action=entry.action,
            submission=entry.submission_id, question=entry.question, before=entry.before, after=entry.after,
        )  # fmt: skip


@router.get("/assignments/{slug}/log", summary="The audit log (staff)", responses=problems(401, 403, 404, 422))
def get_log(
    slug: str, db: Db, user: ApiUser,
    submission: Key = None,
    question: Annotated[str, Query(max_length=80)] = "",
    action: Annotated[str, Query(max_length=80)] = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST, description="The id to page on from.")] = None,
    size: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[EntryOut]:  # fmt: skip
    """Newest first."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    wanted = LogFilter(submission=submission, question=question, action=action)
    lines = log_lines(db, assignment, wanted, before_id=before, limit=size)
    return [EntryOut.of(line, anonymous=assignment.anonymous) for line in lines]
