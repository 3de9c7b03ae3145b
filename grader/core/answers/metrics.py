"""Reported results: which figure of a report belongs to which row (a run) and which column (test accuracy).

Read are tables (Markdown, tabs, LaTeX, CSV, blanks), transposed or not, lists as Keras prints them
(`test loss, test acc: [0.825, 0.674]`) and lines such as "Baseline: test accuracy 88,5 %". What is not understood is left out,
never guessed: a line in which a figure could belong to two runs gives none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.core.answers.calls import Names, calls, longest, name_in, within

_NUMBER = re.compile(r"(?<![\w.,])[-+−]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d{1,2})?(?=\s*[%٪]|[^\w.,]|[.,](?!\d)|$)")
_CELL = re.compile(
    r"[\s*_`~≈$\\]*(?P<number>[-+−]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d{1,2})?)[\s\\*_`]*(?P<percent>[%٪])?[\s*_`$]*(?:(?:±|\\pm|\+/-).*)?$"
)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_RULE = re.compile(r"^[\s|:+=\-–—_]*$")
_LOOK_BACK, _LABEL_WORDS = 3, 14
_LONGEST = 1000  # characters of a line that are looked at
_COMMAS = re.compile(r"[^,\d]+(,\s*\d+(\.\d+)?\s*%?)+|[^,]+(,\s*\d+\.\d+\s*%?)+")
_FENCE = re.compile(r"^\s*(```|~~~)")
_RESULT = re.compile(r"(?<![\w.,])\d*[.,]\d+(?!\S*\w)|\d\s*[%٪]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

TABLE, LINE = 2, 1
"""How surely a figure is where it belongs: a table's cell outranks a line of prose."""


@dataclass(frozen=True)
class Figure:
    """A reported number. value: as written; half: half a unit of its last digit; percent: whether a % sign goes with it.

    row, column: their names; quote: the line it stands in, verbatim.
    """

    row: str
    column: str
    value: float
    half: float
    percent: bool
    written: str
    quote: str
    rank: int


@dataclass(frozen=True)
class Report:
    """figures: by (row, column), those of the highest rank, in the order of the text. unclaimed: labels of table rows and lists
    with figures that are none of the rows asked for; lines with figures that were not understood, where they may be results."""

    figures: Mapping[tuple[str, str], tuple[Figure, ...]]
    unclaimed: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Line:
    text: str
    cells: tuple[str, ...]  # one for a line that is no row of a table


def read_report(text: str, rows: Names, columns: Names) -> Report:
    """All figures of `text` for these rows and columns. Linear in the text but for short looks back."""
    text = _COMMENT.sub(" ", text)
    lines = [_line(line[:_LONGEST]) for line in text.splitlines()]
    found: list[Figure] = []
    unclaimed: dict[str, None] = {}
    unread: list[str] = []
    header: tuple[str, ...] = ()
    for index, line in enumerate(lines):
        if not line.text.strip() or _RULE.match(line.text):
            continue
        if len(line.cells) > 1:
            if _is_header(line, columns, rows):
                header = line.cells
                continue
            here, label = _table_row(line, header, rows, columns)
        else:
            here, label = _prose(lines, index, header, rows, columns)
            if not here and _is_header(line, columns, rows):
                header = _split_header(line.text, columns)
            elif not here and not label and _RESULT.search(line.text):
                unread.append(line.text.strip())
        found += here
        if label and not here:
            unclaimed[label] = None
    prose = all(one.rank == LINE for one in found)  # beside a table, only a line that names what is asked for may hold more
    unclaimed |= dict.fromkeys(text for text in unread if prose or calls(text, columns))
    alone = _only_one(lines, found, rows, columns)
    return Report(_ranked(found or alone), () if alone and not found else tuple(unclaimed))


def as_fractions(figures: Sequence[Figure]) -> list[float]:
    """Accuracies as fractions of 1. One with a % sign, or above 1.5, is in per cent; so are those up to 1.5 beside such."""
    large = any(abs(one.value) > 1.5 for one in figures)
    small = any(abs(one.value) <= 1 for one in figures)
    return [_fraction(one, large and not small) for one in figures]


