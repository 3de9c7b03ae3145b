"""The four parts of a convergence graph, each judged from the numbers: right, wrong in part, or for a TA to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.core.logs.column import Column
from grader.core.logs.naming import run_of
from grader.core.logs.overfitting import overfits, pointed_out
from grader.core.logs.read import Logs
from grader.core.logs.selection import Curve, Selection

STOPPED_EARLY = re.compile(
    r"early[- _]?stop\w*|stopped (?:at|after|early)|עציר[הת] מוקדמת|рання зупинка|раннь\w+ зупин\w+|ранн\w+ останов\w+",
    re.IGNORECASE,
)
SHOWN = 6


@dataclass(frozen=True)
class Finding:
    """share: which fraction of the part's points is earned; None where a TA has to look."""

    share: float | None
    text: str
    remarks: tuple[str, ...] = ()


def present(
    wanted: Sequence[tuple[str, str, str]], chosen: Selection, logs: Logs, runs: Mapping[str, Sequence[str]]
) -> Finding:
    missing = [one for one in wanted if not _has(chosen, one)]
    if not missing:
        return Finding(1.0, f"All {len(wanted)} curves are there.")
    names = _some([" ".join(filter(None, (f"{run}:" if run else "", part.replace("|", " or "), metric)))
                   for run, metric, part in missing])  # fmt: skip
    elsewhere = [f"{logs.pictures} pictures or documents"] if logs.pictures else []
    unread = [path for path in logs.unread if _of_run(path, runs) in {None, *(run for run, _, _ in missing)}]
    elsewhere += [f"files that are not read ({_some(unread)})"] if unread else []
    partly = [path for path in logs.partly if _of_run(path, runs) in {None, *(run for run, _, _ in missing)}]
    elsewhere += [f"numbers beside those that were understood ({_some(partly)})"] if partly else []
    silent = [one for one in (*chosen.unplaced, *chosen.curves) if not one.part or one.run == "?"]
    elsewhere += [f"logs whose run or data is not named ({_some(_sources(silent))})"] if silent else []
    elsewhere += ["logged error rates"] if chosen.errors and any(metric == "accuracy" for _, metric, _ in missing) else []
    elsewhere += [f"columns whose names say nothing that is known ({_some(chosen.nameless)})"] if chosen.nameless else []
    lost = {run for run, _, _ in missing}
    spare = [one for one in chosen.spare if len({run for run, _, _ in wanted}) > 1 and one.run not in lost]
    elsewhere += [f"further logs of what is there ({_some(_sources(spare))})"] if spare else []
    text = f"{len(wanted) - len(missing)} of {len(wanted)} curves were found in numbers; not found: {names}"
    if elsewhere:
        return Finding(None, f"{text}. They may be in {' and '.join(elsewhere)}.")
    return Finding(1 - len(missing) / len(wanted), f"{text}.")


def axes(curves: Sequence[Curve], limits: Mapping[str, tuple[float | None, float | None]]) -> Finding:
    """x counts epochs or steps upwards; values are what the metric can be."""
    swapped = [curve for curve in curves if _swapped(curve)]
    exchanged = _exchanged(curves)
    odd = [curve for curve in curves if curve not in swapped and not _in_range(curve, *limits[curve.metric])]
    steps = [curve for curve in curves if curve.column.counted == "step" and not _is_epochs(curve)]
    remarks = ("x counts steps of the optimizer, not epochs, in " + _some(_sources(steps)) + ".",) if steps else ()
    if swapped or exchanged:
        what = [f"the epochs and {_some([curve.name for curve in swapped])} have changed places"] if swapped else []
        what += [f"accuracy and loss have changed places in {_some(exchanged)}"] if exchanged else []
        wrong = len({curve.column.source for curve in swapped} | set(exchanged))
        sources = len({curve.column.source for curve in curves})
        return Finding(1 - wrong / max(sources, wrong), f"The axes are not right: {'; '.join(what)}.", remarks)
    if odd:
        shown = [
            f"{curve.name} goes from {min(curve.column.values):.4g} to {max(curve.column.values):.4g}" for curve in odd
        ]
        return Finding(None, f"Values that the metric cannot have: {_some(shown)}.", remarks)
    return Finding(1.0, "The axes are right.", remarks)


