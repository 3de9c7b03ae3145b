"""A small class with marks, for tests of what staff do to a whole class at once."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status
from grader.core.rubric_file import parse_rubric, rubric_hash
from grader.core.submission import Answer
from grader.db import attempts, courses, users
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.submissions import store_submission
from grader.db.tables import Assignment, Course, Role, Submission, User

CLASS_RUBRIC = """\
assignment: nets
title: Nets
code: {layout: {package: nets, files: [layers.py]}}
questions:
  - id: relu   # by checks
    title: ReLU
    points: 2
    checks:
      - {id: values, points: 2, forward: {function: nets.layers.relu_forward, of: relu}}
  - id: why
    title: Why ReLU
    points: 3
    scoring: deduct
    answer: {prompt: Why is ReLU used in deep nets}
    items:
      - {id: wrong, points: -3, label: The answer is wrong}
      - {id: vague, points: -1, label: Too vague}   # often
      - {id: short, points: -0.5, label: Too short}
  - id: example
    title: An example
    points: 1
    answer: {prompt: Give an example}
    items:
      - {id: given, points: 1, label: There is an example}
"""


@dataclass
class GradedClass:
    """`marked[name]` is a student's submission: `why` and `example` decided with the items given."""

    course: Course
    assignment: Assignment
    ta: User
    marked: dict[str, Submission]


def result_of(document: dict, earned: float = 2.0, **answers: str) -> Result:
    """What a worker would find by the rubric in `document`, with `earned` points on every check."""
    questions = []
    for question in document["questions"]:
        checks = [
            CheckResult(
                id=check["id"], kind="forward", function="relu_forward", scope="core", status=Status.PASS,
                points=min(earned, check["points"]), max_points=check["points"], message="Right.",
            )
            for check in question["checks"]
        ]  # fmt: skip
        items = [ItemResult(id=i["id"], label=i["label"], points=i["points"]) for i in question["items"]]
        questions.append(
            QuestionResult(
                id=question["id"], title=question["title"], score=sum(check.points for check in checks),
                max_score=question["points"], status="needs_review" if items else "graded", items=tuple(items),
                checks=tuple(checks), answer=answers.get(question["id"]),
            )
        )  # fmt: skip
    return Result(
        pack="nets", rubric_hash="0" * 64, score=sum(q.score for q in questions),
        max_score=sum(q.max_score for q in questions), awaiting_review=0, seconds=1, questions=tuple(questions),
    )  # fmt: skip


def grade(session: Session, attempt_id: int, result: Result) -> None:
    lease = attempts.take(session, attempt_id, worker="test", lease_seconds=60)
    assert attempts.finish(session, lease, result)


def hand_in(session: Session, assignment: Assignment, user: User, text: str) -> Submission:
    answers = {"why": Answer("why", text, "form")}
    stored = store_submission(session, user=user, assignment=assignment, files={}, answers=answers, source="api")
    return stored.submission


def decide(session: Session, submission: Submission, by: User, **applied: list[str]) -> None:
    for question, items in applied.items():
        version = score_sheet(session, submission).question(question).version
        decision = Decision({item: ItemDecision(True) for item in items})
        save_review(session, submission=submission, question=question, decision=decision, version=version, by=by)


def make_class(session: Session, rubric: str = CLASS_RUBRIC) -> GradedClass:
    """Ana (right), Ben (vague), Eka (vague and short), Ivo (wrong); Zoe is handed in and graded, nothing decided."""
    course = courses.create_course(session, slug="dl", title="Deep learning")
    version = courses.register_rubric(
        session, pack="nets", sha256=rubric_hash(rubric), yaml_text=rubric,
        document=parse_rubric(rubric).model_dump(mode="json"),
    )  # fmt: skip
    assignment = courses.create_assignment(session, course=course, slug="a2", title="Nets", rubric=version)
    ta = users.create_user(session, email="tal@example.edu", name="Tal")
    courses.enroll(session, course, ta, Role.TA)
    marked = {}
    for name, items in {"Ana": [], "Ben": ["vague"], "Eka": ["vague", "short"], "Ivo": ["wrong"], "Zoe": None}.items():
        user = users.create_user(session, email=f"{name.lower()}@example.edu", name=name)
        courses.enroll(session, course, user, Role.STUDENT)
        submission = hand_in(session, assignment, user, f"{name} says why")
        grade(session, submission.attempts[-1].id, result_of(version.document, why=f"{name} says why"))
        session.refresh(submission)
        if items is not None:
            decide(session, submission, ta, why=items, example=["given"])
        marked[name] = submission
    return GradedClass(course, assignment, ta, marked)


@pytest.fixture
def graded_class(session: Session) -> GradedClass:
    return make_class(session)


@pytest.fixture
def class_tools() -> SimpleNamespace:
    """make_class, hand_in, grade, result_of, decide, CLASS_RUBRIC."""
    tools: dict[str, Callable | str] = {
        "make_class": make_class, "hand_in": hand_in, "grade": grade, "result_of": result_of, "decide": decide,
        "CLASS_RUBRIC": CLASS_RUBRIC,
    }  # fmt: skip
    return SimpleNamespace(**tools)


@pytest.fixture
def desks() -> ModuleType:
    """The builders of `desk_class.py`: `desks.make_desk_class(session)` …"""
    if "desk_class" not in sys.modules:
        path = Path(__file__).with_name("desk_class.py")
        spec = importlib.util.spec_from_file_location("desk_class", path)
        sys.modules["desk_class"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["desk_class"])
    return sys.modules["desk_class"]
