"""Server-sent events, over a real server."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from grader.db import attempts
from grader.db.events import add_event
from grader.db.session import transaction
from grader.db.tables import EventKind
from grader.db.tokens import create_token
from grader.web.api import events


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(events, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.2)


@pytest.fixture
def queued(room, rooms):
    with transaction() as session:
        submission = rooms.handed_in(session, room.student, room.assignment)
        _, plaintext = create_token(session, room.student, label="test")
        session.refresh(submission, ["attempts"])
        return submission, {"authorization": f"Bearer {plaintext}"}


def follow(server, queued, **headers):
    submission, token = queued
    url = f"{server}/api/v1/submissions/{submission.id}/events"
    return httpx.stream("GET", url, headers=token | headers, timeout=30)


def parsed(lines):
    """(id, event, data) of each event, and ("", "comment", text) of comments."""
    found, fields = [], {}
    for line in lines:
        if line.startswith(":"):
            found.append(("", "comment", line))
        elif line == "":
            if "event" in fields:
                found.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
            fields = {}
        else:
            name, _, value = line.partition(": ")
            fields[name] = value
    return found


def test_progress_arrives_live_and_ends_with_the_final_state(server, queued, rooms):
    submission, _ = queued
    attempt = submission.attempts[0]
    seen = threading.Event()

    def grade():
        assert seen.wait(30)
        with transaction() as session:
            lease = attempts.take(session, attempt.id, worker="test", lease_seconds=60)
            add_event(session, attempt.id, EventKind.PROGRESS, "Dropout: values", 3, 51)
        with transaction() as session:
            attempts.finish(session, lease, rooms.realistic_result())

    worker = threading.Thread(target=grade)
    worker.start()
    with follow(server, queued) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = []
        for line in answer.iter_lines():
            lines.append(line)
            if line.startswith(": "):
                seen.set()  # a heartbeat: the stream is open while nothing happens
    worker.join()
    found = [event for event in parsed(lines) if event[1] != "comment"]
    assert [event[2].get("kind") for event in found[:-1]] == ["queued", "started", "progress", "graded"]
    assert found[2][2] == {"kind": "progress", "text": "Dropout: values", "done": 3, "total": 51}
    assert found[-1][1:] == ("end", {"state": "graded"})


def test_the_stream_goes_on_after_the_last_event_id(server, queued, rooms):
    with transaction() as session:
        rooms.graded(session, session.merge(queued[0], load=True))
    with follow(server, queued) as answer:
        everything = parsed(answer.iter_lines())
    with follow(server, queued, **{"last-event-id": everything[1][0]}) as answer:
        rest = parsed(answer.iter_lines())
    assert rest == everything[2:]
    with follow(server, queued, **{"last-event-id": "nonsense"}) as answer:
        assert parsed(answer.iter_lines()) == everything


def test_an_attempt_that_failed_ends_the_stream(server, queued):
    with transaction() as session:
        lease = attempts.take(session, queued[0].attempts[0].id, worker="test", lease_seconds=60)
        attempts.give_back(session, lease, "no sandbox", max_tries=1)
    with follow(server, queued) as answer:
        found = parsed(answer.iter_lines())
    assert found[-1][1:] == ("end", {"state": "failed"})
    assert "no sandbox" not in str(found), "a reason for staff is told to the student"


def test_words_of_an_event_cannot_break_the_stream(server, queued, rooms):
    nasty = "x\n\nevent: end\ndata: {}\n\n<script>"
    with transaction() as session:
        add_event(session, queued[0].attempts[0].id, EventKind.PROGRESS, nasty)
        rooms.graded(session, session.merge(queued[0], load=True))
    with follow(server, queued) as answer:
        found = parsed(answer.iter_lines())
    assert [event[1] for event in found].count("end") == 1
    assert any(event[2].get("text") == nasty for event in found)
