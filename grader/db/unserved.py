"""Attempts that wait in a lane which no worker serves: they are kept, and whoever looks is told why nothing happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from grader.core.submission import AttemptState
from grader.db.events import add_event
from grader.db.tables import Attempt, AttemptEvent, EventKind, Lane

TEXTS = {
    Lane.GPU: "No worker with a GPU is running now. This is kept and waits for one; the course staff see it in their log",
    Lane.BULK: "No worker for long exercises is running now. This is kept and waits for one; the course staff see it in their log",
    Lane.INTERACTIVE: "No worker is running now. This is kept and waits for one; the course staff see it in their log",
}


def waiting_lanes(session: Session, *, seconds: float) -> set[Lane]:
    """Lanes with an attempt that has waited for so long and was not told yet."""
    return set(session.scalars(select(Attempt.lane).where(*_waiting(seconds), ~_told()).distinct()))


def tell_waiting(session: Session, lanes: Collection[Lane], *, seconds: float, limit: int = 500) -> Counter[Lane]:
    """An event for each such attempt of these lanes, once; how many of each. The caller commits."""
    query = select(Attempt.id, Attempt.lane).where(*_waiting(seconds), Attempt.lane.in_(lanes), ~_told())
    told: Counter[Lane] = Counter()
    for attempt_id, lane in session.execute(query.order_by(Attempt.id).limit(limit)).all():
        add_event(session, attempt_id, EventKind.QUEUED, TEXTS[lane])
        told[lane] += 1
    return told


def _waiting(seconds: float) -> tuple:
    since = func.coalesce(Attempt.not_before, Attempt.created_at)
    return Attempt.state == AttemptState.QUEUED, since < func.clock_timestamp() - timedelta(seconds=seconds)


def _told():
    events = select(AttemptEvent.seq).where(AttemptEvent.attempt_id == Attempt.id, AttemptEvent.text.in_(TEXTS.values()))
    return exists(events)
