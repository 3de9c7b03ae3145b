"""A graded export, read from its text: panels vote, marks are reconciled with points, answers found in the work."""

from __future__ import annotations

from collections.abc import Sequence

from grader.ingest.gradescope.answers import with_answers
from grader.ingest.gradescope.export import Export, ExportQuestion
from grader.ingest.gradescope.lines import PAGE_BREAK, TooLong, bare, lines_of, without_furniture
from grader.ingest.gradescope.panels import Printed, find_panels, is_structure
from grader.ingest.gradescope.reconcile import majority_sign, reconcile
from grader.ingest.gradescope.votes import ballots

_MAX_QUESTIONS = 200


class NotAnExport(ValueError):
    """The text holds no rubric panel: it is no graded export."""


def read_export(source: str | Sequence[str]) -> Export:
    """The export in a text, or in the texts of a PDF's pages. Raises NotAnExport."""
    try:
        lines = lines_of([source] if isinstance(source, str) else source)
    except TooLong as error:
        raise NotAnExport(str(error)) from error
    lines = without_furniture(lines, is_structure)
    printed = find_panels(lines)
    if not printed.panels:
        raise NotAnExport(
            "This is no graded Gradescope export: no question with a score and rubric items "
            '(such as "1 Title 1 / 2" and "✓ - 1 pts Label") was found in it.'
        )
    if len({panel.number for panel in printed.panels}) > _MAX_QUESTIONS:
        raise NotAnExport(f"This document has more than {_MAX_QUESTIONS} questions; no Gradescope export has.")
    default_sign = majority_sign(printed.panels)
    repairs: list[str] = []
    questions: list[ExportQuestion] = []
    for ballot in ballots(printed.panels):
        question, said = reconcile(ballot, default_sign, printed.groups.get(ballot.number.rpartition(".")[0]))
        questions.append(question)
        repairs += said
    score, max_score = _total(printed, questions, repairs)
    questions, said = with_answers(questions, printed, lines)
    repairs += said
    return Export(score, max_score, tuple(questions), tuple(repairs), _title(lines, printed))


def _total(printed: Printed, questions: Sequence[ExportQuestion], repairs: list[str]) -> tuple[float, float]:
    """The printed total: the score on a line of its own that agrees with the questions, else the first one."""
    added = (round(sum(q.score for q in questions), 4), round(sum(q.max_score for q in questions), 4))
    if added in printed.totals:
        return added
    same_max = [total for total in printed.totals if total[1] == added[1]]
    candidates = same_max or (printed.totals if printed.said_total else [])
    if not candidates:
        repairs.append(f"No total is printed; the questions add up to {added[0]:g} / {added[1]:g}.")
        return added
    total = candidates[0]
    repairs.append(
        f"The printed total is {total[0]:g} / {total[1]:g}, but the questions add up to {added[0]:g} / {added[1]:g}; "
        f"the printed total is kept. {_gap(questions)}Please check."
    )
    return total


def _gap(questions: Sequence[ExportQuestion]) -> str:
    numbers = {question.order[0] for question in questions}
    missing = [str(n) for n in range(1, max(numbers)) if n not in numbers]
    return f"Not found in the document: question {', '.join(missing)}. " if missing else ""


def _title(lines: Sequence[str], printed: Printed) -> str:
    """The document's first line, if it stands above the first panel."""
    for i, line in enumerate(lines[: printed.panels[0].start]):
        if bare(line) and line != PAGE_BREAK and i not in printed.used:
            return bare(line)[:200]
    return ""
