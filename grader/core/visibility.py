"""What a student may see of a result, now: pure, the one place that decides it.

Before the marks are published: what the checks gave, as far as each check's `visibility` allows, and of written questions
the answer alone. Afterwards: everything that staff decided, and what a deduction rests on where staff confirmed a suggested
one. Other suggestions and their evidence are never shown to students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status
from grader.core.score import clamp

_STRICT = ("visible", "after_due_date", "after_published", "hidden")


@dataclass(frozen=True)
class Release:
    """When what is shown. Times have a time zone; without a due date, what waits for it waits for the marks."""

    now: datetime
    due_at: datetime | None
    published_at: datetime | None

    @property
    def published(self) -> bool:
        return self.published_at is not None and self.published_at <= self.now

    def shows(self, visibility: str) -> bool:
        if visibility == "after_due_date" and self.due_at is not None:
            return self.due_at <= self.now
        return visibility == "visible" or (visibility != "hidden" and self.published)


def visible_result(
    result: Result,
    document: Mapping[str, Any],
    *,
    now: datetime,
    due_at: datetime | None,
    published_at: datetime | None,
) -> Result:
    """`result` (with today's marks) as its student may see it; `document` is the dumped rubric that it is scored by.

    A question of which something is hidden is `needs_review`; its score counts what is shown. Once the marks are
    published the total counts everything, also checks that stay hidden.
    """
    release = Release(now, due_at, published_at)
    asked = {question["id"]: question for question in document["questions"]}
    pairs = [(question, asked.get(question.id, {})) for question in result.questions]
    questions = tuple(_question(question, declared, release) for question, declared in pairs)
    update: dict[str, Any] = {"questions": questions, "record": {}}
    if not release.published:
        update["score"] = round(sum(question.score for question in questions), 4)
        update["awaiting_review"] = round(sum(_withheld(*pair, release) for pair in pairs), 4)
    return result.model_copy(update=update)


def is_written(declared: Mapping[str, Any]) -> bool:
    """Whether a question of a dumped rubric is a written one."""
    return bool(declared.get("items"))


def hidden_notes(
    document: Mapping[str, Any], *, now: datetime, due_at: datetime | None, published_at: datetime | None
) -> dict[str, str]:
    """By question id: a sentence on what its student does not see yet, and until when. Nothing hidden: no entry."""
    release = Release(now, due_at, published_at)
    notes = {question["id"]: _note(question, release) for question in document["questions"]}
    return {question: note for question, note in notes.items() if note}


def hidden_counts(document: Mapping[str, Any], release: Release) -> dict[str, int]:
    """How many checks are hidden now, by their visibility."""
    hidden = [check.get("visibility", "visible") for question in document["questions"] for check in _checks(question)]
    return {kind: hidden.count(kind) for kind in _STRICT if kind in hidden and not release.shows(kind)}


def hides_points(document: Mapping[str, Any], release: Release) -> bool:
    """Whether the sum of all checks would tell what a check gave that students do not see."""
    return any(
        not release.shows(check.get("visibility", "visible")) and (check["points"] or check.get("edge_points"))
        for question in document["questions"]
        for check in _checks(question)
    )


def _question(question: QuestionResult, declared: Mapping[str, Any], release: Release) -> QuestionResult:
    if is_written(declared):
        return _written(question, release)
    shown, hidden = _parted(question, declared, release)
    update: dict[str, Any] = {"checks": tuple(check.model_copy(update={"detail": ""}) for check in shown)}
    worth = sum(check.max_points for check in hidden)
    if worth or not release.published:  # adjustments are staff's marks: they wait until published
        ours = any(check.status is Status.OURS and check.max_points > 0 for check in shown)
        undecided = worth > 0 or ours or not question.checks
        update["score"] = clamp(sum(check.points for check in shown), question.max_score)
        update["status"] = "needs_review" if undecided else "graded"
    return question.model_copy(update=update)


def _written(question: QuestionResult, release: Release) -> QuestionResult:
    decided = release.published and question.status == "graded"
    if not decided:
        return question.model_copy(update={"items": (), "score": 0.0, "status": "needs_review"})
    return question.model_copy(update={"items": tuple(_plain(item) for item in question.items if item.applied)})


def _plain(item: ItemResult) -> ItemResult:
    """The item as a decision. Why it was suggested stays with it only if that is what was decided."""
    plain = ItemResult(id=item.id, label=item.label, points=item.points, applied=item.applied)
    return plain.model_copy(update={"reason": item.reason, "evidence": item.evidence}) if item.suggested == "deduct" else plain


def _parted(
    question: QuestionResult, declared: Mapping[str, Any], release: Release
) -> tuple[list[CheckResult], list[CheckResult]]:
    """(the checks that are shown, those that are hidden). A check that the rubric does not know any more is as hidden as
    the most hidden one of its question."""
    declared_as = {check["id"]: check.get("visibility", "visible") for check in _checks(declared)}
    unknown = max(declared_as.values(), key=_STRICT.index, default="visible")
    shown: list[CheckResult] = []
    hidden: list[CheckResult] = []
    for check in question.checks:
        name = check.id if check.id in declared_as else check.id.removesuffix(".edge")
        (shown if release.shows(declared_as.get(name, unknown)) else hidden).append(check)
    return shown, hidden


def _withheld(question: QuestionResult, declared: Mapping[str, Any], release: Release) -> float:
    """The points that the student does not learn about yet, before publishing."""
    if is_written(declared) or not question.checks:
        return question.max_score
    shown, hidden = _parted(question, declared, release)
    return sum(check.max_points for check in [*hidden, *(check for check in shown if check.status is Status.OURS)])


def _note(question: Mapping[str, Any], release: Release) -> str:
    if is_written(question):
        return "" if release.published else "The marks of this question are not published yet."
    kinds = [check.get("visibility", "visible") for check in _checks(question)]
    hidden = [kind for kind in kinds if not release.shows(kind)]
    sentences = []
    if late := hidden.count("after_due_date"):
        sentences.append(f"{_some(late)} shown {_until_due(release)}.")
    if unpublished := hidden.count("after_published"):
        sentences.append(f"{_some(unpublished)} shown once the marks are published.")
    if never := hidden.count("hidden"):
        sentences.append(f"{_some(never)} not shown, but counted in the published total.")
    return " ".join(sentences)


def _checks(question: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return question.get("checks") or ()


def _some(count: int) -> str:
    return "One check is" if count == 1 else f"{count} checks are"


def _until_due(release: Release) -> str:
    if release.due_at is None:
        return "once the marks are published"
    return f"after the due date, {release.due_at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
