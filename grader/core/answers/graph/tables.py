"""Tables in a text, whatever they are written in: Markdown, HTML, LaTeX, comma- or tab-separated, aligned with blanks."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html.parser import HTMLParser

Row = tuple[list[str], str]
"""Cells, and the line verbatim."""

_RULE = re.compile(r"[\s|:+=\-—─]+")
_LATEX = re.compile(r"\\begin\{(?:tabular|array)\}\s*(?:\{[^{}]*\})?(.*?)\\end\{(?:tabular|array)\}", re.DOTALL)
_MOST = 400  # rows of one table


def tables(text: str) -> Iterator[list[Row]]:
    """Each table's rows, without rules between them. One line alone is no table."""
    yield from _html(text)
    for found in _LATEX.finditer(text):
        lines = [re.sub(r"\\(?:hline|toprule|midrule|bottomrule)", "", line).strip() for line in found[1].split("\\\\")]
        yield [(line.split("&"), line) for line in lines if line][:_MOST]
    block: list[Row] = []
    sign = ""
    for line in [*re.sub(r"<table\b.*?</table>", "\n\n", text, flags=re.DOTALL | re.IGNORECASE).split("\n"), ""]:
        found, cells = _cells(line, sign)
        if found != sign or not cells:
            if len(block) > 1:
                yield block
            block = []
            found, cells = _cells(line, "")
        sign = found
        if cells and not _RULE.fullmatch(line) and len(block) < _MOST:
            block.append((cells, line.strip()))
    return


def _cells(line: str, sign: str) -> tuple[str, list[str]]:
    """(what separates the cells, the cells); ("", []) for a line of no table."""
    if not line.strip():
        return "", []
    if "|" in line and (line.count("|") > 1 or sign == "|"):
        inner = line.strip().removeprefix("|")
        inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
        return "|", [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", inner)]
    if _RULE.fullmatch(line) and sign:
        return sign, [""]
    for separator in ("\t", ";"):
        if separator in line and ("[" not in line or separator == "\t"):
            return _unless_statements(separator, _separated(line, separator))
    if "," in line and len(cells := _separated(line, ",")) > 1 and "=" not in line and ":" not in line:
        return ",", cells
    return _unless_statements("  ", re.split(r"\s{2,}", line.strip())) if re.search(r"\S\s{2,}\S", line) else ("", [])


def _unless_statements(separator: str, cells: list[str]) -> tuple[str, list[str]]:
    """ "a = 2; b = 3" is no row of a table: it says itself what its numbers are."""
    stated = any(re.search(r"[^\s=≈]\s*[=≈]", cell) for cell in cells[1:])
    return ("", []) if stated else (separator, cells)


def _separated(line: str, separator: str) -> list[str]:
    try:
        return [
            cell.strip() for cell in next(csv.reader([line.strip(" \r")], delimiter=separator, skipinitialspace=True))
        ]
    except (csv.Error, StopIteration):
        return []


def _html(text: str) -> list[list[Row]]:
    if "<table" not in text.lower():
        return []
    parser = _Tables()
    parser.feed(text)
    parser.close()
    return [table for table in parser.tables if table]


class _Tables(HTMLParser):
    """Rows of every `table`; what a row says verbatim is its first cell, since tags stand between the others."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[Row]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append(([], ""))
        elif tag in {"td", "th"}:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None and self.tables and self.tables[-1]:
            self.tables[-1][-1][0].append("".join(self._cell).strip())
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
