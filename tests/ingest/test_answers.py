"""Answers out of every layout of the corpus, and out of the other kinds of documents."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from grader.core.submission import AnswerSlot
from grader.ingest.answers import find_answers

CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "notebooks").glob("*.txt"))


def read_case(path: Path) -> tuple[str, list[tuple[str, str]], dict[str, str]]:
    name, rest = path.read_text().split("\n", 1)
    body, *answers = re.split(r"^=== ", rest, flags=re.M)
    cells = [part.split("\n", 1) for part in re.split(r"^--- ", body, flags=re.M)[1:]]
    expected = dict(answer.split("\n", 1) if "\n" in answer else (answer, "") for answer in answers)
    return name, [(kind, text.rstrip("\n")) for kind, text in cells], {k: v.strip() for k, v in expected.items()}


@pytest.mark.parametrize("nbformat", [3, 4])
@pytest.mark.parametrize("case", CORPUS, ids=lambda path: path.stem)
def test_layout(case: Path, nbformat: int, notebook, slots) -> None:
    name, cells, expected = read_case(case)
    answers, remarks = find_answers({f"hw/{name}": notebook(*cells, nbformat=nbformat)}, slots)
    assert {q: answers[q].text if q in answers else "" for q in expected} == expected
    assert set(answers) == {question for question, text in expected.items() if text}
    for answer in answers.values():
        assert re.fullmatch(re.escape(f"hw/{name}, cell ") + r"\d+", answer.source)
    if missing := [question for question, text in expected.items() if not text]:
        assert any(all(question in remark for question in missing) for remark in remarks)


def test_all_notebooks_of_the_corpus_merged_into_one(notebook, slots) -> None:
    merged, expected = [], {}
    for stem in ("answer_heading_same_cell", "answer_in_next_cell", "coloured_latex"):
        _, cells, answers = read_case(next(path for path in CORPUS if path.stem == stem))
        merged += cells
        expected |= {question: text for question, text in answers.items() if text}
    found, _ = find_answers({"all.ipynb": notebook(*merged)}, slots)
    assert {question: answer.text for question, answer in found.items()} == expected


def test_source_names_the_cell(notebook, slots) -> None:
    cells = [
        ("code", "x"),
        ("markdown", "**Inline Question 1** \nWhat if inverse dropout does not divide values by p?\n\n**Answer:** a"),
    ]
    answers, _ = find_answers({"Dropout.ipynb": notebook(*cells)}, slots)
    assert answers["dropout-inline-1"].source == "Dropout.ipynb, cell 2"


def question(answer: str) -> tuple[str, str]:
    return (
        "markdown",
        f"## Inline Question 1:\nWhat happens if values of inverse dropout are not divided by p?\n\n## Answer:\n{answer}",
    )


def test_original_copy_beside_it_is_left(notebook, slots) -> None:
    files = {
        "Dropout-origin.ipynb": notebook(question("an older answer")),
        "Dropout.ipynb": notebook(question("mine")),
        "z/Dropout.ipynb": notebook(question("[FILL THIS IN]")),
    }
    answers, remarks = find_answers(files, slots)
    assert answers["dropout-inline-1"].text == "mine"
    assert any("dropout-inline-1" in r and "Dropout.ipynb" in r and "Dropout-origin.ipynb" in r for r in remarks)


def test_empty_notebook_beside_an_answered_copy(notebook, slots) -> None:
    files = {"Dropout.ipynb": notebook(question("")), "Dropout-origin.ipynb": notebook(question("here"))}
    assert find_answers(files, slots)[0]["dropout-inline-1"].text == "here"


def test_questions_of_another_assignment_are_not_taken(notebook, slots) -> None:
    cell = (
        "markdown",
        "**Inline Question 1**\nWhat does a bright row in the distance matrix mean?\n\n**Answer:** far away",
    )
    answers, remarks = find_answers({"knn.ipynb": notebook(cell)}, slots)
    assert answers == {}
    assert "No answer was found to fc-inline-1" in remarks[0]


def test_number_only_is_remarked(notebook, slots) -> None:
    cell = ("markdown", "## 问题 2\n什么？\n\n## 答案\n是")
    answers, remarks = find_answers({"Dropout.ipynb": notebook(cell)}, slots)
    assert answers["dropout-inline-2"].text == "是"
    assert any("by its number only" in remark for remark in remarks)


MARKDOWN = """# Homework

