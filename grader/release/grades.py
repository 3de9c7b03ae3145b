"""A class's scores as every export takes them: plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Part:
    """One question: its id, title and points."""

    id: str
    title: str
    points: float


@dataclass(frozen=True)
class Grade:
    """One student. Without a submission, `submission_id` and `submitted_at` are None.

    scores: points by question, of the decided questions only; a question that is missing there is not decided.
    """

    name: str
    email: str
    submission_id: int | None
    submitted_at: datetime | None
    submissions: int
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ClassGrades:
    assignment: str  # its slug
    title: str
    due_at: datetime | None
    parts: Sequence[Part]
    grades: Sequence[Grade]

    @property
    def max_score(self) -> float:
        return round(sum(part.points for part in self.parts), 4)

    def total(self, grade: Grade) -> float | None:
        """None while anything is undecided, or nothing was handed in: never a zero that nobody gave."""
        if any(part.id not in grade.scores for part in self.parts):
            return None
        return round(sum(grade.scores[part.id] for part in self.parts), 4)


def lateness(grade: Grade, due_at: datetime | None) -> timedelta:
    """Zero when in time, without a due date or without a submission."""
    if grade.submitted_at is None or due_at is None:
        return timedelta()
    return max(grade.submitted_at - due_at, timedelta())


def split_name(name: str) -> tuple[str, str]:
    """(first names, last name): the last word is the last name; a single word is a first name."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    return (first, last) if first else (last, "")
