"""Editing a rubric's YAML text: each operation returns a new text that is a valid rubric, or raises RubricEditError.

Comments, order and quoting stay: what an operation does not concern is the same to the byte. Only written questions are
edited here; what checks ask is for whoever writes the pack.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import partial, wraps
from typing import Concatenate, ParamSpec

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from grader.core.rubric import Question, Rubric
from grader.core.rubric_file import RubricError, read_rubric
from grader.core.yaml_text import (
    CannotEdit,
    add_entry,
    child,
    compose,
    remove_entry,
    remove_key,
    scalar,
    set_key,
    set_scalar,
    swap_entries,
)

Arguments = ParamSpec("Arguments")

class RubricEditError(ValueError):
    """The change would not give a valid rubric; the message is a sentence for whoever asked for it."""


def _edit(
    operation: Callable[Concatenate[str, Arguments], str],
) -> Callable[Concatenate[str, Arguments], str]:
    """What an operation returns is a valid rubric; whatever cannot be done is a RubricEditError."""

    @wraps(operation)
    def checked(text: str, *args: Arguments.args, **kwargs: Arguments.kwargs) -> str:
        try:
            edited = operation(text, *args, **kwargs)
            if edited != text:
                read_rubric(edited)
        except RubricError as error:
            raise RubricEditError("; ".join(_without_place(problem) for problem in error.problems)) from error
        except CannotEdit as error:
            raise RubricEditError(str(error)) from error
        return edited

    return checked


@_edit
def edit_all(text: str, edits: Sequence[partial[str]]) -> str:
    """Several operations, such as `partial(set_item, question="q", item="i", points=-1)`. Only what comes out must be a
    valid rubric: a question may be worth less and its items too, in any order."""
    for edit in edits:
        text = edit.func.__wrapped__(text, *edit.args, **edit.keywords)
    return text


@_edit
def set_item(
    text: str, question: str, item: str, *, points: float | None = None, label: str | None = None,
    group: str | None = None,
) -> str:  # fmt: skip
    """Change an item's points, label or group; None leaves it as it is, an empty group takes the item out of its group."""
    if points is not None:
        text = _set(text, lambda root: _item(root, question, item), "points", _finite(points))
    if label is not None:
        text = _set(text, lambda root: _item(root, question, item), "label", _words(label, "a label"))
    if group is not None:
        name = clean(group)
        node = _item(compose(text), question, item)
        if not name:
            return remove_key(text, node, "group")
        text = _set(text, lambda root: _item(root, question, item), "group", name)
    return text


@_edit
def set_question(text: str, question: str, *, title: str | None = None, points: float | None = None) -> str:
    """Change a written question's title or points; the rubric's own `points`, if it names them, follow."""
    if title is not None:
        text = _set(text, lambda root: _question(root, question), "title", _words(title, "a title"))
    if points is None:
        return text
    root = compose(text)
    total, was = child(root, "points"), float(child(_question(root, question), "points").value)
    text = _set(text, lambda root: _question(root, question), "points", _finite(points))
    if total is not None:
        text = _set(text, lambda root: root, "points", float(total.value) - was + points)
    return text


@_edit
def add_item(
    text: str, question: str, *, item: str, points: float, label: str, group: str | None = None,
    after: str | None = None,
) -> str:  # fmt: skip
    """A new item behind `after`, or as the last one. Its id must be new, also among merged items."""
    _refuse_known(_written(read_rubric(text), question), item)
    entries = [("id", scalar(item)), ("points", scalar(_finite(points))), ("label", scalar(_words(label, "a label")))]
    if group and clean(group):
        entries.append(("group", scalar(clean(group))))
    items = _items(compose(text), question)
    index = len(items.value) - 1 if after is None else _index(items, after, question)
    return add_entry(text, items, entries, index)


@_edit
def delete_item(text: str, question: str, item: str) -> str:
    """Without the item. Marks with it are kept, and count for nothing; they count again when it comes back."""
    items = _items(compose(text), question)
    index = _index(items, item, question)
    if len(items.value) == 1:
        raise RubricEditError(f"{item} is the only item of {question}: a written question keeps at least one")
    return remove_entry(text, items, index)


@_edit
def merge_items(text: str, question: str, item: str, into: str) -> str:
    """One item of two: `into` applies from now on wherever `item` was applied, at the points of `into`."""
    if item == into:
        raise RubricEditError(f"{item} cannot be merged into itself")
    asked = {it.id: it for it in _written(read_rubric(text), question).items}
    for name in (item, into):
        if name not in asked:
            raise _no_item(question, name)
    former = dict.fromkeys([*asked[into].formerly, item, *asked[item].formerly])
    kept = _item(compose(text), question, into)
    text = set_key(text, kept, "formerly", "[" + ", ".join(map(scalar, former)) + "]")
    items = _items(compose(text), question)
    return remove_entry(text, items, _index(items, item, question))


