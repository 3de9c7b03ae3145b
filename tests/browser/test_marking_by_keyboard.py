"""A TA signs in and marks, without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from grader.db.marks import adjustments_of, marks_of
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id


def a_graded_submission(room, rooms):
    with transaction() as session:
        return rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))


def test_marking_with_keys_only(visit, room, rooms):
    submission = a_graded_submission(room, rooms)
    page = visit("/login")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type(room.ta.email)
    page.keyboard.press("Tab")
    page.keyboard.type(rooms.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").startswith("Submissions"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("link", name="נועה לוי").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")

    page.keyboard.press("j")
    expect(page.locator("#q-fc-inline-1")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#q-fc-inline-1 [data-preview]")).to_have_text("0.5 of 1")
    page.keyboard.press("s")
    expect(page.locator("#q-fc-inline-1 [data-said]")).to_have_text("Saved")
    expect(page.locator("#q-fc-inline-2")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("-0.25")
    page.keyboard.press("Tab")
    page.keyboard.type("Кращe пояснити")
    page.keyboard.press("Enter")
    expect(page.locator("#q-fc-inline-2 [data-score]")).to_have_text("0.75 / 1")
    expect(page.locator("[data-reviewed]")).to_have_text("2 of 10 reviewed")

    with transaction() as session:
        applied = [mark.item for mark in marks_of(session, submission.id) if mark.applied]
        [adjustment] = adjustments_of(session, submission.id)
        assert applied == ["sigmoid-missing"]
        assert (float(adjustment.points), adjustment.comment) == (-0.25, "Кращe пояснити")


def test_keys_do_nothing_while_one_types(visit, room, rooms):
    submission = a_graded_submission(room, rooms)
    page = visit(f"/submissions/{submission.id}/review", room.ta)
    page.focus("#comment-fc-inline-1")
    page.keyboard.type("1 2 3 s u n p j k c")
    assert page.url.endswith("/review")
    expect(page.locator("#q-fc-inline-1 :checked")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#q-fc-inline-1")).to_be_focused()


def test_an_adjustment_of_a_code_question(visit, room, rooms):
    submission = a_graded_submission(room, rooms)
    page = visit(f"/submissions/{submission.id}/review#q-adam", room.ta)
    page.locator("#q-adam .adjust > summary").click()
    page.fill("#points-adam", "1,5")
    page.click("#q-adam [data-save]")
    expect(page.locator("#q-adam [data-said]")).to_have_text("An adjustment needs a comment")
    page.fill("#comment-adam", "One line only")
    page.click("#q-adam [data-save]")
    expect(page.locator("#q-adam [data-score]")).to_have_text("1.5 / 3")


def test_a_conflict_shows_both_and_loses_nothing(visit, room, rooms):
    submission = a_graded_submission(room, rooms)
    page = visit(f"/submissions/{submission.id}/review", room.ta)
    page.check("#q-bn-inline-4 [value=not-2]")
    other_tas_decision(room, submission, "picked-1")
    page.click("#q-bn-inline-4 [data-save]")
    theirs = page.locator("#q-bn-inline-4 .theirs")
    expect(theirs).to_contain_text("Option 1 is chosen")
    expect(page.locator("#q-bn-inline-4 [value=not-2]")).to_be_checked()
    page.click("#q-bn-inline-4 [data-save]")
    expect(page.locator("#q-bn-inline-4 [data-said]")).to_have_text("Saved")
    with transaction() as session:
        assert [mark.item for mark in marks_of(session, submission.id) if mark.applied] == ["not-2"]


def test_a_conflict_without_javascript(visit, room, rooms):
    submission = a_graded_submission(room, rooms)
    page = visit(f"/submissions/{submission.id}/review", room.ta, scripts=False)
    page.check("#q-bn-inline-4 [value=not-2]")
    other_tas_decision(room, submission, "picked-1")
    page.click("#q-bn-inline-4 [data-save]")
    expect(page.locator("#q-bn-inline-4 .theirs")).to_contain_text("Option 1 is chosen")
    expect(page.locator("#q-bn-inline-4 [value=not-2]")).to_be_checked()
    page.click("#q-bn-inline-4 [data-save]")
    expect(page.locator("#q-bn-inline-4 [data-score]")).to_have_text("1 / 2")


def other_tas_decision(room, submission, item):
    with transaction() as session:
        stored = submission_by_id(session, submission.id)
        version = score_sheet(session, stored).question("bn-inline-4").version
        save_review(
            session, submission=stored, question="bn-inline-4", version=version, by=room.ta,
            decision=Decision({item: ItemDecision(True)}),
        )  # fmt: skip


def test_search_and_sort(visit, room, rooms):
    with transaction() as session:
        rooms.fill(session, room)
    page = visit(f"/assignments/{rooms.SLUG}/submissions", room.ta)
    page.fill("#q", "ნინო")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"/assignments/{rooms.SLUG}/submissions")
    page.get_by_role("link", name="Score", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Score")
    scores = [float(text) for text in page.locator("tbody .points strong").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
