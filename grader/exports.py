"""A class's scores as a file for another system: read from the database, written by `grader.release`."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.courses import members
from grader.db.gradebook import Line, gradebook
from grader.db.scores import ScoreSheet, score_sheet
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment, Role, Submission, User
from grader.errors import BadInput
from grader.release.canvas import NotAGradebook, canvas, fill
from grader.release.grades import ClassGrades, Grade, Part
from grader.release.gradescope_results import gradescope_results
from grader.release.gradescope_scores import gradescope_scores
from grader.release.nbgrader import nbgrader
from grader.release.table import BOM

CSV = "text/csv; charset=utf-8"
_NAMES_SHOWN = 10


class Format(StrEnum):
    GRADESCOPE = "gradescope"
    RESULTS = "results"
    CANVAS = "canvas"
    NBGRADER = "nbgrader"


@dataclass(frozen=True)
class Export:
    filename: str
    media_type: str
    content: bytes


def export(session: Session, assignment: Assignment, format: Format, *, excel: bool = False) -> Export:
    """excel: with a byte-order mark, by which Excel knows that a CSV is UTF-8."""
    if format is Format.RESULTS:
        return Export(f"{assignment.slug}-results.zip", "application/zip", results_zip(session, assignment))
    write = {Format.GRADESCOPE: gradescope_scores, Format.CANVAS: canvas, Format.NBGRADER: nbgrader}[format]
    text = write(class_grades(session, assignment))
    return Export(f"{assignment.slug}-{format}.csv", CSV, ((BOM if excel else "") + text).encode())


def fill_canvas(
    session: Session, assignment: Assignment, gradebook: bytes, *, column: str = "", leave_out: bool = False
) -> Export:
    """The scores in a gradebook that Canvas exported. `leave_out`: students whom it does not have are no error.

    Raises BadInput for a file that is none, and for students with scores whom it does not have.
    """
    try:
        filled = fill(gradebook.decode("utf-8"), class_grades(session, assignment), column)
    except UnicodeDecodeError as error:
        raise BadInput(
            "the gradebook is not UTF-8: export it from Canvas again, and do not save it in between"
        ) from error
    except NotAGradebook as error:
        raise BadInput(str(error)) from error
    if filled.absent and not leave_out:
        names = ", ".join(grade.email for grade in filled.absent[:_NAMES_SHOWN])
        more = f" and {len(filled.absent) - _NAMES_SHOWN} more" if len(filled.absent) > _NAMES_SHOWN else ""
        raise BadInput(f"the gradebook has no row for {names}{more}; add them, or choose to leave them out")
    return Export(f"{assignment.slug}-canvas.csv", CSV, filled.text.encode())


def class_grades(session: Session, assignment: Assignment) -> ClassGrades:
    """Every enrolled student, by name, with the newest submission's decided scores."""
    lines = {line.user_id: line for line in gradebook(session, assignment)}
    handed_in = _submissions(session, assignment)
    students = [member.user for member in members(session, assignment.course_id) if member.role is Role.STUDENT]
    return ClassGrades(
        assignment=assignment.slug, title=assignment.title, due_at=assignment.due_at,
        parts=[Part(q["id"], q["title"], float(q["points"])) for q in assignment.rubric_version.document["questions"]],
        grades=[_grade(user, lines.get(user.id), handed_in.get(user.id, 0)) for user in students],
    )  # fmt: skip


def _grade(user: User, line: Line | None, submissions: int) -> Grade:
    decided = {name: found.score for name, found in line.questions.items() if found.decided} if line else {}
    return Grade(
        name=user.name, email=user.email, submission_id=line.submission_id if line else None,
        submitted_at=line.created_at if line else None, submissions=submissions, scores=decided,
    )  # fmt: skip


def _submissions(session: Session, assignment: Assignment) -> Mapping[int, int]:
    """How often each user handed in."""
    query = select(Submission.user_id, func.count()).where(Submission.assignment_id == assignment.id)
    return dict(session.execute(query.group_by(Submission.user_id)).all())


def results_zip(session: Session, assignment: Assignment) -> bytes:
    """`results.json` of every student's newest graded submission, each in a folder with the student's e-mail."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for line in gradebook(session, assignment):
            sheet = score_sheet(session, submission_by_id(session, line.submission_id)) if line.questions else None
            if sheet:
                document = _results(sheet, assignment)
                folder = f"{line.submission_id}-{re.sub(r'[^A-Za-z0-9@._+-]', '_', line.email)}"
                archive.writestr(f"{folder}/results.json", json.dumps(document, ensure_ascii=False, indent=1))
    return packed.getvalue()


def _results(sheet: ScoreSheet, assignment: Assignment) -> dict[str, object]:
    adjusted = {one.result.id: one.adjustment for one in sheet.questions if one.adjustment}
    return gradescope_results(
        sheet.as_result(),
        assignment.rubric_version.document,
        adjustments={question: (float(row.points), row.comment) for question, row in adjusted.items()},
        comments={
            one.result.id: {name: mark.comment for name, mark in one.marks.items() if mark.comment}
            for one in sheet.questions
        },
    )
