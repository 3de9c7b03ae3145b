"""Writes an attempt's progress for live pages: not more often than a page can show, and never in the grading's way."""

from __future__ import annotations

import time
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from grader.db.events import add_event
from grader.db.session import transaction
from grader.db.tables import EventKind
from worker.heartbeat import Heartbeat

_PAUSE = 0.25  # seconds


class Step(Protocol):
    """What `grade` reports: `done` of `total`, and what it is at."""

    done: int
    total: int
    text: str


class ProgressWriter:
    def __init__(self, attempt_id: int, heartbeat: Heartbeat) -> None:
        self._attempt_id = attempt_id
        self._heartbeat = heartbeat
        self._next = 0.0

    def __call__(self, step: Step) -> None:
        """Raises LeaseLost, which ends the grading."""
        self._heartbeat.check()
        now = time.monotonic()
        if now < self._next and step.done < step.total:
            return
        self._next = now + _PAUSE
        try:
            with transaction() as session:
                add_event(session, self._attempt_id, EventKind.PROGRESS, step.text, step.done, step.total)
        except SQLAlchemyError:
            return  # the database is away: only the page is poorer
