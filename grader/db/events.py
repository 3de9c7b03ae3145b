"""Events of an attempt, as live pages show them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db.tables import AttemptEvent, EventKind
from grader.db.text import storable


def add_event(
    session: Session, attempt_id: int, kind: EventKind, text: str, done: int | None = None, total: int | None = None
) -> None:
    session.add(AttemptEvent(attempt_id=attempt_id, kind=kind, text=storable(text), done=done, total=total))
    session.flush()


def events_after(session: Session, attempt_id: int, seq: int = 0) -> list[AttemptEvent]:
    """The events of an attempt whose `seq` is above the given one, in order."""
    query = select(AttemptEvent).where(AttemptEvent.attempt_id == attempt_id, AttemptEvent.seq > seq)
    return list(session.scalars(query.order_by(AttemptEvent.seq)))
