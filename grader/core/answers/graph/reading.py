"""A graph's values and gradients out of an answer: tables either way round, JSON, and lines such as `∂f/∂a = −0.2`."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.core.answers.graph.cells import GRADIENT, VALUE, Kind, Reading, Written, collected
from grader.core.answers.graph.lines import in_lines
from grader.core.answers.graph.notation import fold, has_decimal_commas, read_cell, read_number
from grader.core.answers.graph.tables import Row, tables
from grader.core.answers.graph.words import Words

if TYPE_CHECKING:
    from grader.core.answers.graph.declaration import Graph

_LONGEST_LITERAL = 20_000  # characters

Found = tuple[Kind, str, Written]


class Labels:
    """The graph's names as students spell them: `w_0`, `$x_1$`, "Вузол a", `a = w0*x0`, or the expression alone."""

    def __init__(self, declared: Graph) -> None:
        self.output = declared.output
        self._names: dict[str, str] = {}
        for name, text in declared.nodes.items():
            self._names[fold(text)] = name
        for name in (*declared.inputs, *declared.nodes):
            for spelling in (*declared.labels.get(name, ()), name):
                self._names[fold(spelling)] = name
        lowered: dict[str, str] = {}
        for spelling, name in self._names.items():
            lowered[spelling.lower()] = name if lowered.get(spelling.lower(), name) == name else ""
        self._lowered = lowered
        self._uses = {name: it.names for name, it in declared.computation.nodes.items()}
        self.words = Words(declared.headers.value, declared.headers.gradient)

    def rests(self, node: str, other: str) -> bool:
        """Whether `node` is computed from `other`, perhaps through nodes between."""
        uses = self._uses.get(node, frozenset())
        return other in uses or any(self.rests(it, other) for it in uses)

    def node(self, label: str) -> str | None:
        label = label.strip()
        parts = [label, re.split(r"[=:(]", label)[0], label.rpartition("=")[2]]
        word, _, rest = label.partition(" ")
        if rest and self.words.meaning(word) == "node":
            parts.append(rest)
        for part in parts:
            folded = fold(part)
            if found := self._names.get(folded) or self._lowered.get(folded.lower()):
                return found
        return None


def read_cells(declared: Graph, answer: str) -> Reading:
    """Whatever of the graph's cells stands in the answer. Linear in its length; never raises."""
    labels = Labels(declared)
    comma = has_decimal_commas(answer)
    found, rest = _in_json(answer, labels)
    assumed = False
    for table in tables(rest):
        in_table, guessed = _in_table(table, labels, comma)
        found += in_table
        assumed |= guessed
    if not found:
        found, assumed = in_lines(rest, labels, comma)
    return Reading(collected(found), assumed, "[image]" in answer or "![" in answer)


def _in_table(rows: list[Row], labels: Labels, comma: bool) -> tuple[list[Found], bool]:
    """(what it holds, whether the columns' meaning was guessed). Rows may be nodes, or columns."""
    best: list[Found] = []
    for columns, turned in ((rows, False), (_turned(rows), True)):
        found = list(_by_header(columns, labels, comma, rows if turned else columns))
        best = max(best, found, key=len)
    if best:
        return best, False
    guessed = [
        (kind, node, read_cell(text, line, comma=comma))
        for cells, line in rows
        if len(cells) == 3 and (node := labels.node(cells[0]))
        for kind, text in zip((VALUE, GRADIENT), cells[1:], strict=True)
    ]
    return guessed, bool(guessed)


def _turned(rows: list[Row]) -> list[Row]:
    width = max(len(cells) for cells, _ in rows)
    padded = [[*cells, *[""] * (width - len(cells))] for cells, _ in rows]
    return [(list(column), "") for column in zip(*padded, strict=True)]


