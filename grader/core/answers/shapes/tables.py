"""Shapes in tables, a thing per row or per column; cells are parted by `|` or tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.core.answers.shapes.claims import Claim
from grader.core.answers.shapes.level import Level
from grader.core.answers.shapes.naming import Name, Naming
from grader.core.answers.shapes.notation import COLUMNS, ROWS, Notation, Written
from grader.core.answers.shapes.words import is_shape_word

_RULE = re.compile(r"[\s|:+-]+")
_NUMBER = re.compile(r"\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one cell holds. heads: it speaks of shapes."""

    start: int
    end: int
    names: tuple[Name, ...]
    shapes: tuple[Written, ...]
    heads: bool

    @property
    def thing(self) -> str | None:
        """The one thing that the cell is about."""
        things = {name.thing for name in self.names}
        return things.pop() if len(things) == 1 and not self.shapes and self.names[0].stands == "alone" else None


def without_tables(text: Level) -> tuple[Level, list[list[tuple[int, int]]]]:
    """The text with blanks for its tables, and the tables: the places of their rows."""
    rows = [match.span() for match in re.finditer(r"[^\n]+", text.text) if _is_row(match.group())]
    tables: list[list[tuple[int, int]]] = []
    for row in rows:
        if tables and text.text[tables[-1][-1][1] : row[0]].strip(" ") == "\n":
            tables[-1].append(row)
        else:
            tables.append([row])
    tables = [table for table in tables if len(table) > 1]
    blanked = list(text.text)
    for table in tables:
        for start, end in table:
            blanked[start:end] = " " * (end - start)
    return replace(text, text="".join(blanked)), tables


def claims(
    text: Level, tables: Sequence[Sequence[tuple[int, int]]], notation: Notation, naming: Naming
) -> Iterator[Claim]:
    """What the tables claim; a row or column that could be read in two ways claims nothing."""
    for table in tables:
        rows = [row for row in (_cells(text, *place, notation, naming) for place in table) if row]
        if rows:
            yield from _by_column(rows) if _names_columns(rows[0]) else _by_row(rows, text.text, notation)


def _by_row(rows: Sequence[Sequence[_Cell]], text: str, notation: Notation) -> Iterator[Claim]:
    if sides := _sides(rows[0], text):
        yield from _by_sides(rows, sides, text, notation)
        return
    headed = [index for index, cell in enumerate(rows[0]) if cell.heads and not cell.shapes]
    for row in rows:
        named = next((cell for cell in row if cell.thing), None)
        if named is None or named.thing is None:
            continue
        asked = [row[index] for index in headed if index < len(row)] if len(headed) == 1 else list(row)
        shapes = [shape for cell in asked for shape in cell.shapes if cell is not named]
        if (
            len(headed) == 1
            and not shapes
            and asked
            and (number := _NUMBER.fullmatch(text, asked[0].start, asked[0].end))
        ):
            shapes = [Written(*number.span(1), (int(number[1]),), "bare")]
        if len(shapes) == 1 and (len(headed) == 1 or shapes[0].kind != "bare"):
            transposed = named.names[0].transposed
            dims = shapes[0].dims[::-1] if transposed else shapes[0].dims
            number_only = shapes[0].kind == "bare"
            yield Claim(
                named.thing, dims, min(named.start, shapes[0].start), max(named.end, shapes[0].end), number=number_only
            )


def _sides(header: Sequence[_Cell], text: str) -> tuple[int, int] | None:
    """The columns that count rows and columns: "| | rows | columns |"."""
    found = []
    for words in (ROWS, COLUMNS):
        at = [index for index, cell in enumerate(header) if re.search(rf"\b{words}\b", text[cell.start : cell.end], re.I)]
        if len(at) != 1:
            return None
        found.append(at[0])
    return (found[0], found[1]) if found[0] != found[1] else None


def _by_sides(
    rows: Sequence[Sequence[_Cell]], sides: tuple[int, int], text: str, notation: Notation
) -> Iterator[Claim]:
    for row in rows[1:]:
        named = next((cell for cell in row if cell.thing), None)
        if named is None or named.thing is None or max(sides) >= len(row):
            continue
        cells = [row[at] for at in sides]
        stripped = [re.compile(r"\s*").match(text, cell.start, cell.end) for cell in cells]
        numbers = [notation.bare(text, blank.end(), cell.end) for blank, cell in zip(stripped, cells, strict=True) if blank]
        if all(one and not text[one.end : cell.end].strip() for one, cell in zip(numbers, cells, strict=True)):
            dims = tuple(dim for one in numbers if one for dim in one.dims)
            yield Claim(
                named.thing, dims[::-1] if named.names[0].transposed else dims,
                min(named.start, *(cell.start for cell in cells)), max(named.end, *(cell.end for cell in cells)),
            )  # fmt: skip


def _names_columns(header: Sequence[_Cell]) -> bool:
    return len({cell.thing for cell in header if cell.thing}) > 1


def _by_column(rows: Sequence[Sequence[_Cell]]) -> Iterator[Claim]:
    below = [row for row in rows[1:] if any(cell.shapes for cell in row)]
    spoken = [row for row in below if row[0].heads] or below
    if len(spoken) != 1:
        return
    for head, cell in zip(rows[0], spoken[0], strict=False):
        if head.thing and len(cell.shapes) == 1:
            yield Claim(head.thing, cell.shapes[0].dims, cell.shapes[0].start, cell.shapes[0].end)


def _cells(text: Level, start: int, end: int, notation: Notation, naming: Naming) -> list[_Cell]:
    line = text.text[start:end]
    if _RULE.fullmatch(line):
        return []
    by = "|" if "|" in line else "\t"
    cells, position = [], start
    for part in line.split(by):
        cells.append(_cell(text, position, position + len(part), notation, naming))
        position += len(part) + 1
    return cells[1:] if by == "|" and line.lstrip().startswith("|") else cells


def _cell(text: Level, start: int, end: int, notation: Notation, naming: Naming) -> _Cell:
    alone = replace(text, text=text.text[start:end])  # without what stands before it, which is long
    shapes = notation.shapes(alone)
    names = naming.names(alone.text, shapes)
    words = re.findall(r"[^\W\d_]+", alone.text.lower())
    return _Cell(
        start, end,
        tuple(replace(one, start=one.start + start, end=one.end + start) for one in names),
        tuple(replace(one, start=one.start + start, end=one.end + start) for one in shapes),
        any(map(is_shape_word, words)),
    )  # fmt: skip


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|") or line.count("|") >= 2 or "\t" in line.strip()
