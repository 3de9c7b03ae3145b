"""Each value judged from the student's own values of the nodes before it, each gradient from the own gradients behind it.

A slip therefore costs its own cell alone. What follows from the true values is right, too: somebody may have copied one
number wrongly into the table and gone on with the right one. Students round: every own number stands for all that it may
have been before rounding, and what can come of those is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np

from grader.core.answers.finding import Finding
from grader.core.answers.graph.cells import GRADIENT, VALUE, Cell, Kind, Reading, Written, cell_name
from grader.core.answers.graph.slips import explanation
from grader.core.computation import Array, Expression, pull_back

if TYPE_CHECKING:
    from grader.core.answers.graph.declaration import Graph

CONFIDENCE = 0.95
_COMBINATIONS = 128
_NEWTON_STEPS = 30
_KINK = 1e-9  # how far numbers are moved at least, relatively, to see whether a derivative jumps there

Place = tuple[Kind, str]


@dataclass(frozen=True)
class Number:
    """A number that the student may have gone on with; `off`: by how much it may be rounded, elementwise."""

    value: Array
    off: Array


@dataclass(frozen=True)
class Judged:
    """One cell: what was written (None: nothing), and whether it is right."""

    cell: Cell
    written: Written | None
    finding: Finding

    @property
    def given(self) -> bool:
        """Whether it is right because nothing was asked."""
        return self.cell.given and (self.written is None or self.written.blank)

    def but(self, finding: Finding) -> Judged:
        return replace(self, finding=finding)


def judge(graph: Graph, reading: Reading) -> dict[Cell, Judged]:
    """Every cell of `graph.cells`."""
    judge = _Judge(graph, reading)
    found = {cell: Judged(cell, reading.cells.get((cell.kind, cell.node)), judge.finding(cell)) for cell in graph.cells}
    return {cell: it.but(_empty(it, reading, found)) if it.finding.value is None else it for cell, it in found.items()}


def _empty(judged: Judged, reading: Reading, found: Mapping[Cell, Judged]) -> Finding:
    """A cell that was left empty is wrong where most of its column is filled, unless a picture may show it."""
    if judged.written is None or not judged.written.blank:
        return judged.finding
    column = [it for cell, it in found.items() if cell.kind == judged.cell.kind and not it.given]
    filled = [it for it in column if it.written is not None and not it.written.blank]
    if reading.illustrated or 2 * len(filled) < len(column):
        return replace(judged.finding, reason="it is empty, like most of its column")
    return Finding(False, _quotes(judged.written), f"{_the(judged.cell)} was left empty", CONFIDENCE)


class _Judge:
    def __init__(self, graph: Graph, reading: Reading) -> None:
        self._graph = graph
        self._expressions: Mapping[str, Expression] = graph.computation.nodes
        self._true: dict[Place, Array] = {(VALUE, name): it for name, it in graph.values_of.items()}
        self._true |= {(GRADIENT, name): it for name, it in graph.gradients_of.items()}
        self._written = reading.cells
        places = [it.decimals for it in reading.cells.values() if it.decimals is not None]
        self._most_decimals = max(places, default=0)
        self._unreadable: set[Place] = set()
        self._numbers: dict[Place, list[Number]] = {}
        self._found: dict[Place, Finding] = {}
        everything = graph.everything
        for place in [(VALUE, it) for it in everything] + [(GRADIENT, it) for it in reversed(everything)]:
            self._found[place] = self._judge(place)

    def finding(self, cell: Cell) -> Finding:
        written = self._written.get((cell.kind, cell.node))
        if cell.given and (written is None or written.blank):
            return Finding(True, reason="it is given", confidence=CONFIDENCE)
        return self._found[cell.kind, cell.node]

    def _judge(self, place: Place) -> Finding:
        """Sets what the student may have gone on with, too."""
        written, true = self._written.get(place), self._true[place]
        expected = [it for it in self._expected(place) if np.all(np.isfinite(it.value))]
        exact = Number(true, np.zeros(true.shape))
        if written is None or written.blank or written.numbers is None or written.numbers.size != true.size:
            self._numbers[place] = _distinct([*expected[:1], exact])
            if written is None or written.blank:
                return Finding(None, reason="it was not found")
            self._unreadable.add(place)
            size = 0 if written.numbers is None else written.numbers.size
            why = written.why or f"it has {size} numbers, not {true.size}"
            return Finding(None, _quotes(written), f"{_the(Cell(*place))} cannot be read: {why}")
        own = written.numbers.reshape(true.shape)
        unit = self._unit(written)
        finding = self._compared(place, own, written, expected, exact)
        coarse = finding.value is None and not self._behind(place) & self._unreadable
        given = place[0] == VALUE and place[1] in self._graph.inputs and np.array_equal(own, true)
        off = 0.0 if given else 0.5 * 10.0 ** -(written.decimals or self._most_decimals) if coarse else unit
        self._numbers[place] = _distinct([Number(own, np.full(true.shape, off)), exact])
        return finding

    def _compared(
        self, place: Place, own: Array, written: Written, expected: Sequence[Number], exact: Number
    ) -> Finding:
        tolerance = self._graph.tolerance
        unit = max(self._unit(written), 1e-9)

        def fits(it: Number) -> bool:
            room = it.off * 1.01 + np.maximum(tolerance.relative * np.abs(it.value), unit)
            return bool(np.all(np.abs(own - it.value) <= room))

        quotes = _quotes(written)
        if expected and fits(expected[0]) and fits(exact):
            return Finding(True, quotes, f"{_the(Cell(*place))} is right", CONFIDENCE)
        if any(map(fits, expected)):
            reason = f"{_the(Cell(*place))} follows from the student's own numbers; the slip is an earlier one"
            return Finding(True, quotes, reason, CONFIDENCE)
        if fits(exact):
            return Finding(True, quotes, f"{_the(Cell(*place))} is right, whatever stands before it", CONFIDENCE)
        if unreadable := sorted(cell_name(Cell(*it)) for it in self._behind(place) & self._unreadable):
            return Finding(None, quotes, f"it rests on {', '.join(unreadable)}, which cannot be read")
        if not expected:
            return Finding(None, quotes, "it cannot be computed from the values before it")
        places = written.decimals or self._most_decimals  # 3 among decimals is 3.0
        if written.decimals is not None and places < tolerance.decimals:
            half = 0.5 * 10.0**-places + 1e-9
            if any(np.all(np.abs(own - it.value) <= half + it.off) for it in (expected[0], exact)):
                return Finding(None, quotes, f"it is rounded more coarsely than to {tolerance.decimals} decimals")
        return Finding(False, quotes, self._reason(place, own, expected[0], unit), CONFIDENCE)

    def _reason(self, place: Place, own: Array, expected: Number, unit: float) -> str:
        def is_own(other: Array) -> bool:
            room = 0.2 * expected.off + np.maximum(self._graph.tolerance.relative * np.abs(other), unit)
            return np.shape(other) == own.shape and bool(np.all(np.abs(own - other) <= room))

        numbers = {it: candidates[0].value for it, candidates in self._numbers.items()}
        slip = explanation(self._graph.computation, place, expected.value, numbers, is_own)
        said = f"{_the(Cell(*place))} is wrong"
        return f"{said}{': ' if slip else ''}{slip}; {_shown(expected.value)} follows from the numbers before it"

    def _unit(self, written: Written) -> float:
        """One unit of the last decimal: rounded or cut off."""
        return 0.0 if written.decimals is None else 10.0 ** -max(written.decimals, self._graph.tolerance.decimals)

    def _behind(self, place: Place) -> set[Place]:
        """What a number is computed from, directly."""
        kind, name = place
        if kind == VALUE:
            return {(VALUE, it) for it in self._expressions[name].names} if name in self._expressions else set()
        if name == self._graph.output:
            return set()
        consumers = self._graph.computation.consumers(name)
        values: set[Place] = {(VALUE, it) for node in consumers for it in self._expressions[node].names}
        return {(GRADIENT, it) for it in consumers} | values

    def _expected(self, place: Place) -> Iterator[Number]:
        """What the number may be: first from the student's own, then with true ones among them."""
        kind, name = place
        true = self._true[place]
        if (kind == VALUE and name not in self._expressions) or (kind == GRADIENT and name == self._graph.output):
            yield Number(true, np.zeros(true.shape))
            return
        behind = sorted(self._behind(place))
        compute = self._value(name) if kind == VALUE else self._gradient(name)
        choices = [self._numbers[it] for it in behind]
        if kind == GRADIENT:
            choices = [[*some, *self._consistent(it, name)] for it, some in zip(behind, choices, strict=True)]
        for combination in islice(product(*choices), _COMBINATIONS):
            yield _with_rounding(compute, dict(zip(behind, combination, strict=True)), true.shape)

    def _value(self, name: str) -> Callable[[Mapping[Place, Array]], Array]:
        expression = self._expressions[name]
        return lambda numbers: expression({it: numbers[VALUE, it] for it in expression.names})

    def _gradient(self, name: str) -> Callable[[Mapping[Place, Array]], Array]:
        consumers = self._graph.computation.consumers(name)

        def compute(numbers: Mapping[Place, Array]) -> Array:
            total = np.zeros(self._true[GRADIENT, name].shape)
            for node in consumers:
                expression = self._expressions[node]
                values = {it: numbers[VALUE, it] for it in expression.names}
                total = total + pull_back(expression, values, name, numbers[GRADIENT, node])
            return total

        return compute

    def _consistent(self, place: Place, name: str) -> Iterator[Number]:
        """For the local derivative somebody may use the node's own output, as in s(1 - s) or -q/b: the value of an input
        that fits a wrong output."""
        kind, moved = place
        if kind != VALUE:
            return
        for node in self._graph.computation.consumers(name):
            expression = self._expressions[node]
            if moved not in expression.names:
                continue
            values = {it: self._numbers[VALUE, it][0].value for it in expression.names}
            output = self._numbers[VALUE, node][0].value
            if np.allclose(expression(values), output, rtol=self._graph.tolerance.relative, atol=1e-9):
                continue
            solved = _solved(expression, values, moved, output)
            if solved is not None:
                yield Number(solved, np.zeros(solved.shape))


