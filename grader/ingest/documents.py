"""A file that may hold written answers, as cells: those of a notebook, or one for a text or for all pages of a PDF."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.ingest.notebook import Cell, decode, read_notebook
from grader.ingest.pages import Flow, flow, pages_of
from grader.ingest.paths import show
from grader.ingest.pdf import is_pdf, read_pdf

READABLE = (".ipynb", ".md", ".markdown", ".txt", ".json", ".pdf")


_MAX_DOCUMENTS = 200
MAX_PDFS = 8
_NOT_ANSWERS = re.compile(r"^(readme|requirements|license|package)", re.I)


@dataclass(frozen=True)
class Document:
    """`flat`: one text without cells. `flow` says on which pages its lines stand."""

    path: str
    cells: tuple[Cell, ...]
    flat: bool
    flow: Flow | None = None
    remarks: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """How much work it is to search it: characters, a line counting as twenty."""
        return sum(len(cell.text) + 20 * cell.text.count("\n") for cell in self.cells if cell.kind != "code")

    def paragraphs(self) -> Sequence[Cell]:
        """The paragraphs of a flat document as cells, each numbered by its first line."""
        cells, line = [], 1
        for text in re.split(r"(\n\s*\n)", self.cells[0].text):
            if text.strip():
                cells.append(Cell("markdown", text, line))
            line += text.count("\n")
        return cells

    def pages_of(self, text: str, first: int, end: int) -> tuple[int, ...]:
        """The pages on which an answer stands that was found in the lines `first` to `end`; () without pages."""
        return pages_of(self.flow, text, first, end) if self.flow and text else ()

    def source(self, cell: int, pages: Sequence[int]) -> str:
        """Where an answer stood, for people: "Dropout.ipynb, cell 4", "hw.pdf, pages 2-3"."""
        if not self.flat:
            return f"{self.path}, cell {cell}"
        if not pages:
            return self.path
        return f"{self.path}, page {pages[0]}" if len(pages) == 1 else f"{self.path}, pages {pages[0]}–{pages[-1]}"


def documents_in(files: Mapping[str, bytes], named: Collection[str | None]) -> list[str]:
    """The files that may hold answers: those that the rubric names first, PDFs last, those at the top before others."""
    documents = [
        path for path in files if path.lower().endswith(READABLE) and not _NOT_ANSWERS.match(PurePosixPath(path).name)
    ]
    pdfs = sorted(
        (path for path in documents if is_pdf(path)), key=lambda path: (path.count("/"), -len(files[path]), path)
    )
    texts = sorted(set(documents) - set(pdfs), key=lambda path: (PurePosixPath(path).name not in named, path))
    return texts[:_MAX_DOCUMENTS] + pdfs[:MAX_PDFS]


def read_document(path: str, data: bytes) -> Document:
    """Raises IngestError for what cannot be read."""
    if path.lower().endswith(".ipynb"):
        return Document(path, read_notebook(data, path), flat=False)
    if not is_pdf(path):
        return Document(path, (Cell("markdown", decode(data), 1),), flat=True)
    pdf = read_pdf(data, path)
    text = flow(pdf)
    remarks = []
    if scans := pdf.without_text:
        where = (
            f"Page {scans[0]} of {show(path)} holds" if len(scans) == 1 else f"{len(scans)} pages of {show(path)} hold"
        )
        remarks.append(f"{where} no text that can be read, as scans and photographs do not. Point at what they answer.")
    return Document(path, (Cell("markdown", text.text, 1),), flat=True, flow=text, remarks=tuple(remarks))
