"""The rubric editor's form: which edits its fields and its button ask for. Pure, from names and values.

Fields are named `title:QUESTION`, `worth:QUESTION`, `points:QUESTION:ITEM`, `label:…`, `group:…`; a button is
`do=WORD` or `do=WORD:QUESTION:ITEM`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from grader.core.rubric import Question, Rubric
from grader.core.rubric_edit import (
    RubricEditError,
    add_item,
    clean,
    delete_item,
    edit_all,
    fresh_id,
    merge_items,
    move_item,
    set_item,
    set_question,
    split_item,
)

Fields = Mapping[str, str]
Used = Callable[[str], Collection[str]]


@dataclass(frozen=True)
class Wish:
    """A button: what to do, with which question and item."""

    word: str
    question: str = ""
    item: str = ""

    @classmethod
    def of(cls, value: str) -> Wish:
        word, _, rest = value.partition(":")
        question, _, item = rest.partition(":")
        return cls(word, question, item)


def edited(text: str, rubric: Rubric, fields: Fields, wish: Wish, used: Used) -> str:
    """`text` (which says `rubric`) with all that was typed, and with what the button asks for.

    used(question): ids that marks carry, so that a new item gets none of them. Raises RubricEditError.
    """
    text = edit_all(text, list(_typed(rubric, fields)))
    operation = _OPERATIONS.get(wish.word)
    if operation is None:
        return text
    question = next((question for question in rubric.questions if question.id == wish.question), None)
    if question is None:
        raise RubricEditError(f"the rubric has no question {wish.question}")
    return operation(text, question, wish.item, fields, used)


def number(typed: str, scoring: str = "add") -> float:
    """Points as people write them: `-0.5`, `−0,5`; where items deduct, a plain `0.5` too. Raises RubricEditError."""
    plain = typed.strip().replace("\N{MINUS SIGN}", "-").replace(",", ".")
    try:
        points = float(plain)
    except ValueError:
        raise RubricEditError(f"“{clean(typed)[:40]}” is not a number of points") from None
    return -abs(points) if scoring == "deduct" else points


def _typed(rubric: Rubric, fields: Fields) -> Iterator[partial[str]]:
    for question in rubric.questions:
        if not question.items:
            continue
        title, worth = fields.get(f"title:{question.id}"), fields.get(f"worth:{question.id}")
        if title is not None and clean(title) != clean(question.title):
            yield partial(set_question, question=question.id, title=title)
        if worth is not None and number(worth) != question.points:
            yield partial(set_question, question=question.id, points=number(worth))
        yield from _typed_items(question, fields)


def _typed_items(question: Question, fields: Fields) -> Iterator[partial[str]]:
    for item in question.items:
        change = partial(set_item, question=question.id, item=item.id)
        points, label, group = (fields.get(f"{name}:{question.id}:{item.id}") for name in ("points", "label", "group"))
        if points is not None and number(points, question.scoring) != item.points:
            yield partial(change, points=number(points, question.scoring))
        if label is not None and clean(label) != clean(item.label):
            yield partial(change, label=label)
        if group is not None and clean(group) != (item.group or ""):
            yield partial(change, group=group)


def _add(text: str, question: Question, item: str, fields: Fields, used: Used) -> str:
    label, points = fields.get(f"new-label:{question.id}", ""), fields.get(f"new-points:{question.id}", "")
    name = fresh_id(question, label, used(question.id))
    return add_item(text, question.id, item=name, points=number(points, question.scoring), label=label)


def _split(text: str, question: Question, item: str, fields: Fields, used: Used) -> str:
    label, points = fields.get("split-label", ""), number(fields.get("split-points", ""), question.scoring)
    name = fresh_id(question, label, used(question.id))
    return split_item(text, question.id, item, new=name, points=points, label=label)


def _merge(text: str, question: Question, item: str, fields: Fields, used: Used) -> str:
    return merge_items(text, question.id, item, fields.get("into", ""))


_OPERATIONS: dict[str, Callable[[str, Question, str, Fields, Used], str]] = {
    "add": _add,
    "split": _split,
    "merge": _merge,
    "delete": lambda text, question, item, fields, used: delete_item(text, question.id, item),
    "up": lambda text, question, item, fields, used: move_item(text, question.id, item, -1),
    "down": lambda text, question, item, fields, used: move_item(text, question.id, item, 1),
}
