"""Release, second looks, statistics and log in a real browser: accessible, never too wide, usable by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from grader.db import requests
from grader.db.overview import overview
from grader.db.release import publish
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment, Role

LONG = "a_very_long_word_without_any_place_to_break_" * 6
EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


def decide(session, submission, question, items, by, points=None, comment=""):
    version = score_sheet(session, submission).question(question).version
    decision = Decision({item: ItemDecision(True, comment) for item in items}, points, comment)
    save_review(
        session, submission=submission, question=question, decision=decision, version=version, by=by, seconds=31.0
    )


@pytest.fixture
def instructor(room, rooms):
    with transaction() as session:
        return rooms.enrolled(session, room.course, "ira@example.edu", "Ира Instructor", Role.INSTRUCTOR)


@pytest.fixture
def marked(room, rooms):
    """A class with marks, one submission of it in full."""
    with transaction() as session:
        rooms.fill(session, room)
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
        decide(session, submission, "bn-inline-4", ["not-2"], room.ta, comment="ראו את ההרצאה על נרמול")
        decide(session, submission, "fc-inline-1", [], room.ta)
        decide(session, submission, "adam", [], room.ta, 1.5, "Right but for one line")
        mark_everybody(session, room, rooms)
        return submission


def mark_everybody(session, room, rooms):
    """Two TAs, one of whom takes more points, on two questions of the class."""
    strict = rooms.enrolled(session, room.course, "strict@example.edu", "გიორგი Strict", Role.TA)
    rows = [row for row in overview(session, session.get_one(Assignment, room.assignment.id)) if row.score is not None]
    for number, row in enumerate(rows[:13]):
        submission = submission_by_id(session, row.id)
        by = strict if number % 2 else room.ta
        decide(session, submission, "bn-inline-1", ["no-justification"] if number % 3 or by is strict else [], by)
        decide(session, submission, "dropout-inline-1", ["test-time-missing"] if number % 4 == 0 else [], by)


@pytest.fixture
def published(room, marked):
    """With an open request, whose text is hostile and long, and an answered one."""
    with transaction() as session:
        publish(session, session.get_one(Assignment, room.assignment.id), room.ta)
        submission = submission_by_id(session, marked.id)
        for question, text in (
            ("bn-inline-4", f"בשורה האחרונה כתבתי **2**.\n\n{EVIL}\n\n{LONG}"),
            ("adam", "Look again"),
        ):
            requests.open_request(session, submission=submission, question=question, text=text, by=room.student)
        answered = requests.requests_about(session, submission)["adam"]
        requests.answer(session, answered, granted=False, text="The moments are **not** corrected.", by=room.ta)
        return submission


def pages_of(room, rooms, submission, instructor):
    base = f"/assignments/{rooms.SLUG}"
    return [
        (f"/submissions/{submission.id}", room.student),
        (f"{base}/release", instructor),
        (f"{base}/release", room.ta),
        (f"{base}/requests", room.ta),
        (f"{base}/requests?state=withdrawn", room.ta),
        (f"{base}/statistics", room.ta),
        (f"{base}/log", room.ta),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_accessible_and_never_too_wide(visit, room, rooms, published, instructor, accessible, size, scheme):
    opened = {user: visit("/", user, size=size, scheme=scheme) for user in (room.student, room.ta, instructor)}
    for path, user in pages_of(room, rooms, published, instructor):
        page = opened[user]
        page.goto(path)
        accessible(page)
        assert page.locator("main script").count() == 0 and page.locator("main img[src=x]").count() == 0


def test_publishing_asking_and_answering(visit, room, rooms, marked, instructor):
    student = visit(f"/submissions/{marked.id}", room.student)
    expect(student.locator("#q-bn-inline-4")).to_contain_text("Not shown yet")
    expect(student.locator("#q-bn-inline-4")).not_to_contain_text("Option 2 is not chosen")

    page = visit(f"/assignments/{rooms.SLUG}/release", instructor)
    page.get_by_role("button", name="Publish the marks").press("Enter")
    expect(page.locator(".page-head .pill")).to_have_text("Published")

    student.reload()
    expect(student.locator("#q-bn-inline-4")).to_contain_text("Option 2 is not chosen")
    student.locator("#q-bn-inline-4 summary", has_text="second look").press("Enter")
    student.fill("#ask-bn-inline-4", "It is in my last line")
    student.get_by_role("button", name="Ask", exact=True).press("Enter")
    expect(student.locator("#q-bn-inline-4 .second-look")).to_contain_text("Open")

    staff = visit(f"/assignments/{rooms.SLUG}/requests", room.ta)
    staff.fill("textarea", "You are right")
    with transaction() as session:
        decide(session, submission_by_id(session, marked.id), "bn-inline-4", [], room.ta)
    staff.get_by_role("button", name="Grant").press("Enter")
    expect(staff.locator(".card .pill").first).to_have_text("Granted")

    student.reload()
    expect(student.locator("#q-bn-inline-4 .second-head")).to_contain_text("then 1 / 2, now 2 / 2")
    expect(student.locator("#q-bn-inline-4 .message-staff")).to_contain_text("You are right")
