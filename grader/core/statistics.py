"""Figures about a class: pure, from arrays. A question without a score (nobody decided it) is NaN.

Means, deviations and correlations of fewer than `FEW` answers are not told: they are None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEW = 5
BINS = 20
CHUNKS = 8  # of a TA's answers in the order of time, at most
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Histogram:
    """`counts[i]` scores lie in `edges[i]` ≤ score < `edges[i + 1]`; the last bin has its upper edge too."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Summary:
    """Of a list of numbers; `deviation` is the sample's (n − 1). All None when there are fewer than `FEW`."""

    n: int
    mean: float | None = None
    median: float | None = None
    deviation: float | None = None


@dataclass(frozen=True)
class QuestionFigures:
    """One question. zero_share, full_share: of the decided answers, those with no points and with all (0 … 1).

    discrimination: correlation of the question's score with the sum of the others, over the `complete` submissions, of
    which every question is decided; None where it is not defined.
    """

    summary: Summary
    zero_share: float | None
    full_share: float | None
    discrimination: float | None
    complete: int


@dataclass(frozen=True)
class Drift:
    """How a TA's scores differ from the others' on the same questions, as a share of the points (0.1: ten points of 100).

    n: answers that could be compared. error: the standard error of `difference`.
    """

    n: int
    difference: float | None = None
    error: float | None = None


@dataclass(frozen=True)
class Marked:
    """Decided answers, one entry each: who decided (index), which question (index), the share of its points, when (s)."""

    ta: NDArray[np.int64]
    question: NDArray[np.int64]
    share: Floats
    at: Floats


def histogram(scores: Sequence[float], most: float) -> Histogram:
    """Scores from 0 to `most` in equal bins, at most `BINS`; whole points wide where that gives few enough bins."""
    width = max(np.ceil(most / BINS), 1.0)
    edges = np.append(np.arange(0.0, max(most, 1.0), width), max(most, 1.0))
    counts, _ = np.histogram(np.clip(scores, 0.0, edges[-1]), edges)
    return Histogram(tuple(float(edge) for edge in edges), tuple(int(count) for count in counts))


def summary(values: Sequence[float] | Floats) -> Summary:
    """NaN are left out."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if len(known) < FEW:
        return Summary(len(known))
    return Summary(len(known), float(known.mean()), float(np.median(known)), float(known.std(ddof=1)))


def question_figures(scores: Floats, most: Sequence[float]) -> list[QuestionFigures]:
    """scores: (submissions, questions), NaN where undecided; most: each question's points. One entry per question."""
    complete = scores[np.isfinite(scores).all(axis=1)]
    return [_figures(scores[:, index], most[index], complete, index) for index in range(scores.shape[1])]


def _figures(column: Floats, most: float, complete: Floats, index: int) -> QuestionFigures:
    known = column[np.isfinite(column)]
    enough = len(known) >= FEW and most > 0  # of a question without points, no points are all points
    rest = complete.sum(axis=1) - complete[:, index]
    return QuestionFigures(
        summary=summary(known),
        zero_share=float(np.mean(known <= 0)) if enough else None,
        full_share=float(np.mean(known >= most)) if enough else None,
        discrimination=correlation(complete[:, index], rest),
        complete=len(complete),
    )


def correlation(one: Floats, other: Floats) -> float | None:
    """Pearson's; None for fewer than `FEW` pairs, or where one of them does not vary."""
    if len(one) < FEW:
        return None
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one @ one) * (other @ other)))
    return float(np.clip(one @ other / scale, -1.0, 1.0)) if scale > 1e-12 else None


def drift(marked: Marked, ta: int) -> Drift:
    """A TA against all others, question by question, weighted by how many the TA decided.

    Only questions count of which both sides decided `FEW` answers or more.
    """
    return _drift(_sides(marked, ta))


def drift_by_question(marked: Marked, ta: int) -> Mapping[int, Drift]:
    """The same for each question of which the TA decided something."""
    mine = set(marked.question[marked.ta == ta].tolist())
    sides = dict(_sides(marked, ta))
    return {question: _drift([(question, sides[question])] if question in sides else []) for question in sorted(mine)}


def drift_over_time(marked: Marked, ta: int) -> list[tuple[float, Drift]]:
    """The TA's answers in the order of time, in at most `CHUNKS` parts of equal size (`FEW` or more each): the middle of
    each part in time, and its difference from the others' means."""
    means = {question: float(others.mean()) for question, (_, others) in _sides(marked, ta)}
    chosen = np.flatnonzero((marked.ta == ta) & np.isin(marked.question, list(means)))
    chosen = chosen[np.argsort(marked.at[chosen], kind="stable")]
    parts = np.array_split(chosen, max(min(CHUNKS, len(chosen) // FEW), 1)) if len(chosen) >= FEW else []
    found = []
    for part in parts:
        off = marked.share[part] - np.array([means[int(question)] for question in marked.question[part]])
        error = float(off.std(ddof=1) / np.sqrt(len(off)))
        found.append((float(np.median(marked.at[part])), Drift(len(part), float(off.mean()), error)))
    return found


def _sides(marked: Marked, ta: int) -> list[tuple[int, tuple[Floats, Floats]]]:
    """(question, (the TA's shares, the others')) where both have enough."""
    found = []
    for question in np.unique(marked.question).tolist():
        here = marked.question == question
        mine, others = marked.share[here & (marked.ta == ta)], marked.share[here & (marked.ta != ta)]
        if min(len(mine), len(others)) >= FEW:
            found.append((question, (mine, others)))
    return found


def _drift(sides: list[tuple[int, tuple[Floats, Floats]]]) -> Drift:
    n = sum(len(mine) for _, (mine, _) in sides)
    if not n:
        return Drift(0)
    difference = sum(len(mine) / n * (mine.mean() - others.mean()) for _, (mine, others) in sides)
    variance = sum(
        (len(mine) / n) ** 2 * (mine.var(ddof=1) / len(mine) + others.var(ddof=1) / len(others))
        for _, (mine, others) in sides
    )
    return Drift(n, float(difference), float(np.sqrt(variance)))