def _by_header(rows: list[Row], labels: Labels, comma: bool, lines: list[Row]) -> Iterator[Found]:
    """Below a header row that says which column is which; a later header row starts anew."""
    kinds: dict[int, Kind] = {}
    names = 0
    for cells, line in rows:
        meanings = [labels.words.meaning(cell) for cell in cells]
        here = {
            at: kind for at, kind in enumerate(meanings) if kind in (VALUE, GRADIENT) and labels.node(cells[at]) is None
        }
        if here and not any(re.search(r"\d", cells[at]) and not re.search(r"[^\W\d_]{2}", cells[at]) for at in here):
            kinds = here  # type: ignore[assignment]
            names = next((at for at, kind in enumerate(meanings) if kind == "node" and at not in kinds), 0)
            continue
        node = labels.node(cells[names]) if kinds and names < len(cells) else None
        if node is None:
            continue
        for at, kind in kinds.items():
            if at < len(cells) and at != names:
                quote = line or next((whole for _, whole in lines if whole and cells[at] and cells[at] in whole), "")
                yield kind, node, read_cell(cells[at], quote, comma=comma)


def _in_json(answer: str, labels: Labels) -> tuple[list[Found], str]:
    """(what its JSON says, the answer without it)."""
    found: list[Found] = []
    rest, at = "", 0
    decoder = json.JSONDecoder()
    while (start := answer.find("{", at)) >= 0:
        rest += answer[at:start]
        try:
            value, end = _decoded(decoder, answer, start)
            here = list(_in_value(value, labels)) or list(_flat(value, labels, answer[at:start]))
        except (ValueError, RecursionError, SyntaxError, MemoryError):
            here, end = [], start + 1
        if not here:
            end = start + 1
            rest += "{"
        found += here
        at = end
    return found, rest + answer[at:]


def _decoded(decoder: json.JSONDecoder, answer: str, start: int) -> tuple[Any, int]:
    """JSON, or a dictionary as Python prints it; and where it ends."""
    try:
        return decoder.raw_decode(answer, start)
    except ValueError:
        end = answer.find("}", start, start + _LONGEST_LITERAL) + 1
        return ast.literal_eval(answer[start:end]), end


def _flat(value: Any, labels: Labels, before: str) -> Iterator[Found]:
    """{node: number}, below a line that says which numbers these are."""
    said = [it for line in before.strip().split("\n") if (it := labels.words.meaning(line)) in (VALUE, GRADIENT)]
    if isinstance(value, dict) and said:
        yield from (_given(said[-1], name, it) for label, it in value.items() if (name := labels.node(str(label))))


def _in_value(value: Any, labels: Labels) -> Iterator[Found]:
    """{node: {value: …, gradient: …}}, {node: [value, gradient]}, {values: {node: …}, gradients: {…}}, {node: …, value: …}."""
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        kind = labels.words.meaning(key)
        node = labels.node(key)
        if node is None and isinstance(inner, dict) and kind in (VALUE, GRADIENT):
            yield from (_given(kind, name, it) for label, it in inner.items() if (name := labels.node(label)))
        elif node is not None and isinstance(inner, dict):
            for word, it in inner.items():
                if (meant := labels.words.meaning(word)) in (VALUE, GRADIENT):
                    yield _given(meant, node, it)
        elif node is not None and isinstance(inner, list) and len(inner) == 2:
            yield from (_given(kind, node, it) for kind, it in zip((VALUE, GRADIENT), inner, strict=True))
        elif node is None and isinstance(inner, dict):
            yield from _in_value(inner, labels)
    named = next((it for key, it in value.items() if labels.words.meaning(key) == "node" and isinstance(it, str)), "")
    if named and (node := labels.node(named)):
        for key, it in value.items():
            if (meant := labels.words.meaning(key)) in (VALUE, GRADIENT):
                yield _given(meant, node, it)


def _given(kind: Any, node: str, value: Any) -> Found:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "" if value is None else text
    return kind, node, read_number(text, text, comma=has_decimal_commas(text) and isinstance(value, str))
