"""Attempts: the lease, and every change of state, as compare-and-set on the row.

    queued ── take ──▶ running ── finish ──▶ graded
       ▲                  │
       └── give_back ─────┤   our fault, or the lease ran out: up to `max_tries`
                          └──▶ failed         staff will look

Each function is one statement on the attempt (and rows below it); the caller commits. Leases use the database's clock.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, null, or_, select, update
from sqlalchemy.orm import Session, joinedload

from grader.core.result import Result
from grader.core.submission import AttemptState
from grader.db.events import add_event
from grader.db.lanes import lane_for
from grader.db.suggestions import refresh_placed, store_suggestions
from grader.db.tables import Assignment, Attempt, EventKind, Lane, Submission, Verdict
from grader.db.text import storable, storable_json
from grader.errors import NotFound

RETRY_SECONDS = 10  # pause before the second try; doubles with each


@dataclass(frozen=True)
class Lease:
    """The right to grade `attempt_id`, for as long as the row still carries `token`."""

    attempt_id: int
    token: uuid.UUID
    tries: int


def open_attempt(session: Session, submission_id: int, rubric_version_id: int, lane: Lane) -> Attempt:
    """A new attempt, queued; `lane` is where it goes unless its checks need another (`lanes.py`). The caller commits, then
    calls `grader.queue.send_attempt`."""
    lane = lane_for(session, rubric_version_id, lane)
    attempt = Attempt(
        submission_id=submission_id, rubric_version_id=rubric_version_id, lane=lane, state=AttemptState.QUEUED
    )
    session.add(attempt)
    session.flush()
    add_event(session, attempt.id, EventKind.QUEUED, "Waiting for a worker")
    return attempt


def open_regrade(session: Session, submission: Submission, lane: Lane = Lane.BULK) -> Attempt:
    """Grade a submission again, by its assignment's present rubric version."""
    return open_attempt(session, submission.id, submission.assignment.rubric_version_id, lane)


def attempt_by_id(session: Session, attempt_id: int) -> Attempt:
    """With submission, user, assignment and rubric version loaded. Raises NotFound."""
    submission = joinedload(Attempt.submission)
    attempt = session.scalar(
        select(Attempt)
        .where(Attempt.id == attempt_id)
        .options(
            submission.joinedload(Submission.user),
            submission.joinedload(Submission.assignment).joinedload(Assignment.course),
            joinedload(Attempt.rubric_version),
        )
    )
    if attempt is None:
        raise NotFound(f"there is no attempt {attempt_id}")
    return attempt


def latest_graded(attempts: Sequence[Attempt]) -> Attempt | None:
    """The attempt that counts: the newest that is graded, and in no regrade run that waits to be accepted."""
    return max((a for a in attempts if a.counts and a.state == AttemptState.GRADED), key=lambda a: a.id, default=None)


def take(session: Session, attempt_id: int, *, worker: str, lease_seconds: float) -> Lease | None:
    """Lease a queued attempt. None if it is not queued (taken, done) or is waiting for its next try."""
    token = uuid.uuid4()
    tries = session.scalar(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state == AttemptState.QUEUED, _is_due())
        .values(
            state=AttemptState.RUNNING,
            lease_token=token,
            lease_until=_from_now(lease_seconds),
            tries=Attempt.tries + 1,
            worker=worker,
            started_at=func.clock_timestamp(),
        )
        .returning(Attempt.tries)
    )
    if tries is None:
        return None
    add_event(session, attempt_id, EventKind.STARTED, "Grading has started")
    return Lease(attempt_id, token, tries)


def extend(session: Session, lease: Lease, lease_seconds: float) -> bool:
    """Heartbeat. False if the lease is no longer ours."""
    return _change(session, lease, lease_until=_from_now(lease_seconds))


def finish(session: Session, lease: Lease, result: Result) -> bool:
    """Store the result. False, and nothing changed, if the lease is no longer ours."""
    graded = _end(
        session, lease, AttemptState.GRADED, result=_document(result), score=result.score,
        max_score=result.max_score, error=None,
    )  # fmt: skip
    if graded:
        session.add_all(_verdicts(lease.attempt_id, result))
        submission_id, counts = session.execute(
            select(Attempt.submission_id, Attempt.counts).where(Attempt.id == lease.attempt_id)
        ).one()
        if counts:
            store_suggestions(session, submission_id, result.questions)
            refresh_placed(session, lease.attempt_id)
        add_event(session, lease.attempt_id, EventKind.GRADED, "Graded")
    return graded


