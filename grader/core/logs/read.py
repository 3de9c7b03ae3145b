"""Every log in what was handed in: columns, pictures, and what could not be read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from grader.core.logs.column import Column, labelled
from grader.core.logs.events import read_events
from grader.core.logs.printed import read_printed
from grader.core.logs.structured import read_json
from grader.core.logs.tables import read_csv

FILES = ("*.csv", "*.tsv", "*.json", "*.jsonl", "*.ipynb", "*.log", "*.txt", "*tfevents*")
MAX_BYTES = 16 << 20
MAX_COLUMNS = 2000
PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp", ".pdf", ".docx", ".html", ".bmp")
OTHER_LOGS = (".pkl", ".pickle", ".npy", ".npz", ".mat", ".xlsx", ".xls", ".parquet", ".pt", ".pth")
"""Formats in which numbers may lie that are not read: pickles would have to be run."""


@dataclass(frozen=True)
class Logs:
    """pictures: how many pictures and documents a person could look at. unread: files that may hold numbers as well."""

    columns: tuple[Column, ...]
    pictures: int
    unread: tuple[str, ...]


def read_logs(files: Mapping[str, bytes], patterns: Sequence[str] = FILES) -> Logs:
    """Files in alphabetical order; nothing raises, whatever they hold."""
    columns: list[Column] = []
    unread: list[str] = []
    pictures = 0
    for path in sorted(files):
        if path.startswith("__MACOSX/") or "/." in f"/{path}":
            continue
        base = path.rpartition("/")[2]
        pictures += base.lower().endswith(PICTURES)
        if not any(fnmatch(base, pattern) or fnmatch(path, pattern) for pattern in patterns):
            if base.lower().endswith(OTHER_LOGS):
                unread.append(path)
            continue
        if len(files[path]) > MAX_BYTES or len(columns) > MAX_COLUMNS:
            unread.append(path)
            continue
        found, seen = _read(files[path], path, base)
        columns += [one for one in labelled(found, base, path.rpartition("/")[0]) if len(one.x) > 0]
        pictures += seen
    return Logs(tuple(columns[:MAX_COLUMNS]), pictures, tuple(unread))


def _read(data: bytes, path: str, base: str) -> tuple[list[Column], int]:
    """(columns, pictures in it)."""
    lower = base.lower()
    if "tfevents" in lower:
        return read_events(data, path), 0
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    text = text.replace("\r\n", "\n")
    if lower.endswith(".ipynb"):
        return _notebook(text, path)
    if lower.endswith((".json", ".jsonl")):
        return read_json(text, path), 0
    if lower.endswith((".csv", ".tsv")):
        return read_csv(text.replace("\r", "\n"), path), 0
    return read_printed(text, path) or read_csv(text, path), 0


def _notebook(text: str, path: str) -> tuple[list[Column], int]:
    """What its cells printed. A cell's code and the headings before it say what it is about."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return [], 0
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    found: list[Column] = []
    pictures, heading = 0, ""
    for count, cell in enumerate(cells if isinstance(cells, list) else [], 1):
        if not isinstance(cell, dict):
            continue
        source = _joined(cell.get("source"))
        if cell.get("cell_type") == "markdown":
            heading = source[-500:]
            continue
        outputs = (
            [one for one in cell.get("outputs") or [] if isinstance(one, dict)]
            if isinstance(cell.get("outputs"), list)
            else []
        )
        pictures += sum(any(key.startswith("image/") for key in _data(one)) for one in outputs)
        printed = "".join(_joined(one.get("text")) or _joined(_data(one).get("text/plain")) for one in outputs)
        if printed:
            found += labelled(read_printed(printed, f"{path}, cell {count}"), source[:2000], heading)
    return found, pictures


def _data(output: Mapping[str, Any]) -> Mapping[str, Any]:
    data = output.get("data")
    return {key: value for key, value in data.items() if isinstance(key, str)} if isinstance(data, dict) else {}


def _joined(value: object) -> str:
    if isinstance(value, str):
        return value
    return "".join(line for line in value if isinstance(line, str)) if isinstance(value, list) else ""
