"""A written answer as staff see it: rendered, quotes marked, with the plots and pages that belong to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from grader.blobs import Blobs
from grader.core.result import ItemResult, QuestionResult
from grader.core.submission import Answer as PlainAnswer
from grader.db.scores import QuestionSheet
from grader.db.tables import Answer, SubmissionFile
from grader.ingest.plots import Plot, plots_of
from grader.web.graph_drawing import Drawing, filled_in
from grader.web.markdown import markdown
from grader.web.quotes import Quote, mark_quotes

_FILE_NAME = re.compile(r"^.*?\.(ipynb|pdf|md|txt|docx?|html?|json)\b", re.IGNORECASE | re.DOTALL)

_LABELS = re.compile(r'<mark[^>]* data-label="([^"]*)"')


@dataclass(frozen=True)
class Picture:
    """`name` says in words what it shows."""

    url: str
    name: str


@dataclass(frozen=True)
class ShownAnswer:
    """`html` is None where nothing was answered; `source` says where the answer was found, `note` how; `point_at` is the page
    on which staff can say where it is; `drawing`: a graph with its numbers."""

    html: Markup | None
    source: str
    note: str
    plots: tuple[Picture, ...] = ()
    pages: tuple[Picture, ...] = ()
    point_at: str = ""
    drawing: Drawing | None = None


def shown_answer(
    sheet: QuestionSheet, declared: Mapping[str, Any], submission_id: int, files: Sequence[SubmissionFile], blobs: Blobs, *,
    anonymous: bool = False,
) -> ShownAnswer:  # fmt: skip
    """`declared`: the dumped question. `files` of the submission.

    anonymous: names of files, which often hold a student's, are left out.
    """
    answer = sheet.answer
    text = sheet.result.answer or ""
    html = mark_quotes(markdown(text), quotes_of(sheet.result.items)) if text.strip() else None
    source = sheet.result.answer_source or ""
    return ShownAnswer(
        html=html,
        source=_FILE_NAME.sub(lambda found: f"a .{found[1].lower()} file", source) if anonymous else source,
        note=_note(answer),
        plots=tuple(
            Picture(f"/submissions/{submission_id}/plots/{quote(sheet.result.id)}/{number}", f"Plot {number}")
            for number in range(1, len(plots(answer, files, blobs)) + 1)
        ),
        pages=_pages(submission_id, answer),
        point_at=f"/submissions/{submission_id}/answers/{quote(sheet.result.id)}" if html is None and files else "",
        drawing=filled_in(declared, text, marked=True),
    )


@dataclass(frozen=True)
class Explained:
    """A student's answer with the words marked that deductions rest on. labels: by item, the number at its mark."""

    html: Markup
    labels: Mapping[str, str]


def explained(result: QuestionResult) -> Explained:
    """Of a result as its student may see it (`grader/core/visibility.py`): items have evidence only where it was confirmed."""
    numbered = {item.id: str(number) for number, item in enumerate((it for it in result.items if it.evidence), 1)}
    quotes = [Quote(text, item.id, "deduct", numbered[item.id]) for item in result.items for text in item.evidence]
    html = mark_quotes(markdown(result.answer or ""), quotes)
    marked = {label for labels in _LABELS.findall(html) for label in labels.split()}
    return Explained(html, {item: label for item, label in numbered.items() if label in marked})


def quotes_of(items: Sequence[ItemResult]) -> list[Quote]:
    """What the suggestions rest on, each with the number of its item as its label."""
    return [
        Quote(text, item.id, item.suggested, str(number))
        for number, item in enumerate(items, 1)
        for text in item.evidence
    ]


def plots(answer: Answer | None, files: Sequence[SubmissionFile], blobs: Blobs) -> tuple[Plot, ...]:
    """The pictures that the answer's notebook shows beside it."""
    if answer is None:
        return ()
    notebooks = tuple(
        (file.path, file.sha256)
        for file in files
        if file.path.endswith(".ipynb") and file.path.rpartition("/")[2] in answer.source
    )
    return _plots(blobs.folder, notebooks, PlainAnswer(answer.question, answer.text, answer.source))


@lru_cache(maxsize=64)
def _plots(folder: Path, notebooks: tuple[tuple[str, str], ...], answer: PlainAnswer) -> tuple[Plot, ...]:
    blobs = Blobs(folder)
    return plots_of({path: blobs.get(sha256) for path, sha256 in notebooks}, answer) if notebooks else ()


def _pages(submission_id: int, answer: Answer | None) -> tuple[Picture, ...]:
    if answer is None or not answer.document:
        return ()
    folder = f"/submissions/{submission_id}/pages/{quote(answer.document)}"
    return tuple(Picture(f"{folder}/{number}.png", f"Page {number}") for number in answer.pages)


def _note(answer: Answer | None) -> str:
    if answer is None:
        return "No answer was found for this question."
    if answer.placed_at:
        return "placed by hand"
    return {
        "found": "found by its text",
        "selected": "pages selected by hand",
        "unselected": "No page was found for this question.",
    }.get(answer.place, "" if answer.text.strip() else "Nothing was answered.")
