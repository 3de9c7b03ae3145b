"""The TA's desk from the keyboard alone, with two TAs, without a network, in every script and size."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from grader.core.result import ItemResult, QuestionResult
from grader.db.decisions import decide
from grader.db.marks import marks_of
from grader.db.review_tables import Claim, Review
from grader.db.reviews import Decision, ItemDecision
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.suggestions import store_suggestions
from grader.db.tables import Role

QUESTION = "bn-inline-4"
DESK = f"/assignments/cs231n-a2/desk/{QUESTION}"
EVIL = '<img src=x onerror=alert(1)>\n\n$\\text{<script>alert(2)</script>}$ [x](javascript:alert(3))'
ANSWERS = {
    "clear": "(2), because the statistics of few features are noisy: $\\sigma^2 = \\frac{1}{D} \\sum_j (x_j - \\mu)^2$.",
    "deduct": "1. Very deep networks, because errors add up layer after layer.",
    "hebrew": "(2). כשמספר התכונות קטן, הממוצע והשונות `mean` רועשים מאוד, ולכן הנרמול מזיק.",
    "long": "Option 3, since a strong regularization term keeps every weight close to zero.\n\n" + "More.\n\n" * 60,
}


def suggestions(text):
    """Clear but for what the third answer says; as the rubric's rules would put it."""
    deduct = text.startswith("1.")
    items = (
        ItemResult(id="not-2", label="", points=-1, suggested="deduct" if deduct else "clear", reason="Option 2 or not",
                   evidence=("Very deep networks",) if deduct else ()),
        ItemResult(id="picked-1", label="", points=-1, suggested="deduct" if deduct else "clear", reason="Option 1 or not",
                   evidence=("1. Very deep networks",) if deduct else ()),
        ItemResult(id="no-justification", label="", points=-1, suggested="unknown" if deduct else "clear",
                   evidence=("statistics of few features are noisy",), reason="Few features make noisy statistics"),
        ItemResult(id="page", label="", points=-1, suggested="clear"),
        ItemResult(id="no-answer", label="", points=-2, suggested="clear"),
    )  # fmt: skip
    return QuestionResult(id=QUESTION, title="", score=0, max_score=2, status="needs_review", items=items, answer=text)


@pytest.fixture
def answers(room, rooms):
    """A student for each of ANSWERS, by time in this order; by name → submission id. `room.other` is a second TA."""
    with transaction() as session:
        return {name: hand_in(session, room, rooms, name, text) for name, text in ANSWERS.items()}


def hand_in(session, room, rooms, name, text):
    user = rooms.enrolled(session, room.course, f"{name}@example.edu", f"Student {name}")
    given = {"bn-inline-4": text} if text else {}
    submission = rooms.graded(session, rooms.handed_in(session, user, room.assignment, answers=given))
    if text:
        store_suggestions(session, submission.id, [suggestions(text)])
    return submission.id


@pytest.fixture
def second_ta(room, rooms):
    with transaction() as session:
        return rooms.enrolled(session, room.course, "dana@example.edu", "Dana Peretz", Role.TA)


@pytest.fixture
def desk(visit, room, answers):
    """The desk at the first answer by time."""
    return visit(f"{DESK}?order=time", room.ta)


def applied(submission_id):
    with transaction() as session:
        return [mark.item for mark in marks_of(session, submission_id) if mark.applied]


def review(submission_id):
    with transaction() as session:
        return session.get(Review, (submission_id, QUESTION))


def decide_elsewhere(submission_id, by, *items, comment=""):
    with transaction() as session:
        stored = submission_by_id(session, submission_id)
        decide(
            session, submission=stored, question=QUESTION, by=by,
            version=score_sheet(session, stored).question(QUESTION).version,
            decision=Decision({item: ItemDecision(True, comment) for item in items}),
        )  # fmt: skip


def said(page):
    return page.locator("[data-said]")


def at(page, submission_id):
    expect(page.locator("[data-desk]")).to_have_attribute("data-here", re.compile(rf"/{submission_id}\?"))
    expect(page).to_have_url(re.compile(rf"/{submission_id}\?"))


