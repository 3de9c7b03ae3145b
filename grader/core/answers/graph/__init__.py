"""Computational graphs in an answer: every value and every gradient, judged from the student's own earlier ones."""

from __future__ import annotations

from collections.abc import Mapping

from grader.core.answers.finding import Finding
from grader.core.answers.graph.cells import Cell
from grader.core.answers.graph.declaration import Graph
from grader.core.answers.graph.judgement import Judged, judge
from grader.core.answers.graph.named import findings
from grader.core.answers.graph.reading import read_cells

__all__ = ["Graph", "judged", "read"]


def read(declared: Graph, answer: str) -> Mapping[str, Finding]:
    """By name: true when it is right, false when it is wrong, unread otherwise."""
    return findings(judged(declared, answer))


def judged(declared: Graph, answer: str) -> Mapping[Cell, Judged]:
    """Every cell of the graph, with what was written in it. Columns whose meaning nobody stated are read as value and
    gradient, or the other way round if that is righter; stated ones that are right only the other way round are unread."""
    reading = read_cells(declared, answer)
    found = judge(declared, reading)
    if reading.assumed:
        swapped = judge(declared, reading.swapped)
        found = min(found, swapped, key=_wrong)
        if 2 * _wrong(found) > _judged(found):
            found = _doubted(found, "the table does not say what its columns are")
    elif 2 * _wrong(found) > _judged(found) and 4 * _wrong(judge(declared, reading.swapped)) < _wrong(found):
        found = _doubted(found, "the columns of values and gradients seem to be exchanged")
    return found


def _wrong(found: Mapping[Cell, Judged]) -> int:
    return sum(it.finding.value is False for it in found.values())


def _judged(found: Mapping[Cell, Judged]) -> int:
    return sum(it.finding.value is not None and not it.given for it in found.values())


def _doubted(found: Mapping[Cell, Judged], why: str) -> dict[Cell, Judged]:
    """What is not right is unread."""
    return {cell: it if it.finding.value else it.but(Finding(None, reason=why)) for cell, it in found.items()}
