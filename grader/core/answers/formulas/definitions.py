"""The student's own names: `s = \\sqrt{…}`, `H = ReLU(…)`, and what they stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grader.core.answers.formulas.equations import Chain
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.symbols import Meaning, Table
from grader.core.answers.formulas.tree import Number, Unreadable, free_letters

_INDICES = frozenset("ijklnpqrst")

_DEEPEST = 12  # definitions that rest on each other


def with_definitions(found: Sequence[Chain], table: Table) -> Table:
    """The table with the student's own names, each for the last side that can be read. A name with two meanings has none."""
    own: dict[tuple[str, ...], Meaning] = {}
    names = Counter(_without_index(chain.name)[0] for chain in found if chain.name)
    waiting = [chain for chain in found if chain.name and names[_without_index(chain.name)[0]] == 1 and not chain.torn]
    for _ in range(_DEEPEST):  # a definition may rest on later ones
        known, still = table.with_own(dict(own)), []
        for chain in waiting:
            defined = _defined(chain, known)
            if defined is None:
                still.append(chain)
            else:
                own[defined[0]] = defined[1]
        if len(still) == len(waiting):
            break
        waiting = still
    return table.with_own(own)


def _defined(chain: Chain, known: Table) -> tuple[tuple[str, ...], Meaning] | None:
    for link in reversed(chain.links):
        try:
            tree = parse(link, known)
        except Unreadable:
            continue
        if isinstance(tree, Number):
            return None
        base, index = _without_index(chain.name)
        if index is not None and index in free_letters(tree):
            return base, Meaning("own", " ".join(base), 1, tree, index)
        return chain.name, Meaning("own", " ".join(chain.name), 0, tree)
    return None


def _without_index(name: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """g_i is g with the index i; z_1, H_o and std_inv are names of their own."""
    match name:
        case (*base, "_", index) | (*base, "_", "{", index, "}") if index in _INDICES:
            return tuple(base), index
    return name, None
