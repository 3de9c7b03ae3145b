"""Verdicts and answers → points per question: pure, from plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.core.answers.suggest import suggest
from grader.core.plan import PlannedCheck
from grader.core.result import CheckResult, QuestionResult, Result, Status
from grader.core.rubric import Question
from grader.core.score import checks_score
from grader.core.submission import Answer
from grader.core.verdict import Judgement


def mark_check(planned: PlannedCheck, judgement: Judgement) -> CheckResult:
    """A check's points: all when it passes, none otherwise, unless the rubric prices the named mistake lower.

    `OURS` earns nothing here, but `mark_question` sends the question to staff instead of counting it as zero.
    """
    credit = judgement.credit if judgement.credit is not None else float(judgement.status is Status.PASS)
    points = planned.points * credit
    price = planned.check.mistakes.get(judgement.mistake or "")
    if judgement.status is Status.FAIL and price is not None and planned.scope == "core":
        points = max(planned.points + price, 0.0)
    return CheckResult(
        id=planned.id,
        kind=planned.check.kind,
        function=planned.function,
        scope=planned.scope,
        status=judgement.status,
        points=round(points, 4),
        max_points=planned.points,
        message=judgement.message,
        mistake=judgement.mistake,
        relative_error=judgement.relative_error,
        seconds=round(judgement.seconds, 4),
        remarks=judgement.remarks,
        detail=judgement.detail,
        unread=judgement.unread,
        exhibits=judgement.exhibits,
    )


def mark_question(question: Question, checks: Sequence[CheckResult], answers: Mapping[str, Answer]) -> QuestionResult:
    """A code question is graded by its checks; a written one waits for a TA: its items carry suggestions, none applies."""
    answer = answers.get(question.id)
    items = suggest(question, answer) if question.items else ()
    ours = any(check.status is Status.OURS and check.max_points > 0 for check in checks)
    return QuestionResult(
        id=question.id,
        title=question.title,
        score=checks_score(question.points, checks),
        max_score=question.points,
        status="needs_review" if ours or question.items else "graded",
        items=items,
        checks=tuple(checks),
        answer=answer.text if answer and answer.text else None,
        answer_source=answer.source if answer else None,
    )


def total(
    pack: str,
    rubric_hash: str,
    questions: Sequence[QuestionResult],
    seconds: float,
    remarks: Sequence[str],
    record: dict[str, object],
) -> Result:
    """The whole result; `awaiting_review` is what the questions that nobody decided yet are worth."""
    return Result(
        pack=pack,
        rubric_hash=rubric_hash,
        score=round(sum(question.score for question in questions), 4),
        max_score=round(sum(question.max_score for question in questions), 4),
        awaiting_review=round(
            sum(question.max_score - question.score for question in questions if question.status == "needs_review"), 4
        ),
        seconds=round(seconds, 3),
        questions=tuple(questions),
        remarks=tuple(remarks),
        record=record,
    )
