"""What of a stranger's JSON has the form of a Jupyter notebook's cells (nbformat 2 to 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def raw_cells(notebook: Any) -> Iterator[dict[str, Any]]:
    """The cells of a notebook that was read from JSON, those of its worksheets too."""
    if not isinstance(notebook, dict):
        return
    sheets = notebook.get("worksheets")
    for sheet in [notebook, *(sheets if isinstance(sheets, list) else [])]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        yield from (cell for cell in (cells if isinstance(cells, list) else []) if isinstance(cell, dict))


def cells_in(text: str) -> list[dict[str, Any]]:
    """The cells of a notebook's text; none of what is no notebook."""
    try:
        return list(raw_cells(json.loads(text)))
    except (ValueError, RecursionError):
        return []


def outputs_of(cell: dict[str, Any]) -> list[dict[str, Any]]:
    outputs = cell.get("outputs")
    return [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []


def data_of(output: dict[str, Any]) -> dict[str, Any]:
    """What an output shows, by media type."""
    data = output.get("data")
    return data if isinstance(data, dict) else {}


def joined(value: Any) -> str:
    """A source or a printed text, which is one string or a list of lines."""
    if isinstance(value, str):
        return value
    return "".join(line for line in value if isinstance(line, str)) if isinstance(value, list) else ""
