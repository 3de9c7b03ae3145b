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
    gradient, or the other way round if that is righter."""
    reading = read_cells(declared, answer)
    found = judge(declared, reading)
    if reading.assumed:
        swapped = judge(declared, reading.swapped)
        found = min(found, swapped, key=lambda one: sum(it.finding.value is False for it in one.values()))
        wrong = [it for it in found.values() if it.finding.value is False]
        if 2 * len(wrong) > sum(it.finding.value is not None and not it.given for it in found.values()):
            doubt = Finding(None, reason="the table does not say what its columns are")
            found = {cell: it if it.finding.value else it.but(doubt) for cell, it in found.items()}
    return found
