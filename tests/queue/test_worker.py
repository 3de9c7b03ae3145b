"""Real Celery worker processes, a real broker and database. The grading waits at a gate, for tests to interfere."""

import os
import signal

from grader.core.submission import AttemptState
from grader.db.tables import Lane
from grader.queue import idle_lanes, send_attempt
from worker.sweeper import sweep

GRADED, RUNNING, QUEUED = AttemptState.GRADED, AttemptState.RUNNING, AttemptState.QUEUED


def is_in(look, attempt, state):
    return lambda: look(attempt).state == state


def test_sent_attempt_is_graded(gated, gate, hand_in, look, eventually):
    gated()
    attempt = hand_in()
    assert send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    assert look(attempt).state == RUNNING
    gate.open()
    eventually(is_in(look, attempt, GRADED), what="the result")
    assert look(attempt).score == 3
    assert look.kinds(attempt) == ["queued", "started", "graded"]


def test_a_message_goes_to_its_own_lane_only(gated):
    gated().kill()  # it has declared every queue
    assert set(idle_lanes()) == set(Lane)
    assert send_attempt(1, Lane.INTERACTIVE)
    assert set(idle_lanes()) == {Lane.BULK, Lane.GPU}
    assert send_attempt(2, Lane.GPU)
    assert set(idle_lanes()) == {Lane.BULK}


def test_every_lane_that_a_worker_serves_is_worked_off(gated, gate, hand_in, look, eventually):
    gate.open()
    attempts = [hand_in("x = 1"), hand_in("x = 2")]
    for attempt, lane in zip(attempts, (Lane.INTERACTIVE, Lane.BULK), strict=True):
        send_attempt(attempt.id, lane)
    gated()
    eventually(lambda: all(look(attempt).state == GRADED for attempt in attempts), what="both results")


def test_duplicate_deliveries_grade_once(gated, gate, hand_in, look, eventually):
    gated(concurrency=2)
    attempt, last = hand_in(), hand_in("y = 2")
    for _ in range(5):
        send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    gate.open()
    eventually(is_in(look, attempt, GRADED), what="the result")
    for _ in range(5):
        send_attempt(attempt.id, attempt.lane)
    send_attempt(last.id, last.lane)
    eventually(is_in(look, last, GRADED), what="all messages to be worked off")
    assert [attempt_id for attempt_id, _ in gate.started()].count(attempt.id) == 1
    assert look.kinds(attempt) == ["queued", "started", "graded"]


def test_two_workers_racing_grade_each_attempt_once(gated, gate, hand_in, look, eventually):
    gate.open()
    gated(concurrency=2)
    gated(concurrency=2)
    attempts = [hand_in(f"x = {number}") for number in range(12)]
    for _ in range(2):
        for attempt in attempts:
            send_attempt(attempt.id, attempt.lane)
    eventually(lambda: all(look(attempt).state == GRADED for attempt in attempts), what="all results")
    assert sorted(attempt_id for attempt_id, _ in gate.started()) == [attempt.id for attempt in attempts]


def test_worker_killed_in_mid_attempt_is_graded_again_once(gated, gate, hand_in, look, eventually, alive):
    first = gated()
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    first.kill()
    eventually(lambda: not alive(gate.started()[0][1]), what="the worker to be dead")
    assert look(attempt).state == RUNNING

    gated()
    eventually(lambda: sweep().requeued == 1, what="the lease to run out")
    eventually(lambda: len(gate.started()) == 2, what="the second grading to start")
    gate.open()
    eventually(is_in(look, attempt, GRADED), what="the result")
    assert look(attempt).tries == 2
    assert look.kinds(attempt) == ["queued", "started", "retry", "started", "graded"]
    assert sweep().requeued == 0


def test_killed_child_of_a_worker_is_replaced_and_the_attempt_graded_again(gated, gate, hand_in, look, eventually):
    gated()
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    os.kill(gate.started()[0][1], signal.SIGKILL)
    eventually(lambda: sweep().requeued == 1, what="the lease to run out")
    gate.open()
    eventually(lambda: sweep() and look(attempt).state == GRADED, what="the result")
    assert [attempt_id for attempt_id, _ in gate.started()] == [attempt.id] * 2


def test_stopped_worker_that_wakes_up_late_changes_nothing(gated, gate, hand_in, look, eventually):
    gated()
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    sleeper = gate.started()[0][1]
    os.kill(sleeper, signal.SIGSTOP)
    try:
        gated()
        eventually(lambda: sweep().requeued == 1, what="the lease to run out")
        eventually(lambda: len(gate.started()) == 2, what="the second grading to start")
        gate.open()
        eventually(is_in(look, attempt, GRADED), what="the second worker's result")
        graded = look(attempt)
    finally:
        os.kill(sleeper, signal.SIGCONT)
    later = hand_in("z = 3")
    send_attempt(later.id, later.lane)
    eventually(is_in(look, later, GRADED), what="both workers to be at work again")
    assert (look(attempt).finished_at, look(attempt).tries) == (graded.finished_at, 2)
    assert look.kinds(attempt) == ["queued", "started", "retry", "started", "graded"]


def test_long_grading_keeps_its_lease(gated, gate, hand_in, look, eventually):
    gated(GRADER_LEASE_SECONDS="6")  # long enough for a busy machine to let the heart beat in time
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    first = look(attempt).lease_until
    eventually(lambda: (look(attempt).lease_until - first).total_seconds() > 6, what="the heartbeats")
    assert sweep().requeued == 0
    gate.open()
    eventually(is_in(look, attempt, GRADED), what="the result")
    assert look(attempt).tries == 1


def test_grading_past_the_hard_limit_is_ended_and_tried_again(gated, gate, hand_in, look, eventually):
    gated(GRADER_ATTEMPT_SECONDS="10", GRADER_LEASE_SECONDS="2", GRADER_MAX_TRIES="1")
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(gate.started, what="the grading to start")
    eventually(lambda: sweep() and look(attempt).state == QUEUED, what="the hard limit and the lost lease")


def test_our_fault_is_tried_again_and_then_shown_to_staff(gated, gate, hand_in, look, eventually):
    gate.open()
    gated(GRADE_RAISES="1", GRADER_MAX_TRIES="1")
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(is_in(look, attempt, AttemptState.FAILED), what="the attempt to fail")
    row = look(attempt)
    assert "the sandbox fell over" in row.error
    assert (row.score, row.result) == (None, None)
