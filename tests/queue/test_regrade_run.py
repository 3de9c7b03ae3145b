"""A whole class graded again by a real worker: nothing counts before it is accepted."""

from __future__ import annotations

import pytest

from grader.core.submission import AttemptState
from grader.db import regrade_runs
from grader.db.regrade_differences import differences
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment, User
from grader.queue import send_attempt, send_attempts
from worker.sweeper import sweep


@pytest.fixture
def handed_in(course, hand_in, gate, gated, look, eventually):
    """One submission, graded; the worker runs on, with the gate open."""
    gate.open()
    gated()
    attempt = hand_in()
    send_attempt(attempt.id, attempt.lane)
    eventually(lambda: look(attempt).state == AttemptState.GRADED, what="the first grading")
    return attempt


def start(course):
    with transaction() as session:
        assignment = session.get_one(Assignment, course.assignment.id)
        by = session.get_one(User, course.ta.id)
        run = regrade_runs.open_run(session, assignment, assignment.rubric_version, by)
        return run.id, regrade_runs.to_send(session, run)


def in_run(run_id, do):
    with transaction() as session:
        run = session.get_one(regrade_runs.RegradeRun, run_id)
        return do(session, run)


def is_done(run_id):
    return lambda: in_run(run_id, regrade_runs.progress).is_done


def newest(attempt):
    with transaction() as session:
        return submission_by_id(session, attempt.submission_id).newest_attempt.id


def test_a_run_is_graded_and_counts_once_accepted(course, handed_in, eventually):
    run_id, attempts = start(course)
    assert newest(handed_in) == handed_in.id
    assert send_attempts(attempts)
    eventually(is_done(run_id), what="the run")
    assert in_run(run_id, regrade_runs.progress).graded == 1 and newest(handed_in) == handed_in.id
    (difference,) = in_run(run_id, differences)
    assert (difference.submission_id, difference.state) == (handed_in.submission_id, AttemptState.GRADED)
    in_run(run_id, lambda session, run: regrade_runs.accept(session, run, run.by))
    assert newest(handed_in) == attempts[0][0]
    in_run(run_id, lambda session, run: regrade_runs.undo(session, run, run.by))
    assert newest(handed_in) == handed_in.id


def test_messages_that_got_lost_are_sent_again(course, handed_in, eventually, settings_from):
    run_id, _ = start(course)  # and nothing is sent
    settings_from(RESEND_SECONDS=1)

    def swept():
        sweep()
        return is_done(run_id)()

    eventually(swept, what="the sweeper to send the run")
    assert in_run(run_id, regrade_runs.progress).graded == 1


def test_a_discarded_run_is_not_graded_on(course, gate, gated, hand_in, look, eventually):
    hand_in()
    run_id, attempts = start(course)
    in_run(run_id, lambda session, run: regrade_runs.discard(session, run, run.by))
    gate.open()
    gated()
    send_attempts(attempts)
    other = hand_in("x = 2")
    send_attempt(other.id, other.lane)
    eventually(lambda: look(other).state == AttemptState.GRADED, what="what was sent later")
    assert attempts[0][0] not in [attempt for attempt, _ in gate.started()]
