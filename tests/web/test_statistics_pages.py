"""Statistics: the numbers of a class by hand, pictures as images of their own, for staff only."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from grader.db.overview import overview
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.statistics import class_statistics
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment, Role

PREFIX = "/api/v1"
EVIL = "</text><script>alert(1)</script> $\\frac{1 \x07"


@pytest.fixture
def marked(room, rooms):
    """13 classmates whose written questions are all decided, by two TAs; the one whose name is hostile takes a point
    from each."""
    with transaction() as session:
        rooms.fill(session, room)
        evil = rooms.enrolled(session, room.course, "evil@example.edu", EVIL, Role.TA)
        assignment = session.get_one(Assignment, room.assignment.id)
        rows = [row for row in overview(session, assignment) if row.score is not None]
        for number, row in enumerate(rows):
            decide(session, submission_by_id(session, row.id), evil if number % 2 else room.ta, strict=number % 2)
        return [row.id for row in rows]


def decide(session, submission, by, *, strict):
    for sheet in score_sheet(session, submission).questions:
        if sheet.written:
            items = {sheet.result.items[0].id: ItemDecision(True)} if strict else {}
            save_review(
                session, submission=submission, question=sheet.result.id, decision=Decision(items),
                version=sheet.version, by=by, seconds=20.0 + 10 * strict,
            )  # fmt: skip


def test_the_figures_are_those_of_the_class(room, rooms, api, marked):
    with transaction() as session:
        figures = class_statistics(session, session.get_one(Assignment, room.assignment.id))
        totals = [score_sheet(session, submission_by_id(session, one)).score for one in marked]
    assert figures.students == 14 and figures.scores.n == figures.total.n == 13
    assert figures.total.mean == pytest.approx(sum(totals) / 13)
    essay = next(part for part in figures.questions if part.id == "dropout-inline-1")
    assert (essay.items[0].applied, essay.items[0].decided, essay.seconds.n) == (6, 13, 13)
    assert essay.figures.zero_share == pytest.approx(6 / 13) and essay.seconds.median == 20
    adam = next(check for check in figures.checks if check.question == "adam")
    assert adam.n == 13 and adam.mistakes == (("no-bias-correction", 13 - adam.passed),)
    strict = next(ta for ta in figures.tas if ta.name != "Tal Amari")
    assert strict.decided == 60 and strict.drift.n == 60 and strict.drift.difference < -0.4
    assert strict.seconds.median == 30
    over_rest = api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}/statistics").json()
    assert over_rest["total"]["mean"] == pytest.approx(figures.total.mean)


def test_pictures_are_images_of_their_own(room, rooms, browse, marked):
    client = browse(room.ta)
    page = client.get(f"/assignments/{rooms.SLUG}/statistics").text
    pictures = re.findall(r'(?:src|srcset)="(/assignments/[^"]+/statistics/[^"]+)"', page)
    assert len(pictures) == 10, "five, light and dark"
    assert "<script>alert" not in page
    for address in pictures:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.headers["cache-control"].startswith("private, max-age=")
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        root = ElementTree.fromstring(answer.content)
        assert not [it for it in root.iter() if it.tag.endswith(("script", "foreignObject", "image"))]
    assert client.get(pictures[0].split("?")[0]).content == client.get(pictures[0].split("?")[0]).content


def test_without_marks_nothing_is_invented(room, rooms, browse, api):
    client = browse(room.ta)
    page = client.get(f"/assignments/{rooms.SLUG}/statistics")
    assert page.status_code == 200 and "No submission is fully decided yet." in page.text
    assert "Nobody has marked yet." in page.text and ".svg" not in page.text.split("<main", 1)[1]
    assert client.get(f"/assignments/{rooms.SLUG}/statistics/scores.svg").status_code == 404
    assert client.get(f"/assignments/{rooms.SLUG}/statistics/nothing.svg").status_code == 404
    assert client.get(f"/assignments/{rooms.SLUG}/statistics/scores.svg?scheme=pink").status_code == 422
    assert browse(room.student).get(f"/assignments/{rooms.SLUG}/statistics").status_code == 403
    assert browse(room.student).get(f"/assignments/{rooms.SLUG}/statistics/scores.svg").status_code == 403
    assert api(room.student).get(f"{PREFIX}/assignments/{rooms.SLUG}/statistics").status_code == 403
