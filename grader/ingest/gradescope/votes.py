"""All printings of one question become one: header by vote, items united, ticks counted per printing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from grader.ingest.gradescope.labels import agreed, is_default, joined, key, keys, nearly
from grader.ingest.gradescope.panel_lines import PanelItem
from grader.ingest.gradescope.panels import Panel

Value = TypeVar("Value")


@dataclass
class Entry:
    """A rubric item of a question. `places`: index of each panel that has it → its place there; `ticked`: the panels
    that tick it; `dashed`: the panels that print two dashes before it."""

    item: PanelItem
    places: dict[int, int] = field(default_factory=dict)
    ticked: set[int] = field(default_factory=set)
    dashed: set[int] = field(default_factory=set)
    signs: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return joined(self.item.label)

    def points(self, default: str) -> float:
        """Signed points. A plus is always printed on purpose; a dash may be a list's, so a plus outvotes it."""
        sign = "+" if "+" in self.signs else "-" if "-" in self.signs else default
        return 0.0 - self.item.points if sign == "-" else self.item.points


@dataclass
class Ballot:
    """A question as its panels print it."""

    number: str
    title: str
    score: float
    max_score: float
    panels: list[Panel]
    entries: list[Entry]
    repairs: list[str] = field(default_factory=list)

    def listed(self, index: int) -> list[Entry]:
        """The items of one panel, from top to bottom."""
        return sorted((entry for entry in self.entries if index in entry.places), key=lambda e: e.places[index])


def ballots(panels: Sequence[Panel]) -> list[Ballot]:
    """One ballot a question, by number. An item that the summary lists under the wrong question is put right."""
    numbers = sorted({panel.number for panel in panels}, key=lambda n: [int(part) for part in n.split(".")])
    found = [_ballot([panel for panel in panels if panel.number == number]) for number in numbers]
    _put_right(found)
    for ballot in found:
        _note_rare(ballot)
    return found


def _ballot(panels: list[Panel]) -> Ballot:
    title = _most(panels, lambda panel: key(panel.title))
    scored = _most(panels, lambda panel: (panel.score, panel.max_score))
    ballot = Ballot(panels[0].number, title.title, scored.score, scored.max_score, panels, [])
    others = {(panel.score, panel.max_score) for panel in panels} - {(scored.score, scored.max_score)}
    for score, max_score in sorted(others):
        ballot.repairs.append(
            f"Question {ballot.number}: the panels disagree on the score, {scored.score:g} / {scored.max_score:g} or "
            f"{score:g} / {max_score:g}; {scored.score:g} / {scored.max_score:g} is taken."
        )
    # The longest list first: the others are fitted into its order.
    for index in sorted(range(len(panels)), key=lambda i: -len(panels[i].items)):
        _unite(ballot, index)
    return ballot


def _most(panels: Iterable[Panel], value: Callable[[Panel], object]) -> Panel:
    """A panel with the commonest value; of equally common ones the summary's, which nobody but the grader wrote."""
    panels = list(panels)
    count = Counter(value(panel) for panel in panels)
    return max(panels, key=lambda panel: (count[value(panel)], panel.summary))


def _unite(ballot: Ballot, index: int) -> None:
    """Adds the items of one panel: to the entry of the same label and points, else as a new one after its neighbour."""
    items = ballot.panels[index].items
    matched: dict[int, Entry] = {}
    for match in (_exactly, agreed, _near_lines):
        for place, item in enumerate(items):
            if place in matched:
                continue
            for entry in ballot.entries:
                if index in entry.places:
                    continue
                label = match(entry.item, item)
                if label is not None:
                    _add(entry, index, place, item)
                    entry.item = replace(entry.item, label=label)
                    matched[place] = entry
                    break
    for place, item in enumerate(items):
        if place not in matched:
            twin = next((matched[p] for p in range(place) if p in matched and _same(items[p], item)), None)
            matched[place] = twin or _new(ballot, items, place, matched)
            if twin:
                ballot.repairs.append(f"Question {ballot.number}: {quoted(twin.label)} stands twice in one panel.")
            _add(matched[place], index, place, item)


def _exactly(first: PanelItem, second: PanelItem) -> tuple[str, ...] | None:
    return first.label if first.points == second.points and keys(first)[-1] == keys(second)[-1] else None


def _near_lines(first: PanelItem, second: PanelItem) -> tuple[str, ...] | None:
    return first.label if nearly(first, second) else None


def _same(first: PanelItem, second: PanelItem) -> bool:
    return not is_default(first) and first.points == second.points and keys(first)[-1] == keys(second)[-1]


def _new(ballot: Ballot, items: Sequence[PanelItem], place: int, matched: dict[int, Entry]) -> Entry:
    above = max((p for p in matched if p < place), default=None)
    entry = Entry(items[place])
    at = len(ballot.entries) if above is None else ballot.entries.index(matched[above]) + 1
    ballot.entries.insert(at, entry)
    return entry


def _add(entry: Entry, index: int, place: int, item: PanelItem) -> None:
    entry.places.setdefault(index, place)
    entry.signs.append(item.sign)
    if item.dashes > 1:
        entry.dashed.add(index)
    if item.ticked:
        entry.ticked.add(index)


def _put_right(found: Sequence[Ballot]) -> None:
    """An item that one question has on its page only, and one other question in the summary only, slipped in the
    summary, which is set in columns: it stays with its page."""
    alike: dict[tuple[float, str], list[tuple[Ballot, Entry]]] = {}
    for ballot in found:
        for entry in ballot.entries:
            alike.setdefault((entry.item.points, key(entry.label)), []).append((ballot, entry))
    for pairs in alike.values():
        if len(pairs) != 2:
            continue
        for (ballot, entry), (other, twin) in (pairs, pairs[::-1]):
            if _kinds(ballot, entry) == {False} and _slipped(ballot, other, twin):
                other.entries.remove(twin)
                ballot.repairs.append(
                    f"Question {ballot.number}: {quoted(entry.label)} is printed on its page, but in the summary below "
                    f"question {other.number}; it is kept with question {ballot.number}."
                )


def _slipped(ballot: Ballot, other: Ballot, twin: Entry) -> bool:
    """Whether `twin`, below `other` in the summary, is an item of `ballot`: one is missing where it should be."""
    missing = any(panel.summary for panel in ballot.panels) or not all(panel.summary for panel in other.panels)
    return ballot is not other and _kinds(other, twin) == {True} and not twin.ticked and missing


def _kinds(ballot: Ballot, entry: Entry) -> set[bool]:
    """Whether the panels that print an item are the summary's."""
    return {ballot.panels[index].summary for index in entry.places}


def _note_rare(ballot: Ballot) -> None:
    moved = " ".join(ballot.repairs)
    for entry in ballot.entries:
        if len(entry.places) < len(ballot.panels) and quoted(entry.label) not in moved:
            ballot.repairs.append(
                f"Question {ballot.number}: {quoted(entry.label)} stands in {len(entry.places)} of "
                f"{len(ballot.panels)} panels; it is kept."
            )


def quoted(label: str) -> str:
    return f'"{label}"' if label else "an item without label"
