"""A course with any pack, and one of its samples handed in and graded as a worker does it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType

from sqlalchemy.orm import Session

from grader.accept import store
from grader.core.result import Result
from grader.core.submission import Answer
from grader.core.submission import Submission as Content
from grader.db import courses
from grader.db.tables import Role, Submission
from grader.ingest.submission import read_submission
from grader.pack import Pack, load_pack
from worker.trusted.grade import grade
from worker.trusted.sandbox.backend import default_backend


def make_homework_room(rooms: ModuleType, session: Session, pack: Pack, student: str) -> object:
    """A `Classroom` whose assignment is the pack's, with a student of that name, another one and a TA."""
    course = courses.create_course(session, slug=pack.name, title=f"The course of {pack.name}")
    rubric = courses.register_rubric(
        session, pack=pack.name, sha256=pack.rubric_hash, yaml_text=pack.text,
        document=pack.rubric.model_dump(mode="json"),
    )  # fmt: skip
    assignment = courses.create_assignment(
        session, course=course, slug=pack.name.replace("_", "-"), title=pack.rubric.title, rubric=rubric
    )
    people = [
        rooms.enrolled(session, course, f"person{number}@example.edu", name, role)
        for number, (name, role) in enumerate(
            [(student, Role.STUDENT), ("Ada Okafor", Role.STUDENT), ("Tal Amari", Role.TA)]
        )
    ]
    return rooms.Classroom(course, assignment, *people)


@cache
def sample_of(pack_name: str, sample: str) -> tuple[Content, Result]:
    """A sample of a pack, read and graded in the sandbox; once for all tests of a process."""
    pack = load_pack(pack_name)
    slots = tuple(question.answer for question in pack.rubric.questions if question.answer is not None)
    folder = Path(pack.folder) / "samples" / sample
    content = read_submission(folder, pack.rubric.code.layout if pack.rubric.code else None, slots)
    return content, grade(content, pack, backend=default_backend())


def handed_in_and_graded(rooms: ModuleType, session: Session, room: object, pack_name: str, sample: str) -> Submission:
    content, result = sample_of(pack_name, sample)
    submission = store(session, content, user=room.student, assignment=room.assignment, source="page").submission
    return rooms.graded(session, submission, result)


def graded_as_it_is(rooms: ModuleType, session: Session, submission: Submission, pack_name: str) -> Submission:
    """A stored submission, graded by the answers that it holds."""
    session.refresh(submission, ["answers"])
    answers = {it.question: Answer(it.question, it.text, it.source) for it in submission.answers}
    content = Content(files={}, answers=answers, remarks=())
    return rooms.graded(session, submission, grade(content, load_pack(pack_name), backend=default_backend()))
