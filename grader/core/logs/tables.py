"""CSV and TSV, and records of JSON: rows of cells to columns over epochs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from grader.core.logs.column import MAX_COLUMNS, X, column, number, words
from grader.core.logs.column import Column as Column

MAX_ROWS = 20_000
LARGEST = 10**30  # Python refuses to write very long integers
EPOCH = ("epoch", "epochs", "ep", "эпоха", "епоха", "אפוק", "epoka")
STEP = ("step", "steps", "iter", "iteration", "iterations", "batch", "global", "batches", "update")
TIME = ("time", "wall", "seconds", "sec", "duration", "date", "timestamp")


def read_csv(text: str, source: str) -> list[Column]:
    """Comma, semicolon or tab between cells. The first row with a word in it is the header."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    if delimiter not in first:
        return []
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row[:MAX_COLUMNS]])
            if len(rows) > MAX_ROWS:
                break
    except csv.Error:
        return []
    if len(rows) < 2 or all(number(cell) is not None for cell in rows[0]):
        return []  # without names nobody knows what is what
    header = rows[0]
    return from_records([dict(zip(header, row, strict=False)) for row in rows[1:]], source)


def read_list(text: str, source: str) -> list[Column]:
    """One number a line: a column that only its file names."""
    values = [number(line) for line in text.split("\n")[:MAX_ROWS] if line.strip()]
    if len(values) < 2 or any(value is None for value in values):
        return []
    return column(source, "", [(float(at), value) for at, value in enumerate(values, 1) if value is not None])


def from_records(records: Sequence[Mapping[str, object]], source: str) -> list[Column]:
    """Columns of rows with names. Cells of words (a run's name, "train") part the rows into groups that they name."""
    names = list(dict.fromkeys(name for record in records[:MAX_ROWS] for name in record if isinstance(name, str)))
    x_name, counted = x_column(names)
    numeric = [name for name in names[:MAX_COLUMNS] if name != x_name and _is_numeric(records, name)]
    texts = [name for name in names if name not in numeric and name != x_name and _is_text(records, name)]
    found: list[Column] = []
    for group, rows in _groups(records, texts).items():
        for name in numeric:
            if set(words(name)) & {*EPOCH, *STEP, *TIME}:
                continue
            pairs = []
            for at, row in rows:
                value, x = number_of(row.get(name)), number_of(row.get(x_name)) if x_name else float(at)
                if value is not None and x is not None:
                    pairs.append((x, value))
            found += column(source, " ".join([*group, name]), pairs, counted=counted)
    return found[:MAX_COLUMNS]


def x_column(names: Iterable[str]) -> tuple[str | None, X]:
    for known, counted in ((EPOCH, "epoch"), (STEP, "step")):
        for name in names:
            own = words(name)
            if own and own[-1] in known and not set(own) & set(TIME):
                return name, counted  # type: ignore[return-value]
    first = next(iter(names), None)
    if first is not None and words(first) in ((), ("x",), ("index",), ("unnamed", "0")):
        return first, "epoch"
    return None, "row"


def _groups(
    records: Sequence[Mapping[str, object]], texts: Sequence[str]
) -> dict[tuple[str, ...], list[tuple[int, Mapping[str, object]]]]:
    """Rows by the values of their cells of words, each with its number in its group, from 1."""
    found: dict[tuple[str, ...], list[tuple[int, Mapping[str, object]]]] = {}
    for record in records[:MAX_ROWS]:
        key = tuple(str(record.get(name) or "")[:100] for name in texts)
        if key not in found and len(found) >= 100:
            continue
        rows = found.setdefault(key, [])
        rows.append((len(rows) + 1, record))
    return found


def _is_numeric(records: Sequence[Mapping[str, object]], name: str) -> bool:
    cells = [record.get(name) for record in records[:MAX_ROWS]]
    known = [cell for cell in cells if cell not in (None, "")]
    return bool(known) and sum(number_of(cell) is not None for cell in known) >= 0.8 * len(known)


def _is_text(records: Sequence[Mapping[str, object]], name: str) -> bool:
    """Words that come again and again, not one for each row."""
    cells = [record.get(name) for record in records[:MAX_ROWS]]
    known = {cell for cell in cells if isinstance(cell, str) and cell.strip() and number(cell) is None}
    return 0 < len(known) <= max(1, len(cells) // 2)


def number_of(value: object) -> float | None:
    if isinstance(value, bool) or value is None or (isinstance(value, int) and abs(value) > LARGEST):
        return None
    return number(str(value)[:60])
