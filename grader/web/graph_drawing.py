"""A question's computational graph as a drawing: to be filled in, or filled in with what a student wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from grader.core.answers.graph import Graph, judged
from grader.core.answers.graph.cells import GRADIENT, VALUE, Cell
from grader.web.graph_layout import Layout, layout

_WIDTH, _MARKED_WIDTH, _HEIGHT, _HEAD, _LINE = 138, 190, 104, 32, 36
_CHARACTER, _WIDEST = 8, 240
_BEFORE_NUMBER, _MARK = 80, 66  # pixels: the kind's name and the space around it; a sign behind the number
_BETWEEN, _MARGIN = 42, 6
_LONGEST = 10_000  # characters of an answer that is read, as for suggestions

Mark = Literal["", "wrong", "empty", "unread"]


@dataclass(frozen=True)
class Box:
    """A node: its name with its expression, top left corner and size in pixels. `head` is the id of its heading."""

    name: str
    text: str
    head: str
    x: float
    y: float
    width: float
    height: float
    is_input: bool


@dataclass(frozen=True)
class Field:
    """The line of a value or a gradient. `name`: of its input, empty where it is only shown. given: not asked for."""

    kind: str
    node: str
    id: str
    name: str
    text: str
    given: bool
    mark: Mark
    head: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Drawing:
    """fields: in the order in which they are computed, which is the order of the keyboard. edges: SVG paths."""

    id: str
    output: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]
    fields: tuple[Field, ...]
    to_fill: bool

    @property
    def wrong(self) -> int:
        return sum(field.mark in ("wrong", "empty") for field in self.fields)


def field_name(question: str, kind: str, node: str) -> str:
    return f"graph:{question}:{kind}:{node}"


def to_fill_in(question: Mapping[str, Any], typed: Mapping[str, str]) -> Drawing | None:
    """The drawing of a dumped question with a graph; `typed`: what its fields held, by their names."""
    if not question.get("graph"):
        return None
    graph = Graph.model_validate(question["graph"])
    texts = {(it.kind, it.node): typed.get(field_name(question["id"], it.kind, it.node), "") for it in graph.cells}
    return _drawing(graph, question["id"], {**texts, **_given(graph)}, {}, to_fill=True)


def filled_in(question: Mapping[str, Any], answer: str | None, *, marked: bool) -> Drawing | None:
    """The drawing with an answer's numbers, None where none was read. marked: which are wrong, but never what is right."""
    if not question.get("graph") or not answer or len(answer) > _LONGEST:
        return None
    graph = Graph.model_validate(question["graph"])
    found = judged(graph, answer)
    texts = {
        (cell.kind, cell.node): it.written.text.strip()
        for cell, it in found.items()
        if it.written is not None and not it.written.blank
    }
    if not texts.keys() - _given(graph).keys():
        return None
    marks: dict[tuple[str, str], Mark] = {}
    for cell, it in found.items() if marked else ():
        if it.finding.value is False:
            marks[cell.kind, cell.node] = "wrong" if (cell.kind, cell.node) in texts else "empty"
        elif it.finding.value is None and it.written is not None and not it.written.blank:
            marks[cell.kind, cell.node] = "unread"
    return _drawing(graph, question["id"], {**_given(graph), **texts}, marks, to_fill=False)


def _given(graph: Graph) -> dict[tuple[str, str], str]:
    """The numbers that nobody is asked for: those of the inputs, and the output's gradient."""
    found = {(VALUE, name): _number(graph.values_of[name]) for name in graph.inputs}
    return {**found, (GRADIENT, graph.output): "1"}


def _number(value: np.ndarray) -> str:
    numbers = [f"{it:.12g}" for it in np.ravel(value)]
    return numbers[0] if value.ndim == 0 else f"[{', '.join(numbers)}]"