def _solved(expression: Expression, values: Mapping[str, Array], name: str, output: Array) -> Array | None:
    """The value of `name` with which an elementwise expression gives `output`, by Newton's method; None where there is none."""
    x = np.array(values[name], dtype=np.float64)
    if x.shape != output.shape:
        return None
    for _ in range(_NEWTON_STEPS):
        moved = expression({**values, name: x + 1e-30j})
        if moved.shape != x.shape:
            return None
        if np.allclose(np.real(moved), output, rtol=1e-9, atol=1e-12):
            return x
        with np.errstate(all="ignore"):
            x = x - (np.real(moved) - output) / (np.imag(moved) / 1e-30)
        if not np.all(np.isfinite(x)):
            return None
    return None


def _with_rounding(
    compute: Callable[[Mapping[Place, Array]], Array], numbers: Mapping[Place, Number], shape: tuple[int, ...]
) -> Number:
    """The result, and how far it moves when each number moves by what its rounding may hide."""
    values = {place: it.value for place, it in numbers.items()}
    with np.errstate(all="ignore"):
        result = np.broadcast_to(compute(values), shape).astype(np.float64)
        off = np.zeros(shape)
        for place, it in numbers.items():
            for at in np.ndindex(it.value.shape):
                moved = []
                for side in (-1.0, 1.0):
                    changed = np.array(it.value, dtype=np.float64)
                    changed[at] += side * max(it.off[at], _KINK * (1 + abs(changed[at])))
                    moved.append(np.abs(compute({**values, place: changed}) - result))
                off = off + np.maximum(*moved)
    return Number(result, np.where(np.isfinite(off), off, np.inf))


def _distinct(numbers: Sequence[Number]) -> list[Number]:
    """Without those that an earlier one stands for."""
    kept: list[Number] = []
    for it in numbers:
        if not any(np.all(np.abs(it.value - other.value) <= other.off + 1e-12) for other in kept):
            kept.append(it)
    return kept


def _the(cell: Cell) -> str:
    return f"the {cell.kind} of {cell.node}"


def _quotes(written: Written) -> tuple[str, ...]:
    return (written.quote,) if written.quote else ()


def _shown(value: Array) -> str:
    numbers = [f"{it:.4g}" for it in np.ravel(value)]
    return numbers[0] if value.ndim == 0 else f"[{', '.join(numbers)}]"