@_edit
def split_item(
    text: str, question: str, item: str, *, new: str, points: float, label: str, keeps: float | None = None
) -> str:
    """Two items of one: `item` stays where it was applied, worth `keeps` points from now on (None: what it was worth);
    `new` stands behind it and is applied nowhere yet."""
    if keeps is not None:
        text = _set(text, lambda root: _item(root, question, item), "points", _finite(keeps))
    group = next((it.group for it in _written(read_rubric(text), question).items if it.id == item), None)
    return add_item(text, question, item=new, points=points, label=label, group=group, after=item)


@_edit
def move_item(text: str, question: str, item: str, by: int) -> str:
    """Up (negative) or down by so many places, as far as there are any."""
    index = _index(_items(compose(text), question), item, question)
    for _ in range(abs(by)):
        items = _items(compose(text), question)
        other = index + (1 if by > 0 else -1)
        if not 0 <= other < len(items.value):
            break
        text = swap_entries(text, items, min(index, other))
        index = other
    return text


def fresh_id(question: Question, label: str, taken: Collection[str] = ()) -> str:
    """An id for a new item, made of its label's words; of none that is or was in use."""
    used = {*taken, *(name for item in question.items for name in (item.id, *item.formerly))}
    ascii_words = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = "-".join(re.findall(r"[a-z0-9]+", ascii_words)[:4])[:40] or "item"
    return next(name for number in range(1, len(used) + 2) if (name := _numbered(stem, number)) not in used)


def clean(words: str) -> str:
    """One line, without control characters."""
    return " ".join("".join(sign for sign in words if sign.isspace() or unicodedata.category(sign) != "Cc").split())


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def _set(text: str, find: Callable[[MappingNode], MappingNode], key: str, value: str | float) -> str:
    """Set a key of the mapping that `find` finds; the text as it is when it has that value already."""
    mapping = find(compose(text))
    present = child(mapping, key)
    if present is None:
        return set_key(text, mapping, key, scalar(value))
    return text if _reads_as(present, value) else set_scalar(text, present, value)


def _reads_as(node: Node, value: str | float) -> bool:
    if isinstance(value, str):
        return node.value == value
    try:
        return math.isclose(float(node.value), value, abs_tol=1e-9)
    except ValueError:
        return False


def _question(root: Node, question: str) -> MappingNode:
    for node in child(root, "questions").value:
        if child(node, "id").value == question:
            if child(node, "items") is None:
                raise RubricEditError(f"{question} is graded by checks; change them in the YAML, and grade again")
            return node
    raise RubricEditError(f"the rubric has no question {question}")


def _items(root: Node, question: str) -> SequenceNode:
    return child(_question(root, question), "items")


def _item(root: Node, question: str, item: str) -> MappingNode:
    items = _items(root, question)
    return items.value[_index(items, item, question)]


def _index(items: SequenceNode, item: str, question: str) -> int:
    for index, node in enumerate(items.value):
        if child(node, "id").value == item:
            return index
    raise _no_item(question, item)


def _written(rubric: Rubric, question: str) -> Question:
    found = next((it for it in rubric.questions if it.id == question), None)
    if found is None:
        raise RubricEditError(f"the rubric has no question {question}")
    return found


def _refuse_known(question: Question, item: str) -> None:
    for known in question.items:
        if item == known.id:
            raise RubricEditError(f"{question.id} has an item {item} already")
        if item in known.formerly:
            raise RubricEditError(f"{item} was merged into {known.id}: its marks count there; choose another id")


def _no_item(question: str, item: str) -> RubricEditError:
    return RubricEditError(f"{question} has no item {item}; somebody may have deleted or merged it")


def _finite(points: float) -> float:
    if not math.isfinite(points) or abs(points) > 10_000:
        raise RubricEditError("points must be a number between -10000 and 10000")
    return round(points, 4)


def _words(words: str, what: str) -> str:
    if not clean(words):
        raise RubricEditError(f"{what} cannot be empty")
    return clean(words)


def _without_place(problem: str) -> str:
    """`rubric.yaml:12: questions.3: what` → what."""
    return re.sub(r"^\S*?:\d+: (?:[\w.-]+: )?", "", problem)
