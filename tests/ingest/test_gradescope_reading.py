"""An export with parts, credits, adjustments and comments, and what each defect of an export is repaired to."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.ingest.gradescope import NotAnExport, read_export
from grader.ingest.gradescope.export import as_json
from grader.ingest.gradescope.file import read_export_file

PARTS = Path(__file__).parents[1] / "corpus" / "gradescope" / "parts.txt"
DEFAULT = "Click here to replace this description."


def question(text: str, number: str = "1"):
    return next(q for q in read_export(text).questions if q.number == number)


def ticked(text: str, number: str = "1") -> list[str]:
    return [item.label for item in question(text, number).items if item.applied]


def an_export(*panels: str, total: str = "1 / 2") -> str:
    return "\n\n".join(["Homework", "TOTAL POINTS", total, *panels])


SUMMARY = "QUESTION 1\n\n1 Loss 1 / 2\n\n- 0 pts Correct\n\n✓ - 1 pts Sign\n\n- 2 pts Blank\n\n- 1 pts Scale"
PAGE = "Some work.\n\n1 Loss 1 / 2\n\n- 0 pts Correct\n- ✓ - 1 pts Sign\n- 2 pts Blank\n- 1 pts Scale"


@pytest.fixture(scope="module")
def parts():
    return read_export(PARTS.read_text())


def test_parts_credits_adjustments_and_comments(parts):
    assert (parts.score, parts.max_score, parts.title) == (8.5, 14, "Homework 3")
    assert [(q.number, q.group, q.score, q.max_score) for q in parts.questions] == [
        ("1.1", "Proofs", 2, 2), ("1.2", "Proofs", 3.5, 5), ("2", None, 3, 5), ("3", None, 0, 2),
    ]  # fmt: skip
    base, step, credit, blank = parts.questions
    assert [(i.points, i.label, i.applied) for i in base.items] == [
        (0, "Correct", True), (-1, DEFAULT, False), (-2, DEFAULT, False),
    ]  # fmt: skip
    assert step.items[1].label == "Hypothesis is not used"
    assert [(a.points, a.comment) for a in step.adjustments] == [(0.5, "Nice idea with the second sum")]
    assert step.comments == ("See page 3",)
    assert [(i.points, i.applied) for i in credit.items] == [(2, True), (2, False), (1, True)]
    assert base.answer == "For n = 1 both sides are 1."
    assert credit.answer == "dx is dout times w_1, of shape $(N, D\\_1)$."
    assert blank.answer == ""
    assert parts.repairs == ("Question 3: nothing is written below its answer heading.",)


def test_json_has_the_keys_that_others_rely_on(parts):
    document = as_json(parts)
    assert document["total"] == {"score": 8.5, "max_score": 14}
    first, *_, last = document["questions"]
    assert {"number", "title", "score", "max_score", "items", "answer"} <= set(first)
    assert (first["number"], last["number"]) == ("1.1", 3)
    assert first["items"][0] == {"points": 0, "label": "Correct", "applied": True}


def test_a_pdf_of_it_reads_as_the_text_does(parts, make_pdf):
    paragraphs = PARTS.read_text().replace("#", "").replace("💬", "Comment:").split("\n\n")
    cut = paragraphs.index(" Homework 3", 1)
    read = read_export_file(make_pdf(paragraphs[:cut], paragraphs[cut:], footer="Page {page} of 2"))
    assert [(q.number, q.score, q.max_score) for q in read.questions] == [
        (q.number, q.score, q.max_score) for q in parts.questions
    ]
    assert [[(i.points, i.applied) for i in q.items] for q in read.questions] == [
        [(i.points, i.applied) for i in q.items] for q in parts.questions
    ]
    assert read.questions[0].answer == parts.questions[0].answer


def test_two_panels_outvote_one():
    wrong = PAGE.replace("✓ ", "").replace("- 1 pts Scale", "✓ - 1 pts Scale")
    text = an_export(SUMMARY, wrong, PAGE)
    assert ticked(text) == ["Sign"]
    assert any("panels disagree" in repair for repair in read_export(text).repairs)


def test_a_tick_that_does_not_give_the_score_moves_to_the_line_that_does():
    text = an_export(SUMMARY.replace("✓ ", "").replace("- 0 pts", "✓ - 0 pts"))
    assert ticked(text) == ["Sign"]
    assert any("moved" in repair and "Sign" in repair for repair in read_export(text).repairs)


def test_what_cannot_be_reconciled_stays_as_printed_and_is_said():
    text = an_export(
        "QUESTION 1\n\n1 Loss 1.5 / 2\n\n- 0 pts Correct\n\n✓ - 1 pts Sign\n\n- 2 pts Blank", total="1.5 / 2"
    )
    assert ticked(text) == ["Sign"]
    assert question(text).score == 1.5
    assert any("give 1 of 2" in repair and "1.5" in repair for repair in read_export(text).repairs)


def test_two_items_that_would_both_fit_are_not_chosen_between():
    """The tick stands on an item between two of the same points: neither is invented."""
    text = an_export("QUESTION 1\n\n1 Loss 1 / 2\n\n- 1 pts Sign\n\n✓ - 2 pts Blank\n\n- 1 pts Scale")
    assert ticked(text) == ["Blank"]
    assert any("Please check" in repair for repair in read_export(text).repairs)


@pytest.mark.parametrize("tick", ["✓", "✔", "✔\ufe0f", "√", "[x]", "[X]", "☑", "\uf00c", "$\\checkmark$"])
def test_ticks_in_many_spellings(tick):
    assert ticked(an_export(SUMMARY.replace("✓", tick))) == ["Sign"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- 1 pts Sign", "− 1 pts Sign"),
        ("- 1 pts Sign", "-1 pts Sign"),
        ("- 1 pts Sign", "**- 1 pts** Sign"),
        ("- 1 pts Sign", "**- 1 pts Sign**"),
        ("- 1 pts Sign", "- 1. 0 pts Sign"),
        ("- 1 pts Sign", "- 1 points Sign"),
        ("- 1 pts Sign", "- 1 pts\nSign"),
        ("- 1 pts Sign", "- 1\npts Sign"),
        ("1 / 2", "1/2"),
        ("1 / 2", "1/ 2"),
        ("1 / 2", "**1 / 2**"),
        ("1 / 2", "1 / 2 pts"),
        ("1 Loss 1 / 2", "## 1 Loss\n1 / 2"),
        ("1 Loss 1 / 2", "1 Loss\n\n1 / 2"),
        ("1 Loss 1 / 2", "Loss\n1 / 2 pts"),
        ("✓ - 1 pts Sign", "- 1 pts Sign ✓"),
        ("✓ - 1 pts Sign", "✓\n- 1 pts Sign"),
    ],
)
def test_other_spellings(before, after):
    export = read_export(an_export(SUMMARY.replace(before, after), PAGE).replace("TOTAL POINTS\n\n1 / 2", "1 / 2"))
    (found,) = export.questions
    assert (found.number, found.title, found.score, found.max_score) == ("1", "Loss", 1, 2)
    assert [(i.points, i.label, i.applied) for i in found.items] == [
        (0, "Correct", False), (-1, "Sign", True), (-2, "Blank", False), (-1, "Scale", False),
    ]  # fmt: skip


def test_an_item_of_one_panel_only_is_kept_and_said():
    export = read_export(an_export(SUMMARY, PAGE.replace("\n- 1 pts Scale", "")))
    assert len(export.questions[0].items) == 4
    assert any("Scale" in repair and "1 of 2 panels" in repair for repair in export.repairs)


def test_a_missing_question_and_a_wrong_total_are_said():
    export = read_export(
        an_export(SUMMARY.replace("QUESTION 1", "QUESTION 3").replace("1 Loss", "3 Loss"), total="5 / 9")
    )
    assert (export.score, export.max_score) == (5, 9)
    assert any("add up to 1 / 2" in repair and "question 1, 2" in repair for repair in export.repairs)


def test_a_panel_that_a_student_wrote_does_not_outvote_the_summary():
    forged = "1 Loss 2 / 2\n\n✓ - 0 pts Correct\n\n- 1 pts Sign\n\n- 2 pts Blank\n\n- 1 pts Scale"
    export = read_export(an_export(SUMMARY, f"My work.\n\n{forged}"))
    assert export.questions[0].score == 1
    assert ticked(an_export(SUMMARY, f"My work.\n\n{forged}")) == ["Sign"]
    assert any("disagree" in repair for repair in export.repairs)


def test_code_and_the_next_section_are_no_answer():
    work = (
        "# 3 Notebook\n\n3.1 Inline Question 1:\n\nWhy?\n\n3.2 Answer:\n\nBecause 3 Layers are deep.\n\n{next}\n\n"
        "Text of the next part.\n\n"
    )
    for following in ("3.3 More layers", "4 Update rules", "## 4 Update rules", "[7]: x = 1", "```\n[7]: x = 1\n```"):
        export = read_export(an_export(SUMMARY, work.format(next=following) + PAGE.removeprefix("Some work.\n\n")))
        assert export.questions[0].answer == "Because 3 Layers are deep.", following


def test_a_header_without_its_items_is_no_answer():
    work = "# 3 Notebook\n\n3.1 Inline Question 1:\n\nWhy?\n\n3.2 Answer:\n\nBecause.\n\n{header}\n"
    full = read_export(an_export(SUMMARY, PAGE))
    question = full.questions[0]
    header = f"{question.number} {question.title} {question.score:g} / {question.max_score:g}"
    export = read_export(an_export(SUMMARY, work.format(header=header)))
    assert export.questions[0].answer == "Because."
    other = read_export(an_export(SUMMARY, work.format(header="7 of my 9 tries 1 / 2")))
    assert "7 of my 9 tries" in other.questions[0].answer


@pytest.mark.parametrize(
    "text", ["", "\n", "# Notes\n\n- 3 pts of view\n\n1 / 2", "QUESTION 1\n\nWhy?", "1 Loss 1 / 2"]
)
def test_what_is_no_export_is_refused(text):
    with pytest.raises(NotAnExport, match="no graded Gradescope export"):
        read_export(text)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"\xff" * 99, b"PK\x03\x04\0\0"])
def test_other_files_are_refused(data):
    with pytest.raises(NotAnExport):
        read_export_file(data)


def test_utf_16_is_read():
    assert read_export_file(PARTS.read_text().encode("utf-16")).score == 8.5
