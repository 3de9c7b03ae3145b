"""CSV that no spreadsheet takes for a formula: numbers as numbers, text that could be one behind an apostrophe."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

Cell = str | float | int | None
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_STARTS = frozenset("=+-@\N{MINUS SIGN}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def table(rows: Iterable[Sequence[Cell]], *, delimiter: str = ",") -> str:
    """The rows as CSV (RFC 4180). None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)  # its line ends make it quote lone carriage returns
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def neutral(text: str) -> str:
    """`text`, with an apostrophe before it if a spreadsheet could read it as a formula.

    That looks behind quotes, blanks and invisible signs, and at fullwidth forms. A plain number stays.
    """
    if _NUMBER.fullmatch(text):
        return text
    start = next((sign for sign in text if not _skipped(sign)), "")
    risky = text[:1] in {"\t", "\r", "\n"} or unicodedata.normalize("NFKC", start)[:1] in _STARTS
    return f"'{text}" if risky else text


def _skipped(sign: str) -> bool:
    return sign in "\"'`" or sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf", "Pi", "Pf"}


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value)
    return repr(round(value, 4))
