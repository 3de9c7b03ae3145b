"""Where the nodes of a computational graph stand: in layers from its inputs to its output, with few crossings.

The method of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of hierarchical system structures": layers
by the longest path, edges over several layers bent at a place of their own in each, the order by barycentres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 8
_BEND = 18  # the height that a passing edge takes
_GAP = 22

Knot = tuple[str, str, int] | str
"""A node, or (from, to, layer) where an edge passes."""


@dataclass(frozen=True)
class Layout:
    """layers: every node's layer. centre: the y of nodes, in pixels from the top. bends: of every edge, (layer, y) on its way."""

    layers: Mapping[str, int]
    centre: Mapping[str, float]
    bends: Mapping[tuple[str, str], tuple[tuple[int, float], ...]]
    height: float


def layout(sources: Mapping[str, Sequence[str]], heights: Mapping[str, float]) -> Layout:
    """`sources`: of every node those that it uses, nodes in an order in which they can be computed; `heights` in pixels."""
    layers = _layers(sources)
    edges = [(source, node) for node, used in sources.items() for source in used]
    rows: list[list[Knot]] = [[] for _ in range(max(layers.values()) + 1)]
    for node, layer in layers.items():
        rows[layer].append(node)
    before: dict[Knot, list[Knot]] = {}
    after: dict[Knot, list[Knot]] = {}
    for source, node in edges:
        way: list[Knot] = [source, *((source, node, it) for it in range(layers[source] + 1, layers[node])), node]
        for bend in way[1:-1]:
            rows[bend[2]].append(bend)  # type: ignore[index,arg-type]
        for left, right in pairwise(way):
            after.setdefault(left, []).append(right)
            before.setdefault(right, []).append(left)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for row in rows[1:] if forward else rows[-2::-1]:
            _order(row, rows, before if forward else after)
    tall = {knot: heights.get(knot, _BEND) if isinstance(knot, str) else _BEND for row in rows for knot in row}
    centre = _centres(rows, tall, before, after)
    top = min(centre[knot] - tall[knot] / 2 for knot in centre)
    height = max(centre[knot] + tall[knot] / 2 for knot in centre) - top
    centre = {knot: y - top for knot, y in centre.items()}
    bends = {
        (source, node): tuple(
            (layer, centre[source, node, layer]) for layer in range(layers[source] + 1, layers[node])
        )
        for source, node in edges
    }  # fmt: skip
    return Layout(layers, {knot: y for knot, y in centre.items() if isinstance(knot, str)}, bends, height)


def _layers(sources: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest path from an input; an input stands right before the first node that uses it."""
    layers: dict[str, int] = {}
    for node, used in sources.items():
        layers[node] = max((layers[it] + 1 for it in used), default=0)
    for node, used in sources.items():
        if not used:
            layers[node] = min((layers[it] for it, its in sources.items() if node in its), default=1) - 1
    return layers


def _order(row: list[Knot], rows: Sequence[Sequence[Knot]], neighbours: Mapping[Knot, Sequence[Knot]]) -> None:
    """By the mean place of the neighbours; who has none stays."""
    places = {knot: index / max(len(other), 1) for other in rows for index, knot in enumerate(other)}

    def barycentre(knot: Knot) -> float:
        beside = neighbours.get(knot, ())
        return sum(places[it] for it in beside) / len(beside) if beside else places[knot]

    row.sort(key=barycentre)


def _centres(
    rows: Sequence[Sequence[Knot]],
    tall: Mapping[Knot, float],
    before: Mapping[Knot, Sequence[Knot]],
    after: Mapping[Knot, Sequence[Knot]],
) -> dict[Knot, float]:
    """Stacked, then drawn towards their neighbours as far as the order leaves room."""
    centre: dict[Knot, float] = {}
    for row in rows:
        y = -sum(tall[knot] + _GAP for knot in row) / 2
        for knot in row:
            centre[knot] = y + tall[knot] / 2
            y += tall[knot] + _GAP
    for sweep in range(_SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = [_mean([centre[it] for it in neighbours.get(knot, ())], centre[knot]) for knot in row]
            placed = _spread(wanted, [tall[knot] for knot in row])
            centre |= dict(zip(row, placed, strict=True))
    return centre


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """The same order, without overlaps: the mean of pushing down and of pushing up."""
    down, up = list(wanted), list(wanted)
    for at in range(1, len(down)):
        down[at] = max(down[at], down[at - 1] + (heights[at - 1] + heights[at]) / 2 + _GAP)
    for at in range(len(up) - 2, -1, -1):
        up[at] = min(up[at], up[at + 1] - (heights[at + 1] + heights[at]) / 2 - _GAP)
    return [(one + other) / 2 for one, other in zip(down, up, strict=True)]