def enough_epochs(curves: Sequence[Curve], least: int, texts: Sequence[str], spare: Sequence[Curve] = ()) -> Finding:
    """spare: further numbers for the same curves. In the same file they may be where a training went on that counts its epochs
    anew."""
    runs: dict[str, int] = {}
    for curve in curves:
        if curve.column.counted == "step" and not _is_epochs(curve):
            return Finding(None, "How many epochs were trained is not logged, only steps.")
        runs[curve.run] = max(runs.get(curve.run, 0), curve.column.epochs)
    if not runs:
        return Finding(None, "How many epochs were trained could not be read.")
    short = {run: count for run, count in runs.items() if count < least}
    if not short:
        return Finding(1.0, f"Each run has {least} epochs or more ({_counts(runs)}).")
    text = f"Fewer than {least} epochs: {_counts(short)}."
    parts: dict[tuple[str, str, str, str], int] = {}
    for curve in (*curves, *spare):
        place = (curve.run, curve.metric, curve.part, curve.column.source)
        parts[place] = parts.get(place, 0) + curve.column.epochs
    if all(any(count >= least for place, count in parts.items() if place[0] == run) for run in short):
        return Finding(None, f"{text} There are more in the same file: another run, or the same that went on.")
    if any(STOPPED_EARLY.search(one) for one in texts):
        return Finding(None, f"{text} The report or the code speaks of stopping early.")
    return Finding(1 - len(short) / len(runs), text)


def overfitting_pointed_out(curves: Sequence[Curve], texts: Sequence[str], report: str | None) -> Finding:
    verdicts = {run: _overfits(curves, run) for run in dict.fromkeys(curve.run for curve in curves)}
    seen = [run or "the run" for run, verdict in verdicts.items() if verdict]
    if any(pointed_out(text) for text in texts):
        found = f"seen in {_some(seen)} and" if seen else "not seen in the numbers, but"
        return Finding(1.0, f"Overfitting is {found} spoken of.")
    if not seen and all(verdict is False for verdict in verdicts.values()):
        return Finding(1.0, "The numbers show no overfitting that would have to be pointed out.")
    place = f"the answer to {report}" if report else "what was written"
    if seen:
        return Finding(
            None, f"The validation loss of {_some(seen)} rises again; no word on overfitting was found in {place}."
        )
    return Finding(
        None, f"Whether there is overfitting cannot be said from these numbers, and {place} does not speak of it."
    )


# --- what numbers say -----------------------------------------------------------------------------------------------


def _has(chosen: Selection, wanted: tuple[str, str, str]) -> bool:
    run, metric, part = wanted
    return any((one.run, one.metric) == (run, metric) and one.part in part.split("|") for one in chosen.curves)


def _of_run(path: str, runs: Mapping[str, Sequence[str]]) -> str | None:
    """The run that the name of a file speaks of: baseline.pt holds no curve of another."""
    return run_of(Column(path, path.rpartition("/")[2], (), ()), runs)


def _is_epochs(curve: Curve) -> bool:
    """Steps 0, 1, 2 … are epochs: who logs every step of an optimizer has thousands."""
    x = curve.column.x
    return len(x) < 2 or (x[0] in (0, 1) and len(x) <= 1000 and all(b - a == 1 for a, b in pairwise(x)))


def _swapped(curve: Curve) -> bool:
    """The values count 1, 2, 3 … and what should count does not."""
    x, y = curve.column.x, curve.column.values
    counts = len(y) >= 5 and y[0] in (0, 1) and all(b - a == 1 for a, b in pairwise(y))
    return counts and any(value != int(value) for value in x)


def _exchanged(curves: Sequence[Curve]) -> list[str]:
    """Sources in which what is called accuracy falls from above 1 and what is called loss rises within 0 … 1."""
    found = []
    for source in dict.fromkeys(curve.column.source for curve in curves):
        pairs: dict[str, list[tuple[float, ...]]] = {}
        for curve in curves:
            if curve.column.source == source and len(curve.column.values) >= 5 and curve.part in ("train", ""):
                pairs.setdefault(curve.metric, []).append(curve.column.values)
        accuracy, loss = pairs.get("accuracy", []), pairs.get("loss", [])
        falls = accuracy and all(1 < y[0] < 20 and y[-1] < y[0] for y in accuracy)
        rises = loss and all(min(y) >= 0 and max(y) <= 1 and y[-1] > y[0] for y in loss)
        if falls and rises:
            found.append(source)
    return found


def _in_range(curve: Curve, low: float | None, high: float | None) -> bool:
    y = curve.column.values
    if curve.metric == "accuracy" and low is None and high is None:
        return min(y) >= 0 and max(y) <= 100 and (max(y) <= 1.0 + 1e-9 or max(y) > 2)
    if curve.metric == "loss" and low is None:
        low = 0.0
    return (low is None or min(y) >= low) and (high is None or max(y) <= high)


def _overfits(curves: Sequence[Curve], run: str) -> bool | None:
    """By the loss on validation images, else on test images; None without both losses."""
    losses = {one.part: one.column.values for one in curves if one.run == run and one.metric == "loss"}
    other = losses.get("validation", losses.get("test"))
    return None if "train" not in losses or other is None else overfits(losses["train"], other)


# --- words ----------------------------------------------------------------------------------------------------------


def _counts(runs: Mapping[str, int]) -> str:
    return ", ".join(f"{run + ' ' if run else ''}{count}" for run, count in runs.items())


def _sources(curves: Sequence[Curve]) -> list[str]:
    return list(dict.fromkeys(curve.column.source for curve in curves))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
