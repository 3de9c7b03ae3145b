"""Where in a notebook a part of the homework begins."""

from __future__ import annotations

import json


def cell_below(notebook: bytes, headings: tuple[str, ...]) -> int | None:
    """The number (from 1) of the cell with the first heading that has any of these words; None where there is none, and of what
    is no notebook. A heading is a line of Markdown that begins with #, or a heading cell of the old format; case is ignored."""
    try:
        content = json.loads(notebook.decode("utf-8-sig", "replace")) if headings else {}
        cells = content.get("cells") or [cell for sheet in content.get("worksheets", ()) for cell in sheet.get("cells", ())]
        for number, cell in enumerate(cells, 1):
            text = "".join(cell.get("source", ""))
            whole = cell.get("cell_type") == "heading"
            lines = text.split("\n") if whole or cell.get("cell_type") == "markdown" else []
            titles = " ".join(line.casefold() for line in lines if whole or line.lstrip().startswith("#"))
            if any(words.casefold() in titles for words in headings):
                return number
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return None
