"""Score sheets: what an attempt's checks gave and what TAs decided, by the assignment's present rubric. Derived on every
read, never stored, so that an edited rubric rescores everything at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.core.result import ItemResult, QuestionResult, Result
from grader.core.score import Scoring, applied_items, question_score
from grader.db.attempts import latest_graded
from grader.db.marks import adjustments_of, marks_of
from grader.db.review_tables import Adjustment, Mark, Review, Suggestion
from grader.db.tables import Answer, Attempt, Submission


@dataclass(frozen=True)
class QuestionSheet:
    """One question as it stands now.

    result: with the items applied that a TA applied, and the score that follows. A written question is graded once a TA
        has decided it (`review`); until then nothing is applied.
    version: changes with every change of a mark, of the adjustment or of the answer; whoever saves must name the one
        they saw.
    """

    result: QuestionResult
    scoring: Scoring
    marks: Mapping[str, Mark]
    adjustment: Adjustment | None
    review: Review | None
    answer: Answer | None
    version: str
    written: bool = False


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
                "max_score": self.max_score,
                "awaiting_review": self.awaiting_review,
            }
        )


@dataclass(frozen=True)
class Decisions:
    """What is stored beside an attempt, for one submission."""

    marks: Sequence[Mark] = ()
    adjustments: Sequence[Adjustment] = ()
    suggestions: Sequence[Suggestion] = ()
    reviews: Sequence[Review] = ()
    answers: Sequence[Answer] = field(default_factory=tuple)


def score_sheet(session: Session, submission: Submission) -> ScoreSheet | None:
    """The sheet of the attempt that counts, by the assignment's rubric; None before anything is graded."""
    attempt = latest_graded(submission.attempts)
    if attempt is None:
        return None
    return build_sheet(attempt, submission.assignment.rubric_version.document, decisions_of(session, submission))


def decisions_of(session: Session, submission: Submission) -> Decisions:
    def rows(table: type) -> list[Any]:
        return list(session.scalars(select(table).where(table.submission_id == submission.id)))

    return Decisions(
        marks=marks_of(session, submission.id),
        adjustments=adjustments_of(session, submission.id),
        suggestions=rows(Suggestion),
        reviews=rows(Review),
        answers=rows(Answer),
    )


def build_sheet(attempt: Attempt, document: Mapping[str, Any], decisions: Decisions) -> ScoreSheet:
    """The sheet of a graded attempt by the rubric in `document` (a dumped `Rubric`)."""
    result = Result.model_validate(attempt.result)
    graded = {question.id: question for question in result.questions}
    questions = tuple(
        _question_sheet(question, graded.get(question["id"]), decisions) for question in document["questions"]
    )
    return ScoreSheet(
        attempt=attempt,
        questions=questions,
        score=round(sum(sheet.result.score for sheet in questions), 4),
        max_score=round(sum(sheet.result.max_score for sheet in questions), 4),
        awaiting_review=round(sum(q.result.max_score for q in questions if q.result.status == "needs_review"), 4),
        remarks=result.remarks,
    )


def written_sheet(question: Mapping[str, Any], decisions: Decisions) -> QuestionSheet:
    """The sheet of a written question of the rubric, for whom the attempt's result does not matter."""
    return _question_sheet(question, None, decisions)


def _question_sheet(question: Mapping[str, Any], graded: QuestionResult | None, decisions: Decisions) -> QuestionSheet:
    name = question["id"]
    marks = {mark.item: mark for mark in decisions.marks if mark.question == name}
    adjustment, suggestion, review, answer = (
        next((row for row in rows if row.question == name), None)
        for rows in (decisions.adjustments, decisions.suggestions, decisions.reviews, decisions.answers)
    )
    written = bool(question.get("items"))
    make = _written if written else _checked
    result = make(question, graded, marks, adjustment, suggestion, review, answer)
    scoring = question.get("scoring") or "add"
    version = _version(marks, adjustment, review, answer)
    return QuestionSheet(result, scoring, marks, adjustment, review, answer, version, written)


def _written(
    question: Mapping[str, Any], graded: QuestionResult | None, marks: Mapping[str, Mark],
    adjustment: Adjustment | None, suggestion: Suggestion | None, review: Review | None, answer: Answer | None,
) -> QuestionResult:  # fmt: skip
    said = suggestion.items if suggestion else {}
    marked = {name for name, mark in marks.items() if mark.applied} if review else set()
    applied = applied_items(question["items"], marked)
    points = [float(item["points"]) for item in applied]
    extra = [float(adjustment.points)] if adjustment else []
    most = float(question["points"])
    return QuestionResult(
        id=question["id"],
        title=question["title"],
        score=question_score(most, points, extra, question.get("scoring") or "add") if review else 0.0,
        max_score=most,
        status="graded" if review else "needs_review",
        items=tuple(
            ItemResult(
                id=item["id"], label=item["label"], points=item["points"], applied=item in applied,
                **said.get(item["id"], {}),
            )
            for item in question["items"]
        ),
        answer=answer.text if answer else None,
        answer_source=answer.source if answer else None,
    )  # fmt: skip


def _checked(
    question: Mapping[str, Any], graded: QuestionResult | None, marks: Mapping[str, Mark],
    adjustment: Adjustment | None, *_: object,
) -> QuestionResult:  # fmt: skip
    if graded is None:  # the rubric has a question that this attempt was not graded by
        return QuestionResult(
            id=question["id"], title=question["title"], score=0.0, max_score=float(question["points"]),
            status="needs_review",
        )  # fmt: skip
    if adjustment is None:
        return graded
    score = question_score(graded.max_score, [graded.score], [float(adjustment.points)], "add")
    return graded.model_copy(update={"score": score, "status": "graded"})


def _version(
    marks: Mapping[str, Mark], adjustment: Adjustment | None, review: Review | None, answer: Answer | None
) -> str:
    seen = [f"{item} {marks[item].version}" for item in sorted(marks)]
    seen.append(f"adjusted {adjustment.version} {adjustment.at.timestamp()}" if adjustment else "not adjusted")
    seen.append(f"reviewed {review.version} {review.at.timestamp()}" if review else "not reviewed")
    seen.append(f"placed {answer.placed_at.timestamp()}" if answer and answer.placed_at else "as found")
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
