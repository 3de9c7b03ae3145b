"""A reported figure against what the saved weights give when they are evaluated again: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from grader.core.exhibit import Table
from grader.core.proportions import NOISE, standard_error


class Verdict(StrEnum):
    AGREES = "agrees"
    WRONG = "wrong"
    MISSING = "missing"  # surely not reported
    UNREAD = "unread"  # perhaps reported in words that were not understood, or not measurable by fault of ours
    STANDS = "not measured"  # reported, and nothing to compare it with


@dataclass(frozen=True)
class Cell:
    """One reported accuracy (a fraction, half a unit of its last digit) and the measured one with its number of images."""

    row: str
    column: str
    reported: float | None
    half: float = 0.0
    measured: float | None = None
    n: int = 0
    verdict: Verdict = Verdict.STANDS
    reason: str = ""
    shown: str = ""  # a loss, as it was written
    prose: str = ""  # the line of prose that it was read from: perhaps no result, so never a reason to deduct


def allowed(cell: Cell, tolerance: float) -> float:
    """How far apart the two may be: the stated tolerance, rounding, and the sampling error of what was measured."""
    assert cell.measured is not None
    return tolerance + cell.half + NOISE * standard_error(cell.measured, cell.n)


def compared(cell: Cell, tolerance: float) -> tuple[Verdict, str]:
    """Verdict and reason for a reported cell."""
    if cell.reported is None:
        return cell.verdict, cell.reason
    limit = 0.0 if cell.measured is None else allowed(cell, tolerance)
    if not 0 <= cell.reported <= 1:
        text = f"{cell.row}, {cell.column}: {percent(cell.reported)} is no accuracy, which lies between 0 and 100 %"
    elif cell.measured is None:
        return Verdict.STANDS, cell.reason
    elif abs(cell.reported - cell.measured) <= limit:
        return Verdict.AGREES, ""
    else:
        text = (
            f"{cell.row}, {cell.column}: {percent(cell.reported)} reported, {percent(cell.measured)} measured "
            f"(n={cell.n:,}; up to {limit * 100:.1f} points apart would do)"
        )
    if cell.prose:
        return Verdict.UNREAD, f"{text}, if “{cell.prose}” speaks of a result"
    return Verdict.WRONG, text


def table_of(cells: Sequence[Cell]) -> Table:
    measured = any(cell.measured is not None for cell in cells)
    header = ("run", "column", "reported", *(("measured", "difference", "images") if measured else ()), "verdict")
    return Table(
        title="Reported against measured" if measured else "Reported results",
        header=header,
        rows=tuple(_row(cell, measured) for cell in cells),
        wrong=tuple(i for i, cell in enumerate(cells) if cell.verdict in (Verdict.WRONG, Verdict.MISSING)),
    )


def _row(cell: Cell, measured: bool) -> tuple[str, ...]:
    known = cell.reported is not None and cell.measured is not None
    middle = (
        percent(cell.measured),
        f"{(cell.reported - cell.measured) * 100:+.1f}" if known else "",  # type: ignore[operator]
        f"{cell.n:,}" if cell.n else "",
    )
    return (
        cell.row,
        cell.column,
        cell.shown or percent(cell.reported),
        *(middle if measured else ()),
        cell.verdict.value,
    )


def percent(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.2f} %"
