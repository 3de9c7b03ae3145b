"""Gradescope's `results.json` of one submission, for its autograder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.core.result import CheckResult, QuestionResult, Result, Status

Adjustments = Mapping[str, tuple[float, str]]
Comments = Mapping[str, Mapping[str, str]]


def gradescope_results(
    result: Result, document: Mapping[str, Any], *, adjustments: Adjustments, comments: Comments
) -> dict[str, Any]:
    """A dict for JSON. result: in full, with today's marks; document: the dumped rubric, for who sees what.

    adjustments: points and reason by question; comments by question and item. `score` is there once every question is
    decided; an undecided one is a test without a score, so that nobody takes it for a zero.
    """
    asked = {question["id"]: question for question in document["questions"]}
    tests: list[dict[str, Any]] = []
    for number, question in enumerate(result.questions, 1):
        declared = asked.get(question.id, {})
        if declared.get("items"):
            tests.append(_written(number, question, comments.get(question.id, {}), adjustments.get(question.id)))
        else:
            tests += _checked(number, question, declared, adjustments.get(question.id))
    complete = all(question.status == "graded" for question in result.questions)
    return {
        **({"score": result.score} if complete else {}),
        "execution_time": result.seconds,
        "output": "\n".join(result.remarks),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"pack": result.pack, "rubric": result.rubric_hash, "complete": complete},
        "tests": tests,
        "leaderboard": [],
    }


def _checked(
    number: int, question: QuestionResult, declared: Mapping[str, Any], adjustment: tuple[float, str] | None
) -> list[dict[str, Any]]:
    seen = {check["id"]: check.get("visibility", "visible") for check in declared.get("checks") or ()}
    tests = [
        _check(f"{number}.{place}", question, check, seen.get(check.id.removesuffix(".edge"), "after_published"))
        for place, check in enumerate(question.checks, 1)
    ]
    if adjustment:
        gained = round(question.score - sum(check.points for check in question.checks), 4)
        tests.append(
            {
                "name": f"{question.title}: by the course staff", "number": f"{number}.{len(tests) + 1}",
                "score": gained, "max_score": 0.0, "output": adjustment[1], "visibility": "after_published",
                "tags": [question.id], "extra_data": {"adjustment": adjustment[0]},
            }
        )  # fmt: skip
    return tests or [_undecided(str(number), question)]


def _check(number: str, question: QuestionResult, check: CheckResult, visibility: str) -> dict[str, Any]:
    ours = check.status is Status.OURS
    return {
        "name": f"{question.title}: {check.id}", "name_format": "text", "number": number,
        **({} if ours else {"score": check.points, "max_score": check.max_points}),
        **({} if ours else {"status": "passed" if check.status is Status.PASS else "failed"}),
        "output": "\n".join([check.message, *check.remarks]), "output_format": "text",
        "tags": [question.id, check.kind, check.scope], "visibility": visibility,
        "extra_data": {"verdict": check.status.value, "function": check.function, "mistake": check.mistake},
    }  # fmt: skip


def _written(
    number: int, question: QuestionResult, comments: Mapping[str, str], adjustment: tuple[float, str] | None
) -> dict[str, Any]:
    if question.status != "graded":
        return _undecided(str(number), question)
    lines = [
        f"{item.points:+g} {item.label}" + (f": {comments[item.id]}" if comments.get(item.id) else "")
        for item in question.items
        if item.applied
    ]
    if adjustment:
        lines.append(f"{adjustment[0]:+g} {adjustment[1]}")
    return {
        "name": question.title, "name_format": "text", "number": str(number), "score": question.score,
        "max_score": question.max_score, "output": "\n".join(lines), "output_format": "text", "tags": [question.id],
        "visibility": "after_published", "extra_data": {"items": [it.id for it in question.items if it.applied]},
    }  # fmt: skip


def _undecided(number: str, question: QuestionResult) -> dict[str, Any]:
    return {
        "name": question.title, "name_format": "text", "number": number, "output": "Not decided yet.",
        "output_format": "text", "tags": [question.id], "visibility": "after_published",
        "extra_data": {"undecided": True},
    }  # fmt: skip
