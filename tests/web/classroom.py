"""A course as the pages meet it: the real pack's rubric, students of several languages, realistic results.

Results are built through `grader.core.result`, not graded: these tests are about what is shown.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from grader.accept import store
from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status
from grader.core.rubric import Check, Question
from grader.core.submission import Answer
from grader.core.submission import Submission as Content
from grader.db import attempts, courses, users
from grader.db.events import add_event
from grader.db.tables import Assignment, Course, EventKind, Role, Submission, User
from grader.pack import Pack, load_pack

SLUG = "cs231n-a2"
PASSWORD = "a long enough password"
PACK: Pack = load_pack("cs231n_a2")

LAYERS = '''import numpy as np


def affine_forward(x, w, b):
    """Rows of x are flattened, then an affine map."""
    rows = x.reshape(x.shape[0], -1)
    return rows @ w + b, (x, w, b)


def dropout_forward(x, dropout_param):
    keep = dropout_param["p"]
    mask = np.random.rand(*x.shape) < keep
    return x * mask, (dropout_param, mask)
'''

HEBREW = (
    "הנגזרת של סיגמואיד קרובה לאפס כאשר |x| גדול, ולכן כמעט שום דבר לא עובר אחורה.\n\n"
    "ב-ReLU הנגזרת היא אפס לכל קלט שלילי: `x < 0`.\n\nב-leaky ReLU אין אזור כזה."
)
GEORGIAN = "ხუთშრიანი ქსელი უფრო მგრძნობიარეა, რადგან სიგნალი ყოველ შრეში თავიდან მრავლდება წონების მასშტაბზე."
ENGLISH = (
    "Without batch norm the **scale of the initialization** decides how large activations are, layer after layer:\n\n"
    "- too small, and everything shrinks towards zero,\n- too large, and it explodes.\n\n"
    "With it, each layer's input is brought back to mean 0 and variance 1, so the curves hardly differ."
)
UKRAINIAN = "Так, якщо прихований шар менший, $p$ варто залишити або збільшити: ємність мережі вже впала."
ANSWERS = {
    "fc-inline-1": HEBREW,
    "fc-inline-2": GEORGIAN,
    "bn-inline-1": ENGLISH,
    "bn-inline-4": "(2), because statistics over very few features are noisy. Also 3.",
    "dropout-inline-3": UKRAINIAN,
}

FAILURES: dict[str, tuple[Status, str, str | None]] = {
    "dropout": (
        Status.FAIL,
        "dropout_forward was called with x of shape (50, 30) and p = 0.7. The mean of the output is 0.70 of the "
        "input's. It looks as if the units that stay are not scaled in training.",
        "unscaled",
    ),
    "adam": (
        Status.FAIL,
        "adam was called with w of shape (4, 5), first step (t = 0). next_w is off by up to a relative error of 0.21, "
        "largest at index (2, 3). It looks as if the bias correction is missing. 1 of the 4 cases came out right.",
        "no-bias-correction",
    ),
    "spatial-gn": (
        Status.MISSING,
        "spatial_groupnorm_forward still ends in the placeholder: it returned None.",
        None,
    ),
    "max-pool": (
        Status.TIMEOUT,
        "max_pool_backward_naive had not answered after 10 seconds for x of shape (3, 2, 8, 8).",
        None,
    ),
    "ln": (
        Status.ERROR,
        "layernorm_backward stopped with ValueError: operands could not be broadcast together with shapes (4,5) (4,) "
        "(cs231n/layers.py, line 214).",
        None,
    ),
}


@dataclass(frozen=True)
class Classroom:
    course: Course
    assignment: Assignment
    student: User
    other: User
    ta: User


def make_classroom(session: Session) -> Classroom:
    """A course with one assignment (the real rubric), two students and a TA."""
    course = courses.create_course(session, slug="dl", title="Deep learning, autumn 2026")
    rubric = courses.register_rubric(
        session, pack=PACK.name, sha256=PACK.rubric_hash, yaml_text=PACK.text,
        document=PACK.rubric.model_dump(mode="json"),
    )  # fmt: skip
    assignment = courses.create_assignment(
        session, course=course, slug=SLUG, title=PACK.rubric.title, rubric=rubric,
        due_at=datetime.now(UTC) + timedelta(days=6),
    )  # fmt: skip
    people = [
        enrolled(session, course, email, name, role)
        for email, name, role in (
            ("noa@example.edu", "נועה לוי", Role.STUDENT),
            ("bohdan@example.edu", "Богдан Коваль", Role.STUDENT),
            ("tal@example.edu", "Tal Amari", Role.TA),
        )
    ]
    return Classroom(course, assignment, *people)


def enrolled(session: Session, course: Course, email: str, name: str, role: Role = Role.STUDENT) -> User:
    user = users.create_user(session, email=email, name=name)
    user.password_hash = _password_hash()
    courses.enroll(session, course, user, role)
    return user


@lru_cache
def _password_hash() -> str:
    """Made once: a good hash takes its time."""
    return PasswordHasher().hash(PASSWORD)


def handed_in(
    session: Session,
    user: User,
    assignment: Assignment,
    *,
    files: Mapping[str, str] | None = None,
    answers: Mapping[str, str] = ANSWERS,
    remarks: tuple[str, ...] = ("Skipped 2 files (caches): cs231n/__pycache__/layers.cpython-311.pyc and 1 more.",),
) -> Submission:
    """A submission whose first attempt is queued."""
    texts = {"cs231n/layers.py": LAYERS, "cs231n/optim.py": f"# {user.email}\n"} if files is None else files
    content = Content(
        files={path: text.encode() for path, text in texts.items()},
        answers={
            question: Answer(question, text, "FullyConnectedNets.ipynb, cell 12") for question, text in answers.items()
        },
        remarks=remarks,
    )
    return store(session, content, user=user, assignment=assignment, source="page").submission


def graded(session: Session, submission: Submission, result: Result | None = None, *, seed: int = 0) -> Submission:
    """Lease and finish the newest attempt, as a worker does."""
    session.refresh(submission, ["attempts", "answers"])
    attempt = submission.attempts[-1]
    lease = attempts.take(session, attempt.id, worker="test", lease_seconds=60)
    add_event(session, attempt.id, EventKind.PROGRESS, "Comparing", 50, 50)
    answers = {answer.question: answer.text for answer in submission.answers}
    assert attempts.finish(session, lease, result or realistic_result(answers, seed=seed))
    session.refresh(attempt)
    return submission


def realistic_result(
    answers: Mapping[str, str] = ANSWERS, *, seed: int = 0, failures: Mapping[str, tuple] = FAILURES
) -> Result:
    """What grading gives for somebody who got most of it; `seed` varies which questions fail."""
    chosen = {name: it for name, it in failures.items() if seed == 0 or zlib.crc32(f"{name}{seed}".encode()) % 3 == 0}
    questions = tuple(_question(question, answers, chosen) for question in PACK.rubric.questions)
    return Result(
        pack=PACK.name,
        rubric_hash=PACK.rubric_hash,
        score=sum(question.score for question in questions),
        max_score=PACK.rubric.max_score,
        awaiting_review=sum(question.max_score for question in questions if question.items),
        seconds=4.7,
        questions=questions,
        remarks=("cs231n/layers.py was found under assignment2/.",),
        record={"seed": 7, "reference_hash": "f3a1"},
    )


def _question(question: Question, answers: Mapping[str, str], failures: Mapping[str, tuple]) -> QuestionResult:
    if question.items:
        items = tuple(ItemResult(id=item.id, label=item.label, points=item.points) for item in question.items)
        text = answers.get(question.id)
        return QuestionResult(
            id=question.id, title=question.title, score=0, max_score=question.points, status="needs_review",
            items=items, answer=text, answer_source="FullyConnectedNets.ipynb, cell 12" if text else None,
        )  # fmt: skip
    checks = [_check(check, failures.get(question.id)) for check in question.checks]
    checks += [_edge(check) for check in question.checks if question.id in {"conv", "max-pool", "bn-forward"}]
    score = sum(check.points for check in checks)
    return QuestionResult(
        id=question.id, title=question.title, score=score, max_score=question.points, status="graded",
        checks=tuple(checks),
    )  # fmt: skip


def _check(check: Check, failure: tuple | None) -> CheckResult:
    function = str(getattr(check.declaration, "function", "FullyConnectedNet")).rpartition(".")[2]
    if failure is None:
        message = f"{function} gave the right values on 6 inputs of different shapes."
        return CheckResult(
            id=check.id, kind=check.kind, function=function, scope="core", status=Status.PASS, points=check.points,
            max_points=check.points, message=message, relative_error=3.1e-10, seconds=0.02,
        )  # fmt: skip
    status, message, mistake = failure
    return CheckResult(
        id=check.id, kind=check.kind, function=function, scope="core", status=status, points=0,
        max_points=check.points, message=message, mistake=mistake, relative_error=0.21, seconds=0.4,
        detail="outcome=ok signal=- seed=7 case=ordinary\nprinted: 'step 3'",
    )  # fmt: skip


def _edge(check: Check) -> CheckResult:
    function = str(getattr(check.declaration, "function", "")).rpartition(".")[2]
    return CheckResult(
        id=f"{check.id}-edge", kind=check.kind, function=function, scope="edge",
        status=Status.FAIL if check.kind == "gradient" else Status.PASS, points=0, max_points=0,
        message=f"{function}: images that are not square, padding 0 and a batch of one.", seconds=0.03,
    )  # fmt: skip


CLASSMATES = (
    "ნინო ბერიძე", "Ada Okafor", "Léa Martin", "Олена Шевченко", "אורי כהן", "Jonas Weber", "გიორგი მაისურაძე",
    "Mei Tanaka", "Марко Бондар", "Sofia Rossi", "Yusuf Demir", "תמר פרץ", "Hana Novák", "Liam O'Brien",
)  # fmt: skip


def fill(session: Session, room: Classroom) -> None:
    """Classmates in every state, for the staff's list."""
    for index, name in enumerate(CLASSMATES):
        user = enrolled(session, room.course, f"student{index}@example.edu", name)
        submission = handed_in(session, user, room.assignment, answers={})
        if index == 3:
            continue
        graded(session, submission, seed=index + 1)
