"""The TA's desk: the queue of a question, who has which answer on the screen, groups, all that is clear, undo."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from grader.db.class_answers import written_question
from grader.db.decisions import confirm_clear, decide_group
from grader.db.desk import CLAIM_SECONDS, Order, Place, claim, next_ungraded, queue, release
from grader.db.groups import refresh_groups
from grader.db.tables import Assignment
from grader.db.undo import undo
from grader.errors import NotFound
from grader.web.access import assignment_for, submission_for
from grader.web.api.answers import problems
from grader.web.api.reviews import DecisionIn
from grader.web.api.shapes import ReviewOut
from grader.web.api.submissions import LARGEST, Id
from grader.web.deps import ApiUser, Db

router = APIRouter(tags=["desk"])
LARGEST_GROUP = 5000


class PlaceOut(BaseModel):
    """One answer in the queue. `student` and `email` are null while the assignment is marked without names."""

    submission: int
    student: str | None
    email: str | None
    group: int
    decided: bool
    decided_by: str | None
    claimed_by: str | None

    @classmethod
    def of(cls, place: Place, assignment: Assignment) -> PlaceOut:
        named = not assignment.anonymous
        return cls(
            submission=place.submission_id, student=place.student if named else None,
            email=place.email if named else None, group=place.group, decided=place.decided,
            decided_by=place.decided_by, claimed_by=place.claimed_by,
        )  # fmt: skip


class QueueOut(BaseModel):
    """`next`: the submission whose answer is the next one to decide behind `after`; null when none is left."""

    question: str
    title: str
    next: int | None
    answers: list[PlaceOut]


class SeenIn(BaseModel):
    """An answer of a group, as the TA saw it."""

    submission: int = Field(ge=1, le=LARGEST)
    version: str


class GroupIn(DecisionIn):
    """One decision on many answers. Exceptions are left out of `answers`."""

    answers: list[SeenIn] = Field(min_length=1, max_length=LARGEST_GROUP)


class ConflictOut(BaseModel):
    submission: int
    current: ReviewOut


class GroupOut(BaseModel):
    """`conflicts`: answers that somebody changed meanwhile, as they are now. `gone`: submissions that are not their
    student's newest any more. Neither was touched."""

    decided: list[int]
    conflicts: list[ConflictOut]
    gone: list[int]


class ConfirmedOut(BaseModel):
    confirmed: int


class KeptOut(BaseModel):
    submission: int
    by: str


class UndoneOut(BaseModel):
    """`submission`: where the decision had been made. `kept`: what somebody decided since, and who."""

    question: str
    submission: int
    restored: list[int]
    kept: list[KeptOut]


class ClaimOut(BaseModel):
    """`mine` is false if another TA has the answer on their screen; nothing forbids to decide it all the same."""

    by: str
    mine: bool
    until: datetime


@router.get(
    "/assignments/{slug}/desk/{question}", summary="The answers to a question, in order (staff)",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
def get_queue(
    slug: str,
    question: str,
    db: Db,
    user: ApiUser,
    order: Annotated[Order, Query(description="`random`: always the same for the same person.")] = Order.GROUPS,
    after: Annotated[int | None, Query(ge=1, le=LARGEST, description="A submission.")] = None,
) -> QueueOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    declared = written_question(assignment, question)
    refresh_groups(db, assignment, question)
    if assignment.anonymous and order is Order.STUDENT:
        order = Order.RANDOM  # names in order would tell who is who
    places = queue(db, assignment, question, order, user.id)
    shown = [PlaceOut.of(place, assignment) for place in places]
    following = next_ungraded(places, after, user)
    return QueueOut(question=question, title=declared["title"], next=following, answers=shown)


@router.post(
    "/assignments/{slug}/desk/{question}/group", summary="One decision on many answers (staff)",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
def post_group(slug: str, question: str, group: GroupIn, db: Db, user: ApiUser) -> GroupOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    seen = {answer.submission: answer.version for answer in group.answers}
    done = decide_group(
        db, assignment=assignment, question=question, submission_ids=list(seen), decision=group.decision(),
        versions=seen, by=user,
    )  # fmt: skip
    conflicts = [ConflictOut(submission=it, current=ReviewOut.of(sheet)) for it, sheet in done.conflicts.items()]
    return GroupOut(decided=list(done.decided), conflicts=conflicts, gone=list(done.gone))


@router.post(
    "/assignments/{slug}/desk/{question}/confirm-clear",
    summary="Full points for every undecided answer whose items are all suggested clear (staff)",
    responses=problems(401, 403, 404),
)
def post_confirm_clear(slug: str, question: str, db: Db, user: ApiUser) -> ConfirmedOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return ConfirmedOut(confirmed=confirm_clear(db, assignment=assignment, question=question, by=user))


@router.post(
    "/assignments/{slug}/desk/undo", summary="Take back one's own last decision (staff)",
    responses=problems(401, 403, 404),
)  # fmt: skip
def post_undo(slug: str, db: Db, user: ApiUser) -> UndoneOut:
    """With its duplicates, or the whole group. 404 when there is none left."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    undone = undo(db, by=user, assignment=assignment)
    if undone is None:
        raise NotFound("there is no decision of yours to take back")
    return UndoneOut(
        question=undone.question, submission=undone.submission_id, restored=list(undone.restored),
        kept=[KeptOut(submission=it, by=name) for it, name in undone.kept.items()],
    )  # fmt: skip


@router.put(
    "/submissions/{submission_id}/claims/{question}", summary="Say that one has this answer on the screen (staff)",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
def put_claim(question: str, db: Db, user: ApiUser, submission_id: Id) -> ClaimOut:
    """For a minute and a half; say so again while it is there."""
    submission, _ = submission_for(db, user, submission_id, staff=True)
    written_question(submission.assignment, question)
    held = claim(db, submission_id=submission_id, question=question, by=user, seconds=CLAIM_SECONDS)
    return ClaimOut(by=held.by.name, mine=held.by_id == user.id, until=held.until)


@router.delete(
    "/submissions/{submission_id}/claims/{question}", summary="The answer is off the screen (staff)", status_code=204,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
def delete_claim(question: str, db: Db, user: ApiUser, submission_id: Id) -> None:
    submission_for(db, user, submission_id, staff=True)
    release(db, submission_id=submission_id, question=question, by=user)
