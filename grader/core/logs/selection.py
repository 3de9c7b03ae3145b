"""Which logged column is which curve: of each run, metric and part of the data, the longest that was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.core.logs.column import Column, words
from grader.core.logs.naming import OTHERS, SET_WORDS, meanings, metric_of, part_of, run_of

LEAST = 5
"""Points of a column that may be a curve."""


@dataclass(frozen=True)
class Curve:
    """run: "" where one run is asked for. part: "" where no word says whether it is of training or other data."""

    run: str
    metric: str
    part: str
    column: Column

    @property
    def name(self) -> str:
        return " ".join(filter(None, (f"{self.run}:" if self.run else "", self.part, self.metric)))


@dataclass(frozen=True)
class Selection:
    """unplaced: curves that may belong to any of the runs. errors: error rates are logged, which say what accuracies say.
    nameless: sources of columns whose names say nothing that is known. spare: other numbers for a curve that is there
    already, which may be another run's: a name such as "dropout=0 bn=1" has both."""

    curves: tuple[Curve, ...]
    unplaced: tuple[Curve, ...] = ()
    remarks: tuple[str, ...] = ()
    errors: bool = False
    nameless: tuple[str, ...] = ()
    spare: tuple[Curve, ...] = ()


def select(
    columns: Sequence[Column], runs: Mapping[str, Sequence[str]], metrics: Mapping[str, Sequence[str]]
) -> Selection:
    found: list[Curve] = []
    metric_by_column = [metric_of(column, metrics) or _neighbours_metric(column, columns, metrics) for column in columns]
    for column, metric in zip(columns, metric_by_column, strict=True):
        if metric is not None:
            run = (run_of(column, runs) or "?") if runs else ""
            found.append(Curve(run, metric, part_of(replace(column, labels=())) or "", column))
    if any(len(curve.column.x) > 1 for curve in found):
        found = [curve for curve in found if len(curve.column.x) > 1]  # single results beside curves
    found = [one if one.part else replace(one, part=part_of(one.column) or "") for one in _training_by_silence(found)]
    found, remarks = _the_last_run(found, runs)
    best: dict[tuple[str, str, str], Curve] = {}
    for curve in found:
        key = (curve.run, curve.metric, curve.part)
        if key not in best or curve.column.epochs > best[key].column.epochs:
            best[key] = curve
    spare = tuple(curve for curve in found if curve.column.values != best[(curve.run, curve.metric, curve.part)].column.values)
    order = {run: index for index, run in enumerate(runs)}
    placed = sorted((one for one in best.values() if one.run != "?"), key=lambda one: order.get(one.run, 0))
    errors = any(metric_of(one, {"error": ()}) == "error" for one in columns)
    unknown = [column for column, metric in zip(columns, metric_by_column, strict=True) if metric is None]
    nameless = tuple(dict.fromkeys(one.source for one in unknown if _says_nothing(one)))
    unplaced = tuple(one for one in found if one.run == "?")
    return Selection(tuple(placed), unplaced, remarks, errors, nameless, tuple(one for one in spare if one.run != "?"))


def _neighbours_metric(
    column: Column, columns: Sequence[Column], metrics: Mapping[str, Sequence[str]]
) -> str | None:
    """Of "val" beside "train mse": the one metric that the other columns name in a table of whose columns this one names
    only the part of the data."""
    if not all(meanings(word) & SET_WORDS.keys() for word in words(column.name)):
        return None
    beside = [replace(one, labels=()) for one in columns if one.source == column.source]
    named = {metric for one in beside if (metric := metric_of(one, metrics) or _known_metric(one))}
    return named.pop() if len(named) == 1 and named <= set(metrics) else None


def _known_metric(column: Column) -> str | None:
    return metric_of(column, {"error": (), "loss": (), "accuracy": ()})


def _says_nothing(column: Column) -> bool:
    """What is known only by its file's name ("loss.csv") may be the metric that is asked for under another name."""
    known = _known_metric(replace(column, labels=())) is not None
    return len(column.x) >= LEAST and not known and not OTHERS & set(words(column.name))


def _training_by_silence(curves: Iterable[Curve]) -> list[Curve]:
    """As in Keras, `loss` beside `val_loss` is that of the training, whatever else is said around it (`validation_split=0.2`)."""
    curves = list(curves)
    others = {(one.column.source, one.metric) for one in curves if one.part in ("validation", "test")}
    trained = {(one.column.source, one.metric) for one in curves if one.part == "train"}
    return [
        replace(one, part="train") if not one.part and (one.column.source, one.metric) in others - trained else one
        for one in curves
    ]


def _the_last_run(curves: list[Curve], runs: Mapping[str, Sequence[str]]) -> tuple[list[Curve], tuple[str, ...]]:
    """One log without a run's name and one run without a log belong together."""
    missing = [run for run in runs if all(curve.run != run for curve in curves)]
    nameless = {(curve.column.source, curve.column.labels) for curve in curves if curve.run == "?"}
    if len(missing) != 1 or len(nameless) != 1:
        return curves, ()
    source = next(iter(nameless))[0]
    placed = [replace(curve, run=missing[0]) if curve.run == "?" else curve for curve in curves]
    return placed, (f"{source} names no run; it was taken for {missing[0]}, the only one without a log.",)
