"""One attempt, from lease to result. Running it twice, or in two workers at once, changes nothing."""

from __future__ import annotations

import os
import socket
import time
import traceback
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.core.result import Result, Status
from grader.db.attempts import Lease, finish, give_back, take
from grader.db.session import is_away, transaction
from grader.log import bound, get_logger
from grader.settings import get_settings
from worker.heartbeat import Heartbeat, LeaseLost
from worker.progress import ProgressWriter, Step

Grade = Callable[[int, Callable[[Step], None]], Result]
"""`grade(attempt_id, progress)`; what it raises is our fault, never the student's."""

_STORE_SECONDS = 600  # for so long a finished result waits for a database that is away
_STORE_PAUSE = 1.0

log = get_logger(__name__)


def run_attempt(attempt_id: int, grade: Grade) -> bool:
    """Lease the attempt, grade it, store the result. False if it was not to be had, or was lost on the way."""
    settings = get_settings()
    with bound(attempt_id=attempt_id):
        with transaction() as session:
            lease = take(session, attempt_id, worker=_name(), lease_seconds=settings.lease_seconds)
        if lease is None:
            log.info("attempt_not_taken")
            return False
        log.info("attempt_taken", tries=lease.tries)
        with Heartbeat(lease, settings.lease_seconds) as heartbeat:
            try:
                ending = _graded(lease, grade(attempt_id, ProgressWriter(attempt_id, heartbeat)))
            except LeaseLost:
                log.warning("attempt_lost")
                return False
            except Exception as error:
                log.exception("attempt_failed")
                ending = _ours(lease, _reason(error))
            stored = _store(ending)
        log.info("attempt_ended", stored=stored)
        return stored


Ending = Callable[[Session], bool]


def _graded(lease: Lease, result: Result) -> Ending:
    failed = [
        f"{question.id}/{check.id}: {check.detail or check.message}"
        for question in result.questions
        for check in question.checks
        if check.status == Status.OURS and not check.unread
    ]
    if failed:
        return _ours(lease, "\n".join(["checks that failed through our fault:", *failed]), result)
    return lambda session: finish(session, lease, result)


def _ours(lease: Lease, reason: str, result: Result | None = None) -> Ending:
    return lambda session: give_back(session, lease, reason, max_tries=get_settings().max_tries, result=result)


def _store(ending: Ending) -> bool:
    """Write the end of an attempt, waiting for a database that is away."""
    deadline = time.monotonic() + _STORE_SECONDS
    while True:
        try:
            with transaction() as session:
                return ending(session)
        except DBAPIError as error:
            if not is_away(error) or time.monotonic() > deadline:
                raise
            log.warning("result_waits_for_database", error=str(error))
            time.sleep(_STORE_PAUSE)


def _reason(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-4000:]


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
