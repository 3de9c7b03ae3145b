"""Answers in a numbered list that comes after all the questions: "2.1 …?", "2.2 …?", then "2.1 …", "2.2 …"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from grader.ingest.headings import answer_heading, clean, heading_level

_ITEM = re.compile(
    r"^[\s>#*_-]{0,12}(?:(?:answers?|ans|a|q|questions?)\W{0,3})?(\d{1,2}(?:\.\d{1,2}){0,2})(?:[.):]\W|\s+|$)", re.I
)


@dataclass(frozen=True)
class Item:
    """`label` is "2.1"; it stands in the lines `first` to `end` (from 0, the last one excluded)."""

    label: str
    text: str
    first: int
    end: int

    @property
    def depth(self) -> int:
        return self.label.count(".")


def numbered_answers(text: str, asks: Callable[[str], str | None]) -> dict[str, Item | None]:
    """By question of such a list, its answer: an item whose number is that of the question, without the number; None
    for one that was left out. `asks(text)` gives the question whose prompt a text is.

    Only where at least two questions stand in one list, so that the options of a question are no answers to it.
    """
    items = _items(text.split("\n"))
    asked = [(i, question) for i, item in enumerate(items) if (question := asks(item.text))]
    answers: dict[str, Item | None] = {}
    for depth in {items[i].depth for i, _ in asked}:
        questions = {items[i].label: question for i, question in asked if items[i].depth == depth}
        last = max(i for i, _ in asked if items[i].depth == depth)
        found: dict[str, Item | None] = dict.fromkeys(questions.values())
        for item in items[last + 1 :]:
            question = questions.get(item.label)
            if question and found[question] is None and (answer := _answer(item)):
                found[question] = replace(item, text=answer)
        if len(questions) > 1 and any(found.values()):
            answers |= found
    return answers


def _items(lines: Sequence[str]) -> list[Item]:
    """Every numbered line with what follows it, up to the next one or a heading; "1.", "2." … below "2.1" are its own."""
    starts = [(i, match[1]) for i, line in enumerate(lines) if (match := _ITEM.match(line))]
    items: list[Item] = []
    inner = 0  # the last number of a list inside an item
    for (start, label), (end, _) in pairwise([*starts, (len(lines), "")]):
        end = next((i for i in range(start + 1, end) if heading_level(lines[i]) is not None), end)
        if items and items[-1].depth and items[-1].end == start and label == str(inner + 1):
            inner += 1
            above = items.pop()
            items.append(Item(above.label, "\n".join(lines[above.first : end]), above.first, end))
            continue
        inner = 0
        items.append(Item(label, "\n".join(lines[start:end]), start, end))
    return items


def _answer(item: Item) -> str:
    first, *rest = item.text.split("\n")
    first = first[match.end() :] if (match := _ITEM.match(first)) else first
    if heading := answer_heading(first):
        first = heading.rest
    return clean("\n".join([first, *rest]))
