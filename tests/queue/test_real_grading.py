"""The real grading in a real worker: the pack, the sandbox and the references, with nothing stood in for."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from grader.accept import store
from grader.core.result import Result
from grader.core.submission import AttemptState
from grader.db import courses
from grader.db.attempts import attempt_by_id
from grader.db.events import events_after
from grader.db.session import transaction
from grader.db.tables import Verdict
from grader.ingest.submission import read_submission
from grader.pack import load_pack
from grader.queue import send_attempt
from worker.sweeper import sweep

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def attempt(course):
    """A sample of the pack, handed in for an assignment of the pack; not sent yet."""
    pack = load_pack("cs231n_a2")
    sample = read_submission(pack.folder / "samples" / "many-mistakes", pack.rubric.code.layout, ())
    with transaction() as session:
        rubric = courses.register_rubric(
            session, pack=pack.name, sha256=pack.rubric_hash, yaml_text=pack.text,
            document=pack.rubric.model_dump(mode="json"),
        )  # fmt: skip
        assignment = courses.create_assignment(
            session, course=course.course, slug="cs231n-a2", title=pack.rubric.title, rubric=rubric
        )
        return store(session, sample, user=course.student, assignment=assignment, source="api").attempt


def progress(attempt) -> list:
    with transaction() as session:
        return [event for event in events_after(session, attempt.id) if event.done]


def test_worker_killed_between_two_checks_is_graded_again_once(workers, attempt, eventually):
    first = workers(GRADER_LEASE_SECONDS="3")
    send_attempt(attempt.id, attempt.lane)
    eventually(lambda: progress(attempt), what="the first checks to be done", seconds=120)
    first.kill()

    workers(GRADER_LEASE_SECONDS="3")
    eventually(lambda: sweep().requeued == 1, what="the lease to run out")
    with transaction() as session:
        state = attempt_by_id(session, attempt.id).state
    assert state in {AttemptState.QUEUED, AttemptState.RUNNING}

    def graded() -> bool:
        with transaction() as session:
            return attempt_by_id(session, attempt.id).state == AttemptState.GRADED

    eventually(graded, what="the result", seconds=200)
    with transaction() as session:
        row = attempt_by_id(session, attempt.id)
        kinds = [event.kind.value for event in events_after(session, attempt.id) if event.kind != "progress"]
        verdicts = list(session.scalars(select(Verdict)))
    result = Result.model_validate(row.result)
    checks = [check for question in result.questions for check in question.checks]
    assert kinds == ["queued", "started", "retry", "started", "graded"]
    assert row.tries == 2
    assert 0 < row.score == Decimal(str(result.score)) < row.max_score
    assert len(verdicts) == len(checks) > 30
    assert {verdict.mistake for verdict in verdicts} == {check.mistake for check in checks} != {None}
