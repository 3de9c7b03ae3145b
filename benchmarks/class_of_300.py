"""A class for benchmarks of the desk: 300 students of the real rubric, ten written answers each, half of them marked.

Answers are varied from templates: several opinions to each question, worded differently, some left empty, some copied.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.blobs import Blobs
from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status
from grader.core.rubric import Question
from grader.core.submission import Answer
from grader.db import attempts, courses, users
from grader.db.answer_sheets import Change, answer_sheets
from grader.db.changes import carry_out
from grader.db.class_answers import written_questions
from grader.db.kinds import ReviewVia
from grader.db.migrate import migrate
from grader.db.reviews import Decision, ItemDecision
from grader.db.session import forget_engine, transaction
from grader.db.submissions import store_submission
from grader.db.tables import Assignment, Role, Submission, User
from grader.embedded import Postgres
from grader.pack import load_pack
from grader.settings import get_settings

STUDENTS = 300
SLUG = "bench-a2"
NOTEBOOK = "BatchNormalization.ipynb"
TEMPLATES = YAML(typ="safe").load(Path(__file__).with_name("answers.yaml"))
_EMPTY, _COPIED = 0.12, 0.06  # of the answers
_SUGGESTED = ("clear", "clear", "clear", "unknown", "deduct")

@contextmanager
def class_of_300(students: int = STUDENTS) -> Iterator[tuple[Assignment, User]]:
    """The assignment and a TA, in an embedded PostgreSQL of its own which is gone afterwards; settings point at it."""
    folder = Path(tempfile.mkdtemp(prefix="grader-bench-"))
    postgres = Postgres(folder / "postgres")
    before = dict(os.environ)
    try:
        postgres.start()
        os.environ |= {"GRADER_DATABASE_URL": postgres.url, "GRADER_DATA_DIR": str(folder / "data")}
        _forget()
        migrate(postgres.url)
        with transaction() as session:
            assignment, ta = build(session, students)
        yield assignment, ta
    finally:
        _forget()
        os.environ.clear()
        os.environ.update(before)
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def build(session: Session, students: int = STUDENTS, seed: int = 7) -> tuple[Assignment, User]:
    """The class: everything handed in and graded; a TA has decided every other answer of each question."""
    draw = random.Random(seed)
    pack = load_pack("cs231n_a2")
    course = courses.create_course(session, slug="bench", title="A large course")
    rubric = courses.register_rubric(
        session, pack=pack.name, sha256=pack.rubric_hash, yaml_text=pack.text,
        document=pack.rubric.model_dump(mode="json"),
    )  # fmt: skip
    assignment = courses.create_assignment(session, course=course, slug=SLUG, title=pack.rubric.title, rubric=rubric)
    ta = users.create_user(session, email="ta@example.edu", name="Tal")
    courses.enroll(session, course, ta, Role.TA)
    notebook = Blobs(get_settings().blobs_dir).put(_notebook(draw))
    given: dict[str, list[str]] = {name: [] for name in TEMPLATES["opinions"]}
    for number in range(students):
        user = users.create_user(session, email=f"student{number}@example.edu", name=f"Student {number:03}")
        courses.enroll(session, course, user, Role.STUDENT)
        texts = {name: _answer(draw, name, given[name]) for name in TEMPLATES["opinions"]}
        answers = {
            name: Answer(name, text, f"{NOTEBOOK}, cell {2 * place + 2}")
            for place, (name, text) in enumerate(texts.items()) if text
        }  # fmt: skip
        stored = store_submission(
            session, user=user, assignment=assignment, files={NOTEBOOK: notebook}, answers=answers, source="page"
        )
        lease = attempts.take(session, stored.attempt.id, worker="bench", lease_seconds=600)
        attempts.finish(session, lease, _result(draw, pack.rubric.questions, answers, pack.rubric_hash))
    session.flush()
    session.refresh(assignment, ["course", "rubric_version"])
    _decide_half(session, draw, assignment, ta)
    return assignment, ta


def _answer(draw: random.Random, question: str, given: list[str]) -> str:
    if draw.random() < _EMPTY:
        return ""
    if given and draw.random() < _COPIED:
        return draw.choice(given) + draw.choice(["", ".", "\n"])
    opinion = draw.choices(TEMPLATES["opinions"][question], weights=[5, 3, 2])[0]
    asides = draw.sample(TEMPLATES["asides"], draw.choice([0, 0, 1, 1, 2, 3]))
    given.append(" ".join(_vary(draw, line) for line in [opinion, *asides]))
    return given[-1]


def _vary(draw: random.Random, line: str) -> str:
    return re.sub(r"\{([^{}]*)\}", lambda found: draw.choice(found[1].split("|")), line)


def _result(
    draw: random.Random, questions: tuple[Question, ...], answers: dict[str, Answer], rubric_hash: str
) -> Result:
    graded = tuple(_graded(draw, question, answers.get(question.id)) for question in questions)
    return Result(
        pack="cs231n_a2", rubric_hash=rubric_hash, score=sum(it.score for it in graded),
        max_score=sum(it.max_score for it in graded), awaiting_review=16, seconds=5, questions=graded,
        record={"seed": 7},
    )  # fmt: skip


def _graded(draw: random.Random, question: Question, answer: Answer | None) -> QuestionResult:
    if question.checks:
        checks = tuple(_checked(draw, check.id, check.points) for check in question.checks)
        score = sum(check.points for check in checks)
        return QuestionResult(
            id=question.id, title=question.title, score=score, max_score=question.points, status="graded",
            checks=checks,
        )  # fmt: skip
    quote = (answer.text[:40],) if answer else ()
    items = tuple(
        ItemResult(
            id=item.id, label=item.label, points=item.points, suggested=draw.choice(_SUGGESTED) if answer else "unknown",
            confidence=0.9, evidence=quote, reason="The answer names it.",
        )
        for item in question.items
    )  # fmt: skip
    return QuestionResult(
        id=question.id, title=question.title, score=0, max_score=question.points, status="needs_review", items=items,
        answer=answer.text if answer else None, answer_source=answer.source if answer else None,
    )  # fmt: skip


def _checked(draw: random.Random, name: str, points: float) -> CheckResult:
    right = draw.random() < 0.8
    return CheckResult(
        id=name, kind="forward", function="affine_forward", scope="core", status=Status.PASS if right else Status.FAIL,
        points=points if right else 0, max_points=points, seconds=0.02, relative_error=1e-9 if right else 0.2,
        message="The values are right for 6 inputs of different shapes." if right else "next_w is off by 0.21. " * 6,
    )  # fmt: skip


def _decide_half(session: Session, draw: random.Random, assignment: Assignment, ta: User) -> None:
    ids = list(session.scalars(select(Submission.id).order_by(Submission.id)))[::2]
    for question in written_questions(assignment):
        name = question["id"]
        sheets = answer_sheets(session, assignment, name, ids)
        changes = {}
        for submission, sheet in sheets.items():
            items = draw.sample(question["items"], draw.choice([0, 0, 1, 1, 2]) % (len(question["items"]) + 1))
            decision = Decision({item["id"]: ItemDecision(True) for item in items})
            changes[submission] = Change(sheet, decision, ta.id, ReviewVia.DESK, draw.uniform(4, 60))
        carry_out(session, assignment, name, changes, by=ta)


def _notebook(draw: random.Random) -> bytes:
    """Twenty cells, six of them with a plot of 60 kB."""
    cells = []
    for number in range(1, 11):
        cells.append({"cell_type": "markdown", "metadata": {}, "source": f"## Inline Question {number}\nWhat did you see?"})
        picture = base64.b64encode(_png(draw.randbytes(60_000))).decode()
        outputs = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}] if number < 7 else []
        code = {"cell_type": "code", "execution_count": number, "metadata": {}, "source": "plot()", "outputs": outputs}
        cells.append(code)
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def _png(noise: bytes) -> bytes:
    """A picture of grey noise, 200 pixels wide."""
    rows = len(noise) // 200
    raw = b"".join(b"\0" + noise[200 * row : 200 * (row + 1)] for row in range(rows))
    size = (200).to_bytes(4, "big") + rows.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    body = b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big") for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _forget() -> None:
    get_settings.cache_clear()
    forget_engine()
