import math
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from grader.blobs import StoredFile
from grader.core.result import CheckResult, QuestionResult, Result
from grader.core.submission import AttemptState
from grader.db import attempts
from grader.db.events import events_after
from grader.db.session import transaction
from grader.db.submissions import store_submission
from grader.db.tables import Attempt, Lane, Verdict

LANES = list(Lane)


def result(score=3.0, status="pass", relative_error=1e-9, message="right") -> Result:
    check = CheckResult(
        id="gradients", kind="gradient", function="relu_backward", scope="core", status=status, points=score,
        max_points=4, message=message, relative_error=relative_error,
    )  # fmt: skip
    question = QuestionResult(id="relu", title="ReLU", score=score, max_score=4, status="graded", checks=(check,))
    return Result(
        pack="nets", rubric_hash="0" * 64, score=score, max_score=4, awaiting_review=0, seconds=1, questions=(question,)
    )


@pytest.fixture
def attempt(session, make_demo_course) -> Attempt:
    demo = make_demo_course(session)
    files = {"layers.py": StoredFile("a" * 64, 1)}
    stored = store_submission(
        session, user=demo.student, assignment=demo.assignment, files=files, answers={}, source="api"
    )
    return stored.attempt


def take(session, attempt, seconds=60.0):
    return attempts.take(session, attempt.id, worker="w", lease_seconds=seconds)


def fresh(session, attempt) -> Attempt:
    return session.get_one(Attempt, attempt.id, populate_existing=True)


def let_lease_run_out(session, attempt):
    past = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(Attempt).where(Attempt.id == attempt.id).values(lease_until=past))


def kinds(session, attempt):
    return [event.kind.value for event in events_after(session, attempt.id)]


def test_taken_graded_and_stored(session, attempt):
    lease = take(session, attempt)
    assert attempts.finish(session, lease, result())
    row = fresh(session, attempt)
    assert (row.state, row.score, row.max_score) == (AttemptState.GRADED, Decimal(3), Decimal(4))
    assert Result.model_validate(row.result) == result()
    assert row.lease_token is None
    assert row.finished_at >= row.started_at
    assert kinds(session, attempt) == ["queued", "started", "graded"]
    verdict = session.scalars(select(Verdict)).one()
    assert (verdict.question, verdict.function, verdict.status) == ("relu", "relu_backward", "pass")


def test_only_one_can_take_it(session, attempt):
    assert take(session, attempt)
    assert take(session, attempt) is None


def test_finishing_twice_changes_nothing(session, attempt):
    lease = take(session, attempt)
    assert attempts.finish(session, lease, result(3))
    assert not attempts.finish(session, lease, result(1))
    assert fresh(session, attempt).score == 3
    assert take(session, attempt) is None


def test_a_lost_lease_can_neither_finish_nor_extend_nor_give_back(session, attempt):
    old = take(session, attempt)
    let_lease_run_out(session, attempt)
    (lost,) = attempts.expired(session)
    assert lost == old
    assert attempts.requeue(session, lost, max_tries=3)
    assert not attempts.extend(session, old, 60)
    new = take(session, attempt)
    assert not attempts.finish(session, old, result(0))
    assert not attempts.give_back(session, old, "late", max_tries=3)
    assert not attempts.requeue(session, old, max_tries=3)
    assert attempts.finish(session, new, result(3))
    assert kinds(session, attempt) == ["queued", "started", "retry", "started", "graded"]


def test_late_result_counts_while_nobody_else_took_the_attempt(session, attempt):
    lease = take(session, attempt)
    let_lease_run_out(session, attempt)
    assert attempts.finish(session, lease, result())


def test_heartbeat_extends(session, attempt):
    lease = take(session, attempt, 1)
    before = fresh(session, attempt).lease_until
    assert attempts.extend(session, lease, 60)
    assert fresh(session, attempt).lease_until > before
    assert attempts.expired(session) == []


def test_our_fault_is_tried_again_then_shown_to_staff_and_never_zero(session, attempt):
    for tries in (1, 2, 3):
        lease = take(session, attempt)
        assert lease.tries == tries
        assert attempts.give_back(session, lease, f"no sandbox {tries}", max_tries=3)
        assert take(session, attempt) is None
        session.execute(update(Attempt).values(not_before=None))
    row = fresh(session, attempt)
    assert (row.state, row.score, row.error) == (AttemptState.FAILED, None, "no sandbox 3")
    assert kinds(session, attempt)[-1] == "failed"
    assert attempts.latest_graded([row]) is None


def test_failed_attempt_keeps_what_was_found_for_staff(session, attempt):
    lease = take(session, attempt)
    attempts.give_back(session, lease, "one check was ours", max_tries=1, result=result(status="ours"))
    row = fresh(session, attempt)
    assert (row.state, row.score) == (AttemptState.FAILED, None)
    assert row.result["questions"][0]["checks"][0]["status"] == "ours"
    assert session.scalars(select(Verdict)).all() == []


def test_losing_every_worker_fails_the_attempt(session, attempt):
    for _ in range(2):
        lease = take(session, attempt)
        attempts.requeue(session, lease, max_tries=2)
    row = fresh(session, attempt)
    assert row.state == AttemptState.FAILED
    assert "lost 2 workers" in row.error


def test_what_is_sent_again(session, attempt):
    def due(**options):
        return attempts.unsent(session, options.pop("lanes", LANES), resend_seconds=options.pop("resend_seconds", 30))

    assert due() == []  # whoever opened it has just sent it
    session.execute(update(Attempt).values(sent_at=func.now() - timedelta(seconds=31)))
    assert due(lanes=[Lane.BULK]) == []
    assert due() == [(attempt.id, Lane.INTERACTIVE)]
    assert due() == []
    lease = take(session, attempt)
    assert due(resend_seconds=-1) == []
    attempts.requeue(session, lease, max_tries=3)
    assert due() == [(attempt.id, Lane.INTERACTIVE)]
    attempts.give_back(session, take(session, attempt), "ours", max_tries=3)
    assert due() == []  # waits for its next try
    session.execute(update(Attempt).values(not_before=func.now() - timedelta(seconds=1)))
    assert due() == [(attempt.id, Lane.INTERACTIVE)]


def test_result_with_nan_and_nul_is_stored(session, attempt):
    lease = take(session, attempt)
    assert attempts.finish(session, lease, result(relative_error=math.inf, message="printed a\0b"))
    row = fresh(session, attempt)
    assert Result.model_validate(row.result).questions[0].checks[0].relative_error is None


def test_regrade_is_a_new_attempt(session, attempt):
    attempts.finish(session, take(session, attempt), result())
    again = attempts.open_regrade(session, attempt.submission)
    assert (again.lane, again.state) == (Lane.BULK, AttemptState.QUEUED)
    assert attempts.latest_graded([fresh(session, attempt), again]).id == attempt.id


def test_unknown_attempt_cannot_be_taken(session, services):
    assert attempts.take(session, 99, worker="w", lease_seconds=1) is None
    assert not attempts.finish(session, attempts.Lease(99, uuid.uuid4(), 1), result())


def test_twenty_workers_racing_for_one_attempt(course):
    with transaction() as session:
        attempt_id = store_submission(
            session, user=course.student, assignment=course.assignment, files={}, answers={}, source="api"
        ).attempt.id

    def race(number):
        with transaction() as session:
            return attempts.take(session, attempt_id, worker=str(number), lease_seconds=60)

    with ThreadPoolExecutor(8) as pool:
        leases = list(filter(None, pool.map(race, range(20))))
    assert len(leases) == 1
