"""A student's PDF as the text of its pages, and a page as a picture. Parsing is left to a process without any rights."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NoReturn

from grader.ingest.errors import Corrupt, Encrypted, TooLarge, Unsupported
from grader.ingest.notebook import storable
from grader.ingest.paths import show

MAX_BYTES = 64 << 20
MAX_PAGES = 300
MAX_WIDTH = 2000  # pixels
_SECONDS = 20  # wall clock; the process limits its own CPU time below that
_CHILD = Path(__file__).with_name("pdf_child.py")
_MARKS = str.maketrans({"\n": " ", "\r": " ", "\x02": "\u00ad", "\ufffe": "\u00ad"})  # a hyphen at a line's end: soft
_PNG = b"\x89PNG\r\n\x1a\n"
_together = threading.BoundedSemaphore(2)  # parsers at once: each may take a core and a gigabyte


@dataclass(frozen=True)
class Line:
    """A line of a page; an empty one stands between paragraphs. Lengths in points (1/72 inch).

    text: with a soft hyphen (U+00AD) where the end of a line broke a word. left, right: where it begins and ends.
    size: of its font. fixed: in a fixed-pitch font, as code is.
    """

    text: str
    left: float = 0.0
    right: float = 0.0
    size: float = 0.0
    fixed: bool = False


@dataclass(frozen=True)
class PdfPage:
    """`number` from 1. `text`: lines end with `\n`, paragraphs with a blank line; "" for a scanned page."""

    number: int
    text: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Pdf:
    pages: tuple[PdfPage, ...]

    @property
    def without_text(self) -> tuple[int, ...]:
        """The numbers of the pages that hold no letter and no digit, such as scans and photographs."""
        return tuple(page.number for page in self.pages if not any(c.isalnum() for c in page.text))


def selected(pdf: Pdf, numbers: Collection[int]) -> Pdf:
    """Only these pages. Raises ValueError if one of them is not there, or none is named."""
    if not numbers or not set(numbers) <= {page.number for page in pdf.pages}:
        raise ValueError(f"choose among the {len(pdf.pages)} pages")
    return Pdf(tuple(page for page in pdf.pages if page.number in numbers))


def is_pdf(path: str) -> bool:
    return path.lower().endswith(".pdf")


def read_pdf(data: bytes, path: str = "The PDF") -> Pdf:
    """The text of every page. `path` names the file in errors.

    Raises Corrupt, Encrypted, TooLarge (bytes, pages, time or memory), Unsupported (this machine cannot confine the
    parser, so nothing is parsed).
    """
    name = show(path)
    if not data.lstrip()[:5].startswith(b"%PDF-") and b"%PDF-" not in data[:1024]:
        raise Corrupt(f"{name} is called a PDF but is none. Export it again.")
    try:
        answer = json.loads(_ask(data, name, "text", str(MAX_PAGES)))
        if error := answer.get("error"):
            _refuse(error, name, answer.get("count"))
        pages = [tuple(map(_line, lines)) for lines in answer["pages"][:MAX_PAGES]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Corrupt(f"{name} is a damaged PDF. Export it again.") from None
    texts = ("\n".join(line.text for line in lines) for lines in pages)
    return Pdf(
        tuple(PdfPage(number, text, lines) for number, (text, lines) in enumerate(zip(texts, pages, strict=True), 1))
    )


def _line(line: dict[str, object]) -> Line:
    """A line that the process claims to have read. Raises TypeError, ValueError, KeyError for anything else."""
    text = storable(line["text"].translate(_MARKS))
    if not text:
        return Line("")
    left, right, size = (float(line[key]) for key in ("left", "right", "size"))
    return Line(text, left, right, size, line["fixed"] is True)


def render_page(data: bytes, number: int, width: int, path: str = "The PDF") -> bytes:
    """Page `number` (from 1) as PNG, `width` pixels wide. Raises IngestError as `read_pdf` does."""
    name = show(path)
    picture = _ask(data, name, "picture", str(int(number)), str(min(max(int(width), 16), MAX_WIDTH)))
    if not picture.startswith(_PNG):
        raise Corrupt(f"Page {number} of {name} cannot be shown: there is no such page, or it is damaged.")
    return picture


def _refuse(error: str, name: str, count: object) -> NoReturn:
    if error == "encrypted":
        raise Encrypted(f"{name} needs a password. Export it without one.")
    if error == "pages":
        raise TooLarge(f"{name} has {count} pages; at most {MAX_PAGES} are read. Hand in the written answers only.")
    raise Corrupt(f"{name} is a damaged PDF. Export it again.")


def _ask(data: bytes, name: str, *arguments: str) -> bytes:
    """What the process answers about the document. Raises IngestError; TooLarge for time, memory and size."""
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{name} is larger than {MAX_BYTES >> 20} MiB. Export it with smaller pictures.")
    command = [sys.executable, "-I", str(_CHILD), *arguments]
    with _together, TemporaryFile() as document, TemporaryFile() as answer, TemporaryFile() as said:
        document.write(data)  # files, because their size is limited by the system, unlike a pipe's content
        document.seek(0)
        try:
            done = subprocess.run(command, stdin=document, stdout=answer, stderr=said, env={}, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise TooLarge(f"{name} takes too long to be read. Print it to a new PDF.") from None
        if done.returncode == 2:
            raise Unsupported(
                f"{name} was not read: this machine cannot confine the program that reads PDFs ({_last_line(said)})."
            )
        if done.returncode < 0 or done.returncode == 3:
            raise TooLarge(f"{name} takes too much time or memory to be read. Print it to a new PDF.")
        if done.returncode:
            raise Corrupt(f"{name} is a damaged PDF. Export it again.")
        answer.seek(0)
        return answer.read()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read(100_000).decode(errors="replace").strip().rpartition("\n")[2][:200]
