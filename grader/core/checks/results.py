"""The results that a report is asked for, and what of them it holds: one cell for each run and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from grader.core.answers.declaration import Word
from grader.core.answers.html_tables import as_lines
from grader.core.answers.metrics import TABLE, Report, as_fractions, read_report, scale_of
from grader.core.checks.agreement import Cell, Verdict
from grader.core.checks.model import Model
from grader.core.notebook import cells_in, data_of, joined, outputs_of
from grader.core.result import Status
from grader.core.submission import Submission
from grader.core.verdict import Judgement, unread

READABLE = ("*.md", "*.markdown", "*.txt", "*.tex", "*.csv", "*.tsv", "*.html", "*.htm", "*.ipynb")
DOCUMENTS = (".pdf", ".docx", ".doc", ".odt", ".png", ".jpg", ".jpeg", ".rtf", *(one[1:] for one in READABLE))
LONGEST = 400_000  # bytes of all files together that are looked at


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(_Strict):
    """A run: what reports call it, and where its saved weights are (none: only what is reported is judged).

    others, model: as in `Saved`; a row's own model goes before the check's.
    """

    named: tuple[Word, ...] = Field(min_length=1)
    file: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    model: Model | None = None
    required: bool = True


class Column(_Strict):
    """What reports call it. on: which images it is measured on; a loss is never measured."""

    named: tuple[Word, ...] = Field(min_length=1)
    is_: Literal["accuracy", "loss"] = Field(default="accuracy", alias="is")
    on: Literal["test", "train"] = "test"
    required: bool = True


Rows = Mapping[str, Row]
Columns = Mapping[str, Column]


def texts_of(submission: Submission, question: str | None, patterns: Sequence[str]) -> Iterator[str]:
    """The answer first, then the files that can be read as text, those that lie highest first."""
    answer = submission.answers.get(question or "")
    if answer is not None and answer.text.strip():
        yield answer.text
    left = LONGEST
    for path in sorted(submission.files, key=lambda path: (path.count("/"), path)):
        base = path.rpartition("/")[2].casefold()
        if any(fnmatchcase(base, pattern.casefold()) or fnmatchcase(path, pattern) for pattern in patterns):
            text = submission.files[path][: 8 * LONGEST].decode("utf-8", "replace")
            text = (_notebook(text) if base.endswith(".ipynb") else text)[: max(left, 0)]
            left -= len(text)
            yield as_lines(text) if "<t" in text.casefold() or base.endswith((".html", ".htm")) else text


def _notebook(text: str) -> str:
    """Prose and printed outputs of a notebook as they follow one another; "" for one that cannot be read."""
    parts: list[Any] = []
    for cell in cells_in(text):
        if cell.get("cell_type") == "markdown":
            parts.append(cell.get("source"))
        elif printed := [_printed(output) for output in outputs_of(cell)]:
            parts += [_title(joined(cell.get("source"))), *printed]
    return "\n\n".join(map(joined, parts))


def _title(source: str) -> str:
    """The comments that a cell of code begins with."""
    lines = source.strip().splitlines()
    count = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[:count])


def _printed(output: dict[str, Any]) -> Any:
    """A table as pandas shows it is there twice: as HTML and as text."""
    shown = data_of(output)
    return shown.get("text/html") or shown.get("text/markdown") or shown.get("text/plain") or output.get("text")


def read_results(rows: Rows, columns: Columns, texts: Sequence[str]) -> Report:
    """Of the texts the first that holds most of what is asked for."""
    calls = [{name: one.named for name, one in declared.items()} for declared in (rows, columns)]
    reports = [read_report(text, *calls) for text in texts]
    return max(reports, key=lambda report: len(report.figures), default=Report({}))


def nothing_found(rows: Rows, submission: Submission, texts: Sequence[str]) -> Judgement:
    names = ", ".join(_shown(row) for row in rows.values())
    documents = [path for path in submission.files if path.lower().endswith(DOCUMENTS)]
    if not texts and not documents:
        return Judgement(Status.MISSING, f"No report with results was handed in; asked for: {names}.")
    return unread(f"No results were recognised in the report; looked for: {names}. A TA looks at it.")


def cells_of(rows: Rows, columns: Columns, report: Report) -> Iterator[Cell]:
    """One cell for each row and column that is asked for or was found."""
    seen_columns = {column for _, column in report.figures}
    seen_rows = {row for row, _ in report.figures}
    listed = any(one.rank == TABLE for figures in report.figures.values() for one in figures)
    in_fractions = _in_fractions(columns, report)
    for row, about in rows.items():
        for column, what in columns.items():
            figures = report.figures.get((row, column), ())
            if figures:
                yield _reported_cell(row, column, figures, what, in_fractions)
            elif about.required and what.required and what.is_ == "accuracy":
                unclear = not listed or column not in seen_columns or (row not in seen_rows and bool(report.unclaimed))
                where = f"{_shown(about)}, {_shown(what)}"
                text = f"{where}: not recognised in the report" if unclear else f"{where}: missing in the report"
                yield Cell(row, column, None, verdict=Verdict.UNREAD if unclear else Verdict.MISSING, reason=text)


def _shown(one: Row | Column) -> str:
    return one.named[0].strip("~*")


def _in_fractions(columns: Columns, report: Report) -> bool:
    """Whether accuracies are written as fractions of 1: most of them are, and none bears a % sign."""
    given = [one for (_, column), found in report.figures.items() if columns[column].is_ == "accuracy" for one in found]
    return not any(one.percent for one in given) and 2 * sum(abs(one.value) <= 1 for one in given) >= len(given) > 1


def _reported_cell(row: str, column: str, figures: tuple, what: Column, in_fractions: bool) -> Cell:
    if what.is_ == "loss":
        negative = figures[0].value < 0
        text = f"{row}, {column}: a loss of {figures[0].value:g} is not possible" if negative else ""
        verdict = Verdict.WRONG if negative else Verdict.STANDS
        return Cell(row, column, None, verdict=verdict, reason=text, shown=figures[0].written)
    if in_fractions and any(1 < one.value < 2 for one in figures):
        text = f"{row}, {column}: {figures[0].written} beside fractions of 1 is no accuracy, perhaps a slip or another figure"
        return Cell(row, column, None, verdict=Verdict.UNREAD, reason=text, shown=figures[0].written)
    values = as_fractions(figures)
    halves = [one.half * scale_of(one, value) for one, value in zip(figures, values, strict=True)]
    coarse = max(halves)
    if max(values) - min(values) > 2 * coarse + 1e-9:
        shown = ", ".join(one.written for one in figures[:4])
        return Cell(row, column, None, verdict=Verdict.UNREAD, reason=f"{row}, {column}: several figures ({shown})")
    finest = int(np.argmin(halves))
    prose = "" if figures[finest].rank == TABLE else figures[finest].quote
    return Cell(row, column, values[finest], halves[finest], prose=prose)
