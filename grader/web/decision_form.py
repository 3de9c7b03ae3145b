"""The fields of a marking form: which items apply, their comments, the adjustment."""

from __future__ import annotations

import math

from starlette.datastructures import FormData

from grader.db.reviews import Decision, ItemDecision
from grader.db.scores import QuestionSheet
from grader.errors import BadInput
from grader.web.contexts import Conflict

_COMMENT = "comment:"  # the name of a comment's field is this and the item's id


def read_decision(form: FormData) -> Decision:
    """Raises BadInput for an adjustment that is no number."""
    applied = {str(item) for item in form.getlist("item")}
    comments = _comments(form)
    items = {item: ItemDecision(item in applied, comments.get(item, "")) for item in applied | set(comments)}
    return Decision(items=items, points=_points(form), comment=str(form.get("comment", "")))


def kept(form: FormData, question: str, current: QuestionSheet | None = None) -> Conflict:
    """What was chosen in a form that could not be saved; `current` is what somebody else stored meanwhile."""
    people = [mark.by.name for mark in current.marks.values() if mark.by] if current else []
    if current and current.review:
        people.append(current.review.by.name)
    if current and current.adjustment:
        people.append(current.adjustment.by.name)
    return Conflict(
        question=question,
        applied=frozenset(str(item) for item in form.getlist("item")),
        item_comments=_comments(form),
        points=str(form.get("points", "")),
        comment=str(form.get("comment", "")),
        changed_by=", ".join(sorted(set(people))) or "somebody else",
    )


def _comments(form: FormData) -> dict[str, str]:
    return {name.removeprefix(_COMMENT): str(text) for name, text in form.items() if name.startswith(_COMMENT)}


def _points(form: FormData) -> float | None:
    text = str(form.get("points", "")).strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if not text:
        return None
    try:
        points = float(text)
    except ValueError:
        raise BadInput(f"{text[:40]!r} is not a number of points") from None
    if not math.isfinite(points):
        raise BadInput("an adjustment must be a finite number of points")
    return points
