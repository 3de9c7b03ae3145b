"""Grading a class again, on the pages and over REST; students notice nothing before it is accepted."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from grader.core.result import Status
from grader.db import attempts
from grader.db.session import transaction
from grader.db.tables import Attempt, Submission
from grader.queue import sender

HERE = "/assignments/cs231n-a2/regrades"
API = f"/api/v1{HERE}"


@pytest.fixture
def submissions(room, rooms):
    with transaction() as session:
        return [
            rooms.graded(session, rooms.handed_in(session, who, room.assignment)) for who in (room.student, room.other)
        ]


@pytest.fixture
def finish(rooms, submissions):
    """Grade what waits: everything is right now."""

    def grade_all(failing=()):
        with transaction() as session:
            waiting = session.scalars(select(Attempt).where(Attempt.state == "queued").order_by(Attempt.id))
            for attempt in list(waiting):
                lease = attempts.take(session, attempt.id, worker="test", lease_seconds=60)
                if attempt.submission_id in failing:
                    attempts.give_back(session, lease, "the sandbox fell over", max_tries=1)
                else:
                    attempts.finish(session, lease, rooms.realistic_result(failures={}))

    return grade_all


@pytest.fixture
def ta(browse, room):
    return browse(room.ta)


def start(client, csrf, **fields):
    form = {"csrf": csrf(client), "rubric": "present"} | fields
    return client.post(HERE, data=form)


def decide(client, csrf, address, decision):
    return client.post(f"{address}/{decision}", data={"csrf": csrf(client)})


def total(page):
    return re.search(r"<strong[^>]*>([\d.]+)</strong> <span>/ ", page)[1]


def test_from_start_to_accepted_and_back(ta, csrf, room, browse, submissions, finish):
    assert "has not been graded again yet" in ta.get(HERE).text
    student, own = browse(room.student), f"/submissions/{submissions[0].id}"
    before, lists = student.get(own).text, student.get("/").text
    address = start(ta, csrf).headers["location"]
    page = ta.get(address).text
    assert "0 of 2" in page and "disabled>Accept" in page and 'data-run="/api/v1' + address in page
    assert (unmarked(student.get(own).text), student.get("/").text) == (unmarked(before), lists)
    refused = decide(ta, csrf, address, "accept")
    assert refused.status_code == 422 and "2 of 2 submissions are still being graded" in refused.text
    finish()
    assert (unmarked(student.get(own).text), student.get("/").text) == (unmarked(before), lists)
    page = ta.get(address).text
    assert "2 of 2 submissions change" in page and "dropout" in page
    assert decide(ta, csrf, address, "accept").headers["location"] == address
    assert float(total(student.get(own).text)) > float(total(before))
    assert "Take it back" in ta.get(address).text
    assert decide(ta, csrf, address, "undo").status_code == 303
    assert total(student.get(own).text) == total(before)
    assert decide(ta, csrf, address, "discard").status_code == 303
    again = decide(ta, csrf, address, "accept")
    assert again.status_code == 409 and "somebody has decided it" in again.text
    assert "Discarded" in ta.get(HERE).text


def unmarked(page):
    return re.sub(r'value="[0-9a-f]{64}"|content="[0-9a-f]{64}"', "", page)


def test_a_student_sees_and_follows_the_attempt_that_counts(api, room, submissions, ta, csrf, finish):
    client, own = api(room.student), f"/api/v1/submissions/{submissions[0].id}"
    before = client.get(own).json()
    start(ta, csrf)
    assert client.get(own).json() == before
    assert '"state": "graded"' in client.get(f"{own}/events").text, "the stream ends: nothing is being graded for them"
    finish(failing={submissions[0].id})
    assert client.get(own).json() == before


def test_one_run_at_a_time(ta, csrf, submissions):
    start(ta, csrf)
    refused = start(ta, csrf)
    assert refused.status_code == 422 and "graded again already" in refused.text


def test_attempts_are_sent(ta, csrf, submissions, monkeypatch):
    sent = []
    monkeypatch.setattr(type(sender()), "send_task", lambda self, name, args, queue, **_: sent.append((args[0], queue)))
    start(ta, csrf)
    with transaction() as session:
        waiting = session.scalars(select(Attempt.id).where(Attempt.state == "queued").order_by(Attempt.id)).all()
    assert sent == [(attempt, "bulk") for attempt in waiting]


def test_a_drafts_checks_are_graded_by(ta, csrf, submissions, room, finish):
    yaml = "/assignments/cs231n-a2/rubric"
    text = ta.get(f"{yaml}/rubric.yaml").text.replace("of: affine}", "of: affine, rtol: 1.0e-3}", 1)
    went = ta.post(f"{yaml}/yaml", data={"csrf": csrf(ta), "text": text}).headers["location"]
    wanted = re.search(r'name="rubric" value="(\w{64})"', ta.get(went).text)[1]
    address = start(ta, csrf, rubric=wanted).headers["location"]
    finish()
    assert "The checks of affine-forward changed" in ta.get(address).text
    decide(ta, csrf, address, "accept")
    assert ta.get(f"{yaml}/rubric.yaml").text == text
    assert "The checks of affine-forward changed" in ta.get(f"{yaml}/versions").text


def test_failed_ones_are_named_and_the_list_sorts(ta, csrf, submissions, finish, room):
    address = start(ta, csrf, rubric="disk").headers["location"]
    finish(failing={submissions[1].id})
    page = html.unescape(ta.get(address).text)
    assert "1 submission could not be graded" in page and room.other.name in page
    names = [re.findall(r'<th scope="row"><a[^>]+><bdi>([^<]+)', ta.get(f"{address}?all=1&sort={sort}").text)
             for sort in ("student", "-student")]  # fmt: skip
    assert len(names[0]) == 2 and names[0] == names[1][::-1]


def test_over_rest(api, room, submissions, finish):
    client = api(room.ta)
    made = client.post(API, json={"rubric": "present"})
    assert made.status_code == 201 and made.json()["progress"]["queued"] == 2
    run = f"{API}/{made.json()['id']}"
    assert client.post(API, json={}).status_code == 422
    assert client.post(f"{run}/accept").status_code == 422
    finish()
    assert client.get(run).json()["progress"]["graded"] == 2
    differences = client.get(f"{run}/differences").json()
    assert {it["submission"] for it in differences} == {it.id for it in submissions}
    assert all(it["change"] > 0 and it["questions"] for it in differences)
    assert client.post(f"{run}/accept").json()["state"] == "accepted"
    again = client.post(f"{run}/accept")
    assert again.status_code == 409 and again.json()["current"]["state"] == "accepted"
    assert client.post(f"{run}/undo").json()["state"] == "running"
    assert client.post(f"{run}/discard").json()["state"] == "discarded"
    assert [it["state"] for it in client.get(API).json()] == ["discarded"]
    assert client.get(f"{API}/99").status_code == 404


def test_a_rubric_over_rest_that_is_none(api, room, submissions):
    answer = api(room.ta).post(API, json={"yaml": "assignment: cs231n_a2\n"})
    assert answer.status_code == 422 and "missing key 'questions'" in answer.json()["detail"]


def test_students_start_nothing(api, browse, room, submissions, csrf):
    assert browse(room.student).get(HERE).status_code == 403
    assert start(browse(room.student), csrf).status_code == 403
    client = api(room.student)
    assert client.post(API, json={}).status_code == client.get(API).status_code == 403


def test_results_of_a_run_are_those_of_ordinary_grading(submissions, ta, csrf, finish):
    start(ta, csrf)
    finish()
    with transaction() as session:
        submission = session.get_one(Submission, submissions[0].id)
        newest = max(submission.attempts, key=lambda attempt: attempt.id)
        assert newest.run_id and not newest.counts
        assert all(
            check["status"] == Status.PASS
            for q in newest.result["questions"]
            for check in q["checks"]
            if check["max_points"]
        )
