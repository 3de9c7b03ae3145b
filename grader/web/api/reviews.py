"""For staff: the list of submissions, and marks."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from grader.db.decisions import decide
from grader.db.kinds import ReviewVia
from grader.db.overview import overview
from grader.db.reviews import Decision, ItemDecision
from grader.db.scores import score_sheet
from grader.errors import EditConflict, NotFound
from grader.web.access import assignment_for, submission_for
from grader.web.api.answers import problems
from grader.web.api.shapes import ListOut, ReviewOut, RowOut
from grader.web.api.submissions import Id
from grader.web.deps import ApiUser, Db
from grader.web.listing import Wanted, choose

router = APIRouter(tags=["staff"])


class ItemIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    applied: bool = True
    comment: str = Field("", max_length=5000)


class AdjustmentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    points: float = Field(allow_inf_nan=False)
    comment: str = Field(min_length=1, max_length=5000)


class DecisionIn(BaseModel):
    """Items that are not named are not applied."""

    model_config = ConfigDict(extra="forbid")

    items: list[ItemIn] = []
    adjustment: AdjustmentIn | None = None

    def decision(self) -> Decision:
        return Decision(
            items={item.id: ItemDecision(item.applied, item.comment) for item in self.items},
            points=self.adjustment.points if self.adjustment else None,
            comment=self.adjustment.comment if self.adjustment else "",
        )


class ReviewIn(DecisionIn):
    """The whole decision on one question. Items that are not named are not applied."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "version": "8f2c0a4be11d7c35",
                "items": [{"id": "not-2", "applied": True, "comment": "See the lecture on layer norm."}],
                "adjustment": {"points": 0.5, "comment": "Good example."},
            }
        },
    )

    version: str = Field(description="Of the review as it was read; another one stored meanwhile gives 409.")
    via: Literal["api", "desk", "page"] = Field("api", description="Where the decision was made.")
    seconds: float | None = Field(None, ge=0, le=86_400, description="How long the answer was looked at.")


class SavedOut(ReviewOut):
    """`duplicates`: other students' answers that say the same in the same words, and were decided with this one;
    `with_it`: their submissions."""

    duplicates: int = 0
    with_it: list[int] = Field(default_factory=list)


@router.get(
    "/assignments/{slug}/submissions",
    summary="Submissions of an assignment (staff)",
    responses=problems(401, 403, 404, 422),
)
def list_submissions(
    slug: str,
    db: Db,
    user: ApiUser,
    q: Annotated[str, Query(max_length=200, description="Part of a name or e-mail.")] = "",
    state: Literal["", "queued", "running", "failed", "to-review", "reviewed"] = "",
    newest: Annotated[bool, Query(description="Only each student's newest submission.")] = True,
    sort: Annotated[str, Query(pattern="^-?(student|time|state|score|review)$")] = "-time",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ListOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    rows = choose(overview(db, assignment, newest_only=newest), Wanted(search=q, state=state, sort=sort))
    more = {"q": q, "state": state, "newest": str(newest).lower(), "sort": sort, "page": page + 1, "size": size}
    following = f"/api/v1/assignments/{slug}/submissions?{urlencode(more)}" if page * size < len(rows) else None
    shown = [RowOut.of(row) for row in rows[(page - 1) * size : page * size]]
    return ListOut(total=len(rows), items=shown, next=following)


@router.get(
    "/submissions/{submission_id}/marks/{question}",
    summary="The marks of one question (staff)",
    responses=problems(401, 403, 404, 422),
)
def get_marks(question: str, db: Db, user: ApiUser, submission_id: Id) -> ReviewOut:
    submission, _ = submission_for(db, user, submission_id, staff=True)
    sheet = score_sheet(db, submission)
    found = sheet.question(question) if sheet else None
    if found is None:
        raise NotFound(f"submission {submission_id} has no graded question {question!r}")
    return ReviewOut.of(found)


@router.put(
    "/submissions/{submission_id}/marks/{question}",
    summary="Decide one question: items and adjustment (staff)",
    responses=problems(401, 403, 404, 409, 422),
)
def put_marks(question: str, review: ReviewIn, db: Db, user: ApiUser, submission_id: Id) -> SavedOut:
    """Duplicates of the answer that no TA decided by hand are decided with it."""
    submission, _ = submission_for(db, user, submission_id, staff=True)
    try:
        decided = decide(
            db, submission=submission, question=question, decision=review.decision(), version=review.version, by=user,
            via=ReviewVia(review.via), seconds=review.seconds,
        )  # fmt: skip
    except EditConflict as error:
        raise EditConflict(str(error), ReviewOut.of(error.current)) from error
    return SavedOut.of(decided.sheet).model_copy(
        update={"duplicates": len(decided.duplicates), "with_it": list(decided.duplicates)}
    )
