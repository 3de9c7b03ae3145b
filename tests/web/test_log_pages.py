"""The audit log on its page and over REST: filters, paging, differences, names."""

from __future__ import annotations

import re

import pytest

from grader.db.audit import record
from grader.db.release import publish
from grader.db.requests import open_request
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment, Role

PREFIX = "/api/v1"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def submission(room, rooms):
    """Two decisions on one question, one on a classmate's, publishing, and a request."""
    with transaction() as session:
        first = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
        other = rooms.graded(session, rooms.handed_in(session, room.other, room.assignment))
        for chosen, item, comment in ((first, "not-2", EVIL), (first, "picked-1", ""), (other, "not-2", "")):
            version = score_sheet(session, chosen).question("bn-inline-4").version
            decision = Decision({item: ItemDecision(True, comment)})
            save_review(
                session, submission=chosen, question="bn-inline-4", decision=decision, version=version, by=room.ta
            )
        publish(session, session.get_one(Assignment, room.assignment.id), room.ta)
        open_request(
            session, submission=submission_by_id(session, first.id), question="adam", text="Why?", by=room.student
        )
        return first


def actions(text):
    return re.findall(r'<p class="log-what"><strong>([^<]*)</strong>', text)


def test_everything_is_listed_with_what_changed(room, rooms, browse, submission):
    page = browse(room.ta).get(f"/assignments/{rooms.SLUG}/log").text
    assert actions(page) == ["request opened", "publish", "review", "review", "review"]
    assert "Option 1 is chosen</ins>" in page and "Option 2 is not chosen</del>" in page
    assert EVIL not in page and "&lt;script&gt;" in page
    assert "נועה לוי" in page and "Tal Amari" in page


def test_filters(room, rooms, browse, submission):
    client = browse(room.ta)

    def listed(**query):
        answer = client.get(f"/assignments/{rooms.SLUG}/log", params=query)
        assert answer.status_code == 200
        return actions(answer.text)

    assert listed(submission=submission.id, question="bn-inline-4") == ["review", "review"]
    assert listed(student="נועה") == ["request opened", "review", "review"]
    assert listed(student="BOHDAN@") == ["review"]
    assert listed(action="publish") == ["publish"]
    assert listed(by=room.student.id) == ["request opened"]
    assert listed(student="", submission="", by="", before="") == listed(), "an empty form field is no filter"
    assert listed(submission="x", by="99999999999999") == listed()
    assert listed(student="nobody") == []


def test_paging_meets_every_entry_once(room, rooms, browse, api, submission):
    with transaction() as session:
        for number in range(120):
            record(session, "many", assignment_id=room.assignment.id, by=None, after={"number": number})
    client, found = browse(room.ta), []
    address = f"/assignments/{rooms.SLUG}/log?action=many"
    while address:
        page = client.get(address).text
        found += [int(number) for number in re.findall(r'<ins class="quoted" dir="auto">(\d+)</ins>', page)]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following and following[1].replace("&amp;", "&")
    assert found == list(range(119, -1, -1))
    first = api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}/log", params={"size": 2}).json()
    second = (
        api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}/log", params={"size": 2, "before": first[-1]["id"]}).json()
    )
    assert [entry["after"]["number"] for entry in first + second] == [119, 118, 117, 116]


def test_anonymous_marking_shows_no_student(room, rooms, browse, api, submission):
    with transaction() as session:
        session.get_one(Assignment, room.assignment.id).anonymous = True
    page = browse(room.ta).get(f"/assignments/{rooms.SLUG}/log").text
    assert "נועה לוי" not in page and f"submission {submission.id}" in page
    searched = browse(room.ta).get(f"/assignments/{rooms.SLUG}/log?student=bohdan").text
    assert len(actions(searched)) == 5, "a search by name would undo it"
    entries = api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}/log").json()
    assert entries[0]["by"] is None and entries[1]["by"] == "Tal Amari"


def test_students_see_no_log(room, rooms, browse, api, submission):
    assert browse(room.student).get(f"/assignments/{rooms.SLUG}/log").status_code == 403
    assert api(room.student).get(f"{PREFIX}/assignments/{rooms.SLUG}/log").status_code == 403


def test_release_over_rest(room, rooms, api, submission):
    with transaction() as session:
        instructor = rooms.enrolled(session, room.course, "ira@example.edu", "Ira", Role.INSTRUCTOR)
    address = f"{PREFIX}/assignments/{rooms.SLUG}/release"
    ta, boss = api(room.ta), api(instructor)
    shown = ta.get(address).json()
    assert shown["published_at"] and shown["open_requests"] == 1 and shown["complete"] == 0
    assert {"question": "fc-inline-1", "undecided": 2, "answers": 2} in shown["undecided"]
    for method, path, body in [("post", "/publish", None), ("post", "/unpublish", None), ("put", "/terms", {})]:
        assert ta.request(method, address + path, json=body or {"regrade_quota": 1}).status_code == 403
    assert boss.post(f"{address}/unpublish").json()["published_at"] is None
    terms = {"regrade_quota": 5, "regrades_until": "2026-12-24T18:00:00+02:00", "anonymous": True}
    assert boss.put(f"{address}/terms", json=terms).json()["regrades_until"] == "2026-12-24T16:00:00Z"
    for wrong in ({"regrade_quota": -1}, {"regrades_until": "2026-12-24T18:00:00"}, {"more": 1}):
        assert boss.put(f"{address}/terms", json=terms | wrong).status_code == 422
    assert api(room.student).get(address).status_code == 403
