"""What the statistics of an assignment are made of: each student's newest submission, verdicts, and who decided what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.core import statistics
from grader.core.statistics import Drift, Histogram, Marked, QuestionFigures, Summary
from grader.db.agreement import ItemAgreement, agreement
from grader.db.gradebook import Line, gradebook
from grader.db.kinds import ReviewVia
from grader.db.release import is_complete
from grader.db.review_tables import Review
from grader.db.tables import Assignment, Attempt, Submission, User, Verdict

BY_HAND = (ReviewVia.DESK, ReviewVia.PAGE, ReviewVia.API)
"""Ways on which a TA looked at one answer by itself: the others would count one look many times, or say nothing of them."""


@dataclass(frozen=True)
class ItemCount:
    """A rubric item applied to `applied` of the `decided` answers."""

    id: str
    label: str
    points: float
    applied: int
    decided: int


@dataclass(frozen=True)
class QuestionPart:
    id: str
    title: str
    max_score: float
    written: bool
    figures: QuestionFigures
    items: tuple[ItemCount, ...]
    seconds: Summary


@dataclass(frozen=True)
class CheckCount:
    """The verdicts of one check over the class; `mistakes` are the named ones, most frequent first."""

    question: str
    check: str
    function: str | None
    n: int
    passed: int
    statuses: tuple[tuple[str, int], ...]
    mistakes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TaPart:
    """One TA's decisions by hand. by_question: (question id, drift); over_time: (the middle of a part in time, drift)."""

    id: int
    name: str
    decided: int
    seconds: Summary
    drift: Drift
    by_question: tuple[tuple[str, Drift], ...]
    over_time: tuple[tuple[datetime, Drift], ...]


@dataclass(frozen=True)
class ClassStatistics:
    """scores: totals of the submissions whose every question is decided."""

    students: int
    scores: Histogram
    total: Summary
    max_score: float
    questions: tuple[QuestionPart, ...]
    checks: tuple[CheckCount, ...]
    tas: tuple[TaPart, ...]
    agreement: tuple[tuple[str, tuple[ItemAgreement, ...]], ...]

    @property
    def suggested(self) -> bool:
        """Whether there is anything to compare the TAs with."""
        return any(item.clear_n or item.deduct_n for _, items in self.agreement for item in items)

    def title(self, question: str) -> str:
        return next((part.title for part in self.questions if part.id == question), question)


def class_statistics(session: Session, assignment: Assignment) -> ClassStatistics:
    document = assignment.rubric_version.document
    lines = gradebook(session, assignment)
    graded = [line for line in lines if line.questions]
    totals = [line.score for line in lines if is_complete(line) and line.score is not None]
    most = float(sum(question["points"] for question in document["questions"]))
    reviews = _reviews(session, assignment)
    return ClassStatistics(
        students=len(lines),
        scores=statistics.histogram(totals, most),
        total=statistics.summary(totals),
        max_score=most,
        questions=_questions(document, graded, reviews),
        checks=_checks(session, [line.submission_id for line in graded]),
        tas=_tas(document, graded, reviews),
        agreement=tuple((question, tuple(items)) for question, items in agreement(session, assignment).items()),
    )


def _questions(document: Mapping[str, Any], graded: Sequence[Line], reviews: Sequence[Any]) -> tuple[QuestionPart, ...]:
    asked = document["questions"]
    table = np.array(
        [[_score(line, question["id"]) for question in asked] for line in graded], float
    ).reshape(len(graded), len(asked))  # fmt: skip
    figures = statistics.question_figures(table, [float(question["points"]) for question in asked])
    return tuple(
        QuestionPart(
            id=question["id"], title=question["title"], max_score=float(question["points"]),
            written=bool(question.get("items")), figures=found, items=_items(question, graded),
            seconds=statistics.summary([row.seconds for row in reviews if row.question == question["id"] and row.seconds]),
        )
        for question, found in zip(asked, figures, strict=True)
    )  # fmt: skip


def _score(line: Line, question: str) -> float:
    found = line.questions[question]
    return found.score if found.decided else float("nan")


