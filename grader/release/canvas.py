"""Canvas's gradebook CSV: made from e-mails, or filled into a gradebook that Canvas exported."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.release.grades import ClassGrades, Grade, split_name
from grader.release.table import BOM, Cell, table

COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS = "    Points Possible"
_LOGINS = ("SIS Login ID", "Login ID", "Email", "SIS User ID")
MOST = 20_000  # rows of a gradebook


class NotAGradebook(ValueError):
    """What was uploaded is no gradebook of Canvas; `str()` says why."""


@dataclass(frozen=True)
class Filled:
    """`absent`: students with a score whom the gradebook does not have."""

    text: str
    column: str
    absent: tuple[Grade, ...]


def canvas(grades: ClassGrades) -> str:
    """A new gradebook. Canvas finds students by their login, which has to be the e-mail; a cell without a score is empty."""
    rows: list[Sequence[Cell]] = [[*COLUMNS, grades.title], [POINTS, "", "", "", "", grades.max_score]]
    for grade in grades.grades:
        first, last = split_name(grade.name)
        name = f"{last}, {first}" if last else first
        rows.append([name, "", "", grade.email, "", grades.total(grade)])
    return table(rows)


def fill(gradebook: str, grades: ClassGrades, column: str = "") -> Filled:
    """The scores in a gradebook of Canvas, which keeps its columns and rows. Raises NotAGradebook.

    column: the heading to fill; else the one of the assignment's title (with Canvas's id behind it), else a new one.
    A cell keeps what it has where there is no total yet.
    """
    bom, rows, delimiter = _read(gradebook)
    heading, body = rows[0], rows[1:]
    place = _place(heading, column, grades.title)
    if place == len(heading):
        heading = [*heading, column or grades.title]
    body = [[*row, *[""] * (len(heading) - len(row))] for row in body]
    found = _filled(heading, body, place, grades)
    absent = tuple(one for one in grades.grades if grades.total(one) is not None and one.email.lower() not in found)
    return Filled(bom + table([heading, *body], delimiter=delimiter), heading[place], absent)


def _filled(heading: list[str], body: list[list[str]], place: int, grades: ClassGrades) -> set[str]:
    """Fill the rows in place; the e-mails that were found."""
    by_email, by_name = _by_email(grades), _by_name(grades)
    known = [(heading.index(name), name) for name in _LOGINS if name in heading]
    found = set()
    for row in body:
        if row[0].strip() == POINTS.strip():
            row[place] = row[place] or repr(grades.max_score)
            continue
        grade = None
        for login, name in known:
            key = row[login].strip().lower()
            grade = grade or by_email.get(key) or (by_name.get(key) if "Login" in name else None)
        if grade is None:
            continue
        found.add(grade.email.lower())
        total = grades.total(grade)
        if total is not None:
            row[place] = repr(total)
    return found


def _by_email(grades: ClassGrades) -> Mapping[str, Grade]:
    return {grade.email.lower(): grade for grade in grades.grades}


def _by_name(grades: ClassGrades) -> Mapping[str, Grade]:
    """By the part of the e-mail before the @, where only one student has it."""
    names = Counter(_local(grade) for grade in grades.grades)
    return {name: grade for grade in grades.grades if names[name := _local(grade)] == 1}


def _local(grade: Grade) -> str:
    return grade.email.lower().partition("@")[0]


def _read(text: str) -> tuple[str, list[list[str]], str]:
    bom, text = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    except csv.Error as error:
        raise NotAGradebook(f"this is no CSV file: {error}") from error
    if not rows or rows[0][0].strip() != "Student" or not set(_LOGINS) & set(rows[0]):
        raise NotAGradebook("a gradebook of Canvas has the columns Student, ID and SIS Login ID in its first line")
    if len(rows) > MOST:
        raise NotAGradebook(f"a gradebook has at most {MOST} rows; this one has {len(rows)}")
    return bom, rows, delimiter


def _place(heading: list[str], column: str, title: str) -> int:
    """The index of the column to fill; one past the last for a new one. Raises NotAGradebook."""
    if column and column not in heading:
        raise NotAGradebook(f"the gradebook has no column {column!r}")
    if column in COLUMNS:
        raise NotAGradebook(f"{column!r} is no column of scores")
    wanted = re.compile(re.escape(column or title) + ("" if column else r"( \(\d+\))?"))
    fitting = [place for place, name in enumerate(heading) if wanted.fullmatch(name) and name not in COLUMNS]
    if len(fitting) > 1:
        names = ", ".join(repr(heading[place]) for place in fitting)
        raise NotAGradebook(f"the gradebook has several columns of this title: {names}; say which one to fill")
    return fitting[0] if fitting else len(heading)
