"""Keeps an attempt's lease while it is graded."""

from __future__ import annotations

import threading
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError

from grader.db.attempts import Lease, extend
from grader.db.session import transaction
from grader.log import get_logger

log = get_logger(__name__)


class LeaseLost(Exception):
    """The attempt belongs to somebody else now; what we find counts for nothing."""


class Heartbeat:
    """`with Heartbeat(lease, 60) as heartbeat:` extends the lease three times per length, from a thread.

    A database that is away is no reason to stop: if nobody takes the attempt meanwhile, our result still counts.
    """

    def __init__(self, lease: Lease, lease_seconds: float) -> None:
        self._lease = lease
        self._seconds = lease_seconds
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def check(self) -> None:
        """Raises LeaseLost."""
        if self._lost.is_set():
            raise LeaseLost

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._seconds / 3):
            try:
                with transaction() as session:
                    ours = extend(session, self._lease, self._seconds)
            except SQLAlchemyError as error:
                log.warning("heartbeat_missed", error=str(error))
                continue
            if not ours:
                self._lost.set()
                return
