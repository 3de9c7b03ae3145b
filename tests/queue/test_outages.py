"""Broker or database away for a while: what was handed in is kept, and graded after."""

import io
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from grader import accept as accepting
from grader.core.submission import AttemptState, Submission
from grader.db import tokens
from grader.db.session import is_away, transaction
from grader.db.submissions import submissions_of
from grader.db.tables import Attempt, Receipt
from grader.inbox import Inbox
from grader.queue import idle_lanes, send_attempt
from grader.settings import get_settings
from worker.sweeper import Swept, sweep, sweep_forever

GRADED, QUEUED = AttemptState.GRADED, AttemptState.QUEUED


@pytest.fixture
def broker(database):
    """`broker.stop()`, `broker.start()`; it runs again after the test."""
    yield database.redis
    database.redis.stop()
    database.redis.start()


@pytest.fixture
def postgres(database):
    yield database.postgres
    database.postgres.stop()
    database.postgres.start()


@pytest.fixture
def sweeping(database):
    """Sweeps as the launcher does, until the test ends."""
    stop = threading.Event()
    thread = threading.Thread(target=sweep_forever, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def inbox(database) -> Inbox:
    return Inbox(get_settings().inbox_dir)


@pytest.fixture
def token_sha256(course) -> str:
    with transaction() as session:
        return tokens.create_token(session, course.student, label="laptop")[0].sha256


@pytest.fixture
def upload(inbox, course, token_sha256):
    def receive(content=b"x = 1", assignment=course.assignment.slug, token=token_sha256):
        return inbox.receive(
            [("layers.py", io.BytesIO(content))], assignment=assignment, token_sha256=token, source="api", limit=1000
        )

    return receive


def test_broker_away_the_attempt_stays_queued_and_is_sent_later(
    broker, settings_from, gated, gate, hand_in, look, eventually
):
    settings_from(RESEND_SECONDS=1)
    broker.stop()
    attempt = hand_in()
    assert not send_attempt(attempt.id, attempt.lane)
    assert sweep() == Swept()
    assert look(attempt).state == QUEUED
    broker.start()
    gate.open()
    gated()
    eventually(lambda: sweep() and look(attempt).state == GRADED, what="the result")
    assert look(attempt).tries == 1


def test_broker_restarted_in_mid_attempt_changes_nothing(broker, settings_from, gated, gate, hand_in, look, eventually):
    settings_from(RESEND_SECONDS=1)
    gated()
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    broker.stop()
    broker.start()
    gate.open()
    eventually(lambda: look(attempt).state == GRADED, what="the result")
    later = hand_in("y = 2")
    send_attempt(later.id, later.lane)
    eventually(lambda: sweep() and look(later).state == GRADED, what="the worker to come back")
    assert look(attempt).tries == 1
    assert len(gate.started()) == 2


def test_messages_lost_with_the_broker_are_sent_again(broker, settings_from, gated, gate, hand_in, look, eventually):
    settings_from(RESEND_SECONDS=1)
    attempts = [hand_in(f"x = {number}") for number in range(3)]
    for attempt in attempts:
        assert send_attempt(attempt.id, attempt.lane)
    assert attempts[0].lane not in idle_lanes()
    broker.stop()
    broker.start()
    assert attempts[0].lane in idle_lanes()
    gate.open()
    gated()
    eventually(lambda: sweep() and all(look(one).state == GRADED for one in attempts), what="all results")


def test_database_away_in_mid_attempt_the_result_waits(postgres, gated, gate, hand_in, look, eventually):
    worker = gated(GRADER_LEASE_SECONDS="60")
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    postgres.stop()
    gate.open()
    eventually(lambda: "result_waits_for_database" in worker.log.read_text(), what="the worker to notice")
    postgres.start()
    eventually(lambda: look(attempt).state == GRADED, what="the result")
    assert look(attempt).tries == 1


def test_database_away_when_a_message_comes(postgres, settings_from, gated, gate, hand_in, look, eventually):
    settings_from(RESEND_SECONDS=1)
    gate.open()
    worker = gated()
    attempt = hand_in()
    postgres.stop()
    send_attempt(attempt.id, attempt.lane)
    eventually(lambda: "database_away" in worker.log.read_text(), what="the worker to notice")
    postgres.start()
    eventually(lambda: sweep() and look(attempt).state == GRADED, what="the result")


def test_sweeper_outlives_the_database(postgres, settings_from, sweeping, hand_in, look, eventually):
    settings_from(RESEND_SECONDS=1, SWEEP_SECONDS=0.1)
    attempt = hand_in()
    sent_at = look(attempt).sent_at
    postgres.stop()
    postgres.start()
    eventually(lambda: look(attempt).sent_at > sent_at, what="the attempt to be sent again")


def test_two_sweepers_do_not_work_at_the_same_time(hand_in, settings_from):
    from worker.sweeper import _alone

    settings_from(RESEND_SECONDS=1)
    with _alone() as first, _alone() as second:
        assert (first, second) == (True, False)
    with _alone() as again:
        assert again


def test_upload_while_the_database_is_away_is_kept_and_stored_after(postgres, inbox, course, upload, hand_in):
    received = upload()
    postgres.stop()
    with pytest.raises(DBAPIError) as away, transaction() as session:
        accepting.accept_kept(session, received)
    assert is_away(away.value)
    receipt = inbox.keep(received)
    with pytest.raises(DBAPIError):
        sweep()
    assert inbox.is_kept(receipt)

    postgres.start()
    assert sweep().accepted == 1
    with transaction() as session:
        row = session.get_one(Receipt, receipt)
        attempt = session.query(Attempt).where(Attempt.submission_id == row.submission_id).one()
        assert (attempt.state, row.error) == (QUEUED, None)
    assert not inbox.is_kept(receipt)
    assert sweep().accepted == 0


def test_kept_twice_is_one_submission_with_two_receipts(inbox, course, upload):
    receipts = [inbox.keep(upload()) for _ in range(2)]
    assert sweep().accepted == 2
    with transaction() as session:
        assert len(submissions_of(session, course.student, course.assignment)) == 1
        assert len({session.get_one(Receipt, receipt).submission_id for receipt in receipts}) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"token": "0" * 64}, "token"), ({"assignment": "a9"}, "no assignment"), ({"content": b""}, "")],
)
def test_kept_upload_that_must_be_refused_is_put_aside_with_the_reason(inbox, upload, change, reason):
    receipt = inbox.keep(upload(**change))
    assert sweep().accepted == 0
    with transaction() as session:
        row = session.get_one(Receipt, receipt)
        assert row.submission_id is None
        assert reason in row.error
    assert not inbox.is_kept(receipt)
    assert (inbox.folder / "rejected" / str(receipt) / "0").exists()


def test_one_bad_upload_does_not_stop_the_others(inbox, upload):
    inbox.keep(upload(assignment="a9"))
    inbox.keep(upload())
    assert sweep().accepted == 1


def test_our_own_fault_leaves_the_upload_in_the_inbox(inbox, upload, monkeypatch):
    receipt = inbox.keep(upload())
    with monkeypatch.context() as patch:
        patch.setattr(accepting, "store", lambda *_, **__: 1 / 0)
        assert sweep().accepted == 0
    assert inbox.is_kept(receipt)
    assert sweep().accepted == 1


def test_stored_submission_reads_back_as_it_was(course):
    sent = Submission({"a/layers.py": b"x = 1\n", "data.bin": bytes(range(256))}, {}, ("skipped 1 file",))
    with transaction() as session:
        stored = accepting.store(session, sent, user=course.student, assignment=course.assignment, source="api")
    with transaction() as session:
        from grader.db.attempts import attempt_by_id
        from worker.stored import _submission

        assert _submission(attempt_by_id(session, stored.attempt.id)) == sent
    assert stored.submission.created_at <= datetime.now(UTC)
