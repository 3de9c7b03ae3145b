"""The desk shows what a language model said, and asks it only where the course has chosen so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.core.answers.opinion import ItemOpinion, ModelOpinion
from grader.db.opinions import store_opinion
from grader.db.session import transaction
from grader.language_model import Said

QUESTION = "bn-inline-1"


def said(flagged=False):
    items = {"no-justification": ItemOpinion("clear", "scale of the initialization", "a cause is given <b>")}
    return Said("small-model", ModelOpinion(items, flagged), None, 400, 100, Decimal("0.0018"))


def desk(room, submission_id):
    return f"/assignments/{room.assignment.slug}/desk/{QUESTION}/{submission_id}"


def ask(browser, csrf, submission_id):
    return browser.post(f"/submissions/{submission_id}/opinions/{QUESTION}", data={"csrf": csrf(browser)})


def test_opinion_is_shown_escaped_and_flagged(room, rooms, browse):
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
        submission_id = submission.id
        store_opinion(session, submission_id=submission_id, question=QUESTION, said=said(flagged=True))
    page = browse(room.ta).get(desk(room, submission_id)).text
    assert "small-model" in page and "0.0018" in page and "speaks to whoever grades it" in page
    assert "a cause is given &lt;b&gt;" in page
    assert "Ask for an opinion" not in page and "Ask again" not in page


@pytest.fixture
def chosen(settings_from):
    settings_from(LLM_URL="http://127.0.0.1:9/v1", LLM_COURSES="dl", LLM_MODEL="m")


def test_asking_from_the_desk(chosen, room, rooms, browse, csrf):
    with transaction() as session:
        submission_id = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment)).id
    browser = browse(room.ta)
    page = browser.get(desk(room, submission_id)).text
    assert "Ask for an opinion" in page
    with transaction() as session:
        store_opinion(session, submission_id=submission_id, question=QUESTION, said=said())
    assert "asked 1 time, for 0.0018" in browser.get(f"/assignments/{room.assignment.slug}/desk").text
    answer = ask(browser, csrf, submission_id)
    assert answer.status_code == 303 and "said=asked" in answer.headers["location"]


def test_students_and_other_courses_cannot_ask(room, rooms, browse, csrf):
    with transaction() as session:
        submission_id = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment)).id
    for user, status in ((room.student, 403), (room.ta, 422)):
        answer = ask(browse(user), csrf, submission_id)
        assert answer.status_code == status
