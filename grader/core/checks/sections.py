"""Where in a notebook a part of the homework begins."""

from __future__ import annotations

from grader.core.notebook import cells_in, joined


def cell_below(notebook: bytes, headings: tuple[str, ...]) -> int | None:
    """The number (from 1) of the cell with the first heading that has any of these words; None where there is none, and of what
    is no notebook. A heading is a line of Markdown that begins with #, or a heading cell of the old format; case is ignored."""
    for number, cell in enumerate(cells_in(notebook.decode("utf-8-sig", "replace")) if headings else (), 1):
        whole = cell.get("cell_type") == "heading"
        lines = joined(cell.get("source")).split("\n") if whole or cell.get("cell_type") == "markdown" else []
        titles = " ".join(line.casefold() for line in lines if whole or line.lstrip().startswith("#"))
        if any(words.casefold() in titles for words in headings):
            return number
    return None
