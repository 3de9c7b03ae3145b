"""A course with the pack that asks for a computational graph, and answers to it."""

from __future__ import annotations

from types import ModuleType

from sqlalchemy.orm import Session

from grader.core.answers.suggest import suggest
from grader.core.result import QuestionResult, Result
from grader.core.submission import Answer
from grader.db import courses
from grader.db.tables import Role, Submission
from grader.pack import load_pack

SLUG = "cv-hw"
PACK = load_pack("cv_hw")
VALUES = {"a": "-2", "b": "3", "c": "1", "d": "0.5", "e": "-0.5", "g": "0.61", "h": "1.61", "f": "0.62"}
GRADIENTS = {"h": "-0.39", "g": "-0.39", "e": "-0.24", "d": "0.24", "c": "0.74", "b": "0.74", "a": "0.74", "w": "0.24",
             "z": "0.74", "y": "1.48", "x": "-0.74"}  # fmt: skip


def make_graph_room(rooms: ModuleType, session: Session) -> object:
    """A `Classroom` whose assignment is cv_hw: a student who writes Ukrainian, one who writes Hebrew, a TA."""
    course = courses.create_course(session, slug="cv", title="Computer vision")
    rubric = courses.register_rubric(
        session,
        pack=PACK.name,
        sha256=PACK.rubric_hash,
        yaml_text=PACK.text,
        document=PACK.rubric.model_dump(mode="json"),
    )
    assignment = courses.create_assignment(session, course=course, slug=SLUG, title=PACK.rubric.title, rubric=rubric)
    people = [
        rooms.enrolled(session, course, email, name, role)
        for email, name, role in (
            ("olena@example.edu", "Олена Шевченко", Role.STUDENT),
            ("ori@example.edu", "אורי כהן", Role.STUDENT),
            ("tal@example.edu", "Tal Amari", Role.TA),
        )
    ]
    return rooms.Classroom(course, assignment, *people)


def table(header: str = "| node | value | gradient |", **changed: str) -> str:
    """A right answer but for `changed`: `value_a="5"`."""
    lines = [header, "| --- | --- | --- |"]
    for name in (*"xyzw", *VALUES):
        value = changed.get(f"value_{name}", VALUES.get(name, ""))
        lines.append(f"| {name} | {value} | {changed.get(f'gradient_{name}', GRADIENTS.get(name, '1'))} |")
    return "\n".join(lines)


def graded(rooms: ModuleType, session: Session, submission: Submission) -> Submission:
    """With the suggestions that the pack's rules make, as a worker leaves it."""
    session.refresh(submission, ["answers"])
    answers = {it.question: it.text for it in submission.answers}
    questions = tuple(
        QuestionResult(
            id=question.id, title=question.title, score=0, max_score=question.points, status="needs_review",
            items=suggest(question, Answer(question.id, answers.get(question.id, ""), "answers.json")),
            answer=answers.get(question.id), answer_source="answers.json" if question.id in answers else None,
        )
        for question in PACK.rubric.questions
    )  # fmt: skip
    most = PACK.rubric.max_score
    result = Result(
        pack=PACK.name, rubric_hash=PACK.rubric_hash, score=0, max_score=most, awaiting_review=most, seconds=0.1,
        questions=questions,
    )  # fmt: skip
    return rooms.graded(session, submission, result)
