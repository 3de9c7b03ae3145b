"""The rubric's pages in a real browser: accessible in every size and scheme, by keyboard, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from grader.core.rubric_edit import set_item
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.rubrics import apply_edit
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.tables import Assignment, User

HERE = "/assignments/cs231n-a2/rubric"
ITEM = "bn-inline-4-not-2"


@pytest.fixture
def marked(room, rooms):
    """A class with two decided answers, and one change of the rubric behind it."""
    with transaction() as session:
        for who, items in ((room.student, ["not-2"]), (room.other, ["not-2", "no-justification"])):
            submission = rooms.graded(session, rooms.handed_in(session, who, room.assignment))
            version = score_sheet(session, submission).question("bn-inline-4").version
            decision = Decision({item: ItemDecision(True) for item in items})
            save_review(
                session, submission=submission, question="bn-inline-4", version=version, by=room.ta, decision=decision
            )
        rooms.fill(session, room)
        assignment = session.get_one(Assignment, room.assignment.id)
        present = assignment.rubric_version
        text = set_item(
            present.yaml_text, "bn-inline-4", "picked-1", label="ვარიანტი 1 არჩეულია, and that is a long story"
        )
        apply_edit(session, assignment, text, present.sha256, session.get_one(User, room.ta.id))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_accessible_and_never_too_wide(visit, room, marked, accessible, size, scheme):
    page = visit(HERE, room.ta, size=size, scheme=scheme)
    accessible(page)
    page.fill(f"#i-{ITEM} .rubric-points", "-2")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("h1")).to_have_text("Whose score changes")
    accessible(page)
    page.goto(page.url.replace("/preview?", "?"))
    page.locator(f"#i-{ITEM}").get_by_role("button", name="More").click()
    expect(page.get_by_text("2 answers")).to_be_visible()
    accessible(page)
    for path in ("/versions", "/yaml"):
        page.goto(HERE + path)
        accessible(page)
    page.fill("#yaml", "questions: [")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("rubric.yaml:1")
    accessible(page)


def test_from_an_edit_to_new_scores_without_scripts(visit, room, marked):
    page = visit(HERE, room.ta, scripts=False)
    page.fill(f"#i-{ITEM} .rubric-points", "0.5")
    page.fill(f"#i-{ITEM} .rubric-label", "Option 2 is missing")
    page.keyboard.press("Enter")
    expect(page.locator(f"#i-{ITEM} .rubric-points")).to_have_value("−0.5")
    expect(page.get_by_text("Draft, not applied")).to_be_visible()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".changes tbody tr")).to_have_count(2)
    expect(page.locator(".changes tbody tr").first).to_contain_text("+0.5")
    page.get_by_role("button", name="Apply, for 2 students").click()
    expect(page.get_by_role("status").first).to_contain_text("Applied")
    page.goto(f"{HERE}/versions")
    expect(page.locator(".card").first).to_contain_text("counts −0.5 instead of −1")
    page.get_by_role("link", name="Back to before this").first.click()
    expect(page.locator(".sentences").first).to_contain_text("counts −1 instead of −0.5")


def test_by_keyboard(visit, room, marked):
    page = visit(HERE, room.ta)
    label = page.locator(f"#i-{ITEM} .rubric-label")
    label.focus()
    label.fill("Something else")
    expect(page.locator(".rubric-bar")).to_contain_text("1 field changed")
    page.keyboard.press("Escape")
    expect(label).to_have_value("Option 2 is not chosen")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_url("**/rubric?draft=*")
    expect(page.locator(f"#i-{ITEM} .rubric-label")).to_be_focused()
    order = page.locator("#q-bn-inline-4 .rubric-item[id]").evaluate_all("its => its.map(it => it.id)")
    assert order.index("i-bn-inline-4-picked-1") < order.index(f"i-{ITEM}")
    with page.expect_navigation():
        page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_text("Draft, not applied")).to_have_count(0)


def test_a_problem_of_the_yaml_leads_to_its_line(visit, room, marked):
    page = visit(f"{HERE}/yaml", room.ta)
    text = page.input_value("#yaml").replace("points: -1, label: Option 2", "point: -1, label: Option 2")
    page.fill("#yaml", text)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Go to line").first.click()
    expect(page.locator("#yaml")).to_be_focused()
    chosen = page.evaluate(
        "(it => it.value.slice(it.selectionStart, it.selectionEnd))(document.querySelector('#yaml'))"
    )
    assert "point" in chosen
