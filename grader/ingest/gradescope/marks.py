"""The marks that an export means in a rubric: items applied, and an adjustment where they alone give another score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.core.rubric import Question, Rubric
from grader.core.score import question_score
from grader.ingest.gradescope.export import Export, ExportQuestion
from grader.ingest.gradescope.match import Match
from grader.ingest.gradescope.votes import quoted

_NEAR = 1e-6


@dataclass(frozen=True)
class QuestionMarks:
    """One question of the rubric. `adjustment` None: none is needed. `score`: what all of it gives."""

    number: str
    question: str
    applied: tuple[str, ...]
    adjustment: float | None
    comment: str
    score: float


@dataclass(frozen=True)
class ExportMarks:
    """`score` is the sum over the questions that the rubric has; `differences`: a sentence for all that differs."""

    questions: tuple[QuestionMarks, ...]
    score: float
    differences: tuple[str, ...]


def export_marks(export: Export, rubric: Rubric, match: Match) -> ExportMarks:
    """What the export's ticks, adjustments and comments become in the rubric. The printed scores are kept."""
    known = {question.id: question for question in rubric.questions}
    made: list[QuestionMarks] = []
    differences: list[str] = []
    for asked in export.questions:
        name = match.questions.get(asked.number)
        if name is None:
            differences.append(
                f"Question {asked.number} ({asked.title or 'no title'}) is not in this rubric: its "
                f"{asked.score:g} of {asked.max_score:g} points are left out."
            )
            continue
        marks, said = _question_marks(asked, known[name], match.items.get(asked.number, {}))
        made.append(marks)
        differences += said
    differences += _unmarked(rubric, made)
    score = round(sum(marks.score for marks in made), 4)
    if abs(score - export.score) > _NEAR:
        differences.append(f"The export's total is {export.score:g}; what is imported adds up to {score:g}.")
    return ExportMarks(tuple(made), score, tuple(differences))


def _question_marks(
    asked: ExportQuestion, ours: Question, items: Mapping[int, str | None]
) -> tuple[QuestionMarks, list[str]]:
    ticked = [place for place, item in enumerate(asked.items) if item.applied]
    applied = tuple(dict.fromkeys(name for place in ticked if (name := items.get(place))))
    lost = [asked.items[place] for place in ticked if not items.get(place) and asked.items[place].points]
    points = {item.id: item.points for item in ours.items}
    start = ours.points if ours.scoring == "deduct" else 0.0
    given = start + sum(points[name] for name in applied)
    wanted = min(asked.score, ours.points)
    reached = question_score(ours.points, [points[name] for name in applied], scoring=ours.scoring)
    adjustment = None if abs(reached - wanted) < _NEAR else round(wanted - given, 4)
    said = [
        f"Question {asked.number}: {quoted(item.label)} ({item.points:+g}) is no item of {ours.id}." for item in lost
    ]
    if abs(asked.max_score - ours.points) > _NEAR:
        said.append(
            f"Question {asked.number} is worth {asked.max_score:g} in the export, and {ours.id} {ours.points:g}."
        )
    words = [item.label for item in lost] + [it.comment for it in asked.adjustments if it.comment] + [*asked.comments]
    comment = "; ".join(words)
    if adjustment is not None:
        said.append(f"Question {asked.number}: adjusted by {adjustment:+g} to the printed score of {wanted:g}.")
        comment = comment or "As graded in Gradescope"
    return QuestionMarks(asked.number, ours.id, applied, adjustment, comment, wanted), said


def _unmarked(rubric: Rubric, made: Sequence[QuestionMarks]) -> list[str]:
    marked = {marks.question for marks in made}
    missing = [question.id for question in rubric.questions if question.items and question.id not in marked]
    return [f"Not in the export, so a TA has to decide: {', '.join(missing)}."] if missing else []
