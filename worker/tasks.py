"""The tasks. A message carries one attempt id; whatever goes wrong with it, the sweeper will send another."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from grader.core.result import Result
from grader.db.session import is_away
from grader.log import get_logger
from grader.queue import GRADE_ATTEMPT
from worker.attempt import run_attempt
from worker.celery_app import app
from worker.progress import Step

log = get_logger(__name__)


@app.task(name=GRADE_ATTEMPT)
def grade_attempt(attempt_id: int) -> None:
    try:
        run_attempt(attempt_id, grade)
    except DBAPIError as error:
        if not is_away(error):
            raise
        log.warning("database_away", attempt_id=attempt_id, error=str(error))


def grade(attempt_id: int, progress: Callable[[Step], None]) -> Result:
    from worker.stored import grade_stored  # brings the references and the sandbox, in the worker's children only

    return grade_stored(attempt_id, progress)
