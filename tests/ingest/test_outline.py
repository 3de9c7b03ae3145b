"""Answers below numbers, in the numberings that students use, in every language that we know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.core.submission import AnswerSlot
from grader.ingest.answers import find_answers
from grader.ingest.marks import marks_of
from grader.ingest.outline import sections

THREE = tuple(AnswerSlot(question=name, at=(str(i),)) for i, name in enumerate(("first", "second", "third"), 1))


def found(text: str, slots=THREE) -> dict[str, str]:
    return {question: section.text for question, section in sections(text.split("\n"), slots).items()}


LATIN = [
    "{}) ",
    "{}.) ",
    "{}. ",
    "({}) ",
    "**{}.** ",
    "## {}. ",
    "Task {}: ",
    "### Task {}\n",
    "Question {} - ",
    "Ex {}. ",
]
OTHERS = [
    "Завдання {}. ",
    "**Завдання {}**\n",
    "Питання {}:\n",
    "שאלה {}:\n",
    "## שאלה {}\n",
    "תרגיל {} - ",
    "კითხვა {}.\n",
]


@pytest.mark.parametrize("number", [*LATIN, *OTHERS, "Q{}) ", "Task {}[12]: ", "**Task {}:** "])
def test_numbers_in_many_styles(number: str) -> None:
    text = "My name\n\n" + "\n\n".join(
        number.format(i) + f"This is what I say to {name}." for i, name in ((1, "one"), (2, "two"), (3, "three"))
    )

    assert found(text) == {
        "first": "This is what I say to one.", "second": "This is what I say to two.", "third": "This is what I say to three.",
    }  # fmt: skip


def test_letters_below_a_number() -> None:
    slots = (
        AnswerSlot(question="shapes", at=("1 / a-c", "1")),
        AnswerSlot(question="output", at=("1 / d", "1")),
        AnswerSlot(question="count", at=("2",)),
    )
    text = "1)\na. X is m×10\nb. W is 10×50\nc. Y is m×3\nd. Y = relu(XW)\n2) 28 weights"
    hebrew = "שאלה 1\nא. X הוא m×10\nב. W הוא 10×50\nג. Y הוא m×3\nד. Y = relu(XW)\nשאלה 2\n28"

    assert found(text, slots) == {
        "shapes": "a. X is m×10\nb. W is 10×50\nc. Y is m×3", "output": "Y = relu(XW)", "count": "28 weights",
    }  # fmt: skip
    assert found(hebrew, slots)["output"] == "Y = relu(XW)"
    assert found("1) all at once\n2) 28", slots) == {"shapes": "all at once", "output": "all at once", "count": "28"}


def test_a_formula_keeps_its_dollars_when_its_number_goes() -> None:
    assert found("1) one\n\n2) two\n\n$$3) a. \\frac{x}{y} = 1$$")["third"] == "$$a. \\frac{x}{y} = 1$$"


def test_parts_and_words_of_a_title() -> None:
    slots = (
        AnswerSlot(question="epochs", at=("Part 1 / Task 1",)),
        AnswerSlot(question="norm", at=("Part 1 / Task 2 normal",)),
        AnswerSlot(question="layers", at=("Part 2 / Task 1",)),
    )
    text = "### Part 1\nTask 1:\ne\nTask 2 – Batches:\nb\nTask 2 – Normalization:\nn\n## Part 2\nTask 1: 2D\nl\nReferences:\n[1] x"

    assert found(text, slots) == {"epochs": "e", "norm": "n", "layers": "2D\nl"}


@pytest.mark.parametrize("inner", ["1. one\n2. two", "1) one\n2) two", "(1) one\n(2) two\n(3) three"])
def test_a_list_inside_an_answer_is_its_own(inner: str) -> None:
    text = f"1) a\n2) because:\n{inner}\n3) c"

    assert found(text) == {"first": "a", "second": f"because:\n{inner}", "third": "c"}


def test_one_number_proves_nothing() -> None:
    assert found("1. I like lists") == {}
    assert found("There were 3 layers. In 2. the net was deep.\n10 x 20 = 200\n3.5 is a number") == {}


def test_a_question_at_the_beginning_of_its_line() -> None:
    slots = (
        AnswerSlot(question="layers", prompt="How many layers does the network have?", at=("Part 2 / Task 1",)),
        AnswerSlot(question="filters", prompt="How many filters are there in each layer?"),
        AnswerSlot(question="formula", prompt="What is the formula of the parameters?", beside="filters"),
    )
    asked = "*How many layers does it have?* It has 8.\n\n*How many filters in each layer?* 64, 128"
    text = f"Part 2\n\nTask 1: CNN\n\n{asked}\n\nTask 2:\nno"

    answers, remarks = find_answers({"hw.md": text.encode()}, slots)

    assert {q: a.text for q, a in answers.items()} == {
        "layers": "It has 8.",
        "filters": "64, 128",
        "formula": "64, 128",
    }
    assert not remarks


def test_a_closing_paragraph_without_heading_and_number() -> None:
    slots = (*THREE[:2], AnswerSlot(question="summary", opens=("In summary", "לסיכום")))
    text = "1) In summary, a\n\nIn summary, no.\n\n2) b\n\nPractical part\n\ntable\n\nלסיכום, הכול דומה.\n\nועוד משפט."

    assert found(text, slots) == {
        "first": "In summary, a\n\nIn summary, no.",
        "second": "b",
        "summary": "לסיכום, הכול דומה.\n\nועוד משפט.",
    }


def test_in_a_notebook(notebook) -> None:
    cells = [
        ("markdown", "## 1)\nfirst"),
        ("code", "1)"),
        ("markdown", "2) second"),
        ("markdown", "still the second"),
        ("markdown", "3) x"),
    ]

    answers, _ = find_answers({"hw.ipynb": notebook(*cells)}, THREE)

    assert answers["second"].text == "second\n\nstill the second" and answers["second"].source == "hw.ipynb, cell 3"


def test_in_a_printed_pdf(printed) -> None:
    page = (
        '<meta charset="utf-8"><body dir="rtl"><h2>שאלה 1</h2><p>הצורה היא קטנה</p><h2>שאלה 2</h2><p>יש 28 פרמטרים</p>'
    )
    answers, _ = find_answers({"hw.pdf": printed(page)}, THREE[:2])

    assert "28" in answers["second"].text and "28" not in answers["first"].text
    assert answers["second"].place == "found" and answers["second"].pages == (1,)


@pytest.mark.parametrize("at", ["", "first", "1 /", "Task", "1 / ab"])
def test_what_is_no_number_is_refused(at: str) -> None:
    with pytest.raises(ValidationError, match="is no number"):
        AnswerSlot(question="q", at=(at,))


@pytest.mark.parametrize("at", [3, 2.1, ["Part 1 / Task 2", 2]])
def test_yaml_may_write_numbers(at: object) -> None:
    assert all(isinstance(way, str) for way in AnswerSlot(question="q", at=at).at)


LINE = st.one_of(
    st.text(alphabet="ab 1.)(#*$-:?תשק", max_size=12),
    st.sampled_from(["1)", "2.) x", "3) a. y", "a. z", "Task 2:", "Part 1", "1.1 v", "References", "", "w"]),
)


@given(st.lists(LINE, max_size=25))
def test_marks_are_nested_whatever_is_written(lines: list[str]) -> None:
    marks = marks_of(lines)

    for mark in marks:
        assert 0 <= mark.line <= mark.end <= len(lines)
    for one in marks:
        for other in marks:
            if one.line < other.line < one.end:
                assert other.end <= one.end
