"""What a graded export says, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ExportItem:
    """A rubric item: `points` is negative for a deduction; `applied` when the TA ticked it."""

    points: float
    label: str
    applied: bool


@dataclass(frozen=True)
class PointAdjustment:
    """Points that a TA added or took besides the items."""

    points: float
    comment: str = ""


@dataclass(frozen=True)
class ExportQuestion:
    """`number` is "7", or "7.2" for a part of a question; `group` is the title of the question that it is a part of.

    answer: None when no answer was found. heading, prompt: what stands above it in the work, "" where nothing does.
    """

    number: str
    title: str
    score: float
    max_score: float
    items: tuple[ExportItem, ...] = ()
    answer: str | None = None
    adjustments: tuple[PointAdjustment, ...] = ()
    comments: tuple[str, ...] = ()
    group: str | None = None
    heading: str = ""
    prompt: str = ""

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.number.split("."))


@dataclass(frozen=True)
class Export:
    """One student's graded work. `repairs`: a sentence for everything that did not fit and how it was settled."""

    score: float
    max_score: float
    questions: tuple[ExportQuestion, ...]
    repairs: tuple[str, ...] = ()
    title: str = ""


def as_json(export: Export) -> dict[str, Any]:
    """The object that `grader import gradescope --json` prints. A number is an integer, or text such as "1.2"."""
    return {
        "total": {"score": export.score, "max_score": export.max_score},
        "title": export.title,
        "questions": [_question(question) for question in export.questions],
        "repairs": list(export.repairs),
    }


def _question(question: ExportQuestion) -> dict[str, Any]:
    number = question.number
    return {
        "number": int(number) if number.isdecimal() else number,
        "title": question.title,
        "score": question.score,
        "max_score": question.max_score,
        "items": [{"points": item.points, "label": item.label, "applied": item.applied} for item in question.items],
        "answer": question.answer,
        "adjustments": [{"points": a.points, "comment": a.comment} for a in question.adjustments],
        "comments": list(question.comments),
        "group": question.group,
    }
