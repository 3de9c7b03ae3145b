"""An export as a file: a PDF, or text and Markdown in any encoding."""

from __future__ import annotations

from grader.ingest.gradescope.export import Export
from grader.ingest.gradescope.reader import NotAnExport, read_export
from grader.ingest.notebook import decode


def read_export_file(data: bytes) -> Export:
    """The export in a file's bytes. Raises NotAnExport, and IngestError for a PDF that cannot be read."""
    if data[:1024].lstrip().startswith(b"%PDF"):
        return read_export(_pdf_pages(data))
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotAnExport("This file is neither text nor a PDF.")
    return read_export(decode(data))


def _pdf_pages(data: bytes) -> list[str]:
    from grader.ingest.pdf import read_pdf

    pages = [page.text for page in read_pdf(data).pages]
    if not any(text.strip() for text in pages):
        raise NotAnExport("This PDF holds pictures of pages and no text; export it from Gradescope again, or as text.")
    return pages
