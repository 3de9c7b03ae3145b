"""Jupyter notebooks (nbformat 2 to 4): JSON of a stranger to cells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from grader.core.notebook import joined, raw_cells
from grader.ingest.errors import NotANotebook, TooLarge
from grader.ingest.paths import show

_MAX_BYTES = 32 << 20
_MAX_VALUES = 2_000_000  # commas and brackets: bounds the memory that parsing takes
_WRITEFILE = re.compile(r"\s*%%(?:writefile|file)[ \t]+(-a[ \t]+|--append[ \t]+)?(\S[^\r\n]*)\r?\n")


@dataclass(frozen=True)
class Cell:
    """`number` is the cell's place in the notebook, from 1."""

    kind: Literal["markdown", "code", "raw"]
    text: str
    number: int


def read_json(data: bytes, path: str) -> Any:
    """JSON in UTF-8 (with or without byte order mark) or UTF-16. Raises NotANotebook, TooLarge."""
    if len(data) > _MAX_BYTES or sum(data.count(mark) for mark in (b",", b"[", b"{")) > _MAX_VALUES:
        raise TooLarge(f"{show(path)} is too large to be read. Clear all its outputs and save it.")
    text = decode(data)
    if not text.strip():
        raise NotANotebook(f"{show(path)} is empty. Save the notebook and hand in again.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise NotANotebook(
            f"{show(path)} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}. "
            "Open it in Jupyter, save it, and hand in again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotANotebook(f"{show(path)} is JSON that no notebook program writes ({error}). Save it again.") from error


def decode(data: bytes) -> str:
    """Text without NULs and lone surrogates, whatever its encoding: what cannot be decoded becomes U+FFFD."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return storable(data.decode(encoding, "replace"))


def storable(text: str) -> str:
    """The text with `\\n` line ends, and without what no database column and no UTF-8 file can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if _has_surrogates(text) else text


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text) if not text.isascii() else False


def read_notebook(data: bytes, path: str) -> tuple[Cell, ...]:
    """The cells of a notebook. Raises NotANotebook, TooLarge."""
    notebook = read_json(data, path)
    raw = list(raw_cells(notebook))
    if not raw and not (isinstance(notebook, dict) and ("cells" in notebook or "worksheets" in notebook)):
        raise NotANotebook(f"{show(path)} is JSON but no notebook: it has no cells. Save it in Jupyter again.")
    return tuple(_cell(cell, number) for number, cell in enumerate(raw, 1))


def _cell(cell: dict[str, Any], number: int) -> Cell:
    kind = cell.get("cell_type")
    text = storable(joined(cell.get("source", cell.get("input"))))
    if kind == "heading":  # nbformat 3
        level = cell.get("level")
        return Cell("markdown", "#" * (level if level in range(1, 7) else 1) + " " + text, number)
    return Cell(kind if kind in ("markdown", "code") else "raw", text, number)


def written_files(cells: tuple[Cell, ...]) -> dict[str, str]:
    """Files that `%%writefile PATH` cells write, in order; a later cell replaces an earlier one, `-a` adds to it."""
    files: dict[str, str] = {}
    for cell in cells:
        if cell.kind == "code" and (head := _WRITEFILE.match(cell.text)):
            path = head[2].strip().strip("'\"")
            files[path] = (files.get(path, "") if head[1] else "") + cell.text[head.end() :]
    return files
