"""From a graded export to a course's gradebook, as people click it: import, compare with the suggestions, mark, change the
rubric, publish, ask for a second look, answer, export. With a real worker and the real pack."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from grader.core.result import ItemResult
from grader.core.submission import AttemptState
from grader.db.kinds import ReviewVia
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import Role

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
OWN = """CS231N A2

TOTAL POINTS

4 / 7

QUESTION 1

1 Batch Norm - Inline Q3 3 / 3

✓ - 0 pts Correct

- 1 pts select (1) or (4) for BN/LN

QUESTION 2

2 Batch Norm - Inline Q4 1 / 2

- 0 pts Correct

✓ - 1 pts didn't choose (2)

- 1 pts chose (1)

QUESTION 3

3 Batch Norm - Inline Q1 0 / 2

- 0 pts Correct

✓ - 1 pts not mentioning insensitivity

✓ - 1 pts no justification

# Batch Normalization

## Inline Question 1

How does the scale of weight initialization affect models with and without batch normalization differently, and why?

## Answer

The curves look different for each scale.

3 Batch Norm - Inline Q1 0 / 2

## Inline Question 3

Which of these data preprocessing steps is analogous to batch normalization, and which to layer normalization?

## Answer

Batch normalization is like (3), layer normalization is like (2).

1 Batch Norm - Inline Q3 3 / 3

## Inline Question 4

When is layer normalization likely to not work well, and why?

## Answer

(3), since a strong penalty makes all weights small.

2 Batch Norm - Inline Q4 1 / 2
"""
QUESTION, ITEM = "bn-inline-4", "not-2"
REASON, REPLY = "Option 2 is meant in my last sentence", "Not as it stands there; see the lecture"


@pytest.fixture(params=["own", pytest.param("seed", marks=pytest.mark.seeds)])
def export(request, tmp_path):
    """(file, score, most)"""
    if request.param == "own":
        path = tmp_path / "export.txt"
        path.write_text(OWN)
        return path, 4, 7
    found = sorted(SEEDS.glob("001_*.txt"))
    if not found:
        pytest.skip("the seed documents are not beside the repository")
    return found[0], 9, 16


@pytest.fixture
def instructor(room, rooms):
    with transaction() as session:
        return rooms.enrolled(session, room.course, "ines@example.edu", "Ines", Role.INSTRUCTOR)


def test_the_whole_way(visit, room, rooms, instructor, export, workers, eventually):
    file, score, most = export
    base = f"/assignments/{rooms.SLUG}"
    workers()
    submission_id = imported(visit, room, base, file, score, most, eventually)
    other_id = classmate(rooms, room)
    agreed_with_suggestions(submission_id, score)
    page = visit(f"{base}/desk/{QUESTION}/{submission_id}", room.ta)
    item = page.locator(f"[data-item={ITEM}]")
    expect(item.locator("input[type=checkbox]")).to_be_checked()
    expect(item).to_contain_text("suggested")  # the desk says what the rules would have done
    before = totals(submission_id, other_id)
    cheaper(page, base)
    assert totals(submission_id, other_id) == [total + 0.5 for total in before]
    published(visit, base, instructor)
    asked_and_answered(visit, base, room, submission_id)
    exported(visit, base, room, submission_id, most)


def imported(visit, room, base, file, score, most, eventually) -> int:
    page = visit(f"{base}/import", room.ta)
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator(".page-head")).to_contain_text(f"{score} / {most} points")
    page.get_by_label("Student", exact=True).select_option(str(room.student.id))
    page.get_by_role("button", name="Import").press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"{score} / {most} points")
    address = page.get_by_role("link", name="Look at the submission").get_attribute("href")
    submission_id = int(address.split("/")[2])

    def graded() -> bool:
        with transaction() as session:
            return submission_by_id(session, submission_id).newest_attempt.state == AttemptState.GRADED

    eventually(graded, what="the worker to grade what was imported")
    page.goto(address)
    expect(page.locator("[data-total]")).to_have_text(str(score))  # there is no code in an export
    return submission_id


def agreed_with_suggestions(submission_id: int, score: float) -> None:
    """No suggestion contradicts the TA's marks; what is decided by suggestion gives the TA's points."""
    with transaction() as session:
        sheet = score_sheet(session, submission_by_id(session, submission_id))
    decided = 0
    for question in sheet.questions:
        if question.review is None:
            continue
        items: list[ItemResult] = list(question.result.items)
        assert not [it.id for it in items if it.suggested == ("clear" if it.applied else "deduct")], question.result.id
        decided += all(it.suggested != "unknown" for it in items)
    assert decided >= (8 if score == 9 else 1)  # the second: two of its three answers are too vague for a machine


def classmate(rooms, room) -> int:
    """Another student, with the same item, marked by hand."""
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.other, room.assignment))
        version = score_sheet(session, submission).question(QUESTION).version
        decision = Decision({ITEM: ItemDecision(True)})
        save_review(
            session, submission=submission, question=QUESTION, decision=decision, version=version, by=room.ta,
            via=ReviewVia.DESK,
        )  # fmt: skip
        return submission.id


def totals(*ids: int) -> list[float]:
    with transaction() as session:
        return [score_sheet(session, submission_by_id(session, it)).score for it in ids]


def cheaper(page, base) -> None:
    page.goto(f"{base}/rubric")
    page.fill(f"#i-{QUESTION}-{ITEM} .rubric-points", "0.5")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator(".changes tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Apply, for 2 students").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Applied")


def published(visit, base, instructor) -> None:
    page = visit(f"{base}/release", instructor)
    page.get_by_role("button", name="Publish the marks").press("Enter")
    expect(page.locator(".page-head .pill")).to_have_text("Published")


def asked_and_answered(visit, base, room, submission_id) -> None:
    student = visit(f"/submissions/{submission_id}", room.student)
    question = student.locator(f"#q-{QUESTION}")
    expect(question).to_contain_text("1.5")
    expect(question).to_contain_text("Option 2 is not chosen")
    question.locator("summary", has_text="second look").press("Enter")
    student.fill(f"#ask-{QUESTION}", REASON)
    student.get_by_role("button", name="Ask", exact=True).press("Enter")
    staff = visit(f"{base}/requests", room.ta)
    expect(staff.locator("main")).to_contain_text(REASON)
    staff.fill("textarea", REPLY)
    staff.get_by_role("button", name="Decline").press("Enter")
    expect(staff.locator(".card .pill").first).to_have_text("Declined")
    student.reload()
    expect(question.locator(".message-staff")).to_contain_text(REPLY)


def exported(visit, base, room, submission_id, most) -> None:
    page = visit(f"{base}/release", room.ta)
    answer = page.request.get(f"{base}/export/gradescope.csv")
    assert answer.ok
    rows = list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))
    row = next(row for row in rows if row["Email"] == room.student.email)
    column = next(name for name in row if "layer normalization works badly" in name)
    assert float(row[column]) == 1.5
    # Seven of the ten questions of our own export nobody has decided: no total is given out for final.
    assert row["Total Score"] == "" if most < 16 else float(row["Total Score"]) == totals(submission_id)[0]
