"""The parts of a document to choose from, and the answer in those that were chosen."""

from __future__ import annotations

import pytest

from grader.core.submission import AnswerSlot
from grader.ingest.errors import IngestError
from grader.ingest.pointing import answer_in, can_point_at, parts_of

SLOT = AnswerSlot(question="bn", prompt="How does batch normalization change the sensitivity to initialization?")
CELLS = (
    ("markdown", "# Notes"),
    ("markdown", "How does batch normalization change the sensitivity to initialization?\n\nIt lowers it."),
    ("code", "x = 1"),
    ("markdown", "**Answer:** because each layer is *rescaled*."),
)


def test_cells(notebook) -> None:
    parts = parts_of("a.ipynb", notebook(*CELLS))
    assert [(part.number, part.kind) for part in parts] == [(1, "prose"), (2, "prose"), (3, "code"), (4, "prose")]


@pytest.mark.parametrize(
    "numbers, text, source",
    [
        ([4], "because each layer is *rescaled*.", "x/a.ipynb, cell 4"),
        ([4, 2], "It lowers it.\n\nbecause each layer is *rescaled*.", "x/a.ipynb, cells 2, 4"),
        ([3], "```python\nx = 1\n```", "x/a.ipynb, cell 3"),
        ([1], "# Notes", "x/a.ipynb, cell 1"),
    ],
)
def test_chosen_cells(notebook, numbers, text: str, source: str) -> None:
    answer = answer_in("x/a.ipynb", notebook(*CELLS), SLOT, numbers)
    assert (answer.question, answer.text, answer.source) == ("bn", text, source)
    assert (answer.place, answer.document, answer.pages) == ("given", None, ())


def test_code_cannot_close_its_own_block(notebook) -> None:
    text = answer_in("a.ipynb", notebook(("code", "'''\n```\n# not a heading\n'''")), SLOT, [1]).text
    assert text.startswith("````python\n") and text.endswith("\n````")


def test_chosen_pages(make_pdf) -> None:
    data = make_pdf(["Something else."], [SLOT.prompt, "Answer:", "It lowers it."], ["Each layer is rescaled."])
    answer = answer_in("a.pdf", data, SLOT, [3, 2])
    assert answer.text == "It lowers it.\n\nEach layer is rescaled."
    assert (answer.place, answer.document, answer.pages) == ("selected", "a.pdf", (2, 3))
    assert answer.source == "a.pdf, pages 2, 3"
    assert answer_in("a.pdf", data, SLOT, [1]).text == "Something else."
    assert [part.kind for part in parts_of("a.pdf", data)] == ["page"] * 3


def test_a_scanned_page_has_no_text_but_can_be_chosen(make_pdf) -> None:
    answer = answer_in("a.pdf", make_pdf([], []), SLOT, [2])
    assert (answer.text, answer.place, answer.pages) == ("", "selected", (2,))


def test_chosen_paragraphs() -> None:
    data = b"Title\n\nIt lowers it.\n\nBecause it rescales.\n\nThe end."
    assert [part.text for part in parts_of("a.md", data)] == [
        "Title",
        "It lowers it.",
        "Because it rescales.",
        "The end.",
    ]
    answer = answer_in("a.md", data, SLOT, [2, 3])
    assert (answer.text, answer.source) == ("It lowers it.\n\nBecause it rescales.", "a.md, paragraphs 2, 3")


@pytest.mark.parametrize("numbers", [[], [0], [9], [-1], [1, 9]])
@pytest.mark.parametrize("path", ["a.pdf", "a.txt", "a.ipynb"])
def test_parts_that_are_not_there(path: str, numbers, notebook, make_pdf) -> None:
    data = {"a.pdf": make_pdf(["one"]), "a.txt": b"one", "a.ipynb": notebook(("markdown", "one"))}[path]
    with pytest.raises(ValueError, match="choose among"):
        answer_in(path, data, SLOT, numbers)


def test_what_cannot_be_read() -> None:
    for path in ("a.pdf", "a.ipynb"):
        with pytest.raises(IngestError):
            parts_of(path, b"nothing")


def test_what_can_be_pointed_at() -> None:
    assert can_point_at("x/A.PDF") and can_point_at("a.ipynb") and can_point_at("a.md")
    assert not can_point_at("layers.py") and not can_point_at("answers.json")
