"""HTML as lines of text: each row of a table is a line of cells between bars, as Markdown has it. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "caption", "section"}
)
SILENT = frozenset({"script", "style", "head", "title"})
WIDEST = 30  # columns that one cell may span


def as_lines(text: str) -> str:
    """What a browser shows of `text`, a document or Markdown with tables in it. Text without tags stays as it is."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.row: list[str] | None = None  # the cells of the row that is being read
        self.span = 1
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag == "tr":
            self._end_row()
            self.row = []
        elif tag in ("td", "th") and self.row is not None:
            span = dict(attrs).get("colspan") or "1"
            self.span = min(int(span), WIDEST) if span.isdecimal() and int(span[:3]) else 1
            self.row += [""] * self.span
        elif tag in BLOCKS and self.row is None:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in BLOCKS and self.row is None:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.row is None:
            self.parts.append(data)
        elif self.row:
            for index in range(len(self.row) - self.span, len(self.row)):
                self.row[index] += data

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_row(self) -> None:
        if self.row:
            cells = (" ".join(cell.replace("|", "/").split()) for cell in self.row)
            self.parts.append(f"\n| {' | '.join(cells)} |\n")
        self.row = None
