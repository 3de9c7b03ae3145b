"""When two printings of a rubric item are the same item, and where its label ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.ingest.gradescope.items import DEFAULT_LABEL
from grader.ingest.gradescope.panel_lines import PanelItem

_OCR_WORD = 5  # letters from which two words that differ in one are taken for one word


def key(label: str) -> str:
    """What a label is compared by: letters and digits only, so that case, blanks and marks do not count."""
    return re.sub(r"[\W_]+", "", label.casefold())


def joined(lines: Sequence[str]) -> str:
    return " ".join(line for line in lines if line)


def keys(item: PanelItem) -> list[str]:
    """The label's key if it ended after its first line, its second, … : text below an item may not be its label's."""
    return [key(joined(item.label[: n + 1])) for n in range(len(item.label))]


def is_default(item: PanelItem) -> bool:
    """Whether the label is empty or was never filled in: such items are told apart by their place only."""
    return keys(item)[-1] in ("", key(DEFAULT_LABEL))


def agreed(first: PanelItem, second: PanelItem) -> tuple[str, ...] | None:
    """The longest label, as lines, that both printings can mean; None when they are different items."""
    if first.points != second.points or is_default(first) != is_default(second):
        return None
    if is_default(first):
        return first.label
    others = set(keys(second))
    for n in range(len(first.label), 0, -1):
        if key(joined(first.label[:n])) in others:
            return first.label[:n]
    return None


def nearly(first: PanelItem, second: PanelItem) -> bool:
    """Whether the labels differ only as OCR makes them: one letter in a long word; never in a figure."""
    ours, theirs = (re.findall(r"\w+", joined(item.label).casefold()) for item in (first, second))
    if first.points != second.points or len(ours) != len(theirs) or not ours:
        return False
    different = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    return len(different) <= 2 and all(
        min(len(a), len(b)) >= _OCR_WORD and a.isalpha() and b.isalpha() and _one_letter(a, b) for a, b in different
    )


def _one_letter(a: str, b: str) -> bool:
    """Whether one letter was replaced, added or lost."""
    short, long = sorted((a, b), key=len)
    start = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[start + (len(short) == len(long)) :] == long[start + 1 :]
