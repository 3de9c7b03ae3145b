"""The tasks. A message carries one attempt id; whatever goes wrong with it, the sweeper will send another."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from grader.db.session import is_away
from grader.log import get_logger
from grader.queue import GRADE_ATTEMPT
from worker.attempt import run_attempt
from worker.celery_app import app

log = get_logger(__name__)


@app.task(name=GRADE_ATTEMPT)
def grade_attempt(attempt_id: int) -> None:
    from worker.stored import grade_stored  # torch and the references, in the worker's processes only

    try:
        run_attempt(attempt_id, grade_stored)
    except DBAPIError as error:
        if not is_away(error):
            raise
        log.warning("database_away", attempt_id=attempt_id, error=str(error))
