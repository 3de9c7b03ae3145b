"""Which items were ticked: the panels' votes, held against the printed score.

The points of the ticked items must give the score. Where the votes do not, a tick has slipped to another line; the
nearest ticks that fit are taken, and that is said. What cannot be made to fit is left as it is printed, and said too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from grader.core.score import question_score
from grader.ingest.gradescope.export import ExportItem, ExportQuestion, PointAdjustment
from grader.ingest.gradescope.labels import key
from grader.ingest.gradescope.panels import Panel
from grader.ingest.gradescope.votes import Ballot, quoted

Ticks = frozenset[int]

_MOVED = 1.0  # what a tick costs that stands on a neighbouring line; two lines that disagree cost 1 each
_ODD = 0.1  # "Correct" ticked beside a deduction, or nothing ticked at all
_TYPESET = 0.2  # a line that is set as ticked lines are, but has no tick
_REPAIRED = 2  # ticks that may change in a repair: one that moves leaves a line and comes to another
_ALL_SUBSETS = 12  # items up to which every set of ticks is tried
_MAX_ITEMS = 60


def reconcile(ballot: Ballot, default_sign: str, group: str | None = None) -> tuple[ExportQuestion, list[str]]:
    """The question with its marks, and what had to be repaired. `default_sign`: of points printed without one."""
    points = [entry.points(default_sign) for entry in ballot.entries]
    adjustments = _longest([panel.adjustments for panel in ballot.panels])
    printed = [_printed(ballot, index) for index in range(len(ballot.panels))]
    fits = _Arithmetic(points, adjustments, ballot.score, ballot.max_score)
    ticks, repairs = _settle(ballot, printed, fits)
    items = tuple(ExportItem(points[i], entry.label, i in ticks) for i, entry in enumerate(ballot.entries))
    question = ExportQuestion(
        ballot.number,
        ballot.title,
        ballot.score,
        ballot.max_score,
        items,
        adjustments=adjustments,
        comments=_longest([panel.comments for panel in ballot.panels]),
        group=group,
    )
    return question, [*ballot.repairs, *repairs]


class _Arithmetic:
    """Whether ticked items give the printed score: from the top for deductions, from 0 for credits."""

    def __init__(
        self, points: Sequence[float], adjustments: Sequence[PointAdjustment], score: float, max_score: float
    ) -> None:
        self.points = points
        self.score = score
        self.max_score = max_score
        self._added = [adjustment.points for adjustment in adjustments]
        self._scorings = _scorings(points)

    def given(self, ticks: Ticks) -> list[float]:
        chosen = [self.points[i] for i in ticks]
        return [question_score(self.max_score, chosen, self._added, scoring) for scoring in self._scorings]

    def __call__(self, ticks: Ticks) -> bool:
        # A score above the maximum (extra credit) or below zero is printed unclamped.
        chosen = sum(self.points[i] for i in ticks) + sum(self._added)
        raw = [chosen + (self.max_score if scoring == "deduct" else 0) for scoring in self._scorings]
        return any(abs(value - self.score) < 1e-6 for value in [*self.given(ticks), *raw])


def _scorings(points: Sequence[float]) -> list[str]:
    """How the question can be scored: credits are printed with a plus; with nothing but zeros it may be either."""
    if any(value > 0 for value in points):
        return ["add", "deduct"] if any(value < 0 for value in points) else ["add"]
    return ["deduct"] if any(value < 0 for value in points) else ["deduct", "add"]


def _printed(ballot: Ballot, index: int) -> tuple[Ticks, list[int]]:
    """(ticks of one panel, its items from top to bottom); a tick on a line of its own is the next item's."""
    listed = [ballot.entries.index(entry) for entry in ballot.listed(index)]
    ticks = {i for i in listed if index in ballot.entries[i].ticked}
    for place in ballot.panels[index].loose:
        below = [i for i in listed if ballot.entries[i].places[index] >= place] or listed[-1:]
        if below:
            ticks.add(below[0])
    return frozenset(ticks), listed


def _settle(ballot: Ballot, printed: Sequence[tuple[Ticks, list[int]]], fits: _Arithmetic) -> tuple[Ticks, list[str]]:
    said = sorted({ticks for ticks, _ in printed}, key=sorted)
    cost = {ticks: _cost(ticks, ballot, printed) for ticks in _candidates(len(ballot.entries), said) if fits(ticks)}
    majority = min(said, key=lambda ticks: _cost(ticks, ballot, printed))
    loose = any(panel.loose for panel in ballot.panels)
    if not cost or (not ballot.entries):
        repairs = [] if fits(majority) else [_unfit(ballot, majority, fits)]
        return majority, repairs
    order = sorted(cost, key=lambda ticks: (cost[ticks], _in_summary_only(ticks, ballot, printed), sorted(ticks)))
    best = order[0]
    tied = len(order) > 1 and cost[order[1]] == cost[best]
    if best not in said and (tied or min(len(best ^ ticks) for ticks in said) > _REPAIRED):
        return majority, [_unfit(ballot, majority, fits)]
    if tied:
        return best, [_open(ballot, best, order[1])]
    if best in said:
        return best, [_outvoted(ballot, best, said)] if len(said) > 1 else _loose(ballot, best) if loose else []
    return best, [_moved(ballot, best, majority)]