def _drawing(
    graph: Graph,
    question: str,
    texts: Mapping[tuple[str, str], str],
    marks: Mapping[tuple[str, str], Mark],
    *,
    to_fill: bool,
) -> Drawing:
    expressions = graph.computation.nodes
    sources = dict.fromkeys(graph.inputs, ()) | {name: tuple(sorted(it.names)) for name, it in expressions.items()}
    placed = layout(sources, dict.fromkeys(sources, _HEIGHT))
    narrowest = dict.fromkeys(placed.layers, _MARKED_WIDTH if marks else _WIDTH)
    for (kind, node), text in texts.items() if not to_fill else ():
        line = _BEFORE_NUMBER + _CHARACTER * len(text) + (_MARK if marks.get((kind, node)) else 0)
        narrowest[node] = max(narrowest[node], min(line, _WIDEST))
    boxes = {it.name: it for it in _boxes(graph, question, placed, narrowest)}
    right = max(box.x + box.width for box in boxes.values())
    fields = tuple(_field(cell, boxes[cell.node], question, texts, marks, to_fill) for cell in graph.cells)
    edges = tuple(
        _curve(boxes[source], boxes[node], [(_column(boxes.values(), placed, at), y) for at, y in bends])
        for (source, node), bends in placed.bends.items()
    )
    return Drawing(
        f"graph-{question}", graph.output, right + _MARGIN, placed.height + 2 * _MARGIN, tuple(boxes.values()), edges,
        fields, to_fill,
    )  # fmt: skip


def _boxes(graph: Graph, question: str, placed: Layout, narrowest: Mapping[str, float]) -> list[Box]:
    texts = {name: graph.nodes.get(name, "") for name in placed.layers}
    wide: dict[int, float] = {}
    for name, layer in placed.layers.items():
        width = 24 + _CHARACTER * (len(name) + (len(texts[name]) + 3 if texts[name] else 0))
        wide[layer] = max(wide.get(layer, 0.0), narrowest[name], min(width, _WIDEST))
    left: dict[int, float] = {}
    x = float(_MARGIN)
    for layer in sorted(wide):
        left[layer] = x
        x += wide[layer] + _BETWEEN
    return [
        Box(
            name, _spelt(texts[name]), f"graph-{question}-{name}", left[layer],
            _MARGIN + placed.centre[name] - _HEIGHT / 2, wide[layer], _HEIGHT, not texts[name],
        )
        for name, layer in placed.layers.items()
    ]  # fmt: skip


def _spelt(expression: str) -> str:
    return expression.replace("**", "^").replace("*", "·").replace("-", "−")


def _field(
    cell: Cell,
    box: Box,
    question: str,
    texts: Mapping[tuple[str, str], str],
    marks: Mapping[tuple[str, str], Mark],
    to_fill: bool,
) -> Field:
    line = 0 if cell.kind == VALUE else 1
    return Field(
        kind=cell.kind, node=cell.node, id=f"{box.head}-{cell.kind}",
        name=field_name(question, cell.kind, cell.node) if to_fill else "", text=texts.get((cell.kind, cell.node), ""),
        given=cell.given, mark=marks.get((cell.kind, cell.node), ""), head=box.head,
        x=box.x, y=box.y + _HEAD + line * _LINE, width=box.width, height=_LINE,
    )  # fmt: skip


def _column(boxes: Any, placed: Layout, layer: int) -> tuple[float, float]:
    """From where to where a layer reaches."""
    box = next(box for box in boxes if placed.layers[box.name] == layer)
    return box.x, box.x + box.width


def _curve(source: Box, node: Box, bends: list[tuple[tuple[float, float], float]]) -> str:
    """From the source's right side to the node's left one, straight through the layers between them."""
    x, y = source.x + source.width, source.y + source.height / 2
    path = f"M{x:.1f} {y:.1f}"
    for (left, right), at in [
        *((column, _MARGIN + y) for column, y in bends),
        ((node.x, node.x), node.y + node.height / 2),
    ]:
        middle = (x + left) / 2
        path += f" C{middle:.1f} {y:.1f} {middle:.1f} {at:.1f} {left:.1f} {at:.1f}"
        path += f" H{right:.1f}" if right > left else ""
        x, y = right, at
    return path
