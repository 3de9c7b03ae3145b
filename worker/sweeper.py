"""Repairs what got lost: attempts of dead workers, messages that never arrived, uploads kept while the database was
away.

Any number of sweepers may run; an advisory lock lets one work at a time. The database going away only ends one sweep.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from grader.accept import accept_kept
from grader.db.attempts import expired, requeue, unsent
from grader.db.session import engine, transaction
from grader.db.unserved import tell_waiting, waiting_lanes
from grader.errors import Unavailable
from grader.inbox import Inbox, Upload
from grader.log import bound, get_logger
from grader.queue import idle_lanes, send_attempt, served_lanes
from grader.settings import get_settings

_LOCK = 7_201_002

log = get_logger(__name__)


@dataclass(frozen=True)
class Swept:
    """What one sweep did: attempts taken from lost workers, messages sent, uploads accepted from the inbox, attempts that were
    told that no worker serves their queue."""

    requeued: int = 0
    sent: int = 0
    accepted: int = 0
    unserved: int = 0


def sweep() -> Swept:
    """One sweep; does nothing if another sweeper is at work. Raises SQLAlchemyError while the database is away."""
    with _alone() as alone:
        if not alone:
            return Swept()
        accepted = _drain_inbox()
        requeued = _requeue_lost()
        return Swept(requeued, _send_due(), accepted, _tell_unserved())


def sweep_forever(stop: threading.Event) -> None:
    """Sweep every `sweep_seconds` until `stop` is set."""
    while not stop.is_set():
        try:
            swept = sweep()
            if swept != Swept():
                log.info("swept", **asdict(swept))
        except (SQLAlchemyError, OSError) as error:
            log.warning("sweep_failed", error=str(error))
        except Exception:
            log.exception("sweep_failed")
        stop.wait(get_settings().sweep_seconds)


@contextmanager
def _alone() -> Iterator[bool]:
    with engine().connect() as connection:
        locked = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}))
        connection.commit()
        try:
            yield locked
        finally:
            if locked and not connection.invalidated:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
                connection.commit()


def _requeue_lost() -> int:
    with transaction() as session:
        return sum(requeue(session, lease, max_tries=get_settings().max_tries) for lease in expired(session))


def _send_due() -> int:
    """Send for due attempts, in lanes whose queue has run empty: where messages still wait, none need be missing."""
    try:
        lanes = idle_lanes()
    except Unavailable as error:
        log.warning("broker_away", error=str(error))
        return 0
    with transaction() as session:
        due = unsent(session, lanes, resend_seconds=get_settings().resend_seconds)
    return sum(send_attempt(attempt_id, lane) for attempt_id, lane in due)


def _tell_unserved() -> int:
    """Nobody waits in silence for a worker that is not there, such as one with a GPU."""
    seconds = get_settings().unserved_seconds
    with transaction() as session:
        waiting = waiting_lanes(session, seconds=seconds)
    if not waiting:
        return 0
    try:
        unserved = waiting - served_lanes()
    except Unavailable as error:
        log.warning("broker_away", error=str(error))
        return 0
    with transaction() as session:
        told = tell_waiting(session, unserved, seconds=seconds)
    for lane, count in told.items():
        log.error("no_worker_for_queue", queue=lane.value, attempts=count)
    return sum(told.values())


def _drain_inbox() -> int:
    inbox = Inbox(get_settings().inbox_dir)
    inbox.forget_unfinished()
    return sum(_accept(inbox, upload) for upload in inbox.kept())


def _accept(inbox: Inbox, upload: Upload) -> bool:
    with bound(receipt=upload.slip.receipt):
        try:
            with transaction() as session:
                stored = accept_kept(session, upload)
        except SQLAlchemyError:
            raise  # the database is away again: everything stays as it is
        except Exception:
            log.exception("kept_upload_not_accepted")  # our fault: stays in the inbox, and is tried again
            return False
        if stored is None:
            log.warning("kept_upload_rejected")
            inbox.reject(upload)
            return False
        inbox.discard(upload)
        if stored.created:
            send_attempt(stored.attempt.id, stored.attempt.lane)
        return True
