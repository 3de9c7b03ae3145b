"""The CSV that `nbgrader export` writes."""

from __future__ import annotations

from datetime import UTC, datetime

from grader.release.grades import ClassGrades, Grade, split_name
from grader.release.table import Cell, table

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def nbgrader(grades: ClassGrades) -> str:
    """The e-mail is the student's id. No score while a question is undecided; without a submission it is 0, as there."""
    return table([COLUMNS, *(_row(grade, grades) for grade in grades.grades)])


def _row(grade: Grade, grades: ClassGrades) -> list[Cell]:
    first, last = split_name(grade.name)
    score = 0.0 if grade.submitted_at is None else grades.total(grade)
    return [
        grades.assignment, _naive(grades.due_at), _naive(grade.submitted_at), grade.email, last, first, grade.email,
        score, 0.0, score, grades.max_score,
    ]  # fmt: skip


def _naive(when: datetime | None) -> str:
    """UTC without an offset, as nbgrader has it."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(" ") if when else ""
