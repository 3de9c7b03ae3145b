"""The numbers filled into a drawn graph: fields of the hand-in form, which become the answer's text as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_FILLED, _GIVEN = "graph:", "given:"
_HEADER = "| node | value | gradient |\n| --- | --- | --- |"
_LONGEST = 200  # characters of one field


def graph_fields(fields: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Of a form's fields those of graphs, with what was typed and what was given."""
    return {
        name: " ".join(value.split())[:_LONGEST]
        for name, value in fields
        if name.startswith((_FILLED, _GIVEN)) and name.count(":") == 3 and isinstance(value, str)
    }


def with_graphs(answers: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """The answers by question, the tables of filled-in graphs above what was written beside them."""
    tables: dict[str, dict[str, dict[str, str]]] = {}
    filled: set[str] = set()
    for name, text in fields.items():
        way, question, kind, node = name.split(":")
        tables.setdefault(question, {}).setdefault(node, {})[kind] = text
        if way + ":" == _FILLED and text:
            filled.add(question)
    found = dict(answers)
    for question in sorted(filled):
        rows = [
            f"| {_cell(node)} | {_cell(cells.get('value', ''))} | {_cell(cells.get('gradient', ''))} |"
            for node, cells in tables[question].items()
        ]
        found[question] = "\n\n".join(part for part in ("\n".join([_HEADER, *rows]), answers.get(question, "")) if part)
    return found


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
