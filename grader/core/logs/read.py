"""Every log in what was handed in: columns, pictures, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from grader.core.logs.column import Column, labelled
from grader.core.logs.events import read_events
from grader.core.logs.printed import read_printed, shown_lines
from grader.core.logs.printed_tables import read_printed_tables
from grader.core.logs.structured import read_json, read_literal, read_named_lists
from grader.core.logs.tables import read_csv, read_list
from grader.core.notebook import cells_in, data_of, joined, outputs_of

FILES = ("*.csv", "*.tsv", "*.json", "*.jsonl", "*.ipynb", "*.log", "*.out", "*.txt", "*.md", "*tfevents*")
MAX_BYTES = 16 << 20
MAX_COLUMNS = 2000
PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp", ".pdf", ".docx", ".html", ".bmp")
OTHER_LOGS = (".pkl", ".pickle", ".npy", ".npz", ".mat", ".xlsx", ".xls", ".parquet", ".pt", ".pth")
"""Formats in which numbers may lie that are not read: pickles would have to be run."""
TEXTS = (".txt", ".log", ".out", ".csv", ".tsv", ".dat", ".json", ".yaml", ".yml", ".md", ".rst", ".tex", ".html", ".ipynb", ".py")
RECORDS = (".json", ".jsonl", ".csv", ".tsv", ".txt", ".log", ".out")
PRINTED = (".txt", ".log", ".out", ".md", ".ipynb")
SHOWN = re.compile(r"!\[[^\]]*\]\(|<img\b|\\includegraphics|<svg\b")
"""A picture in a report."""
FIGURE = re.compile(r"(?<![\w.])\d+\.\d+(?:[eE][-+]?\d+)?(?![\w.])")
MANY = 30
"""So many figures that none of the readers understood may be a log."""


@dataclass(frozen=True)
class Logs:
    """pictures: how many pictures and documents a person could look at. unread: files that may hold numbers as well, and those
    with many figures that were not understood. partly: what was printed and has many figures beside those that were."""

    columns: tuple[Column, ...]
    pictures: int
    unread: tuple[str, ...]
    partly: tuple[str, ...] = ()


def read_logs(files: Mapping[str, bytes], patterns: Sequence[str] = FILES) -> Logs:
    """Files in alphabetical order; nothing raises, whatever they hold."""
    columns: list[Column] = []
    unread: list[str] = []
    partly: list[str] = []
    pictures = 0
    pieces: dict[str, int] = {}  # files with a few figures each: a log with a file for each epoch
    for path in sorted(files):
        if path.startswith("__MACOSX/") or "/." in f"/{path}":
            continue
        base = path.rpartition("/")[2]
        pictures += base.lower().endswith(PICTURES)
        if not any(fnmatch(base, pattern) or fnmatch(path, pattern) for pattern in patterns):
            if base.lower().endswith(OTHER_LOGS) or _figures_in(files[path], base) >= MANY:
                unread.append(path)
            continue
        if len(files[path]) > MAX_BYTES or len(columns) > MAX_COLUMNS:
            unread.append(path)
            continue
        found, seen = _read(files[path], path, base)
        figures = _figures_in(files[path], base)
        if found:
            known = sum(len(one.values) for one in found)
            partly += [path] if figures - known >= MANY and base.lower().endswith(PRINTED) else []
        elif figures >= MANY:
            unread.append(path)
        elif figures and base.lower().endswith(RECORDS):
            pieces[path] = figures
        columns += [one for one in labelled(found, base, path.rpartition("/")[0]) if len(one.x) > 0]
        pictures += seen
    if sum(pieces.values()) >= MANY:
        unread += pieces
    return Logs(tuple(columns[:MAX_COLUMNS]), pictures, tuple(unread), tuple(partly))


def _figures_in(data: bytes, base: str) -> int:
    """How many decimal numbers a text has; a notebook, in what it printed."""
    lower = base.lower()
    if not lower.endswith(TEXTS) or lower.startswith("requirements") or len(data) > MAX_BYTES:
        return 0
    text = _text(data)
    if lower.endswith(".ipynb"):
        text = "\n".join(printed for _, _, printed, _ in _cells(text))
    return len(FIGURE.findall("\n".join(shown_lines(text))))


def _text(data: bytes) -> str:
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    return text.replace("\r\n", "\n")


def _read(data: bytes, path: str, base: str) -> tuple[list[Column], int]:
    """(columns, pictures in it)."""
    lower = base.lower()
    if "tfevents" in lower:
        return read_events(data, path), 0
    text = _text(data)
    if lower.endswith(".ipynb"):
        return _notebook(text, path)
    if lower.endswith((".json", ".jsonl")):
        return read_json(text, path), 0
    if lower.endswith((".csv", ".tsv")):
        return read_csv(text.replace("\r", "\n"), path), 0
    return _prose(text, path) or read_csv(text, path) or read_list(text, path), len(SHOWN.findall(text))


def _prose(text: str, source: str) -> list[Column]:
    """Tables beside lines of an epoch each are of the same numbers, or of others."""
    found = [*read_printed(text, source), *read_printed_tables(text, source)]
    return found or read_literal(text, source) or read_named_lists(text, source)


def _notebook(text: str, path: str) -> tuple[list[Column], int]:
    """What its cells printed. A cell's code and the headings before it say what it is about."""
    found: list[Column] = []
    pictures, heading = 0, ""
    for count, (source, is_code, printed, seen) in enumerate(_cells(text), 1):
        pictures += seen
        if not is_code:
            heading = source[-500:]
        if printed:
            found += labelled(_prose(printed, f"{path}, cell {count}"), source[:2000] if is_code else "", heading)
    return found, pictures


def _cells(text: str) -> list[tuple[str, bool, str, int]]:
    """(source, whether it is code, what it printed or, of words, says; pictures) of each cell; none of what is no notebook."""
    found = []
    for cell in cells_in(text):
        source = joined(cell.get("source"))
        if cell.get("cell_type") == "markdown":
            found.append((source, False, source, len(SHOWN.findall(source))))
            continue
        outputs = outputs_of(cell)
        pictures = sum(any(key.startswith("image/") for key in data_of(one)) for one in outputs)
        printed = "".join(joined(one.get("text")) or joined(data_of(one).get("text/plain")) for one in outputs)
        found.append((source, True, printed, pictures))
    return found