def test_a_class_with_keys_only(desk, answers, room):
    at(desk, answers["clear"])
    expect(desk.locator(":checked")).to_have_count(0)
    expect(desk.locator("[data-save]")).to_contain_text("Confirm (all clear)")
    desk.keyboard.press("Enter")
    at(desk, answers["deduct"])
    expect(said(desk)).to_have_text("Saved: Student clear, 2 of 2")
    expect(desk.locator(":checked")).to_have_count(0)
    desk.keyboard.press("t")
    expect(desk.locator("[data-preview]")).to_have_text("0")
    desk.keyboard.press("2")
    expect(desk.locator("[data-preview]")).to_have_text("1")
    desk.keyboard.press("c")
    desk.keyboard.type("See the lecture, minute 12")
    desk.keyboard.press("Escape")
    desk.keyboard.press("s")
    at(desk, answers["hebrew"])
    expect(said(desk)).to_have_text("Saved: Student deduct, 1 of 2")
    desk.keyboard.press("a")
    desk.keyboard.type("-0,5")
    desk.keyboard.press("Tab")
    desk.keyboard.type("קצת יותר פירוט")
    desk.keyboard.press("Enter")
    expect(said(desk)).to_have_text("Saved: Student hebrew, 1.5 of 2")
    assert applied(answers["clear"]) == [] and applied(answers["deduct"]) == ["not-2"]
    found = review(answers["deduct"])
    assert (found.by_id, found.via) == (room.ta.id, "desk") and found.seconds >= 0


def test_moving_about(desk, answers):
    desk.keyboard.press("j")
    at(desk, answers["deduct"])
    desk.keyboard.press("ArrowRight")
    at(desk, answers["hebrew"])
    desk.keyboard.press("k")
    at(desk, answers["deduct"])
    desk.keyboard.press("ArrowLeft")
    at(desk, answers["clear"])
    desk.keyboard.press("k")
    expect(said(desk)).to_have_text("This is the first answer")
    desk.keyboard.press("j")
    at(desk, answers["deduct"])
    desk.go_back()
    at(desk, answers["clear"])
    assert all(review(it) is None for it in answers.values())


def test_letters_of_another_keyboard(desk, answers):
    """On a Hebrew keyboard the key of j gives ח."""
    event = "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ח', code: 'KeyJ', bubbles: true}))"
    desk.evaluate(event.replace("document.dispatch", "document.body.dispatch"))
    at(desk, answers["deduct"])


def test_undo_takes_back_the_last_decision(desk, answers):
    desk.keyboard.press("3")
    desk.keyboard.press("Enter")
    at(desk, answers["deduct"])
    expect(said(desk)).to_contain_text("Saved")
    desk.keyboard.press("Control+z")
    at(desk, answers["clear"])
    expect(said(desk)).to_have_text("Taken back")
    expect(desk.locator(":checked")).to_have_count(0)
    assert review(answers["clear"]) is None
    desk.keyboard.press("u")
    expect(said(desk)).to_contain_text("no decision of yours")


def test_what_is_not_saved_is_guarded(desk, answers):
    desk.keyboard.press("1")
    expect(desk.locator("[data-save]")).to_have_text("Save, next Enter")
    desk.keyboard.press("j")
    expect(said(desk)).to_contain_text("Not saved")
    at(desk, answers["clear"])
    desk.keyboard.press("x")
    expect(said(desk)).to_have_text("Discarded")
    expect(desk.locator(":checked")).to_have_count(0)
    desk.keyboard.press("j")
    at(desk, answers["deduct"])


def test_going_back_in_the_history_keeps_what_was_begun(desk, answers):
    desk.keyboard.press("j")
    at(desk, answers["deduct"])
    desk.keyboard.press("3")
    desk.go_back()
    at(desk, answers["clear"])
    desk.keyboard.press("j")
    at(desk, answers["deduct"])
    expect(desk.locator("[value=no-justification]")).to_be_checked()


