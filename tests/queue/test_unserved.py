"""An attempt in a queue that no worker serves does not wait in silence, and is graded as soon as one comes."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from grader.core.submission import AttemptState
from grader.db.events import events_after
from grader.db.session import transaction
from grader.db.tables import Attempt, Lane
from grader.db.unserved import TEXTS
from grader.queue import send_attempt, served_lanes
from worker.sweeper import sweep


@pytest.fixture
def in_lane(hand_in):
    """`in_lane(Lane.GPU, "x = 1")`: a submission whose attempt waits there."""

    def store(lane, content="x = 1"):
        attempt = hand_in(content)
        with transaction() as session:
            session.execute(update(Attempt).where(Attempt.id == attempt.id).values(lane=lane))
        return attempt

    return store


def said(attempt):
    with transaction() as session:
        return [event.text for event in events_after(session, attempt.id)]


def test_who_waits_for_a_gpu_that_is_not_there_is_told_once(
    workers, gate, in_lane, look, eventually, settings_from, monkeypatch
):
    logged = []
    monkeypatch.setattr("worker.sweeper.log.error", lambda event, **more: logged.append((event, more)))
    settings_from(UNSERVED_SECONDS=1)
    monkeypatch.setattr("grader.queue._ANSWER_SECONDS", 4.0)  # a worker on a busy machine answers late
    workers("gated_worker", **gate.environment)
    assert served_lanes() == {Lane.INTERACTIVE, Lane.BULK}
    for_gpu, long = in_lane(Lane.GPU), in_lane(Lane.BULK, "x = 2")
    eventually(lambda: sweep().unserved == 1, what="the sweeper to tell it")
    assert said(for_gpu)[-1] == TEXTS[Lane.GPU] and "staff" in TEXTS[Lane.GPU]
    assert logged == [("no_worker_for_queue", {"queue": "gpu", "attempts": 1})]
    assert sweep().unserved == 0 and said(for_gpu).count(TEXTS[Lane.GPU]) == 1
    assert not set(said(long)) & set(TEXTS.values()), "whoever only has to wait is not told that nobody comes"

    gate.open()
    workers("gated_worker", queues="gpu", **gate.environment)
    send_attempt(for_gpu.id, Lane.GPU)
    eventually(lambda: look(for_gpu).state == AttemptState.GRADED, what="the worker of the queue gpu")


def test_without_any_worker_everybody_is_told(database, in_lane, settings_from, eventually):
    settings_from(UNSERVED_SECONDS=1)
    attempts = [in_lane(lane, lane.value) for lane in Lane]
    told = [sweep().unserved]
    eventually(lambda: told.append(sweep().unserved) or sum(told) == len(Lane), what="the sweeper to tell all")
    assert [said(attempt)[-1] for attempt in attempts] == [TEXTS[lane] for lane in Lane]
