"""The forms of the import pages: the export as a file, then as the text that travels with the preview; who it is of; and
how its questions and items are matched. Nothing is kept between the preview and the import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from grader.core.rubric import Rubric
from grader.db.courses import members
from grader.db.tables import Course, Role, User
from grader.errors import BadInput
from grader.imports import student_for
from grader.ingest.gradescope import Export, NotAnExport, read_export
from grader.ingest.gradescope.file import text_of
from grader.ingest.gradescope.match import Match, match, match_items
from grader.settings import Settings
from grader.web.deps import SettingsDep
from grader.web.security.csrf import FIELD, check_csrf

_TEXT_LIMIT = 24 << 20  # bytes of one field: the text of a long export
_FIELDS = 5_000


@dataclass(frozen=True)
class Sent:
    """An export as it came. `text`: pages are separated by form feeds; `name`: of the file."""

    export: Export
    text: str
    name: str


async def upload_form(request: Request) -> AsyncIterator[FormData]:
    """The form, its file spooled to disk until the answer has gone out. Raises BadInput for a torn one."""
    try:
        form = await request.form(max_files=1, max_fields=_FIELDS, max_part_size=_TEXT_LIMIT)
    except HTTPException as error:
        raise BadInput(f"the form cannot be read ({error.detail})") from None
    try:
        yield form
    finally:
        await form.close()


ImportUpload = Annotated[FormData, Depends(upload_form)]


def checked_form(request: Request, settings: SettingsDep, form: ImportUpload) -> FormData:
    """A form of these pages; its CSRF token is checked."""
    check_csrf(request, settings, typed(form, FIELD))
    return form


ImportForm = Annotated[FormData, Depends(checked_form)]


def sent_export(form: FormData, settings: Settings) -> Sent:
    """The export in the form. Raises BadInput for none, or for what is no export; IngestError for a broken PDF."""
    file = form.get("file")
    try:
        if isinstance(file, UploadFile) and file.filename:
            data = file.file.read(settings.upload_limit + 1)
            text, name = text_of(data), file.filename
        else:
            text, name = typed(form, "text"), typed(form, "name")
        if not text.strip():
            raise BadInput("choose the file of a graded Gradescope export")
        return Sent(read_export(text), text, name[:200])
    except NotAnExport as error:
        raise BadInput(str(error)) from error


def student_of(db: Session, course: Course, form: FormData) -> User:
    """The chosen student, or the one with the given e-mail. Raises BadInput."""
    chosen = typed(form, "student")
    if not chosen:
        return student_for(db, course, typed(form, "email"), typed(form, "student_name"))
    for student in students(db, course):
        if str(student.id) == chosen:
            return student
    raise BadInput("the chosen student is not in this course any more")


def students(db: Session, course: Course) -> list[User]:
    return [member.user for member in members(db, course.id) if member.role is Role.STUDENT]


def chosen_match(form: FormData, export: Export, rubric: Rubric) -> Match:
    """The likeliest match, changed as the form says. Items of a question that was matched anew are matched anew."""
    found = match(export, rubric)
    written = {question.id: question for question in rubric.questions if question.items}
    for question in export.questions:
        chosen = form.get(f"question:{question.number}")
        if not isinstance(chosen, str):
            continue
        found.questions[question.number] = chosen or None
        ours = written.get(chosen)
        found.items[question.number] = match_items(question, ours) if ours else {}
        if ours and chosen == form.get(f"was:{question.number}"):
            _choose_items(form, question.number, found)
    return found


def _choose_items(form: FormData, number: str, found: Match) -> None:
    for place in found.items[number]:
        item = form.get(f"item:{number}:{place}")
        if isinstance(item, str):
            found.items[number][place] = item or None


def typed(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
