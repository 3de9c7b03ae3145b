"""What an answer's table of a graph holds: cells, as they were written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np

Kind = Literal["value", "gradient"]
VALUE: Kind = "value"
GRADIENT: Kind = "gradient"


class Cell(NamedTuple):
    """The value or the gradient of a node. given: it need not be written."""

    kind: Kind
    node: str
    given: bool = False


def cell_name(cell: Cell) -> str:
    return f"{cell.kind}-{cell.node}"


@dataclass(frozen=True)
class Written:
    """text: the cell. quote: verbatim from the answer, what stands around it. numbers: float64, shape (n,), None where they
    cannot be read. decimals: how many places were written, None for exact numbers such as fractions. blank: an empty cell."""

    text: str
    quote: str
    numbers: np.ndarray | None = None
    decimals: int | None = None
    blank: bool = False
    why: str = ""

    def same_as(self, other: Written) -> bool:
        if self.numbers is None or other.numbers is None:
            return self.text == other.text
        return self.numbers.shape == other.numbers.shape and bool(np.all(self.numbers == other.numbers))


@dataclass(frozen=True)
class Reading:
    """cells: by (kind, node). assumed: nothing says which column is which. illustrated: the answer holds a picture, which
    may show what the text lacks."""

    cells: Mapping[tuple[Kind, str], Written] = field(default_factory=dict)
    assumed: bool = False
    illustrated: bool = False

    @property
    def swapped(self) -> Reading:
        other: dict[Kind, Kind] = {VALUE: GRADIENT, GRADIENT: VALUE}
        return replace(self, cells={(other[kind], node): it for (kind, node), it in self.cells.items()})


def collected(found: Iterable[tuple[Kind, str, Written]]) -> dict[tuple[Kind, str], Written]:
    """Each cell once. Two that differ are unread: nobody knows which is meant."""
    cells: dict[tuple[Kind, str], Written] = {}
    for kind, node, written in found:
        before = cells.get((kind, node))
        if before is None or before.blank or before.same_as(written):
            cells[kind, node] = written
        elif not written.blank:
            quote = before.quote if before.quote == written.quote else written.quote
            cells[kind, node] = Written(written.text, quote, why="it stands there twice, with different numbers")
    return cells
