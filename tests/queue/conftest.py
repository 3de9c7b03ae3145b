from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from grader.blobs import Blobs
from grader.db.attempts import attempt_by_id
from grader.db.events import events_after
from grader.db.session import transaction
from grader.db.submissions import store_submission
from grader.db.tables import Attempt
from grader.settings import get_settings


@dataclass
class Gate:
    """The stand-in grading of `gated_worker`: who has started, and the gate they wait at."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"GRADE_LOG": str(self.folder / "graded.log"), "GRADE_GATE": str(self.folder / "gate")}

    def started(self) -> list[tuple[int, int]]:
        """(attempt id, process id) of each grading, in order."""
        log = self.folder / "graded.log"
        return [tuple(map(int, line.split())) for line in log.read_text().splitlines()] if log.exists() else []

    def open(self) -> None:
        (self.folder / "gate").touch()


@pytest.fixture
def gate(tmp_path) -> Gate:
    return Gate(tmp_path)


@pytest.fixture
def gated(workers, gate):
    """`gated(concurrency=1, **environment)` starts a worker with the stand-in grading."""
    return lambda concurrency=1, **environment: workers(
        "gated_worker", concurrency, **gate.environment | {"GRADER_LEASE_SECONDS": "2"} | environment
    )


@pytest.fixture
def hand_in(course):
    """`hand_in("x = 1")` commits a submission with one file; its first attempt. Nothing is sent."""

    def store(content: str = "x = 1") -> Attempt:
        files = {"layers.py": Blobs(get_settings().blobs_dir).put(content.encode())}
        with transaction() as session:
            return store_submission(
                session, user=course.student, assignment=course.assignment, files=files, answers={}, source="api"
            ).attempt

    return store


@pytest.fixture
def look():
    """`look(attempt)` is the row as it is now, `look.kinds(attempt)` its events but for progress."""

    def now(attempt) -> Attempt:
        with transaction() as session:
            return attempt_by_id(session, attempt.id)

    def kinds(attempt) -> list[str]:
        with transaction() as session:
            return [e.kind.value for e in events_after(session, attempt.id) if e.kind != "progress"]

    now.kinds = kinds
    return now


@pytest.fixture
def alive():
    """Whether a process runs; one that ended and that nobody has waited for does not."""

    def check(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return check