def _items(question: Mapping[str, Any], graded: Sequence[Line]) -> tuple[ItemCount, ...]:
    decided = [found for line in graded if (found := line.questions[question["id"]]).decided]
    counts = Counter(item for found in decided for item in found.applied)
    return tuple(
        ItemCount(item["id"], item["label"], float(item["points"]), counts[item["id"]], len(decided))
        for item in question.get("items") or ()
    )


def _checks(session: Session, submissions: Sequence[int]) -> tuple[CheckCount, ...]:
    """Of each submission's attempt that counts; the checks that most fail come first."""
    attempts = (
        select(func.max(Attempt.id))
        .where(Attempt.submission_id.in_(submissions), Attempt.counts, Attempt.state == "graded")
        .group_by(Attempt.submission_id)
    )
    keys = (Verdict.question, Verdict.check_id, Verdict.function, Verdict.status, Verdict.mistake)
    query = select(*keys, func.count()).where(Verdict.attempt_id.in_(attempts)).group_by(*keys)
    found: dict[tuple[str, str], list[Any]] = {}
    for question, check, function, status, mistake, n in session.execute(query.order_by(*keys)):
        found.setdefault((question, check), []).append((function, status, mistake, n))
    made = [_check(*key, rows) for key, rows in found.items()]
    return tuple(sorted(made, key=lambda it: it.passed / it.n))


def _check(question: str, check: str, rows: list[Any]) -> CheckCount:
    statuses, mistakes = Counter[str](), Counter[str]()
    for _, status, mistake, n in rows:
        statuses[status] += n
        if mistake and status == "fail":
            mistakes[mistake] += n
    return CheckCount(
        question=question, check=check, function=rows[0][0], n=statuses.total(), passed=statuses["pass"],
        statuses=tuple(statuses.most_common()), mistakes=tuple(mistakes.most_common()),
    )  # fmt: skip


def _reviews(session: Session, assignment: Assignment) -> Sequence[Any]:
    query = (
        select(Review.submission_id, Review.question, Review.by_id, User.name, Review.seconds, Review.at)
        .join(Submission, Submission.id == Review.submission_id)
        .join(User, User.id == Review.by_id)
        .where(Submission.assignment_id == assignment.id, Review.via.in_(BY_HAND))
    )
    return session.execute(query).all()


def _tas(document: Mapping[str, Any], graded: Sequence[Line], reviews: Sequence[Any]) -> tuple[TaPart, ...]:
    """Drift is told of written questions in the newest submissions; a code question's points are the checks'."""
    index = {question["id"]: place for place, question in enumerate(document["questions"]) if question.get("items")}
    lines = {line.submission_id: line for line in graded}
    rows = [row for row in reviews if row.question in index and row.submission_id in lines]
    rows = [row for row in rows if lines[row.submission_id].questions[row.question].max_score]
    marked = Marked(
        ta=np.array([row.by_id for row in rows], np.int64),
        question=np.array([index[row.question] for row in rows], np.int64),
        share=np.array([_share(lines[row.submission_id], row.question) for row in rows], float),
        at=np.array([row.at.timestamp() for row in rows], float),
    )
    names = {place: name for name, place in index.items()}
    people = {row.by_id: row.name for row in reviews}
    parts = [_ta(person, name, [row for row in reviews if row.by_id == person], marked, names)
             for person, name in people.items()]  # fmt: skip
    return tuple(sorted(parts, key=lambda part: (part.name.casefold(), part.id)))


def _ta(person: int, name: str, rows: list[Any], marked: Marked, names: Mapping[int, str]) -> TaPart:
    return TaPart(
        id=person, name=name, decided=len(rows),
        seconds=statistics.summary([row.seconds for row in rows if row.seconds]),
        drift=statistics.drift(marked, person),
        by_question=tuple((names[q], found) for q, found in statistics.drift_by_question(marked, person).items()),
        over_time=tuple(
            (datetime.fromtimestamp(at, UTC), found) for at, found in statistics.drift_over_time(marked, person)
        ),
    )  # fmt: skip


def _share(line: Line, question: str) -> float:
    found = line.questions[question]
    return found.score / found.max_score