def test_two_tas_at_once(desk, answers, second_ta):
    desk.keyboard.press("1")
    decide_elsewhere(answers["clear"], second_ta, "no-justification", comment="Too short")
    desk.keyboard.press("Enter")
    theirs = desk.locator(".theirs")
    expect(theirs).to_contain_text("Dana Peretz")
    expect(theirs).to_contain_text("There is no valid justification")
    at(desk, answers["clear"])
    expect(desk.locator("[value=not-2]")).to_be_checked()
    assert applied(answers["clear"]) == ["no-justification"]
    desk.keyboard.press("j")
    expect(said(desk)).to_contain_text("Not saved")
    desk.keyboard.press("s")
    at(desk, answers["deduct"])
    expect(said(desk)).to_contain_text("Saved")
    assert applied(answers["clear"]) == ["not-2"]


def test_theirs_can_be_taken(desk, answers, second_ta):
    desk.keyboard.press("1")
    decide_elsewhere(answers["clear"], second_ta, "no-justification", comment="Too short")
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Take theirs").press("Enter")
    expect(desk.locator("[value=no-justification]")).to_be_checked()
    expect(desk.locator("[value=not-2]")).not_to_be_checked()
    desk.keyboard.press("j")
    at(desk, answers["deduct"])
    assert applied(answers["clear"]) == ["no-justification"]


def test_who_has_it_open(desk, visit, answers, second_ta, eventually):
    def claimed():
        with transaction() as session:
            return session.get(Claim, (answers["clear"], QUESTION)) is not None

    eventually(claimed, what="the claim, which a quick page has sent before anybody listens")
    other = visit(f"{DESK}?order=time", second_ta)
    at(other, answers["deduct"])
    other.keyboard.press("k")
    at(other, answers["clear"])
    expect(other.locator("[data-presence]")).to_have_text("Tal Amari has this open.")
    other.goto("/assignments/cs231n-a2/desk")
    expect(other.locator(".here-now")).to_contain_text("Tal Amari is marking now")


def test_nothing_is_lost_without_a_network(desk, answers):
    desk.keyboard.press("1")
    expect(said(desk)).to_contain_text("Applied")
    desk.wait_for_load_state("networkidle")
    desk.context.set_offline(True)
    desk.keyboard.press("Enter")
    expect(said(desk)).to_contain_text("cannot be reached")
    at(desk, answers["clear"])
    expect(desk.locator("[value=not-2]")).to_be_checked()
    desk.keyboard.press("j")
    expect(said(desk)).to_contain_text("Not saved")
    at(desk, answers["clear"])
    assert review(answers["clear"]) is None
    desk.context.set_offline(False)
    desk.keyboard.press("s")
    at(desk, answers["deduct"])
    expect(said(desk)).to_contain_text("Saved")
    assert applied(answers["clear"]) == ["not-2"]


def test_what_was_begun_waits_while_a_failed_save_comes_back(desk, answers):
    desk.wait_for_load_state("networkidle")
    held = []
    desk.route("**/marks/**", lambda route: held.append(route))
    desk.keyboard.press("1")
    desk.keyboard.press("Enter")
    at(desk, answers["deduct"])
    desk.keyboard.press("3")
    held[0].abort()
    at(desk, answers["clear"])
    expect(said(desk)).to_contain_text("Not saved")
    desk.unroute("**/marks/**")
    desk.keyboard.press("s")
    at(desk, answers["deduct"])
    expect(desk.locator("[value=no-justification]")).to_be_checked()
    expect(said(desk)).to_contain_text("Saved: Student clear")
    assert applied(answers["clear"]) == ["not-2"] and review(answers["deduct"]) is None


def test_two_saves_that_fail_come_back_one_after_the_other(desk, answers):
    desk.wait_for_load_state("networkidle")
    held = []
    desk.route("**/marks/**", lambda route: held.append(route))
    desk.keyboard.press("1")
    desk.keyboard.press("Enter")
    at(desk, answers["deduct"])
    desk.keyboard.press("2")
    desk.keyboard.press("Enter")
    at(desk, answers["hebrew"])
    for route in held:
        route.abort()
    at(desk, answers["deduct"])
    expect(said(desk)).to_contain_text("Not saved")
    desk.unroute("**/marks/**")
    desk.keyboard.press("s")
    at(desk, answers["clear"])
    expect(desk.locator("[value=not-2]")).to_be_checked()
    expect(said(desk)).to_contain_text("Saved: Student deduct")
    desk.keyboard.press("s")
    expect(said(desk)).to_contain_text("Saved: Student clear")
    at(desk, answers["hebrew"])
    assert applied(answers["clear"]) == ["not-2"] and applied(answers["deduct"]) == ["picked-1"]