def scale_of(figure: Figure, fraction: float) -> float:
    """1 for a figure that was taken as a fraction, 0.01 for one in per cent."""
    return 0.01 if figure.value and abs(fraction / figure.value) < 0.5 else 1.0


def _fraction(one: Figure, percent: bool) -> float:
    if abs(one.value) > 1.5 or (abs(one.value) > 1 and percent):
        return one.value / 100
    return one.value / 100 if one.percent and (percent or "%" in one.written) else one.value


# --- lines and cells ------------------------------------------------------------------------------------------------


def _line(text: str) -> _Line:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("−", "-")
    bare = text.strip()
    if bare.count("|") >= 1 and not _FENCE.match(bare):
        cells = bare.strip("|").split("|")
    elif "\t" in text.strip("\n"):
        cells = text.split("\t")
    elif bare.count("&") >= 1 and (bare.endswith(r"\\") or r"\hline" in bare):
        cells = re.sub(r"\\hline|\\\\.*$", "", bare).split("&")
    elif bare.count(";") >= 1 and re.search(r";\s*[\d.,]+", bare):
        cells = bare.split(";")
    elif _COMMAS.fullmatch(bare):
        cells = bare.split(",")
    elif len(parts := re.split(r"\s{2,}", bare)) > 1 and sum(_cell(part) is not None for part in parts) >= 1:
        cells = parts
    elif (match := re.fullmatch(r"(\S+(?:\s+[^\d\s]\S*){0,4}?):?((?:\s+\d+[.,]\d+\s*%?)+)", bare)) is not None:
        cells = [match[1], *re.findall(r"\d+[.,]\d+\s*%?", match[2])]
    else:
        cells = [text]
    return _Line(text, tuple(cell.strip() for cell in cells))


def _cell(text: str) -> tuple[str, bool] | None:
    """The number that the cell is, and whether a % sign stands in it."""
    match = _CELL.fullmatch(text.strip())
    return (match["number"], bool(match["percent"])) if match else None


def _number(written: str) -> tuple[float, float]:
    """Value and half a unit of the last digit; a comma is a decimal point."""
    plain = written.replace(",", ".").replace("−", "-")
    digits, _, exponent = plain.lower().partition("e")
    places = len(digits.partition(".")[2])
    return float(plain), 0.5 * 10.0 ** (int(exponent or 0) - places)


def _is_header(line: _Line, columns: Names, rows: Names) -> bool:
    numeric = sum(_cell(cell) is not None for cell in line.cells if cell)
    named = {name_in(cell, columns) for cell in line.cells} - {None}
    if len(line.cells) == 1:
        return bool(calls(line.text, columns)) and not _NUMBER.search(line.text) and ":" not in line.text
    across = {name_in(cell, rows) for cell in line.cells[1:]} - {None}
    return (bool(named) and not numeric) or (len(across) > 1 and not numeric)


def _split_header(text: str, columns: Names) -> tuple[str, ...]:
    spans = sorted((start, end) for _, _, start, end in longest(calls(text, columns)))
    return tuple(text[start:end] for start, end in spans)


def _table_row(line: _Line, header: tuple[str, ...], rows: Names, columns: Names) -> tuple[list[Figure], str]:
    """The figures of a row, and its label. A transposed table has runs in its header and the column's name in front."""
    if len(header) in (len(line.cells) - 1, len(line.cells) - 2):  # nothing stands above the label, or above its number
        header = ("",) * (len(line.cells) - len(header)) + header
    if len(header) != len(line.cells):
        header = ("",) * len(line.cells)
    across = [name_in(cell, columns) for cell in header]
    runs = [None if column else name_in(cell, rows) for cell, column in zip(header, across, strict=True)]
    numeric = [_cell(cell) for cell in line.cells]
    label = " ".join(
        cell for cell, column, run, number in zip(line.cells, across, runs, numeric, strict=True)
        if not column and not run and (number is None or any(across))
    ).strip()  # fmt: skip
    run, metric = name_in(label, rows), name_in(label, columns)
    found = []
    values = [i for i, number in enumerate(numeric) if number is not None and line.cells[i] not in (label,)]
    for i in values:
        row = run or runs[i]
        column = across[i] or metric or (next(iter(columns)) if len(columns) == 1 and len(values) == 1 else None)
        if row and column:
            percent = "%" in header[i] or "%" in label
            found.append(_figure(row, column, numeric[i], percent, line.text, TABLE))
    told = bool(values) and (any(across) or metric is not None or len(columns) == 1)
    return found, (label or line.text.strip()) if told and not run else ""


