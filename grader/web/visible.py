"""Score sheets as their reader may see them: staff everything, students what `grader.core.visibility` allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from grader.core.result import QuestionResult
from grader.core.visibility import Release, hidden_counts, hidden_notes, hides_points, visible_result
from grader.db.scores import QuestionSheet, ScoreSheet
from grader.db.tables import Assignment


def release_of(assignment: Assignment) -> Release:
    return Release(**_times(assignment))


def is_published(assignment: Assignment) -> bool:
    return release_of(assignment).published


def shown_sheet(sheet: ScoreSheet | None, assignment: Assignment, *, staff: bool) -> ScoreSheet | None:
    """`sheet` as staff or the student may see it now. A student's has no marks or adjustments before publishing."""
    if sheet is None or staff:
        return sheet
    times = _times(assignment)
    result = visible_result(sheet.as_result(), assignment.rubric_version.document, **times)
    published = Release(**times).published
    questions = [_shown(*pair, published=published) for pair in zip(sheet.questions, result.questions, strict=True)]
    return replace(
        sheet, questions=tuple(questions), score=result.score, max_score=result.max_score,
        awaiting_review=result.awaiting_review,
    )  # fmt: skip


def notes_for(assignment: Assignment, *, staff: bool) -> Mapping[str, str]:
    """What the reader does not see yet, by question."""
    return {} if staff else hidden_notes(assignment.rubric_version.document, **_times(assignment))


def hidden_checks(assignment: Assignment) -> dict[str, int]:
    """How many checks students do not see now, by the visibility that hides them."""
    return hidden_counts(assignment.rubric_version.document, release_of(assignment))


def shows_check_totals(assignment: Assignment, *, staff: bool) -> bool:
    """Whether the reader may know what all checks of an attempt gave together."""
    return staff or not hides_points(assignment.rubric_version.document, release_of(assignment))


def _shown(sheet: QuestionSheet, result: QuestionResult, *, published: bool) -> QuestionSheet:
    if not published:
        return replace(sheet, result=result, marks={}, adjustment=None, review=None)
    applied = {item.id for item in result.items}
    return replace(sheet, result=result, marks={name: mark for name, mark in sheet.marks.items() if name in applied})


def _times(assignment: Assignment) -> dict[str, Any]:
    return {"now": datetime.now(UTC), "due_at": assignment.due_at, "published_at": assignment.published_at}
