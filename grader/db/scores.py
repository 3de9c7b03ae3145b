"""Score sheets: an attempt's result with what TAs decided worked in. Derived on every read, never stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from grader.core.result import ItemResult, QuestionResult, Result
from grader.core.score import Scoring, question_score
from grader.db.attempts import latest_graded
from grader.db.marks import adjustments_of, marks_of
from grader.db.tables import Adjustment, Attempt, Mark, MarkState, Submission


@dataclass(frozen=True)
class QuestionSheet:
    """One question as it stands now.

    result: with the items applied that a TA applied, and the score that follows.
    version: changes with every change of a mark or of the adjustment; whoever saves must name the one they saw.
    """

    result: QuestionResult
    scoring: Scoring
    marks: Mapping[str, Mark]
    adjustment: Adjustment | None
    version: str


@dataclass(frozen=True)
class ScoreSheet:
    """`awaiting_review` counts the points of the questions that a TA still has to decide."""

    attempt: Attempt
    questions: tuple[QuestionSheet, ...]
    score: float
    max_score: float
    awaiting_review: float
    remarks: tuple[str, ...]

    def question(self, question_id: str) -> QuestionSheet | None:
        return next((sheet for sheet in self.questions if sheet.result.id == question_id), None)

    def as_result(self) -> Result:
        """The attempt's result with today's marks, items and scores."""
        return Result.model_validate(self.attempt.result).model_copy(
            update={
                "questions": tuple(sheet.result for sheet in self.questions),
                "score": self.score,
                "awaiting_review": self.awaiting_review,
            }
        )


def score_sheet(session: Session, submission: Submission) -> ScoreSheet | None:
    """The sheet of the attempt that counts; None before anything is graded."""
    attempt = latest_graded(submission.attempts)
    if attempt is None:
        return None
    return build_sheet(attempt, marks_of(session, submission.id), adjustments_of(session, submission.id))


def build_sheet(attempt: Attempt, marks: Sequence[Mark] = (), adjustments: Sequence[Adjustment] = ()) -> ScoreSheet:
    """The sheet of a graded attempt. `marks` and `adjustments` are those of its submission."""
    result = Result.model_validate(attempt.result)
    scorings = scoring_of(attempt.rubric_version.document)
    adjusted = {adjustment.question: adjustment for adjustment in adjustments}
    questions = tuple(
        _question_sheet(
            question,
            scorings.get(question.id, "deduct"),
            {mark.item: mark for mark in marks if mark.question == question.id},
            adjusted.get(question.id),
        )
        for question in result.questions
    )
    return ScoreSheet(
        attempt=attempt,
        questions=questions,
        score=round(sum(sheet.result.score for sheet in questions), 4),
        max_score=result.max_score,
        awaiting_review=round(sum(q.result.max_score for q in questions if q.result.status == "needs_review"), 4),
        remarks=result.remarks,
    )


def scoring_of(document: Mapping[str, Any]) -> dict[str, Scoring]:
    """How each question of a rubric's document adds up: "add" (the rubric's default) or "deduct"."""
    return {question["id"]: question.get("scoring") or "add" for question in document.get("questions", ())}


def is_decided(items: Sequence[str], marks: Mapping[str, Mark]) -> bool:
    """Whether a TA has decided every item of a question."""
    return bool(items) and all(item in marks and marks[item].state != MarkState.SUGGESTED for item in items)


def _question_sheet(
    question: QuestionResult, scoring: Scoring, marks: Mapping[str, Mark], adjustment: Adjustment | None
) -> QuestionSheet:
    items = tuple(_item(item, marks.get(item.id)) for item in question.items)
    decided = question.status == "graded" or is_decided([item.id for item in items], marks)
    extra = [float(adjustment.points)] if adjustment else []
    if not decided:
        score = question.score
    elif items:
        score = question_score(question.max_score, [item.points for item in items if item.applied], extra, scoring)
    else:
        score = question_score(question.max_score, [question.score], extra, "add")
    status = "graded" if decided else "needs_review"
    merged = question.model_copy(update={"items": items, "score": score, "status": status})
    return QuestionSheet(merged, scoring, marks, adjustment, _version(marks, adjustment))


def _item(item: ItemResult, mark: Mark | None) -> ItemResult:
    if mark is None or mark.state == MarkState.SUGGESTED:
        return item
    return item.model_copy(update={"applied": mark.applied})


def _version(marks: Mapping[str, Mark], adjustment: Adjustment | None) -> str:
    seen = [f"{item} {marks[item].version}" for item in sorted(marks)]
    seen.append(f"adjusted {adjustment.version} {adjustment.at.timestamp()}" if adjustment else "not adjusted")
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
