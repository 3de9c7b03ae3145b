"""Quotes from an answer, marked in the answer as it is shown.

Suggestions quote an answer as it was written; on the page stands what became of it. Both are compared without blanks
and signs of Markdown. Only text is wrapped, piece by piece, so that the elements around it stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

from markupsafe import Markup, escape

_SIGNS = frozenset("*_`\\$~|#")  # of Markdown: they stand in the quote and not on the page
_BULLET = re.compile(r"^\s*(?:[-*+>]|\d+[.)])\s+")
_MOST = 100  # quotes in one answer
_LONGEST = 5000  # characters of a quote


@dataclass(frozen=True)
class Quote:
    """`item`: the rubric item that is suggested, or cleared, because of it. `tone`: which of both, or unknown."""

    text: str
    item: str
    tone: str = "unknown"
    label: str = ""


def mark_quotes(html: Markup, quotes: Sequence[Quote]) -> Markup:
    """`html` (from `markdown`) with a `mark` around every quote that is found; `data-items` names its items.

    `data-tone` is deduct where one of them is; the first mark of a quote has its label in `data-label`.
    """
    pieces = _split(str(html))
    shown = _Shown(pieces)
    spans: dict[int, list[_Span]] = defaultdict(list)
    for quote in quotes[:_MOST]:
        first = True
        for found in shown.find(quote.text[:_LONGEST]):
            for number, start, end in shown.spans(found):
                spans[number].append(_Span(start, end, quote, first))
                first = False
    return Markup("".join(_with_marks(piece, spans[number]) for number, piece in enumerate(pieces)))


@dataclass
class _Piece:
    """A tag, or, where `text` is set, something readable. A formula is one piece: marked as a whole or not at all."""

    html: str
    text: str | None = None
    whole: bool = False


@dataclass(frozen=True)
class _Span:
    """From `start` to before `end` in a piece's text."""

    start: int
    end: int
    quote: Quote
    first: bool


class _Shown:
    """What is readable of the pieces, as one row of the characters that count."""

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self._pieces = pieces
        self._row = ""
        self._places: list[tuple[int, int]] = []  # of each of them: number of the piece, index in its text
        letters: list[str] = []
        for number, piece in enumerate(pieces):
            for letter, index in _letters(piece.text or ""):
                letters.append(letter)
                self._places.append((number, index))
        self._row = "".join(letters)

    def find(self, quote: str) -> list[range]:
        """The first place where `quote` stands, one that ends with its formula before others; of its lines one by one,
        where it does not as a whole."""
        found = self._first(quote)
        if found:
            return [found]
        lines = (self._first(_BULLET.sub("", line)) for line in quote.splitlines())
        return [line for line in lines if line]

    def spans(self, found: range) -> Iterator[tuple[int, int, int]]:
        """(number of the piece, start, end) for each piece of a finding."""
        covered: dict[int, list[int]] = defaultdict(list)
        for position in found:
            number, index = self._places[position]
            covered[number].append(index)
        for number, indices in covered.items():
            yield number, indices[0], indices[-1] + 1

    def _first(self, quote: str) -> range | None:
        places = list(self._places_of(quote))
        return next(filter(self._ends_its_formula, places), places[0] if places else None)

    def _places_of(self, quote: str) -> Iterator[range]:
        wanted = "".join(letter for letter, _ in _letters(quote))
        start = self._row.find(wanted) if wanted else -1
        while start >= 0:
            end = start + len(wanted)
            if not self._inside_word(start - 1, start) and not self._inside_word(end - 1, end):
                yield range(start, end)
            start = self._row.find(wanted, start + 1)

    def _ends_its_formula(self, found: range) -> bool:
        """Whether it reaches the end of the formula that it ends in: a sum may also stand within a longer one. Text has no end."""
        number, _ = self._places[found[-1]]
        last = found[-1] + 1 == len(self._places) or self._places[found[-1] + 1][0] != number
        return last or not self._pieces[number].whole

    def _inside_word(self, one: int, next_one: int) -> bool:
        """Whether two neighbours of the row are letters of one word."""
        if one < 0 or next_one >= len(self._row):
            return False
        (piece, index), (next_piece, next_index) = self._places[one], self._places[next_one]
        together = piece == next_piece and next_index - index <= 1
        return together and self._row[one].isalnum() and self._row[next_one].isalnum()


def _letters(text: str) -> Iterator[tuple[str, int]]:
    for index, char in enumerate(text):
        if not char.isspace() and char not in _SIGNS:
            for letter in unicodedata.normalize("NFKC", char).casefold():
                yield letter, index


def _with_marks(piece: _Piece, spans: Sequence[_Span]) -> str:
    if not spans or piece.text is None:
        return piece.html
    if piece.whole:
        return _mark(piece.html, spans, [span for span in spans if span.first])
    text = piece.text
    cuts = sorted({0, len(text), *(span.start for span in spans), *(span.end for span in spans)})
    return "".join(
        _mark(
            str(escape(text[start:end])),
            [span for span in spans if span.start <= start and end <= span.end],
            [span for span in spans if span.first and span.start == start],
        )
        for start, end in pairwise(cuts)
    )


def _mark(html: str, spans: Sequence[_Span], beginning: Sequence[_Span]) -> str:
    if not spans:
        return html
    tones = {span.quote.tone for span in spans}
    tone = next(name for name in ("deduct", "clear", "unknown") if name in tones)
    labels = _joined(span.quote.label for span in beginning)
    label = f' data-label="{labels}"' if labels else ""
    return f'<mark data-items="{_joined(span.quote.item for span in spans)}" data-tone="{tone}"{label}>{html}</mark>'


def _joined(words: Iterable[str]) -> str:
    return str(escape(" ".join(sorted({word for word in words if word}))))


class _Splitter(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[_Piece] = []
        self._formula: _Piece | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "math" and self._formula is None:
            self._formula = _Piece("", dict(attrs).get("alttext") or "", whole=True)
            self.pieces.append(self._formula)
        self._add(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._add(f"</{tag}>")
        if tag == "math":
            self._formula = None

    def handle_data(self, data: str) -> None:
        self._add(data, data)

    def handle_entityref(self, name: str) -> None:
        self._add(f"&{name};", unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self._add(f"&#{name};", unescape(f"&#{name};"))

    def _add(self, html: str, text: str | None = None) -> None:
        last = self.pieces[-1] if self.pieces else None
        if self._formula is not None:
            self._formula.html += html
        elif text is not None and last and last.text is not None and not last.whole:
            last.html += html
            last.text += text
        else:
            self.pieces.append(_Piece(html, text))


def _split(html: str) -> list[_Piece]:
    splitter = _Splitter()
    splitter.feed(html)
    splitter.close()
    return splitter.pieces
