"""Homework in Hebrew and Ukrainian, graded for real, before a student's and a TA's eyes: it reads as it was written."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from grader.db.session import transaction
from grader.pack import load_pack

DIRECTION = "it => getComputedStyle(it).direction"
# Left edges of a formula's parts from the first to the last: ascending, whatever runs around it.
EDGES = """it => [...it.firstElementChild.children].filter(part => part.getBoundingClientRect().width)
                 .map(part => part.getBoundingClientRect().left)"""
# Left edges of the first two characters as they are drawn.
SIGN_AND_DIGIT = """it => { const walk = document.createTreeWalker(it, NodeFilter.SHOW_TEXT), text = walk.nextNode();
    return [0, 1].map(at => { const range = document.createRange(); range.setStart(text, at); range.setEnd(text, at + 1);
                              return range.getBoundingClientRect().left; }); }"""
WORDS = "it => [...it.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent).join(' ')"
RADICAL = "it => it.getBoundingClientRect().width - it.firstElementChild.getBoundingClientRect().width"


@pytest.fixture
def hand_in(database, rooms, homeworks):
    """`hand_in(pack, sample, student)`: (room, submission), graded in the sandbox."""

    def do(pack, sample, student):
        with transaction() as session:
            room = homeworks.make_homework_room(rooms, session, load_pack(pack), student)
            return room, homeworks.handed_in_and_graded(rooms, session, room, pack, sample)

    return do


def paragraphs(block):
    """Those with words of a language; one that is a formula alone runs as formulas do."""
    return [it for it in block.locator("p").all() if any(ord(char) > 0x37F for char in it.evaluate(WORDS))]


def test_hebrew_runs_from_the_right_and_its_formulas_from_the_left(visit, hand_in, accessible):
    room, submission = hand_in("dl_hw1", "hebrew", "נועה לוי")
    student = visit(f"/submissions/{submission.id}", room.student)
    accessible(student)
    expect(student.locator("#q-checkpoints .check .pill").first).to_have_text("For a TA")  # no images here to judge them on
    desk = visit(f"/assignments/dl-hw1/desk/bn-gradients/{submission.id}", room.ta, size="narrow")
    for page, block in ((student, "#q-bn-gradients .answer-text"), (desk, ".answer-body")):
        texts = paragraphs(page.locator(block))
        assert len(texts) == 6 and {text.evaluate(DIRECTION) for text in texts} == {"rtl"}
        for size in ({"width": 1280, "height": 800}, {"width": 390, "height": 844}):
            page.set_viewport_size(size)
            formulas_are_whole(page.locator(block))
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    shapes = student.locator("#q-mlp-shapes .answer-text math", has_text="10").first
    assert "".join(shapes.text_content().split()) == "m×10"
    expect(desk.locator("[data-item=variance] .hint-pill")).to_contain_text("clear")
    accessible(desk)


def formulas_are_whole(block):
    """Each runs from left to right, within the answer, and its root signs are drawn."""
    frame, formulas = block.bounding_box(), block.locator("math").all()
    assert len(formulas) == 6
    for formula in formulas:
        edges = formula.evaluate(EDGES)
        assert formula.evaluate(DIRECTION) == "ltr" and edges == sorted(edges) and len(edges) > 2
        scrolling = formula.locator("xpath=ancestor::span[@class='formula']")
        box = (scrolling if scrolling.count() else formula).bounding_box()
        assert frame["x"] - 1 <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
    roots = block.locator("msqrt").all()
    assert len(roots) >= 2 and all(root.evaluate(RADICAL) > 4 for root in roots)


def test_ukrainian_answers_tables_and_suggestions(visit, hand_in, accessible):
    room, submission = hand_in("cv_hw", "mistakes", "Богдан Коваль")
    student = visit(f"/submissions/{submission.id}", room.student, size="narrow")
    answer = student.locator("#q-graph .answer-text")
    expect(answer.locator("th")).to_have_text(["вузол", "значення", "градієнт"])
    lefts = answer.locator("th").evaluate_all("them => them.map(it => it.getBoundingClientRect().left)")
    assert lefts == sorted(lefts)
    expect(answer.locator("tr", has_text="1.0099").locator("td")).to_have_text(["y", "-1", "1.0099"])
    assert student.locator("#q-bn-idea .answer-text p").first.evaluate(DIRECTION) == "ltr"
    expect(student.locator("#q-cheaper-kernel .answer-text")).to_contain_text("20·20·7·7 = 18600 множень.")
    assert student.get_by_text("suggested").count() == 0, "marks are not published"
    accessible(student)

    desk = visit(f"/assignments/cv-hw/desk/cheaper-kernel/{submission.id}", room.ta)
    expect(desk.locator(".answer-body mark[data-tone=deduct]").first).to_have_text("20·20·7·7 = 18600")
    expect(desk.locator("[data-item=plain-count]")).to_contain_text("20·20·7·7 is 19,600")
    accessible(desk)
    desk.goto(f"/assignments/cv-hw/desk/graph/{submission.id}")
    expect(desk.locator("[data-item=slip]")).to_contain_text("the sign is wrong")
    expect(desk.locator("[data-item=second-slip]")).to_contain_text("1 of 24 numbers is wrong")
    expect(desk.locator(".answer-body mark")).to_have_text(["d", "0.5", "-0.235"])
    accessible(desk)


def test_numbers_in_a_hebrew_table_keep_their_signs(visit, database, rooms, homeworks):
    """A minus sign before digits would stand behind them where a cell took the direction of the text around it."""
    text = "חישבתי קדימה ואחורה.\n\n| צומת | ערך | גרדיאנט |\n| --- | --- | --- |\n| d | 0.5 | -0.235 |\n"
    with transaction() as session:
        room = homeworks.make_homework_room(rooms, session, load_pack("cv_hw"), "אורי כהן")
        submission = rooms.handed_in(session, room.student, room.assignment, files={}, answers={"graph": text}, remarks=())
        homeworks.graded_as_it_is(rooms, session, submission, "cv_hw")
    for path, user in ((f"/submissions/{submission.id}", room.student), (f"/submissions/{submission.id}/review", room.ta)):
        page = visit(path, user)
        assert page.locator("p", has_text="חישבתי").first.evaluate(DIRECTION) == "rtl"
        cells = page.locator("td", has_text="-0.235").locator("xpath=../td")
        boxes = [cell.bounding_box()["x"] for cell in cells.all()]
        assert boxes == sorted(boxes, reverse=True), "the first column is on the right"
        sign, digit = cells.nth(2).evaluate(SIGN_AND_DIGIT)
        assert sign < digit, "the minus sign stands before its number"
