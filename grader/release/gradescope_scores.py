"""Gradescope's scores CSV, column for column."""

from __future__ import annotations

from datetime import UTC, timedelta

from grader.release.grades import ClassGrades, Grade, lateness, split_name
from grader.release.table import Cell, table

COLUMNS = (
    "First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status", "Submission ID",
    "Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count",
)  # fmt: skip


def gradescope_scores(grades: ClassGrades) -> str:
    """A row is `Graded` with its total, `Ungraded` without one while a question is undecided, or `Missing`."""
    titles = [f"{number}: {part.title} ({float(part.points)!r} pts)" for number, part in enumerate(grades.parts, 1)]
    return table([[*COLUMNS, *titles], *(_row(grade, grades) for grade in grades.grades)])


def _row(grade: Grade, grades: ClassGrades) -> list[Cell]:
    first, last = split_name(grade.name)
    total = grades.total(grade)
    scores = [grade.scores.get(part.id) for part in grades.parts]
    row: list[Cell] = [first, last, "", grade.email, "", total, grades.max_score]
    if grade.submitted_at is None:
        return [*row, "Missing", None, None, None, None, None, *scores]
    handed_in = grade.submitted_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S %z")
    status = "Ungraded" if total is None else "Graded"
    late = _hours(lateness(grade, grades.due_at))
    views = 0  # they are not counted here
    return [*row, status, grade.submission_id, handed_in, late, views, grade.submissions, *scores]


def _hours(late: timedelta) -> str:
    seconds = int(late.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