## Batch Normalization
### Inline Question 3
3 is like batch norm, 2 like layer norm.

## Dropout
### Inline Question 1
It shrinks.

### Inline Question 3
What to do with the keep probability p of dropout if the size of the hidden layers is decreased, modified how?

Keep it.

## fc-inline-2
Five.

## PyTorch
Nothing to see.
"""


@pytest.mark.parametrize("name", ["answers.md", "answers.txt"])
def test_markdown(name: str, slots) -> None:
    answers, _ = find_answers({name: MARKDOWN.encode()}, slots)
    assert {question: answer.text for question, answer in answers.items()} == {
        "bn-inline-3": "3 is like batch norm, 2 like layer norm.",
        "dropout-inline-1": "It shrinks.",
        "dropout-inline-3": "Keep it.",
        "fc-inline-2": "Five.",
    }
    assert answers["fc-inline-2"].source == name


def test_plain_text_with_ids_and_colons(slots) -> None:
    text = "fc-inline-2: the deeper one\nbecause it is deeper\n\nbn_inline_4: (2)"
    answers, _ = find_answers({"answers.txt": text.encode()}, slots)
    assert answers["fc-inline-2"].text == "the deeper one\nbecause it is deeper"
    assert answers["bn-inline-4"].text == "(2)"


SHAPES = AnswerSlot(
    question="shapes", heading="Shapes", prompt="A cell has 27 inputs and 64 units, batch of B. What are the shapes of x, U and b?"
)


@pytest.mark.parametrize("title", ["## Shapes\n", f"## Shapes\n{SHAPES.prompt}\n\n"])
def test_an_answer_in_the_words_of_its_prompt_is_no_prompt(title) -> None:
    found, remarks = find_answers({"a.md": f"{title}x: (B, 27), U: (27, 64), b: (64,)".encode()}, [SHAPES])
    assert found["shapes"].text == "x: (B, 27), U: (27, 64), b: (64,)" and not remarks


def test_a_prompt_alone_is_no_answer() -> None:
    assert find_answers({"a.md": f"## Shapes\n{SHAPES.prompt}".encode()}, [SHAPES])[0] == {}
    halves = SHAPES.prompt.replace(". What", ".\n\nWhat")
    assert find_answers({"a.md": f"## Shapes\n{halves}".encode()}, [SHAPES])[0] == {}


@pytest.mark.parametrize("wrap", [lambda a: a, lambda a: {"answers": a}])
def test_json(wrap, slots) -> None:
    content = {
        "bn-inline-3": "2 and 3",
        "BN_inline_4": 2,
        "unknown": "x",
        "fc-inline-1": "",
        "fc-inline-2": "\ud800\0ok",
    }
    answers, _ = find_answers({"answers.json": json.dumps(wrap(content)).encode()}, slots)
    assert {question: answer.text for question, answer in answers.items()} == {
        "bn-inline-3": "2 and 3",
        "bn-inline-4": "2",
        "fc-inline-2": "?\ufffdok",
    }


def test_pdf_is_remarked_and_kept(slots) -> None:
    answers, remarks = find_answers({"a2_inline.pdf": b"%PDF-1.4"}, slots)
    assert answers == {}
    assert any("a2_inline.pdf" in remark and "TA" in remark for remark in remarks)


def test_broken_notebook_among_others_is_a_remark(notebook, slots) -> None:
    files = {"A.ipynb": b'{"cells": [}', "Dropout.ipynb": notebook(question("fine"))}
    answers, remarks = find_answers(files, slots)
    assert answers["dropout-inline-1"].text == "fine"
    assert any("A.ipynb" in r and "is not JSON: line 1, column 12" in r for r in remarks)


def test_nothing_unstorable_comes_out(notebook, slots) -> None:
    answers, _ = find_answers({"Dropout.ipynb": notebook(question("a\ud800b\0c"))}, slots)
    text = answers["dropout-inline-1"].text
    assert text.encode() and "\0" not in text


def test_inline_picture_is_named_not_copied(notebook, slots) -> None:
    picture = "![x](data:image/png;base64," + "A" * 100_000 + ") and <img src='a.png'> so"
    answers, _ = find_answers({"Dropout.ipynb": notebook(question(picture))}, slots)
    assert answers["dropout-inline-1"].text == "[image] and [image] so"
