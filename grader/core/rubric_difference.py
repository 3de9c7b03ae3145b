"""What differs between two versions of a rubric, in sentences and as YAML lines; and whether scores follow by themselves."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.core.rubric import Item, Question, Rubric

_SAID = {"id", "title", "points", "scoring", "checks", "answer", "items"}  # of a question; all else are rules
_SAID_OF_ITEMS = {"id", "points", "label", "group", "formerly"}


@dataclass(frozen=True)
class Difference:
    """`sentences` for people; `lines` of a unified diff of the YAML."""

    sentences: tuple[str, ...]
    lines: tuple[str, ...]


def difference(old: Rubric, new: Rubric, old_text: str, new_text: str) -> Difference:
    return Difference(tuple(_sentences(old, new)), yaml_lines(old_text, new_text))


def yaml_lines(old_text: str, new_text: str) -> tuple[str, ...]:
    """Of a unified diff, without its header."""
    return tuple(difflib.unified_diff(old_text.splitlines(), new_text.splitlines(), lineterm="", n=2))[2:]


def needs_grading(old: Rubric, new: Rubric) -> list[str]:
    """Why submissions must be graded again before `new` can apply; empty when scores follow by themselves.

    Points of written questions are derived from marks. What checks gave is the result of an attempt.
    """
    before, after = ({q.id: q for q in rubric.questions if q.checks} for rubric in (old, new))
    reasons = [f"Question {name} is graded by checks, and is new" for name in after if name not in before]
    reasons += [f"Question {name}, graded by checks, is gone" for name in before if name not in after]
    reasons += [f"The checks of {name} changed" for name in after if name in before and before[name] != after[name]]
    if old.code != new.code:
        reasons.append("What code is asked for changed")
    if old.variables != new.variables:
        reasons.append("The variables of the pack changed")
    return reasons


def _sentences(old: Rubric, new: Rubric) -> Iterator[str]:
    if old.title != new.title:
        yield f"The rubric is called “{new.title}” instead of “{old.title}”"
    before, after = ({question.id: question for question in rubric.questions} for rubric in (old, new))
    for name, question in before.items():
        if name not in after:
            yield f"{name} is gone ({_points(question.points)})"
    for name, question in after.items():
        if name not in before:
            yield f"{name} is new ({_points(question.points)})"
        else:
            yield from _question_sentences(name, before[name], question)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield "The questions stand in another order"
    yield from needs_grading(old, new)


def _question_sentences(name: str, old: Question, new: Question) -> Iterator[str]:
    if old.title != new.title:
        yield f"{name} is called “{new.title}” instead of “{old.title}”"
    if old.points != new.points:
        yield f"{name} is worth {_points(new.points)} instead of {_number(old.points)}"
    if old.scoring != new.scoring:
        yield f"{name} is scored by “{new.scoring}” instead of “{old.scoring}”"
    if old.answer != new.answer:
        yield f"{name}: answers are looked for in another way, in what is handed in from now on"
    if _rules(old, _SAID) != _rules(new, _SAID):
        yield f"{name}: the rules for suggestions changed"
    yield from _item_sentences(name, old, new)


def _item_sentences(name: str, old: Question, new: Question) -> Iterator[str]:
    before, after = ({item.id: item for item in question.items} for question in (old, new))
    merged = {former: item for item in new.items for former in item.formerly}
    for key, item in before.items():
        if key not in after:
            yield f"{name}: {_label(item)} is " + (f"merged into {_label(merged[key])}" if key in merged else "deleted")
    for key, item in after.items():
        if key not in before:
            yield f"{name}: {_label(item)} is new ({_signed(item.points)})"
        else:
            yield from (f"{name}: {change}" for change in _item_changes(before[key], item))
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield f"{name}: the items stand in another order"


def _item_changes(old: Item, new: Item) -> Iterator[str]:
    if old.points != new.points:
        yield f"{_label(new)} counts {_signed(new.points)} instead of {_signed(old.points)}"
    if _label(old) != _label(new):
        yield f"{_label(old)} is worded {_label(new)}"
    if old.group != new.group:
        yield f"{_label(new)} is " + (f"in the group “{new.group}”" if new.group else "in no group")
    if _rules(old, _SAID_OF_ITEMS) != _rules(new, _SAID_OF_ITEMS):
        yield f"the rule that suggests {_label(new)} changed"


def _rules(part: Question | Item, said: set[str]) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).model_fields if name not in said}


def _label(item: Item) -> str:
    return f"“{' '.join(item.label.split())}”"


def _number(points: float) -> str:
    return f"{points:g}".replace("-", "\N{MINUS SIGN}")


def _signed(points: float) -> str:
    return f"+{_number(points)}" if points > 0 else _number(points)


def _points(points: float) -> str:
    return f"{_number(points)} point{'' if points == 1 else 's'}"