def test_scrolling_changes_nothing(desk, answers):
    desk.keyboard.press("z")
    desk.goto(f"{DESK}/{answers['long']}?order=time")
    before = desk.evaluate("new URLSearchParams(new FormData(document.querySelector('[data-form]'))).toString()")
    for place in ("#points", ".desk-item label", ".answer-body"):
        box = desk.locator(place).first.bounding_box()
        desk.locator("#points").focus()
        desk.mouse.move(box["x"] + 5, box["y"] + 5)
        desk.mouse.wheel(0, 400)
        desk.mouse.wheel(0, -400)
    after = desk.evaluate("new URLSearchParams(new FormData(document.querySelector('[data-form]'))).toString()")
    assert after == before and review(answers["long"]) is None
    assert desk.locator("input[type=number], select, input[type=range]").count() == 0


def test_quotes_light_up(desk, answers):
    desk.keyboard.press("j")
    at(desk, answers["deduct"])
    mark = desk.locator(".answer-body mark").first
    expect(mark).to_have_attribute("data-tone", "deduct")
    desk.locator("[value=not-2]").focus()
    expect(mark).to_have_class("lit")
    desk.locator("#points").focus()
    expect(mark).not_to_have_class("lit")


def test_hebrew_runs_from_right_to_left(desk, answers):
    desk.goto(f"{DESK}/{answers['hebrew']}?order=time")
    paragraph = desk.locator(".answer-body p").first
    assert paragraph.evaluate("it => getComputedStyle(it).direction") == "rtl"
    assert paragraph.locator("code").evaluate("it => getComputedStyle(it).direction") == "ltr"
    box = paragraph.bounding_box()
    right = paragraph.evaluate(
        """it => { const range = document.createRange(); range.selectNodeContents(it);
        return Math.max(...[...range.getClientRects()].map(line => line.right)); }"""
    )
    assert abs(box["x"] + box["width"] - right) < 3


def test_the_list_of_keys(desk):
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_contain_text("next ungraded answer")
    desk.keyboard.press("1")
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(desk.locator(":checked")).to_have_count(0)


def test_keys_do_nothing_while_one_types(desk, answers):
    desk.keyboard.press("a")
    desk.keyboard.type("1 2 s z j u x")
    at(desk, answers["clear"])
    expect(desk.locator(":checked")).to_have_count(0)
    desk.keyboard.press("Escape")
    desk.keyboard.press("Enter")
    expect(said(desk)).to_have_text("The adjustment is not a number")


def test_a_group_with_exceptions(visit, room, rooms, answers):
    with transaction() as session:
        text = "I would say the first of the three options, as gradients vanish on the way down"
        alike = [hand_in(session, room, rooms, f"alike{n}", f"{text}{end}") for n, end in enumerate((".", "!", " there."))]
    page = visit(f"{DESK}?order=groups", room.ta)
    page.goto(f"{DESK}/{alike[0]}?order=groups")
    page.keyboard.press("g")
    expect(page.locator("[data-ticked]")).to_have_text("3 answers")
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("[data-ticked]")).to_have_text("2 answers")
    exception = int(page.locator("[name=member]:not(:checked)").get_attribute("value"))
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.get_by_role("status").first).to_have_text("Decided: 2 answers.")
    decided = [it for it in alike if review(it)]
    assert exception in alike and len(decided) == 2 and exception not in decided
    assert all(applied(it) == ["not-2", "picked-1"] and review(it).via == "group" for it in decided)
    page.goto(f"{DESK}/{exception}?order=groups")
    expect(page.locator(".alike summary")).to_have_text(re.compile(r"2 more like this: 2 with −1 Option 2 is not chosen"))


