"""A real worker whose grading is a stand-in that waits: for tests whose subject is the lease.

Each grading appends its attempt's id and process id to $GRADE_LOG, then waits until the file $GRADE_GATE exists.
"""

import os
import time
from pathlib import Path
from types import SimpleNamespace

from grader.core.result import Result
from worker import tasks
from worker.celery_app import app

__all__ = ["app"]

LOG, GATE = Path(os.environ["GRADE_LOG"]), Path(os.environ["GRADE_GATE"])


def grade_at_the_gate(attempt_id, progress):
    with LOG.open("a") as log:
        log.write(f"{attempt_id} {os.getpid()}\n")
    while not GATE.exists():
        progress(SimpleNamespace(done=1, total=2, text="waiting at the gate"))
        time.sleep(0.05)
    if os.environ.get("GRADE_RAISES"):
        raise RuntimeError("the sandbox fell over")
    return Result(pack="nets", rubric_hash="0" * 64, score=3, max_score=4, awaiting_review=0, seconds=1, questions=())


tasks.grade = grade_at_the_gate
