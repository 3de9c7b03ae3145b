"""A plot as an SVG's numbers, computed here and placed by `templates/exhibits.html`: no script, no style attribute.

What is plotted may come from a student: any finite number, any text, and a great many of both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.core.exhibit import Plot, Series

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 44
STYLES = 8
"""Kinds of line in exhibits.css: colour and dashes together, so that colour is never the only difference."""

LINES = 24  # drawn at most
POINTS = 400  # of one line, at most drawn
ROWS = 250  # of the table, at most
_FURTHEST = 1e15
_TICKS = 6


@dataclass(frozen=True)
class Tick:
    """`at` in the picture's units, from its left or from its top."""

    at: float
    label: str


@dataclass(frozen=True)
class Line:
    """`points` as a polyline has them; `style` from 0 to STYLES - 1; a line of one point is drawn as a dot at `dot`."""

    name: str
    points: str
    style: int
    dot: tuple[float, float] | None


@dataclass(frozen=True)
class Drawing:
    """level: where the horizontal line is, if there is one. more: lines and rows that are left out."""

    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    level: Tick | None
    description: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more_lines: int
    more_rows: int


def drawn(plot: Plot) -> Drawing:
    """The picture of a plot, its description in words, and the table of its numbers."""
    series = [(one.name, _finite(one)) for one in plot.series]
    shown = series[:LINES]
    xs = [x for _, points in shown for x, _ in points] or [0.0]
    ys = [y for _, points in shown for _, y in points] or [0.0]
    level = _near(plot.level) if plot.level is not None and math.isfinite(plot.level) else None
    if level is not None:
        ys.append(level)
    x_axis = _Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT, whole=all(x == round(x) for x in xs))
    y_axis = _Axis(min(ys), max(ys), HEIGHT - BOTTOM, TOP, wide=True)
    header, rows, more = _table(plot.x_label, shown)
    return Drawing(
        lines=tuple(_line(index, name, points, x_axis, y_axis) for index, (name, points) in enumerate(shown)),
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(),
        level=None if level is None else Tick(y_axis.at(level), number(level)),
        description=_described(plot, series),
        header=header,
        rows=rows,
        more_lines=len(series) - len(shown),
        more_rows=more,
    )


def number(value: float) -> str:
    """Four digits that count, without trailing zeros."""
    return f"{value:.4g}"


class _Axis:
    """From values (`low` to `high`) to places in the picture; `wide`: the ends are rounded outwards to a tick."""

    def __init__(self, low: float, high: float, start: float, end: float, *, whole: bool = False, wide: bool = False):
        if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
            margin = abs(low) / 10 or 0.5
            low, high = low - margin, high + margin
        self.step = _step((high - low) / _TICKS)
        if whole:
            self.step = max(self.step, 1.0)
        if wide:
            low, high = math.floor(low / self.step) * self.step, math.ceil(high / self.step) * self.step
        self.low, self.high, self.start, self.end = low, high, start, end

    def at(self, value: float) -> float:
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def ticks(self) -> tuple[Tick, ...]:
        first, last = math.ceil(self.low / self.step - 1e-9), math.floor(self.high / self.step + 1e-9)
        return tuple(Tick(self.at(it * self.step), number(it * self.step)) for it in range(first, last + 1))


def _step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= least * (1 - 1e-9))


def _near(value: float) -> float:
    return max(-_FURTHEST, min(_FURTHEST, value))


def _finite(series: Series) -> list[tuple[float, float]]:
    pairs = zip(series.x, series.y, strict=False)
    return [(_near(x), _near(y)) for x, y in pairs if math.isfinite(x) and math.isfinite(y)]


def _line(index: int, name: str, points: Sequence[tuple[float, float]], x_axis: _Axis, y_axis: _Axis) -> Line:
    places = [(x_axis.at(x), y_axis.at(y)) for x, y in _thinned(points)]
    dot = places[0] if len(places) == 1 else None
    return Line(name, " ".join(f"{x},{y}" for x, y in places), index % STYLES, dot)


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """At most about POINTS of them: of each stretch its lowest and highest, so that no peak is lost."""
    if len(points) <= POINTS:
        return points
    width = math.ceil(2 * len(points) / POINTS)
    kept: list[tuple[float, float]] = []
    for start in range(0, len(points), width):
        stretch = range(start, min(start + width, len(points)))
        extremes = {min(stretch, key=lambda at: points[at][1]), max(stretch, key=lambda at: points[at][1])}
        kept += [points[at] for at in sorted(extremes)]
    return kept


def _described(plot: Plot, series: Sequence[tuple[str, list[tuple[float, float]]]]) -> str:
    parts = [f"{plot.y_label} by {plot.x_label}, {len(series)} {'line' if len(series) == 1 else 'lines'}."]
    for name, points in series[:12]:
        if points:
            (x0, y0), (x1, y1) = points[0], points[-1]
            parts.append(f"{name}: {number(y0)} at {number(x0)}, {number(y1)} at {number(x1)}.")
    if plot.level is not None:
        parts.append(f"A horizontal line at {number(plot.level)}.")
    return " ".join(parts)


def _table(
    x_label: str, series: Sequence[tuple[str, list[tuple[float, float]]]]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], int]:
    columns = [dict(points) for _, points in series]
    places = sorted({x for column in columns for x in column})
    rows = tuple((number(x), *(number(column[x]) if x in column else "" for column in columns)) for x in places[:ROWS])
    return (x_label, *(name for name, _ in series)), rows, len(places) - len(rows)