def test_a_conflict_in_a_group(visit, room, rooms, answers, second_ta):
    with transaction() as session:
        texts = ("Few features, so (2) it is.", "Few features, so (2) it is!!", "Few features so it is (2), yes.")
        alike = [hand_in(session, room, rooms, f"alike{n}", text) for n, text in enumerate(texts)]
    page = visit(f"{DESK}/groups", room.ta)
    page.goto(f"{DESK}/{alike[0]}?order=groups")
    page.keyboard.press("g")
    expect(page.locator("[data-ticked]")).to_have_text("3 answers")
    page.keyboard.press("3")
    decide_elsewhere(alike[2], second_ta, "page")
    page.keyboard.press("s")
    expect(page.get_by_role("alert")).to_contain_text("1 answer not saved")
    changed = page.locator(".is-changed")
    expect(changed).to_contain_text("Dana Peretz")
    expect(page.locator("[value=no-justification]")).to_be_checked()
    assert applied(alike[2]) == ["page"] and applied(alike[0]) == ["no-justification"]


def test_all_clear_confirmed_together_and_taken_back(visit, room, answers):
    page = visit("/assignments/cs231n-a2/desk", room.ta)
    page.get_by_role("button", name=re.compile("Confirm 3 all clear")).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("have full points")
    assert [name for name, it in answers.items() if review(it)] == ["clear", "hebrew", "long"]
    page.get_by_role("button", name="Undo my last decision").press("Enter")
    expect(page.locator("[data-said]")).to_have_text("Your last decision was taken back.")
    assert not any(review(it) for it in answers.values())


def test_without_names(visit, room, rooms, answers):
    with transaction() as session:
        instructor = rooms.enrolled(session, room.course, "lea@example.edu", "Lea Brandt", Role.INSTRUCTOR)
    page = visit("/assignments/cs231n-a2/desk", instructor)
    page.get_by_role("button", name="Hide names").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Names are hidden on the desk.")
    other = visit("/assignments/cs231n-a2/desk", room.ta)
    expect(other.get_by_role("button", name=re.compile("names"))).to_have_count(0)
    for path in (DESK, f"{DESK}/groups", f"{DESK}/groups/0", f"{DESK}/{answers['clear']}?order=student", DESK + "?anonymous=0"):
        other.goto(path)
        content = other.content()
        assert "Student " not in content and "@example.edu" not in content, path
        assert "FullyConnectedNets" not in content
    expect(other.locator(".desk-who")).to_contain_text(re.compile(r"Answer \d"))
    expect(other.locator(".orders [aria-current]")).to_have_text("random")


def test_without_scripts(visit, room, answers, second_ta):
    page = visit(f"{DESK}?order=time", room.ta, scripts=False)
    page.check("[value=not-2]")
    decide_elsewhere(answers["clear"], second_ta, "no-justification")
    page.click("[data-save]")
    expect(page.locator(".theirs")).to_contain_text("There is no valid justification")
    expect(page.locator("[value=not-2]")).to_be_checked()
    page.click("[data-save]")
    expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith(f"/{answers['deduct']}?order=time") and applied(answers["clear"]) == ["not-2"]
    page.get_by_role("button", name="Undo").click()
    assert f"/{answers['clear']}" in page.url and applied(answers["clear"]) == ["no-justification"]


def test_hostile_answers_do_nothing(visit, room, rooms):
    with transaction() as session:
        submission = hand_in(session, room, rooms, EVIL, "x") and hand_in(session, room, rooms, EVIL + "2", EVIL)
    page = visit(f"{DESK}/{submission}?order=time", room.ta)
    expect(page.locator(".answer-body")).to_contain_text("onerror")
    for path in (page.url, f"{DESK}/groups", f"{DESK}/groups/0", f"/submissions/{submission}/review"):
        page.goto(path)
        assert page.locator("main img, main script, a[href^=javascript]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_accessible_and_never_too_wide(visit, room, answers, second_ta, accessible, size, scheme):
    decide_elsewhere(answers["hebrew"], second_ta, "no-justification", comment="קצר")
    page = visit("/", room.ta, size=size, scheme=scheme)
    paths = ["/assignments/cs231n-a2/desk", f"{DESK}/groups", f"{DESK}/groups/0", f"/submissions/{answers['deduct']}/review"]
    for path in [*paths, *(f"{DESK}/{answers[name]}?order=time" for name in ("deduct", "hebrew"))]:
        page.goto(path)
        for box in page.locator("[name=item]").all()[:2]:
            box.evaluate("it => { it.checked = true; }")
        accessible(page)
        for box in page.locator("[name=item]").all()[:2]:
            box.evaluate("it => { it.checked = it.defaultChecked; }")
