"""The desk as the server makes it: who may see it, saving without scripts, without names, pictures."""

from __future__ import annotations

import base64
import json
import re

import pytest
from sqlalchemy import select

from grader.core.result import ItemResult, QuestionResult
from grader.db.marks import adjustments_of, marks_of
from grader.db.review_tables import AuditEntry, Review
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.suggestions import store_suggestions
from grader.db.tables import Answer, Assignment, Role
from grader.web.desk import key_of

QUESTION = "bn-inline-4"
DESK = f"/assignments/cs231n-a2/desk/{QUESTION}"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture
def submission(room, rooms):
    with transaction() as session:
        return rooms.graded(session, rooms.handed_in(session, room.student, room.assignment)).id


@pytest.fixture
def other(room, rooms, submission):
    """Of another student, handed in later."""
    with transaction() as session:
        answers = {QUESTION: "Very deep ones, as I think."}
        return rooms.graded(session, rooms.handed_in(session, room.other, room.assignment, answers=answers)).id


@pytest.fixture
def ta(browse, room):
    return browse(room.ta)


def version_in(page):
    return re.search(r'name="version" value="([0-9a-f]+)"', page.text)[1]


def csrf_in(page):
    return re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)[1]


def save(ta, submission, **fields):
    page = ta.get(f"{DESK}/{submission}?order=time")
    data = {"csrf": csrf_in(page), "version": version_in(page)} | fields
    return ta.post(f"{DESK}/{submission}?order=time", data=data)


def applied(submission):
    with transaction() as session:
        return [mark.item for mark in marks_of(session, submission) if mark.applied]


@pytest.mark.parametrize(
    "path", ["/assignments/cs231n-a2/desk", DESK, f"{DESK}/1", f"{DESK}/groups", f"{DESK}/groups/0"]
)
def test_only_for_staff(browse, anonymous, room, submission, path):
    assert browse(room.student).get(path).status_code == 403
    assert anonymous.get(path).headers["location"].startswith("/login")


@pytest.mark.parametrize("path", ["/no-such-question", "/bn-forward", f"/{QUESTION}/99999", "/x/groups", f"/{QUESTION}/groups/77"])
def test_what_is_not_there(ta, submission, path):
    assert ta.get(f"/assignments/cs231n-a2/desk{path}").status_code == 404


def test_an_assignment_without_hand_ins(ta):
    assert ta.get(DESK).headers["location"] == "/assignments/cs231n-a2/desk"
    assert ta.get(f"{DESK}/groups").status_code == 200


def test_save_goes_on_to_the_next_and_to_the_overview_at_the_end(ta, submission, other):
    assert ta.get(f"{DESK}?order=time").headers["location"] == f"{DESK}/{submission}?order=time"
    answer = save(ta, submission, item="not-2", **{"comment:not-2": "See above"}, points="0,5", comment="Good example")
    assert answer.status_code == 303 and answer.headers["location"] == f"{DESK}/{other}?order=time"
    assert applied(submission) == ["not-2"]
    with transaction() as session:
        [adjustment] = adjustments_of(session, submission)
        assert (float(adjustment.points), adjustment.comment) == (0.5, "Good example")
        assert session.get(Review, (submission, QUESTION)).via == "desk"
    assert save(ta, other).headers["location"] == f"/assignments/cs231n-a2/desk?done={QUESTION}"
    assert "every answer is decided" in ta.get(f"/assignments/cs231n-a2/desk?done={QUESTION}").text


def test_what_cannot_be_saved_is_kept_on_the_page(ta, submission):
    answer = save(ta, submission, item="not-2", points="much", comment="because", **{"comment:not-2": "my words"})
    assert answer.status_code == 422 and "not a number of points" in answer.text
    assert 'value="my words"' in answer.text and 'value="much"' in answer.text and applied(submission) == []
    assert re.search(r'value="not-2"[^>]*checked', answer.text)


def test_a_form_without_its_token_changes_nothing(ta, submission):
    assert ta.post(f"{DESK}/{submission}", data={"item": "not-2", "csrf": "0"}).status_code == 403
    assert applied(submission) == []


def test_another_tas_decision_is_not_overwritten(ta, room, submission):
    page = ta.get(f"{DESK}/{submission}")
    with transaction() as session:
        stored = submission_by_id(session, submission)
        version = score_sheet(session, stored).question(QUESTION).version
        decision = Decision({"picked-1": ItemDecision(True)})
        save_review(session, submission=stored, question=QUESTION, version=version, by=room.ta, decision=decision)
    answer = ta.post(
        f"{DESK}/{submission}", data={"csrf": csrf_in(page), "version": version_in(page), "item": "not-2"}
    )
    assert answer.status_code == 409 and "Stored now" in answer.text and applied(submission) == ["picked-1"]


def test_suggestions_are_shown_and_not_ticked(ta, submission):
    item = ItemResult(
        id="not-2", label="", points=-1, suggested="deduct", evidence=("Also 3",), reason="Names <another> option"
    )
    with transaction() as session:
        result = QuestionResult(id=QUESTION, title="", score=0, max_score=2, status="needs_review", items=(item,))
        store_suggestions(session, submission, [result])
    page = ta.get(f"{DESK}/{submission}").text
    assert "Names &lt;another&gt; option" in page and "<q dir=\"auto\">Also 3</q>" in page
    assert '<mark data-items="not-2" data-tone="deduct" data-label="1">Also 3</mark>' in page
    assert not re.search(r'name="item"[^>]*checked', page)