def _prose(
    lines: Sequence[_Line], index: int, header: tuple[str, ...], rows: Names, columns: Names
) -> tuple[list[Figure], str]:
    text = lines[index].text
    own = longest(calls(text, rows))
    pairs = _pairs(text, [(start, end) for _, _, start, end in own], columns)
    if not pairs:
        return [], ""
    names = {name for _, name, *_ in own}
    label = text
    if not names:
        label = _label_before(lines, index, rows, columns)
        found = name_in(label, rows)
        names = {found} if found else set()
    if len(names) != 1:
        return [], "" if names else (label or text).strip()
    rank = TABLE if "[" in text else LINE
    return [_figure(min(names), column, number, False, text, rank) for column, number in pairs], ""


def _pairs(text: str, taken: Sequence[tuple[int, int]], columns: Names) -> list[tuple[str, tuple[str, bool]]]:
    """Each number with its column: they alternate, or all names come first and as many numbers follow."""
    named = sorted(
        (start, end, name) for _, name, start, end in longest(calls(text, columns)) if not within(start, taken)
    )
    numbers = [
        match for match in _NUMBER.finditer(text)
        if not within(match.start(), taken) and not within(match.start(), [(a, b) for a, b, _ in named])
    ]  # fmt: skip
    if not named or len(named) != len(numbers):
        return []
    marks = sorted([(start, "name") for start, _, _ in named] + [(match.start(), "number") for match in numbers])
    order = [kind for _, kind in marks]
    count = len(named)
    if order not in (["name", "number"] * count, ["number", "name"] * count, ["name"] * count + ["number"] * count):
        return []
    percents = [bool(re.match(r"\s*\\?[%٪]", text[match.end() :])) for match in numbers]
    return [
        (name, (match.group(), percent)) for (_, _, name), match, percent in zip(named, numbers, percents, strict=True)
    ]


def _label_before(lines: Sequence[_Line], index: int, rows: Names, columns: Names) -> str:
    """The short line above a result that says whose it is; "" when another result or a long paragraph stands between."""
    seen = 0
    for line in reversed(lines[max(0, index - 12) : index]):
        if not line.text.strip() or _FENCE.match(line.text) or _RULE.match(line.text):
            continue
        seen += 1
        runs = [(start, end) for _, _, start, end in longest(calls(line.text, rows))]
        if _pairs(line.text, runs, columns) or seen > _LOOK_BACK:
            return ""
        if len(line.text.split()) <= _LABEL_WORDS:
            return line.text.strip()
        return ""
    return ""


def _only_one(lines: Sequence[_Line], found: list[Figure], rows: Names, columns: Names) -> list[Figure]:
    """Where one run is asked for and one result is given, it is that run's, whatever it is called."""
    if found or len(rows) != 1:
        return []
    results = [(line.text, pairs) for line in lines if (pairs := _pairs(line.text, (), columns))]
    if len(results) != 1:
        return []
    text, pairs = results[0]
    return [_figure(next(iter(rows)), column, number, False, text, LINE) for column, number in pairs]


def _figure(row: str, column: str, number: tuple[str, bool] | None, percent: bool, quote: str, rank: int) -> Figure:
    assert number is not None
    value, half = _number(number[0])
    written = number[0] + (" %" if number[1] else "")
    return Figure(row, column, value, half, percent or number[1], written, " ".join(quote.split())[:300], rank)


def _ranked(found: Sequence[Figure]) -> dict[tuple[str, str], tuple[Figure, ...]]:
    by_place: dict[tuple[str, str], list[Figure]] = {}
    for one in found:
        by_place.setdefault((one.row, one.column), []).append(one)
    return {
        place: tuple(one for one in figures if one.rank == max(other.rank for other in figures))
        for place, figures in by_place.items()
    }
