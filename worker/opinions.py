"""Asks the language model about one stored answer, where the course has chosen so."""

from __future__ import annotations

from grader.core.rubric_file import read_rubric
from grader.db.opinions import store_opinion
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.language_model import ask, is_on
from grader.log import get_logger
from grader.settings import get_settings

log = get_logger(__name__)


def ask_about(submission_id: int, question: str) -> None:
    """Raises Unavailable when the model is away. Nothing is asked about an empty answer, or for a course without one."""
    settings = get_settings()
    with transaction() as session:
        submission = submission_by_id(session, submission_id)
        version = submission.assignment.rubric_version
        rubric = read_rubric(version.yaml_text)
        answer = next((row.text for row in submission.answers if row.question == question), "")
        if not is_on(settings, submission.assignment.course.slug) or not answer.strip():
            log.info("opinion_not_asked", submission_id=submission_id, question=question)
            return
    said = ask(rubric.question(question), answer, settings)
    with transaction() as session:
        store_opinion(session, submission_id=submission_id, question=question, said=said)
