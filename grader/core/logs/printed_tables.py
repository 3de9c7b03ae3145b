"""Tables in a text, as a notebook prints a data frame, a training its progress, or a report its results: rows of numbers
below a line of names, between bars or spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.core.logs.column import Column, number, words
from grader.core.logs.naming import METRIC_WORDS
from grader.core.logs.tables import EPOCH, from_records

MAX_LINES = 100_000
RULE = re.compile(r"[\s|+:=\-\u2500-\u257f]*")
BARS = re.compile(r"[|│┃]")
LEAST = 2  # rows


def read_printed_tables(text: str, source: str) -> list[Column]:
    """Columns of every table whose names have a metric."""
    found: list[Column] = []
    for names, rows in _tables(text):
        if len(rows) >= LEAST:
            found += from_records([dict(zip(names, row, strict=True)) for row in rows], source)
    return found


def _tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    names: list[str] = []
    rows: list[list[str]] = []
    for line in text.split("\n")[:MAX_LINES]:
        cells = _cells(line)
        if names and RULE.fullmatch(line) and line.strip():
            continue
        if names and cells and _is_row(cells, names):
            rows.append(cells[-len(names) :])
        elif names and cells and all(set(cell) <= {"."} for cell in cells):
            continue  # where a data frame leaves rows out
        else:
            if names:
                yield names, rows
            names, rows = (cells if _is_header(cells) else []), []
    if names:
        yield names, rows


def _cells(line: str) -> list[str]:
    if len(line) > 2000:
        return []
    if BARS.search(line):
        return [cell.strip(" *`") for cell in BARS.split(line.strip().strip("|│┃"))]
    return line.lstrip("#% ").split()  # NumPy's `savetxt` writes its header as a remark


def _is_header(cells: list[str]) -> bool:
    """Of several names, one is of a metric, and one counts epochs or there are several of metrics."""
    if not 2 <= len(cells) <= 40 or any(number(cell) is not None for cell in cells) or len(set(cells)) < len(cells):
        return False
    metric = {word for some in METRIC_WORDS.values() for word in some}
    metrics = sum(bool(metric & set(words(cell))) for cell in cells)
    return metrics > 0 and (metrics > 1 or any(set(words(cell)) & set(EPOCH) for cell in cells))


def _is_row(cells: list[str], names: list[str]) -> bool:
    """All numbers but for empty cells; a data frame has its index besides."""
    known = [cell for cell in cells if cell not in ("", "-", "NaN", "nan")]
    return len(cells) in (len(names), len(names) + 1) and bool(known) and all(number(one) is not None for one in known)
