"""A computational graph, filled in by keyboard, graded, and looked at by student and staff; in any script, light and dark."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from grader.accept import store
from grader.core.submission import Answer
from grader.core.submission import Submission as Content
from grader.db.session import transaction
from grader.db.submissions import submission_by_id

UKRAINIAN = "Так, але вчитися вона буде довше."
HEBREW = "מנרמלים כל שכבה לממוצע אפס ולשונות אחת, ולכן האימון יציב ומהיר יותר."
RIGHT = {"a": ("-2", "0.74"), "b": ("3", "0.74"), "c": ("1", "0.74"), "d": ("0.5", "0.24"), "e": ("-0.5", "-0.24"),
         "g": ("0.61", "-0.39"), "h": ("1.61", "-0.39"), "f": ("0.62", ""), "w": ("", "0.24"), "x": ("", "-0.74"),
         "y": ("", "1.48"), "z": ("", "0.74")}  # fmt: skip


def fill_by_keyboard(page, numbers):
    """From the first field on with Tab alone: forward through the values, backward through the gradients; the order of the
    fields."""
    page.locator(".graph input[type=text]").first.focus()
    order = []
    while name := page.evaluate("document.activeElement.closest('.graph') && document.activeElement.name"):
        _, _, kind, node = name.split(":")
        order.append((kind, node))
        page.keyboard.type(numbers[node][kind == "gradient"])
        page.keyboard.press("Tab")
    return order


@pytest.mark.parametrize("scripts", [True, False])
def test_filled_in_by_keyboard_graded_and_shown(visit, cv_room, rooms, graphs, scripts):
    page = visit(f"/assignments/{graphs.SLUG}", cv_room.student, scripts=scripts)
    page.click(".answers summary")
    if scripts:
        order = fill_by_keyboard(page, RIGHT | {"d": ("0.5", "−0,24")})
        assert order.index(("value", "a")) < order.index(("value", "c")) < order.index(("value", "f"))
        assert order.index(("value", "f")) < order.index(("gradient", "h")) < order.index(("gradient", "x"))
        assert len(order) == 19
    else:
        for node, (value, gradient) in (RIGHT | {"d": ("0.5", "−0,24")}).items():
            for kind, text in (("value", value), ("gradient", gradient)):
                if text:
                    page.fill(f"[name='graph:graph:{kind}:{node}']", text)
    page.fill("#answer-without-normalization", UKRAINIAN)
    page.fill("#answer-bn-idea", HEBREW)
    page.click("[data-send]")
    page.wait_for_url(re.compile(r"/submissions/\d+$"))
    number = int(page.url.rpartition("/")[2])
    with transaction() as session:
        graphs.graded(rooms, session, submission_by_id(session, number))
    page.goto(page.url)
    drawn = page.locator("#q-graph .graph")
    expect(drawn.locator(".graph-number", has_text="−0,24")).to_be_visible()
    assert drawn.get_by_text("✗").count() == 0, "marks are not published"
    expect(page.locator("#q-without-normalization .answer-text")).to_contain_text(UKRAINIAN)
    if scripts:
        hebrew = page.locator("#q-bn-idea .answer-text p").first
        assert hebrew.evaluate("it => getComputedStyle(it).direction") == "rtl"
        assert drawn.evaluate("it => getComputedStyle(it).direction") == "ltr"
        desk = visit(f"/assignments/{graphs.SLUG}/desk/graph/{number}", cv_room.ta)
        expect(desk.locator(".graph .graph-mark")).to_have_text(["✗ wrong"])
        expect(desk.locator("[data-item=slip]")).to_contain_text("the sign is wrong")
        expect(desk.locator("[data-item=second-slip] .hint-pill")).to_contain_text("clear")


TABLES = {
    "hebrew": "| צומת | ערך | גרדיאנט |\n| --- | --- | --- |",
    "ukrainian": "| Вузол | Значення | Градієнт |\n| --- | --- | --- |",
}


@pytest.mark.parametrize("language", TABLES)
def test_a_table_in_the_own_language_is_drawn_in_reading_order(visit, cv_room, rooms, graphs, language):
    """Handed in as a notebook, with the words of the language around it, and Cyrillic letters for Latin ones."""
    rows = [f"| {name} | {value} | {gradient} |" for name, (value, gradient) in RIGHT.items()]
    rows = [row.replace("| a |", "| а |").replace("| y |", "| у |") for row in rows] if language == "ukrainian" else rows
    said = {"hebrew": "חישבתי קדימה ואחורה.", "ukrainian": "Порахував уперед і назад."}[language]
    text = "\n".join([said, "", TABLES[language], *rows]).replace("1.48", "-1.48")
    cell = {"cell_type": "markdown", "metadata": {}, "source": f"## 1. Computational graph\n\n{text}"}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    page = visit(f"/assignments/{graphs.SLUG}", cv_room.student)
    page.set_input_files("#files", {"name": "hw.ipynb", "mimeType": "application/json", "buffer": notebook.encode()})
    page.click("[data-send]")
    page.wait_for_url(re.compile(r"/submissions/\d+$"))
    number = int(page.url.rpartition("/")[2])
    with transaction() as session:
        graphs.graded(rooms, session, submission_by_id(session, number))
    desk = visit(f"/assignments/{graphs.SLUG}/desk/graph/{number}", cv_room.ta)
    expect(desk.locator(".graph .graph-mark")).to_have_text(["✗ wrong"])
    expect(desk.locator(".answer-body")).to_contain_text(said)
    first = desk.locator(".answer-body td").first
    assert first.inner_text() and desk.locator(".graph-head", has_text="c = a + b").count() == 1


@pytest.mark.parametrize("size, scheme", [("wide", "light"), ("narrow", "dark")])
def test_accessible_and_never_too_wide(visit, cv_room, rooms, graphs, accessible, size, scheme):
    text = graphs.table(gradient_y="-1.48", value_b="<script>alert(1)</script>" * 3, gradient_c="", value_g="שלום")
    with transaction() as session:
        content = Content(files={}, answers={"graph": Answer("graph", text, "answers.json")}, remarks=())
        submission = store(session, content, user=cv_room.student, assignment=cv_room.assignment, source="page").submission
        graphs.graded(rooms, session, submission)
    opened = {user: visit("/", user, size=size, scheme=scheme) for user in (cv_room.student, cv_room.ta)}
    pages = [
        (f"/assignments/{graphs.SLUG}", cv_room.student), (f"/submissions/{submission.id}", cv_room.student),
        (f"/submissions/{submission.id}/review", cv_room.ta),
        (f"/assignments/{graphs.SLUG}/desk/graph/{submission.id}", cv_room.ta),
    ]  # fmt: skip
    for path, user in pages:
        page = opened[user]
        page.goto(path)
        accessible(page)
        expect(page.locator(".graph").first).to_be_visible()
