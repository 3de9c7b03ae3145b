"""The student's own names: `s = \\sqrt{…}`, `H = ReLU(…)`, and what they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from grader.core.answers.formulas.chains import Chain
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.symbols import Meaning, Table
from grader.core.answers.formulas.tree import Node, Number, Unreadable


def definitions(found: Sequence[Chain], table: Table) -> dict[tuple[str, ...], Node]:
    """What the student's own names stand for: the last side that can be read. A name with two meanings has none."""
    own: dict[tuple[str, ...], Node] = {}
    names = [chain.name for chain in found if chain.name]
    for _ in range(3):  # a definition may rest on later ones
        known = table.with_own({name: _own(name, tree) for name, tree in own.items()})
        for chain in found:
            if not chain.name or names.count(chain.name) > 1 or chain.name in own:
                continue
            for link in reversed(chain.links):
                try:
                    tree = parse(link, known)
                except Unreadable:
                    continue
                if not isinstance(tree, Number):
                    own[chain.name] = tree
                break
    return own


def with_definitions(found: Sequence[Chain], table: Table) -> Table:
    """The table with the student's own names."""
    return table.with_own({name: _own(name, tree) for name, tree in definitions(found, table).items()})


def _own(name: tuple[str, ...], tree: Node) -> Meaning:
    return Meaning("own", " ".join(name), 0, tree)
