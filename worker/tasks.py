"""The tasks. A message carries ids only; an attempt's message that is lost is sent again by the sweeper."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from grader.core.result import Result
from grader.db.session import is_away
from grader.errors import Unavailable
from grader.log import get_logger
from grader.queue import ASK_OPINION, GRADE_ATTEMPT
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


@app.task(
    name=ASK_OPINION, autoretry_for=(Unavailable,), max_retries=3, retry_backoff=5, retry_jitter=True, rate_limit="60/m"
)
def ask_opinion(submission_id: int, question: str) -> None:
    from worker.opinions import ask_about

    ask_about(submission_id, question)


def grade(attempt_id: int, progress: Callable[[Step], None]) -> Result:
    from worker.stored import grade_stored  # brings the references and the sandbox, in the worker's children only

    return grade_stored(attempt_id, progress)
