"""Every page, wide and narrow, light and dark: accessible, never wider than the screen, safe, readable in any script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction

LONG = "a_very_long_name_without_any_place_to_break_" * 6
EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


@pytest.fixture
def graded(room, rooms):
    """A reviewed question, one that is not, and every kind of verdict; a long and hostile file name."""
    with transaction() as session:
        files = {"cs231n/layers.py": rooms.LAYERS, f"cs231n/{LONG}.py": "x = 1\n"}
        submission = rooms.handed_in(session, room.student, room.assignment, files=files, remarks=(LONG,))
        rooms.graded(session, submission)
        version = score_sheet(session, submission).question("bn-inline-4").version
        decision = Decision({"not-2": ItemDecision(True, "ראו את ההרצאה")}, 0.5, "Good.")
        save_review(
            session, submission=submission, question="bn-inline-4", version=version, by=room.ta, decision=decision
        )
        rooms.fill(session, room)
        rooms.handed_in(session, room.other, room.assignment)
        return submission


def pages_of(room, rooms, submission):
    return [
        ("/login", None),
        ("/", room.student),
        ("/tokens", room.student),
        ("/nothing", room.student),
        (f"/assignments/{rooms.SLUG}", room.student),
        (f"/submissions/{submission.id}", room.student),
        (f"/submissions/{submission.id}/files/cs231n/layers.py", room.student),
        (f"/assignments/{rooms.SLUG}/submissions", room.ta),
        (f"/submissions/{submission.id}/review", room.ta),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_accessible_and_never_too_wide(visit, room, rooms, graded, accessible, size, scheme):
    opened = {user: visit("/", user, size=size, scheme=scheme) for user in (None, room.student, room.ta)}
    for path, user in pages_of(room, rooms, graded):
        page = opened[user]
        page.goto(path)
        accessible(page)


def test_dark_is_dark(visit, room):
    def brightness(scheme):
        page = visit("/", room.student, scheme=scheme)
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in color.removeprefix("rgb(").rstrip(")").split(","))

    assert brightness("dark") < 120 < 600 < brightness("light")


def test_the_keyboard_reaches_the_content_first(visit, room):
    page = visit("/", room.student)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_focus_is_visible(visit, room, rooms):
    page = visit(f"/assignments/{rooms.SLUG}", room.student)
    for step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            assert step > 8
            return
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML")[:200]


def test_hebrew_runs_from_right_to_left(visit, room, rooms, graded):
    page = visit(f"/submissions/{graded.id}", room.student)
    answer = page.locator("#q-fc-inline-1 .answer-text p").first
    assert answer.evaluate("it => getComputedStyle(it).direction") == "rtl"
    box, text = (
        answer.bounding_box(),
        answer.evaluate(
            """it => { const range = document.createRange(); range.selectNodeContents(it);
        const lines = [...range.getClientRects()]; return Math.max(...lines.map(line => line.right)); }"""
        ),
    )
    assert abs(box["x"] + box["width"] - text) < 3, "the text begins at the right edge"
    georgian = page.locator("#q-fc-inline-2 .answer-text p").first
    assert georgian.evaluate("it => getComputedStyle(it).direction") == "ltr"


def test_hostile_text_does_nothing(visit, room, rooms):
    result = rooms.realistic_result({"fc-inline-1": EVIL, "fc-inline-2": "[click](javascript:alert(3))"})
    question = result.questions[0]
    check = question.checks[0].model_copy(
        update={"message": EVIL, "detail": EVIL, "mistake": EVIL, "status": "fail", "points": 0}
    )
    question = question.model_copy(update={"checks": (check,), "score": 0})
    result = result.model_copy(update={"questions": (question, *result.questions[1:])})
    with transaction() as session:
        user = rooms.enrolled(session, room.course, "evil@example.edu", EVIL)
        files = {f"cs231n/{EVIL}.py": EVIL}
        submission = rooms.handed_in(session, user, room.assignment, files=files, remarks=(EVIL,))
        rooms.graded(session, submission, result)
    page = visit(f"/submissions/{submission.id}/review", room.ta)
    for path in (f"/assignments/{rooms.SLUG}/submissions", f"/submissions/{submission.id}", page.url):
        page.goto(path)
        assert page.locator("img").count() == 0 and page.locator("main script").count() == 0
        assert page.locator("a[href^=javascript]").count() == 0
    page.get_by_role("link", name=".py").first.click()
    expect(page.locator(".src").first).to_contain_text("onerror")
    assert page.locator("img").count() == 0
