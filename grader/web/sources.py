"""Files as lines to read: highlighted by Pygments' classes, notebooks cell by cell, everything escaped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound

from grader.core.notebook import cells_in, data_of, joined, outputs_of
from grader.web.markdown import markdown

LIMIT = 400_000  # characters that are shown
_FORMAT = HtmlFormatter(nowrap=True)
_LINE = Markup('<span class="line" id="L{0}"><a class="ln" href="#L{0}">{0}</a><span class="src">{1}</span></span>')


@dataclass(frozen=True)
class Cell:
    """`html` is safe; `output` is what the cell had printed, as text."""

    number: int
    kind: Literal["code", "prose"]
    html: Markup
    output: str = ""


@dataclass(frozen=True)
class Source:
    """Either `code` (highlighted, one element a line) or `cells` of a notebook, or neither for what is not text."""

    code: Markup | None = None
    cells: tuple[Cell, ...] = ()
    lines: int = 0
    cut: bool = False


def read_source(path: str, content: bytes) -> Source:
    text = _text(content)
    if text is None:
        return Source()
    if path.endswith(".ipynb"):
        cells = tuple(_cell(number, cell) for number, cell in enumerate(cells_in(text), 1))
        if cells:
            return Source(cells=cells)
    shown = text[:LIMIT]
    return Source(code=_numbered(path, shown), lines=text.count("\n") + 1, cut=len(text) > LIMIT)


def _text(content: bytes) -> str | None:
    """None for binary content."""
    if b"\0" in content[:8000]:
        return None
    text = content.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _numbered(path: str, text: str) -> Markup:
    lines = _highlighted(path, text).split("\n")
    return Markup("\n").join(_LINE.format(number, Markup(line)) for number, line in enumerate(lines, 1))


def _highlighted(path: str, text: str) -> str:
    """HTML of classes only; Pygments closes and opens its elements at line ends."""
    try:
        lexer = get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False, ensurenl=False)
    return highlight(text, lexer, _FORMAT).rstrip("\n")


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    source = joined(cell.get("source", cell.get("input")))[:LIMIT]
    if cell.get("cell_type") == "markdown":
        return Cell(number, "prose", markdown(source))
    if cell.get("cell_type") != "code":
        return Cell(number, "code", escape(source))
    html = Markup(highlight(source, PythonLexer(stripnl=False, ensurenl=False), _FORMAT))
    printed = "".join(_printed(output) for output in outputs_of(cell))
    return Cell(number, "code", html, printed[:4000])


def _printed(output: dict[str, Any]) -> str:
    return joined(output.get("text")) or joined(data_of(output).get("text/plain"))
