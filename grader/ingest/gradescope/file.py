"""An export as a file: a PDF, or text and Markdown in any encoding."""

from __future__ import annotations

from grader.ingest.gradescope.export import Export
from grader.ingest.gradescope.lines import PAGE_BREAK
from grader.ingest.gradescope.reader import NotAnExport, read_export
from grader.ingest.notebook import decode
from grader.ingest.pdf import read_pdf


def read_export_file(data: bytes) -> Export:
    """The export in a file's bytes. Raises NotAnExport, and IngestError for a PDF that cannot be read."""
    return read_export(text_of(data))


def text_of(data: bytes) -> str:
    """The file's text, a form feed between pages. Raises as `read_export_file`."""
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _pdf_text(data)
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotAnExport("This file is neither text nor a PDF.")
    return decode(data)


def _pdf_text(data: bytes) -> str:
    pages = [page.text for page in read_pdf(data).pages]
    if not any(text.strip() for text in pages):
        raise NotAnExport("This PDF holds pictures of pages and no text; export it from Gradescope again, or as text.")
    return PAGE_BREAK.join(pages)
