"""Importing a graded export in the browser: by keyboard, without scripts, hostile labels, every size and colour."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from grader.db.session import transaction
from grader.db.tables import Role

EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
EXPORT = f"""CS231n homework {EVIL}

TOTAL POINTS

4.5 / 7

QUESTION 1

1 Batch Norm - Inline Q1 1 / 2

- 0 pts Correct

- 1 pts not mentioning insensitivity

✓ - 1 pts no justification

QUESTION 2

2 Dropout - Inline Q1 0.5 / 1

- 0 pts Correct

✓ - 1 pts Incorrect: predictions at test time

+ 0.5 Point adjustment

Half the idea {EVIL}

QUESTION 3

3 Batch Norm - Inline Q3 3 / 3

✓ - 0 pts Correct

- 1 pts a label that goes on and on {"with_words_that_never_break_" * 6}

- 3 pts didn't answer

QUESTION 4

4 Something else {EVIL} 0 / 1

- 0 pts Correct

✓ - 1 pts {EVIL}

💬 ראו את ההרצאה

# Batch Normalization

## Inline Question 1

How does the scale of weight initialization affect models with and without batch normalization differently, and why?

## Answer

בלי נרמול הרשת **רגישה** לסקאלה. {EVIL}

1 Batch Norm - Inline Q1 1 / 2

- 0 pts Correct
- 1 pts not mentioning insensitivity
- ✓ - 1 pts no justification

## Inline Question 3

Which of these data preprocessing steps is analogous to batch normalization, and which to layer normalization?

## Answer

(3) is batch norm and (2) is layer norm, [see](javascript:alert(3))

3 Batch Norm - Inline Q3 3 / 3

✓ - 0 pts Correct
- 3 pts didn't answer
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "export.txt"
    path.write_text(EXPORT)
    return path


@pytest.fixture
def instructor(room, rooms):
    with transaction() as session:
        return rooms.enrolled(session, room.course, "ines@example.edu", "Ines", Role.INSTRUCTOR)


def preview(page, file):
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What was read")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_accessible_and_harmless(visit, room, rooms, instructor, file, accessible, size, scheme):
    page = visit("/", instructor, size=size, scheme=scheme)
    for path in (f"/assignments/{rooms.SLUG}/import", "/courses/dl/import"):
        page.goto(path)
        accessible(page)
        preview(page, file)
        accessible(page)
        assert page.locator("main img").count() == 0 and page.locator("main script").count() == 0
        assert page.locator("a[href^=javascript]").count() == 0
        answer = page.locator(".answer-text p").first
        assert answer.evaluate("it => getComputedStyle(it).direction") == "rtl"
        page.get_by_role("button", name="Import").click()
        expect(page.get_by_role("alert")).to_contain_text("Not imported")
        accessible(page)


def test_without_scripts_from_the_keyboard(visit, room, rooms, file):
    page = visit(f"/assignments/{rooms.SLUG}/import", room.ta, scripts=False)
    page.set_input_files("#file", file)
    page.locator("#file").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What was read")).to_be_visible()
    expect(page.get_by_label("Becomes").nth(1)).to_have_value("dropout-inline-1")
    expect(page.get_by_label("Becomes").nth(3)).to_have_value("")  # something else
    page.get_by_label("Item for “no justification”").select_option("justification-error")
    page.get_by_role("button", name="Preview again").click()
    expect(page.get_by_label("Item for “no justification”")).to_have_value("justification-error")
    page.get_by_label("Student", exact=True).select_option(str(room.student.id))
    page.get_by_label("Student", exact=True).focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Import")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("4.5 / 7 points")
    page.get_by_role("link", name="Look at the submission").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(room.student.name)


def test_a_new_assignment(visit, room, instructor, file):
    page = visit("/courses/dl/import", instructor)
    preview(page, file)
    page.get_by_label("Address of the assignment").fill("hw-9")
    page.get_by_label("Title").fill("Homework 9")
    page.get_by_label("E-mail").fill("dana@example.edu")
    page.get_by_label("Name", exact=True).fill("דנה")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status")).to_contain_text("דנה")
    assert "/assignments/hw-9/import" in page.url
    page.goto("/assignments/hw-9")
    expect(page.get_by_role("heading", level=1)).to_have_text("Homework 9")
    expect(page.get_by_role("row", name="Dropout - Inline Q1 1")).to_be_visible()