def _candidates(count: int, said: Sequence[Ticks]) -> Iterator[Ticks]:
    """Every set of ticks; with many items only those near to what is printed."""
    if count <= _ALL_SUBSETS:
        for size in range(count + 1):
            yield from map(frozenset, combinations(range(count), size))
        return
    yield from said
    for ticks in said:
        for changes in (1, 2):
            for change in combinations(range(min(count, _MAX_ITEMS)), changes):
                yield ticks.symmetric_difference(change)


def _cost(ticks: Ticks, ballot: Ballot, printed: Sequence[tuple[Ticks, list[int]]]) -> float:
    odd = _ODD * _is_odd(ticks, ballot)
    typeset = _TYPESET * sum(_against_dashes(ticks, ballot, index) for index in range(len(printed)))
    return round(odd + typeset + sum(_distance(ticks, said, listed) for said, listed in printed), 6)


def _against_dashes(ticks: Ticks, ballot: Ballot, index: int) -> bool:
    """Whether a panel that prints two dashes before one item, the ticked one, prints them before another than `ticks`."""
    dashed = {i for i, entry in enumerate(ballot.entries) if index in entry.dashed}
    return len(dashed) == 1 and dashed != ticks


def _distance(ticks: Ticks, said: Ticks, listed: Sequence[int]) -> float:
    """How far one panel's ticks are from `ticks`: 1 for each line, but a tick on the line beside counts once."""
    missing = sorted(i for i in ticks - said if i in listed)
    extra = [i for i in said if i not in ticks]
    distance = 0.0
    for i in missing:
        beside = next((j for j in extra if abs(listed.index(i) - listed.index(j)) == 1), None)
        distance += 1.0 if beside is None else _MOVED
        if beside is not None:
            extra.remove(beside)
    # An item that the panel does not even list can hardly be ticked.
    return distance + len(extra) + sum(1.0 for i in ticks if i not in listed)


def _is_odd(ticks: Ticks, ballot: Ballot) -> bool:
    free = [i for i in ticks if ballot.entries[i].item.points == 0 and key(ballot.entries[i].label) == "correct"]
    return not ticks or (bool(free) and len(ticks) > len(free))


def _in_summary_only(ticks: Ticks, ballot: Ballot, printed: Sequence[tuple[Ticks, list[int]]]) -> bool:
    """Page panels are the better witnesses: the summary is set in columns, where lines slip."""
    pages = [said for (said, _), panel in zip(printed, ballot.panels, strict=True) if not panel.summary]
    return bool(pages) and ticks not in pages


def _names(ticks: Ticks, ballot: Ballot) -> str:
    return " and ".join(quoted(ballot.entries[i].label) for i in sorted(ticks)) or "nothing"


def _unfit(ballot: Ballot, ticks: Ticks, fits: _Arithmetic) -> str:
    given = fits.given(ticks)[0]
    return (
        f"Question {ballot.number}: the ticked items ({_names(ticks, ballot)}) give {given:g} of {ballot.max_score:g}, "
        f"but the printed score is {ballot.score:g}; the printed score is kept. Please check."
    )


def _open(ballot: Ballot, best: Ticks, other: Ticks) -> str:
    return (
        f"Question {ballot.number}: {_names(best, ballot)} or {_names(other, ballot)} was ticked, and both would give "
        f"{ballot.score:g} of {ballot.max_score:g}; {_names(best, ballot)} is taken. Please check."
    )


def _outvoted(ballot: Ballot, best: Ticks, said: Sequence[Ticks]) -> str:
    others = "; ".join(_names(ticks, ballot) for ticks in said if ticks != best)
    return (
        f"Question {ballot.number}: the panels disagree on the ticks ({others} in another panel); {_names(best, ballot)} "
        f"is taken, which gives the printed score of {ballot.score:g}."
    )


def _moved(ballot: Ballot, best: Ticks, majority: Ticks) -> str:
    return (
        f"Question {ballot.number}: the tick on {_names(majority, ballot)} does not give the printed score of "
        f"{ballot.score:g} / {ballot.max_score:g}; it is moved to {_names(best, ballot)}, which does."
    )


def _loose(ballot: Ballot, best: Ticks) -> list[str]:
    return [f"Question {ballot.number}: a tick stands on no item's line; it is taken for {_names(best, ballot)}."]


def _longest(found: Sequence[tuple]) -> tuple:
    return max(found, key=len, default=())


def majority_sign(panels: Sequence[Panel]) -> str:
    """The sign of points that are printed without one: that of most others in the document, else a deduction's."""
    signs = [item.sign for panel in panels for item in panel.items if item.points]
    return "+" if signs.count("+") > signs.count("-") else "-"
