"""What differs between two versions of a rubric, in sentences and as YAML lines; and whether scores follow by themselves.

A rubric is given as its document: a dumped `grader.core.rubric.Rubric`, as the database keeps it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
_PLACE = ("answer",)  # where answers are found
_RULES = ("when", "subjects", "statements", "numbers", "choices", "glossary", "reading")


@dataclass(frozen=True)
class Difference:
    """`sentences` for people; `lines` of a unified diff of the YAML."""

    sentences: tuple[str, ...]
    lines: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lines)


def difference(old: Document, new: Document, old_text: str, new_text: str) -> Difference:
    lines = difflib.unified_diff(old_text.splitlines(), new_text.splitlines(), "before", "after", lineterm="", n=2)
    return Difference(tuple(_sentences(old, new)), tuple(lines))


def needs_grading(old: Document, new: Document) -> list[str]:
    """Why submissions must be graded again before `new` can apply; empty when scores follow by themselves.

    Points of written questions are derived from marks. What checks gave is the result of an attempt.
    """
    before, after = _code_questions(old), _code_questions(new)
    reasons = [f"Question {name} is graded by checks, and is new" for name in after if name not in before]
    reasons += [f"Question {name}, graded by checks, is gone" for name in before if name not in after]
    reasons += [f"The checks of {name} changed" for name in after if name in before and before[name] != after[name]]
    for key, what in (("code", "What code is asked for"), ("variables", "The variables of the pack")):
        if (old.get(key) or None) != (new.get(key) or None):
            reasons.append(f"{what} changed")
    return reasons


def _code_questions(document: Document) -> dict[str, Any]:
    return {question["id"]: question for question in document["questions"] if not question.get("items")}


def _sentences(old: Document, new: Document) -> Iterator[str]:
    if old["title"] != new["title"]:
        yield f"The rubric is called “{new['title']}” instead of “{old['title']}”"
    before, after = ({q["id"]: q for q in document["questions"]} for document in (old, new))
    for name, question in before.items():
        if name not in after:
            yield f"{name} is gone ({_points(question['points'])})"
    for name, question in after.items():
        if name not in before:
            yield f"{name} is new ({_points(question['points'])})"
        else:
            yield from _question_sentences(name, before[name], question)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield "The questions stand in another order"
    yield from needs_grading(old, new)


def _question_sentences(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["title"] != new["title"]:
        yield f"{name} is called “{new['title']}” instead of “{old['title']}”"
    if old["points"] != new["points"]:
        yield f"{name} is worth {_points(new['points'])} instead of {_number(old['points'])}"
    if old.get("scoring") != new.get("scoring"):
        yield f"{name} is scored by “{new.get('scoring')}” instead of “{old.get('scoring')}”"
    if any(old.get(key) != new.get(key) for key in _PLACE):
        yield f"{name}: answers are looked for in another way, in what is handed in from now on"
    if any((old.get(key) or None) != (new.get(key) or None) for key in _RULES):
        yield f"{name}: the rules for suggestions changed"
    yield from _item_sentences(name, old, new)


def _item_sentences(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = ({item["id"]: _on_one_line(item) for item in q.get("items") or ()} for q in (old, new))
    merged = {former: item for item in after.values() for former in item.get("formerly") or ()}
    for key, item in before.items():
        if key in after:
            continue
        target = merged.get(key)
        yield f"{name}: “{item['label']}” is " + (f"merged into “{target['label']}”" if target else "deleted")
    for key, item in after.items():
        if key not in before:
            yield f"{name}: “{item['label']}” is new ({_signed(item['points'])})"
            continue
        was = before[key]
        if was["points"] != item["points"]:
            yield f"{name}: “{item['label']}” counts {_signed(item['points'])} instead of {_signed(was['points'])}"
        if was["label"] != item["label"]:
            yield f"{name}: “{was['label']}” is worded “{item['label']}”"
        if was.get("group") != item.get("group"):
            group = item.get("group")
            yield f"{name}: “{item['label']}” is " + (f"in the group “{group}”" if group else "in no group")
        if was.get("evidence") != item.get("evidence") or any(was.get(k) != item.get(k) for k in _RULES):
            yield f"{name}: the rule that suggests “{item['label']}” changed"
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield f"{name}: the items stand in another order"


def _on_one_line(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "label": " ".join(item["label"].split())}


def _number(points: float) -> str:
    return f"{points:g}".replace("-", "\N{MINUS SIGN}")


def _signed(points: float) -> str:
    return f"+{_number(points)}" if points > 0 else _number(points)


def _points(points: float) -> str:
    return f"{_number(points)} point{'' if points == 1 else 's'}"
