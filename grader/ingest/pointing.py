"""Pointing at an answer that was not found: the parts of a document to choose from, and the answer in those chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from grader.core.submission import Answer, AnswerSlot
from grader.ingest.anchors import answer_below, without_prompt
from grader.ingest.answers import find_in
from grader.ingest.documents import Document, read_document
from grader.ingest.headings import clean
from grader.ingest.notebook import Cell
from grader.ingest.pages import flow
from grader.ingest.pdf import is_pdf, read_pdf, selected
from grader.ingest.prompts import Prompts, words

POINTABLE = (".ipynb", ".md", ".markdown", ".txt", ".pdf")
MAX_PARTS = 1000
_PROMPT = 0.6  # coverage from which a cell is the question itself
_MAX_ANSWER = 50_000  # characters


@dataclass(frozen=True)
class Part:
    """A cell of a notebook, a page of a PDF or a paragraph of a text; `number` from 1."""

    number: int
    kind: Literal["prose", "code", "page", "paragraph"]
    text: str


def can_point_at(path: str) -> bool:
    return path.lower().endswith(POINTABLE)


def parts_of(path: str, data: bytes) -> tuple[Part, ...]:
    """The parts of a document, at most `MAX_PARTS`. Raises IngestError for one that cannot be read."""
    if is_pdf(path):
        return tuple(Part(page.number, "page", page.text) for page in read_pdf(data, path).pages)
    document = read_document(path, data)
    if document.flat:
        texts = [cell.text for cell in document.paragraphs()]
        return tuple(Part(number, "paragraph", text) for number, text in enumerate(texts[:MAX_PARTS], 1))
    return tuple(
        Part(cell.number, "code" if cell.kind == "code" else "prose", cell.text) for cell in document.cells[:MAX_PARTS]
    )


def answer_in(path: str, data: bytes, slot: AnswerSlot, numbers: Sequence[int]) -> Answer:
    """The answer in the chosen parts of a document: what stands there below the question, or all of it.

    Raises IngestError for a document that cannot be read, ValueError if a number is not one of its parts.
    """
    chosen = tuple(sorted(set(numbers)))
    if is_pdf(path):
        pdf = selected(read_pdf(data, path), chosen)
        text = _own_words(Document(path, (Cell("markdown", flow(pdf).text, 1),), flat=True), slot)
        return Answer(slot.question, text, f"{path}, {_counted('page', chosen)}", "selected", path, chosen)
    document = read_document(path, data)
    cells = document.paragraphs() if document.flat else document.cells
    if not chosen or not set(chosen) <= set(range(1, len(cells) + 1)):
        raise ValueError(f"choose among the {len(cells)} parts of {path}")
    picked = [cells[number - 1] for number in chosen]
    if document.flat:
        text = _own_words(Document(path, (Cell("markdown", "\n\n".join(cell.text for cell in picked), 1),), True), slot)
        return Answer(slot.question, text, f"{path}, {_counted('paragraph', chosen)}")
    return Answer(slot.question, _own_words(Document(path, picked, False), slot), f"{path}, {_counted('cell', chosen)}")


def _own_words(document: Document, slot: AnswerSlot) -> str:
    """The student's own words. A text: what stands below the question, or all of it. Cells: all of them, prompt aside."""
    if document.flat:
        [text] = document.cells
        return (find_in(document, slot) or answer_below(text.text))[:_MAX_ANSWER]
    prompts = Prompts([slot])
    parts = []
    for cell in document.cells:
        if cell.kind == "code":
            parts.append(_fenced(cell))
        elif found := find_in(replace(document, cells=(cell,)), slot):
            parts.append(found)
        elif prompts.best(words(cell.text), _PROMPT):
            own = (partial(of, slot.question) for of in (prompts.resemblance, prompts.copied))
            parts.append(without_prompt(cell.text, *own))
        else:
            parts.append(answer_below(cell.text))
    return "\n\n".join(part for part in parts if part)[:_MAX_ANSWER]


def _fenced(cell: Cell) -> str:
    """Code as a block of its own, with a fence that the code itself does not close."""
    longest = max((len(ticks) for ticks in re.findall(r"`{3,}", cell.text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}python\n{cell.text}\n{fence}" if clean(cell.text) else ""


def _counted(noun: str, numbers: Sequence[int]) -> str:
    return f"{noun} {numbers[0]}" if len(numbers) == 1 else f"{noun}s {', '.join(map(str, numbers))}"
