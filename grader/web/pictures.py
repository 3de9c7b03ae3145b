"""Statistics as pictures: SVG, drawn on the server, light and dark. The same numbers stand in tables beside them."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from grader.db.statistics import ClassStatistics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Scheme = Literal["light", "dark"]
_drawing = threading.Lock()  # matplotlib's settings belong to the process
_LONGEST = 42  # characters of a label
_SERIES = ("#0b7a86", "#b3541e", "#6a4fb3", "#3d7d2a", "#b02a6b", "#7a6a1e", "#2b62b8")
_SERIES_DARK = ("#79c7cc", "#f0a070", "#b9a3f0", "#93d17a", "#f090bd", "#d8c56a", "#8fb6f5")
_MARKERS = "osD^vPX"


@dataclass(frozen=True)
class _Colours:
    """As in static/base.css."""

    ink: str
    muted: str
    line: str
    bar: str
    series: tuple[str, ...]


_COLOURS: Mapping[str, _Colours] = {
    "light": _Colours("#1c2027", "#575e6b", "#dcd8ce", "#0b5d66", _SERIES),
    "dark": _Colours("#e7e9ee", "#a4acba", "#2f3641", "#79c7cc", _SERIES_DARK),
}


def available(figures: ClassStatistics) -> tuple[str, ...]:
    """The names of the pictures that there are numbers for."""
    shown = {
        "scores": figures.scores.n > 0,
        "questions": any(part.figures.summary.mean is not None for part in figures.questions),
        "seconds": any(part.seconds.median is not None for part in figures.questions),
        "tas": any(ta.drift.difference is not None for ta in figures.tas),
        "drift": any(ta.over_time for ta in figures.tas),
    }
    return tuple(name for name, there in shown.items() if there)


@lru_cache(maxsize=64)
def picture(name: str, figures: ClassStatistics, scheme: Scheme) -> bytes:
    """One picture as SVG. Raises KeyError for an unknown name."""
    draw = _DRAWERS[name]
    colours = _COLOURS[scheme]
    with _drawing, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scripts that the measuring font lacks; the browser has its own
        import matplotlib as mpl
        from matplotlib.figure import Figure

        with mpl.rc_context(_settings(colours)):
            figure = Figure(layout="constrained")
            axes = figure.subplots()
            draw(figures, axes, colours)
            written = io.BytesIO()
            figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return written.getvalue()


def _settings(colours: _Colours) -> dict[str, Any]:
    return {
        "svg.fonttype": "none",  # text stays text, in the reader's fonts
        "svg.hashsalt": "grader",  # the same numbers give the same file
        "text.parse_math": False,  # titles may hold dollar signs
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "text.color": colours.ink,
        "axes.labelcolor": colours.muted,
        "axes.edgecolor": colours.line,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.color": colours.line,
        "grid.linewidth": 0.6,
        "xtick.color": colours.line,
        "ytick.color": colours.line,
        "xtick.labelcolor": colours.muted,
        "ytick.labelcolor": colours.ink,
        "legend.frameon": False,
    }


def _scores(figures: ClassStatistics, axes: Axes, colours: _Colours) -> None:
    axes.figure.set_size_inches(7.2, 2.9)
    edges, counts = figures.scores.edges, figures.scores.counts
    axes.stairs(counts, edges, fill=True, color=colours.bar, alpha=0.85)
    axes.set_xlim(0, edges[-1])
    axes.set_ylim(0, max(counts) * 1.08)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.tick_params(axis="y", labelcolor=colours.muted)
    axes.grid(axis="x", visible=False)
    axes.set_xlabel("points")
    axes.set_ylabel("submissions")
    if figures.total.median is not None:
        axes.axvline(figures.total.median, color=colours.ink, linestyle="--", linewidth=1.2)
        axes.annotate(
            "median", (figures.total.median, 1), xycoords=("data", "axes fraction"), xytext=(4, -10),
            textcoords="offset points", color=colours.ink,
        )  # fmt: skip


def _questions(figures: ClassStatistics, axes: Axes, colours: _Colours) -> None:
    parts = [part for part in figures.questions if part.figures.summary.mean is not None and part.max_score]
    shares = [100 * part.figures.summary.mean / part.max_score for part in parts]
    _bars(axes, [part.title for part in parts], shares, colours)
    axes.set_xlim(0, 100)
    axes.set_xlabel("mean, % of the points")


def _seconds(figures: ClassStatistics, axes: Axes, colours: _Colours) -> None:
    parts = [part for part in figures.questions if part.seconds.median is not None]
    _bars(axes, [part.title for part in parts], [part.seconds.median for part in parts], colours)
    axes.set_xlabel("median time for an answer, seconds")


def _tas(figures: ClassStatistics, axes: Axes, colours: _Colours) -> None:
    tas = [ta for ta in figures.tas if ta.drift.difference is not None]
    axes.figure.set_size_inches(7.2, 1.1 + 0.34 * len(tas))
    axes.errorbar(
        [100 * ta.drift.difference for ta in tas], range(len(tas)), xerr=[200 * ta.drift.error for ta in tas],
        fmt="o", color=colours.bar, capsize=4,
    )  # fmt: skip
    _names(axes, [f"{_short(ta.name)} (n = {ta.drift.n})" for ta in tas])
    axes.axvline(0, color=colours.muted, linewidth=1)
    axes.set_xlabel("difference from the others, % of the points (± 2 standard errors)")


def _drift(figures: ClassStatistics, axes: Axes, colours: _Colours) -> None:
    axes.figure.set_size_inches(7.2, 3.1)
    for number, ta in enumerate(ta for ta in figures.tas if ta.over_time):
        times = [at for at, _ in ta.over_time]
        colour = colours.series[number % len(colours.series)]
        axes.plot(
            times, [100 * drift.difference for _, drift in ta.over_time], color=colour, label=_short(ta.name),
            marker=_MARKERS[number % len(_MARKERS)], markersize=4.5, linewidth=1.4,
        )  # fmt: skip
    axes.axhline(0, color=colours.muted, linewidth=1)
    axes.tick_params(axis="y", labelcolor=colours.muted)
    axes.set_ylabel("difference, % of the points")
    times = [at for ta in figures.tas for at, _ in ta.over_time]
    axes.set_xlim(min(times) - timedelta(hours=1), max(times) + timedelta(hours=1))
    axes.xaxis.set_major_formatter(_dates(axes))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


def _dates(axes: Axes) -> Any:
    from matplotlib.dates import ConciseDateFormatter

    return ConciseDateFormatter(axes.xaxis.get_major_locator())


def _bars(axes: Axes, names: list[str], values: list[float], colours: _Colours) -> None:
    axes.figure.set_size_inches(7.2, 0.9 + 0.27 * len(names))
    axes.barh(range(len(names)), values, height=0.62, color=colours.bar, alpha=0.85)
    _names(axes, [_short(name) for name in names])
    axes.grid(axis="y", visible=False)


def _names(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)  # the first on top
    axes.tick_params(axis="y", length=0)


def _short(text: str) -> str:
    """What XML can hold, and not too long."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


_DRAWERS: Mapping[str, Callable[[ClassStatistics, Any, _Colours], None]] = {
    "scores": _scores, "questions": _questions, "seconds": _seconds, "tas": _tas, "drift": _drift,
}  # fmt: skip