def give_back(session: Session, lease: Lease, error: str, *, max_tries: int, result: Result | None = None) -> bool:
    """Our fault: queue the attempt again after a pause, or fail it after `max_tries`. False if not ours any more.

    `result` is what was found in spite of it; a failed attempt keeps it for staff, and it counts for nothing.
    """
    error = storable(error)
    if lease.tries >= max_tries:
        document = _document(result) if result else null()
        ended = _end(session, lease, AttemptState.FAILED, error=error, result=document)
        if ended:
            add_event(session, lease.attempt_id, EventKind.FAILED, _FAILED_TEXT)
        return ended
    pause = RETRY_SECONDS * 2 ** (lease.tries - 1)
    queued = _change(
        session, lease, state=AttemptState.QUEUED, lease_token=None, lease_until=None,
        error=error, not_before=_from_now(pause), sent_at=None,
    )  # fmt: skip
    if queued:
        add_event(session, lease.attempt_id, EventKind.RETRY, "Something on our side went wrong; trying again")
    return queued


def expired(session: Session, *, limit: int = 100) -> list[Lease]:
    """Leases that ran out: the worker was killed or lost. Locked until the caller's transaction ends."""
    query = (
        select(Attempt.id, Attempt.lease_token, Attempt.tries)
        .where(Attempt.state == AttemptState.RUNNING, Attempt.lease_until < func.clock_timestamp())
        .order_by(Attempt.id).limit(limit).with_for_update(skip_locked=True)
    )  # fmt: skip
    return [Lease(*row) for row in session.execute(query)]


def requeue(session: Session, lease: Lease, *, max_tries: int) -> bool:
    """Queue an attempt at once whose worker was lost, or fail it after `max_tries`. False if the lease is another."""
    if lease.tries >= max_tries:
        return give_back(session, lease, f"lost {lease.tries} workers while grading this", max_tries=max_tries)
    queued = _change(
        session, lease, state=AttemptState.QUEUED, lease_token=None, lease_until=None, not_before=None, sent_at=None
    )
    if queued:
        add_event(session, lease.attempt_id, EventKind.RETRY, "The worker was lost; trying again")
    return queued


def unsent(
    session: Session, lanes: Collection[Lane], *, resend_seconds: float, limit: int = 500
) -> list[tuple[int, Lane]]:
    """Queued attempts of these lanes that are due and for which no message went out lately; marks them as sent now."""
    chosen = (
        select(Attempt.id)
        .where(
            Attempt.state == AttemptState.QUEUED,
            Attempt.lane.in_(lanes),
            _is_due(),
            or_(Attempt.sent_at.is_(None), Attempt.sent_at < _from_now(-resend_seconds)),
        )
        .order_by(Attempt.id).limit(limit).with_for_update(skip_locked=True)
    )  # fmt: skip
    marked = update(Attempt).where(Attempt.id.in_(chosen)).values(sent_at=func.clock_timestamp())
    return sorted((row.id, row.lane) for row in session.execute(marked.returning(Attempt.id, Attempt.lane)))


_FAILED_TEXT = "Something on our side went wrong. The course staff has been told; this costs no points"


def _end(session: Session, lease: Lease, state: AttemptState, **values: object) -> bool:
    ended = {"state": state, "lease_token": None, "lease_until": None, "finished_at": func.clock_timestamp()}
    return _change(session, lease, **ended, **values)


def _change(session: Session, lease: Lease, **values: object) -> bool:
    ours = (Attempt.id == lease.attempt_id, Attempt.state == AttemptState.RUNNING, Attempt.lease_token == lease.token)
    return session.execute(update(Attempt).where(*ours).values(**values)).rowcount == 1


def _from_now(seconds: float) -> ColumnElement:
    return func.clock_timestamp() + timedelta(seconds=seconds)


def _is_due() -> ColumnElement[bool]:
    return or_(Attempt.not_before.is_(None), Attempt.not_before <= func.clock_timestamp())


def _document(result: Result) -> dict[str, Any]:
    return storable_json(json.loads(result.model_dump_json()))


def _verdicts(attempt_id: int, result: Result) -> list[Verdict]:
    return [
        Verdict(
            attempt_id=attempt_id, question=question.id, check_id=check.id, kind=check.kind, function=check.function,
            scope=check.scope, status=check.status, points=check.points, max_points=check.max_points,
            mistake=check.mistake, relative_error=storable_json(check.relative_error), seconds=check.seconds,
        )
        for question in result.questions
        for check in question.checks
    ]  # fmt: skip