def test_names_are_hidden_by_an_instructor_and_that_is_noted(ta, browse, room, rooms, submission, csrf):
    with transaction() as session:
        instructor = rooms.enrolled(session, room.course, "lea@example.edu", "Lea Brandt", Role.INSTRUCTOR)
    names = "/assignments/cs231n-a2/desk/names"
    assert ta.post(names, data={"csrf": csrf(ta), "anonymous": "1"}).status_code == 403
    lea = browse(instructor)
    assert lea.post(names, data={"csrf": csrf(lea), "anonymous": "1"}).status_code == 303
    with transaction() as session:
        assert session.get(Assignment, room.assignment.id).anonymous
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "anonymous marking")).one()
        assert (entry.by_id, entry.before, entry.after) == (instructor.id, {"anonymous": False}, {"anonymous": True})
    for path in (f"{DESK}/{submission}?order=student&anonymous=0", f"{DESK}/groups/0"):
        page = ta.get(path).text
        assert room.student.name not in page and room.student.email not in page and "FullyConnectedNets" not in page


def test_a_ta_may_hide_names_for_themselves(ta, room, submission):
    page = ta.get(f"{DESK}/{submission}?anonymous=1")
    assert room.student.name not in page.text and "Answer 1" in page.text
    assert f"{DESK}/groups/0?order=random&amp;anonymous=1" in page.text
    assert room.student.name in ta.get(f"{DESK}/{submission}").text


def test_a_group_needs_a_tick_and_keeps_the_rest(ta, submission, other):
    page = ta.get(f"{DESK}/groups/0?order=time")
    data = {"csrf": csrf_in(page), "item": "not-2", "comment:not-2": "my words"}
    answer = ta.post(f"{DESK}/groups/0?order=time", data=data)
    assert answer.status_code == 422 and "no answer is ticked" in answer.text and 'value="my words"' in answer.text
    member = re.search(r'name="version:(\d+)" value="([0-9a-f]+)"', page.text)
    data |= {"member": member[1], f"version:{member[1]}": member[2]}
    answer = ta.post(f"{DESK}/groups/0?order=time", data=data)
    assert answer.status_code == 303 and "done=1" in answer.headers["location"]
    assert applied(int(member[1])) == ["not-2"]


def test_undo_without_anything_to_take_back(ta, submission, csrf):
    answer = ta.post("/assignments/cs231n-a2/desk/undo", data={"csrf": csrf(ta)})
    assert answer.headers["location"].endswith("said=nothing")
    assert "no decision of yours" in ta.get(answer.headers["location"]).text


def notebook(*pictures: tuple[str, bytes]) -> str:
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {mime: base64.b64encode(data).decode()}}
        for mime, data in pictures
    ]
    cells = [
        {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "plot()", "outputs": outputs},
        {"cell_type": "markdown", "metadata": {}, "source": "## Inline Question 4\n\n(2), see the plot"},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.fixture
def plotted(room, rooms):
    """A submission whose answer stands in a notebook below a plot, and below what only says that it is one."""
    content = notebook(("image/png", PNG), ("image/png", b"<svg onload=alert(1)>"), ("image/svg+xml", b"<svg/>"))
    with transaction() as session:
        submission = rooms.handed_in(session, room.student, room.assignment, files={"BatchNormalization.ipynb": content})
        rooms.graded(session, submission)
        session.get(Answer, (submission.id, QUESTION)).source = "BatchNormalization.ipynb, cell 2"
        return submission.id


def test_plots_are_pictures_and_nothing_else(ta, browse, room, plotted):
    assert f'src="/submissions/{plotted}/plots/{QUESTION}/1"' in ta.get(f"{DESK}/{plotted}").text
    assert f'src="/submissions/{plotted}/plots/{QUESTION}/2"' not in ta.get(f"{DESK}/{plotted}").text
    answer = ta.get(f"/submissions/{plotted}/plots/{QUESTION}/1")
    assert answer.content == PNG and answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for number in (0, 2, 999):
        assert ta.get(f"/submissions/{plotted}/plots/{QUESTION}/{number}").status_code == 404
    assert browse(room.other).get(f"/submissions/{plotted}/plots/{QUESTION}/1").status_code == 404


def test_pages_of_a_document_are_shown(ta, submission):
    with transaction() as session:
        answer = session.get(Answer, (submission, QUESTION))
        answer.place, answer.document, answer.pages = "selected", "my work.pdf", [2, 3]
    page = ta.get(f"{DESK}/{submission}").text
    assert f'src="/submissions/{submission}/pages/my%20work.pdf/2.png"' in page and "Page 3 of the document" in page
    assert "pages selected by hand" in page


def test_the_review_page_shows_suggestions_and_the_way_to_the_desk(ta, submission):
    page = ta.get(f"/submissions/{submission}/review").text
    assert f'href="{DESK}/{submission}"' in page and 'aria-label="CS231n assignment 2"' in page


def test_keys_of_items():
    assert [key_of(number) for number in (1, 9, 10, 11, 20, 21)] == ["1", "9", "0", "⇧1", "⇧0", ""]
