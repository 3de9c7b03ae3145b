"""Graded exports of Gradescope: into an assignment, or as a new one. Upload, look at what was read, import."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.core.rubric import Question
from grader.core.rubric_file import parse_rubric
from grader.db.courses import course_by_slug, role_in
from grader.db.rubrics import rubric_of
from grader.db.tables import Assignment, Course, Role, User
from grader.errors import BadInput, Forbidden, NotFound
from grader.imports import Imported, assignment_from, import_export, refuse_unusable
from grader.ingest.errors import IngestError
from grader.ingest.gradescope.marks import ExportMarks, export_marks
from grader.ingest.gradescope.match import Match, skeleton_match
from grader.ingest.gradescope.skeleton import rubric_skeleton
from grader.queue import send_attempt
from grader.web.access import assignment_for, submission_for
from grader.web.contexts import Page
from grader.web.deps import Db, PageUser, SettingsDep
from grader.web.import_form import (
    ImportForm,
    Sent,
    chosen_match,
    sent_export,
    student_of,
    students,
    typed,
)
from grader.web.rendering import render

router = APIRouter()
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True)
class ImportPage(Page):
    """`assignment` None: a new one is made in `course`. sent: what was read, None before a file was chosen. marks: what
    it becomes. typed: the form's fields. done: of the import before this one."""

    course: Course
    assignment: Assignment | None
    students: list[User]
    may_create: bool
    sent: Sent | None = None
    match: Match = field(default_factory=Match)
    marks: ExportMarks | None = None
    written: list[Question] = field(default_factory=list)
    yaml: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""
    done: Done | None = None


@dataclass(frozen=True)
class Done:
    submission_id: int
    student: str
    score: str
    differences: bool


@router.get("/assignments/{slug}/import")
def show_import(
    slug: str, request: Request, db: Db, user: PageUser, done: int = 0, score: str = "", differs: bool = False
) -> Response:
    assignment, role = assignment_for(db, user, slug, staff=True)
    page = ImportPage(
        assignment.course, assignment, students(db, assignment.course), role is Role.INSTRUCTOR,
        done=_done(db, user, assignment, done, score, differs) if done else None,
    )  # fmt: skip
    return render(request, "import.html", page)


@router.post("/assignments/{slug}/import")
def import_into(
    slug: str, request: Request, db: Db, user: PageUser, settings: SettingsDep, form: ImportForm
) -> Response:
    """Shows what was read, and imports it once the form says `do=import`."""
    assignment, role = assignment_for(db, user, slug, staff=True)
    may_create = role is Role.INSTRUCTOR
    sent: Sent | None = None
    match, marks = Match(), None
    rubric = rubric_of(assignment.rubric_version)
    try:
        sent = sent_export(form, settings)
        match = chosen_match(form, sent.export, rubric)
        refuse_unusable(sent.export, rubric, match)
        marks = export_marks(sent.export, rubric, match)
        if typed(form, "do") == "import":
            return _import(db, assignment, user, sent, match, form)
        error = ""
    except (BadInput, IngestError) as refused:
        db.rollback()
        assignment, role = assignment_for(db, user, slug, staff=True)
        error = str(refused)
    written = [question for question in rubric.questions if question.items]
    page = ImportPage(
        assignment.course, assignment, students(db, assignment.course), may_create, sent, match, marks,
        written, typed=_fields(form), error=error,
    )  # fmt: skip
    return render(request, "import_preview.html" if sent else "import.html", page, status=422 if error else 200)


@router.get("/courses/{slug}/import")
def show_new(slug: str, request: Request, db: Db, user: PageUser) -> Response:
    course = _course_for(db, user, slug)
    return render(request, "import.html", ImportPage(course, None, students(db, course), True))


@router.post("/courses/{slug}/import")
def import_new(
    slug: str, request: Request, db: Db, user: PageUser, settings: SettingsDep, form: ImportForm
) -> Response:
    """As `import_into`, for an assignment that is made of the export."""
    course = _course_for(db, user, slug)
    sent: Sent | None = None
    match, marks, yaml = Match(), None, ""
    try:
        sent = sent_export(form, settings)
        match = skeleton_match(sent.export)
        name = typed(form, "slug").strip()
        title = typed(form, "title").strip() or sent.export.title
        yaml = rubric_skeleton(sent.export, name if _SLUG.fullmatch(name) else "imported", title)
        marks = export_marks(sent.export, parse_rubric(yaml), match)
        if typed(form, "do") == "import":
            if not _SLUG.fullmatch(name):
                raise BadInput("the assignment's address is small letters, digits and hyphens, such as cs231n-a2")
            assignment = assignment_from(db, course, name, title or name, yaml)
            return _import(db, assignment, user, sent, match, form)
        error = ""
    except (BadInput, IngestError) as refused:
        db.rollback()
        course = _course_for(db, user, slug)
        error = str(refused)
    page = ImportPage(
        course, None, students(db, course), True, sent, match, marks, yaml=yaml, typed=_fields(form), error=error
    )
    return render(request, "import_preview.html" if sent else "import.html", page, status=422 if error else 200)


def _import(db: Session, assignment: Assignment, by: User, sent: Sent, match: Match, form: FormData) -> Response:
    student = student_of(db, assignment.course, form)
    imported: Imported = import_export(
        db, assignment=assignment, student=student, export=sent.export, match=match, by=by, name=sent.name
    )
    stored = imported.stored
    db.commit()
    if stored.created:
        send_attempt(stored.attempt.id, stored.attempt.lane)
    score = f"{imported.score:g} / {sent.export.max_score:g}"
    query = urlencode({"done": stored.submission.id, "score": score, "differs": int(bool(imported.differences))})
    return RedirectResponse(f"/assignments/{assignment.slug}/import?{query}", 303)


def _done(
    db: Session, user: User, assignment: Assignment, submission_id: int, score: str, differs: bool
) -> Done | None:
    """What was imported a moment ago; None for a submission that is not of this assignment."""
    try:
        submission, _ = submission_for(db, user, submission_id, staff=True)
    except (NotFound, Forbidden):
        return None
    if submission.assignment_id != assignment.id:
        return None
    return Done(submission.id, submission.user.name, score[:40], differs)


def _course_for(db: Session, user: User, slug: str) -> Course:
    """Raises NotFound for whoever is not in the course, Forbidden for whoever may not make assignments in it."""
    course = course_by_slug(db, slug)
    role = role_in(db, user, course.id)
    if role is None:
        raise NotFound(f"there is no course {slug!r}")
    if role is not Role.INSTRUCTOR:
        raise Forbidden("only an instructor of this course can make an assignment")
    return course


def _fields(form: FormData) -> dict[str, str]:
    return {name: typed(form, name) for name in ("student", "email", "student_name", "slug", "title")}
