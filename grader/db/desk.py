"""The TA's desk: in which order the answers to a question come, which one is next, and who has which on their screen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased, joinedload

from grader.db.class_answers import counting
from grader.db.review_tables import AnswerGroup, Claim, Review
from grader.db.tables import Assignment, Submission, User

CLAIM_SECONDS = 90


class Order(StrEnum):
    GROUPS = "groups"
    RANDOM = "random"
    TIME = "time"
    STUDENT = "student"


@dataclass(frozen=True)
class Place:
    """One answer in the queue. `group` counts from 0; answers with the same `duplicate` say the same.

    An answer that came after the grouping stands in a group behind all others. `claimed_by` names who has it on their
    screen now.
    """

    submission_id: int
    student: str
    email: str
    handed_in: datetime
    group: int
    position: int
    duplicate: str
    decided: bool
    decided_by: str | None
    claimed_by: str | None
    claimed_by_id: int | None


def queue(session: Session, assignment: Assignment, question: str, order: Order, seed: int = 0) -> list[Place]:
    """Every answer that counts, empty ones too. RANDOM: the same order for the same `seed` (a TA's user id)."""
    rows = session.execute(_queue_query(assignment, question)).all()
    unsorted = max((row.group for row in rows if row.group is not None), default=-1) + 1
    return sorted((_place(row, unsorted) for row in rows), key=_sort_key(order, question, seed))


def next_ungraded(places: Sequence[Place], after: int | None, me: User) -> int | None:
    """The submission with the next undecided answer behind `after`, from the start again at the end; None: all done.

    Skipped are answers that others have on their screens, and duplicates of these and of `after` itself: deciding one
    decides them all.
    """
    ids = [place.submission_id for place in places]
    start = ids.index(after) if after in ids else -1
    busy = [place for place in places if place.claimed_by_id not in {None, me.id}]
    here = [places[start]] if start >= 0 else []
    skipped = {place.duplicate for place in [*busy, *here] if not place.decided}
    for place in [*places[start + 1 :], *places[: max(start, 0)]]:
        if not place.decided and place not in busy and place.duplicate not in skipped:
            return place.submission_id
    return None


def claim(session: Session, *, submission_id: int, question: str, by: User, seconds: float = CLAIM_SECONDS) -> Claim:
    """Say that `by` has this answer on their screen, for `seconds` from now.

    Returns another TA's claim instead, if theirs still holds: compare `by_id`.
    """
    key = {"submission_id": submission_id, "question": question}
    values = {"by_id": by.id, "until": func.clock_timestamp() + timedelta(seconds=seconds)}
    free = (Claim.by_id == by.id) | (Claim.until < func.clock_timestamp())
    session.execute(
        insert(Claim).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values, where=free)
    )
    query = select(Claim).filter_by(**key).options(joinedload(Claim.by))
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def release(session: Session, *, submission_id: int, question: str, by: User) -> None:
    """`by` has left the answer. Another TA's claim stays."""
    session.execute(delete(Claim).filter_by(submission_id=submission_id, question=question, by_id=by.id))


def _queue_query(assignment: Assignment, question: str) -> Any:
    decider, holder = aliased(User), aliased(User)
    holds = Claim.until >= func.clock_timestamp()
    return (
        select(
            Submission.id, User.name, User.email, Submission.created_at, AnswerGroup.group, AnswerGroup.position,
            AnswerGroup.duplicate, decider.name.label("decided_by"), holder.name.label("claimed_by"),
            Claim.by_id.label("claimed_by_id"),
        )
        .join(User, User.id == Submission.user_id)
        .outerjoin(AnswerGroup, _same(AnswerGroup, question))
        .outerjoin(Review, _same(Review, question))
        .outerjoin(decider, decider.id == Review.by_id)
        .outerjoin(Claim, _same(Claim, question) & holds)
        .outerjoin(holder, holder.id == Claim.by_id)
        .where(counting(assignment))
    )  # fmt: skip


def _same(table: Any, question: str) -> Any:
    return (table.submission_id == Submission.id) & (table.question == question)


def _place(row: Any, unsorted: int) -> Place:
    known = row.group is not None
    return Place(
        submission_id=row.id, student=row.name, email=row.email, handed_in=row.created_at,
        group=row.group if known else unsorted,
        position=row.position if known else row.id,
        duplicate=row.duplicate if known else f"own {row.id}",
        decided=row.decided_by is not None, decided_by=row.decided_by,
        claimed_by=row.claimed_by, claimed_by_id=row.claimed_by_id,
    )  # fmt: skip


def _sort_key(order: Order, question: str, seed: int) -> Callable[[Place], tuple[Any, ...]]:
    def drawn(place: Place) -> bytes:
        return hashlib.sha256(f"{seed} {question} {place.submission_id}".encode()).digest()

    keys: dict[Order, Callable[[Place], tuple[Any, ...]]] = {
        Order.GROUPS: lambda place: (place.group, place.position, place.submission_id),
        Order.RANDOM: lambda place: (drawn(place),),
        Order.TIME: lambda place: (place.handed_in, place.submission_id),
        Order.STUDENT: lambda place: (place.student.casefold(), place.submission_id),
    }
    return keys[order]
