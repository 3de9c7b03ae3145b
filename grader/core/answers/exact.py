"""The exact kinds: shapes, counts, formulas and graphs are computed, not matched. They come before prose."""

from __future__ import annotations

from collections.abc import Mapping

from grader.core.answers import counts, formulas, graph, shapes
from grader.core.answers.declaration import Reading
from grader.core.answers.finding import Finding

READERS = {"shapes": shapes.read, "counts": counts.read, "formulas": formulas.read, "graph": graph.read}


def exact_names(question: Reading) -> tuple[str, ...]:
    """Every name that an exact kind of the question declares."""
    declared = [getattr(question, kind) for kind in READERS]
    return tuple(name for one in declared if one is not None for name in one.names)


def read_exact(question: Reading, answer: str) -> Mapping[str, Finding]:
    """By name: true when it is right, false when it is wrong, unread otherwise."""
    found: dict[str, Finding] = {}
    for kind, read in READERS.items():
        declared = getattr(question, kind)
        if declared is not None:
            found |= read(declared, answer)
    return found
