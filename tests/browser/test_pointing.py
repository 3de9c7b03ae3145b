"""Pointing at an answer in a real browser: by mouse, by keyboard, without scripts; accessible in every size."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from grader.accept import store
from grader.core.submission import Answer, Submission
from grader.db.session import transaction

HEBREW = "הרשת העמוקה רגישה יותר, כי האות נכפל בכל שכבה."


@pytest.fixture
def submission(room, make_pdf):
    """A PDF of five pages in which nothing was found, and a notebook."""
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in ("# Notes", HEBREW)]
    cells.insert(1, {"cell_type": "code", "metadata": {}, "source": "x = 1\n" * 30, "outputs": []})
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    pages = [[f"Page {name}", "The deeper net is more sensitive to the scale. " * 12] for name in "ABCDE"]
    files = {"homework/a2 written part.pdf": make_pdf(*pages), "Notes.ipynb": notebook, "broken.pdf": b"%PDF-1.4"}
    path = "homework/a2 written part.pdf"
    answers = {q: Answer(q, "", path, "unselected", path) for q in ("fc-inline-1", "fc-inline-2", "bn-inline-1")}
    answers["dropout-inline-1"] = Answer("dropout-inline-1", "It **shrinks**.", f"{path}, page 2", "found", path, (2,))
    with transaction() as session:
        content = Submission(files=files, answers=answers)
        return store(session, content, user=room.student, assignment=room.assignment, source="page").submission


def pointing(submission, question="fc-inline-2") -> str:
    return f"/submissions/{submission.id}/answers/{question}"


def test_from_the_submission_to_a_stored_answer(visit, room, submission):
    page = visit(f"/submissions/{submission.id}", room.student)
    page.get_by_role("link", name="Point at them").click()
    page.locator("#q-fc-inline-2").get_by_role("link", name="Point at it").click()
    expect(page.get_by_role("checkbox")).to_have_count(5)
    page.locator("label[for=part-3]").click()
    page.locator(".part-choice").nth(3).click()
    page.get_by_role("button", name="This is the answer").click()
    expect(page.get_by_role("status")).to_contain_text("Stored")
    answer = page.locator("#q-fc-inline-2")
    expect(answer).to_contain_text("pages 3, 4")
    expect(answer.locator("img")).to_have_count(2)


def test_by_keyboard_without_scripts(visit, room, submission):
    page = visit(pointing(submission) + "?document=Notes.ipynb", room.student, scripts=False)
    page.locator("#part-1").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#part-3")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#part-3")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#q-fc-inline-2 .answer-text")).to_contain_text("שכבה")
    page.goto(pointing(submission))
    expect(page.locator("#part-3")).to_be_checked()


def test_every_page_is_shown_and_can_be_enlarged(visit, room, submission):
    page = visit(pointing(submission), room.student)
    for picture in page.locator(".part-choice img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        page.wait_for_function("it => it.naturalWidth === 320", arg=picture.element_handle())
    address = page.get_by_role("link", name="Enlarge page 2").get_attribute("href")
    picture = page.request.get(address).body()
    assert picture.startswith(b"\x89PNG") and int.from_bytes(picture[16:20]) == 1100


def test_staff_type_what_a_photograph_says(visit, room, submission):
    page = visit(pointing(submission) + "?document=broken.pdf", room.ta)
    expect(page.locator(".notice").first).to_contain_text("damaged PDF")
    page.get_by_label("The student's words").fill(HEBREW)
    page.get_by_role("button", name="Store this text").click()
    expect(page.locator("#q-fc-inline-2")).to_contain_text("typed by the course staff")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_accessible_and_never_too_wide(visit, room, submission, accessible, size, scheme):
    for user in (room.student, room.ta):
        page = visit(f"/submissions/{submission.id}/answers", user, size=size, scheme=scheme)
        for path in (page.url, pointing(submission), pointing(submission) + "?document=Notes.ipynb",
                     pointing(submission) + "?document=broken.pdf", f"/submissions/{submission.id}"):  # fmt: skip
            page.goto(path)
            accessible(page)
