"""Which question of a rubric is which question of an export, and which item is which item.

A question is recognised by its prompt, its number and topic, and its points; an item by its points, then by its words. A
rubric's author words things in their own way, so graders' usual synonyms count as one word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np
from scipy.optimize import linear_sum_assignment

from grader.core.rubric import Item, Question, Rubric
from grader.ingest.gradescope.answers import title_number
from grader.ingest.gradescope.export import Export, ExportItem, ExportQuestion
from grader.ingest.gradescope.skeleton import item_ids, question_ids
from grader.ingest.headings import heading_number
from grader.ingest.prompts import Prompts, words

_LEAST = 1.2  # of the evidence below, what makes two questions one
_PROMPT, _NUMBER, _TOPIC, _POINTS, _ITEMS, _ORDER = 2.0, 0.6, 1.2, 0.5, 0.6, 0.05
_SYNONYMS = tuple(
    frozenset(group.split())
    for group in (
        "incorr wrong improp error false invali mistak",
        "missin missed no not without lacks lackin didn doesn isn unment absent",
        "explan reason justif",
        "choose chose chosen select picked given",
        "suffic insuff enough incomp partia partly",
        "mentio named said stated statin",
        "answer respon",
        "bn batchn batch",
        "ln layern layer",
    )
)


@dataclass
class Match:
    """`questions`: the rubric's question id by the export's number, None for one that the rubric lacks. `items`: by
    number, the rubric's item id by the item's place in the export; None for one that the rubric lacks."""

    questions: dict[str, str | None] = field(default_factory=dict)
    items: dict[str, dict[int, str | None]] = field(default_factory=dict)


def match(export: Export, rubric: Rubric) -> Match:
    """The likeliest pairs; each question and item of the rubric at most once. Only written questions are considered."""
    written = [question for question in rubric.questions if question.items]
    found = Match({question.number: None for question in export.questions})
    for asked, ours in _pairs(export.questions, written):
        found.questions[asked.number] = ours.id
        found.items[asked.number] = match_items(asked, ours)
    return found


def skeleton_match(export: Export) -> Match:
    """The pairs of an export with the skeleton that was made of it."""
    items = {
        question.number: {place: item_ids(question).get(place) for place in range(len(question.items))}
        for question in export.questions
    }
    return Match(dict(question_ids(export)), items)


def match_items(asked: ExportQuestion, ours: Question) -> dict[int, str | None]:
    """The rubric's item id by the item's place; only items of the same points are one."""
    pairs: dict[int, str | None] = dict.fromkeys(range(len(asked.items)))
    if not asked.items or not ours.items:
        return pairs
    score = np.array([[_item_score(item, other) for other in ours.items] for item in asked.items])
    spread = np.array([[-abs(i / len(asked.items) - j / len(ours.items)) for j in range(len(ours.items))]
                       for i in range(len(asked.items))])  # fmt: skip
    rows, columns = linear_sum_assignment(-(np.maximum(score, 0) + 0.01 * spread * (score > 0)))
    for row, column in zip(rows, columns, strict=True):
        if score[row, column] > 0:
            pairs[int(row)] = ours.items[int(column)].id
    return pairs


def _item_score(item: ExportItem, other: Item) -> float:
    """0 for other points; above, how alike the words are. The only item of its points needs no common word."""
    if abs(item.points - other.points) > 1e-6 or item.points == 0:
        return 0.0
    mine, theirs = _words(item.label), _words(f"{other.label} {other.id}")
    spelled = max(SequenceMatcher(None, item.label.lower(), text).ratio() for text in (other.label.lower(), other.id))
    return 0.05 + _share(mine, theirs) + 0.5 * _share(theirs, mine) + 0.3 * spelled


def _share(words_: set[str], others: set[str]) -> float:
    return sum(any(_akin(word, it) for it in others) for word in words_) / max(len(words_), 1)


def _pairs(asked: Sequence[ExportQuestion], written: Sequence[Question]) -> list[tuple[ExportQuestion, Question]]:
    if not asked or not written:
        return []
    prompts = Prompts([question.answer for question in written if question.answer])
    score = np.array([[_question_score(mine, ours, prompts) for ours in written] for mine in asked])
    for i in range(len(asked)):
        for j in range(len(written)):
            score[i, j] -= _ORDER * abs(i / len(asked) - j / len(written))
    rows, columns = linear_sum_assignment(-np.maximum(score, 0))
    return [
        (asked[row], written[column])
        for row, column in zip(rows, columns, strict=True) if score[row, column] >= _LEAST
    ]  # fmt: skip


def _question_score(mine: ExportQuestion, ours: Question, prompts: Prompts) -> float:
    slot = ours.answer
    prompt = prompts.covered(ours.id, words(mine.prompt)) if slot and mine.prompt else 0.0
    number = title_number(mine.title)
    same_number = number is not None and slot is not None and number == str(heading_number(slot.heading))
    notebook = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", (slot.notebook or "").removesuffix(".ipynb")) if slot else ""
    named = {word for word in _words(mine.title) if not word.isdigit()}
    topic = _share(named, _words(f"{notebook} {ours.title} {ours.id}"))
    items = _items_score(mine, ours)
    same_points = abs(mine.max_score - ours.points) < 1e-6
    return (
        _PROMPT * prompt + _NUMBER * same_number + _TOPIC * topic + _ITEMS * items
        + (_POINTS if same_points else -_POINTS)
    )  # fmt: skip


def _items_score(mine: ExportQuestion, ours: Question) -> float:
    """How alike the items are: 1 when each has its like in the same words."""
    other = {item.id: item for item in ours.items}
    pairs = [(mine.items[place], other[name]) for place, name in match_items(mine, ours).items() if name]
    count = sum(item.points != 0 for item in mine.items) + len(ours.items)
    return 2 * sum(_share(_words(item.label), _words(f"{it.label} {it.id}")) for item, it in pairs) / max(count, 1)


def _words(text: str) -> set[str]:
    """Stems, figures and synonyms' group names; small words such as "not" count here."""
    found = {word[:6] for word in re.findall(r"[^\W_]+", text.lower()) if len(word) > 1 or word.isdigit()}
    return {_GROUP.get(word, word) for word in found} - _SMALL


_GROUP = {word: min(group) for group in _SYNONYMS for word in group}
_SMALL = frozenset("the of is it that for to in and or at be with an you an inline".split())  # noqa: SIM905


def _akin(word: str, other: str) -> bool:
    return word == other or (min(len(word), len(other)) >= 4 and (word.startswith(other) or other.startswith(word)))
