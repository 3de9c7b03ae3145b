"""`reported`: the results in a student's report: there, possible, and what the saved weights give when evaluated again."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from pydantic import Field, model_validator

from grader.core.calls import Request, Say
from grader.core.checks.agreement import Cell, Verdict, compared, table_of
from grader.core.checks.claims import Claim, contradicts, direction_of, remark_on
from grader.core.checks.images import ImageSet
from grader.core.checks.inputs import Preprocessing
from grader.core.checks.kind import Context, Declaration, Kind, Run
from grader.core.checks.model import Model
from grader.core.checks.predicting import hits, predict
from grader.core.checks.preparation import undeclared_preparation
from grader.core.checks.results import READABLE, Column, Row, cells_of, nothing_found, read_results, texts_of
from grader.core.checks.saved import PROBE, Evaluated, Saved, evaluate, ways
from grader.core.observation import Reply
from grader.core.proportions import Comparison, common_count, compare_paired, compare_proportions
from grader.core.result import Status
from grader.core.submission import Submission
from grader.core.verdict import Judgement, unread

TRAINING_IMAGES = 10_000
"""Of the training images so many are evaluated, the first ones."""


class Reported(Declaration):
    """answer: the question whose answer holds the results; files: where else they may stand.

    tolerance: how far reported and measured may be apart beyond rounding and sampling error (a fraction). n: the number of
    test images, where the course knows it. claims: by name.
    """

    answer: str | None = None
    files: tuple[str, ...] = READABLE
    rows: dict[str, Row] = Field(min_length=1)
    columns: dict[str, Column] = Field(min_length=1)
    dataset: str | None = None
    model: Model | None = None
    inputs: tuple[Preprocessing, ...] = (Preprocessing(),)
    tolerance: float = Field(default=0.01, ge=0, le=0.5)
    n: int | None = Field(default=None, ge=2)
    claims: dict[str, Claim] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_exist(self) -> Reported:
        if not any(column.is_ == "accuracy" for column in self.columns.values()):
            raise ValueError("columns needs an accuracy")
        if any(row.file for row in self.rows.values()) and self.dataset is None:
            raise ValueError("rows with saved weights need a dataset to measure them on")
        for name, claim in self.claims.items():
            for row in claim.between:
                if row not in self.rows:
                    raise ValueError(f"claim {name!r} is about {row!r}, which is none of the rows")
            if claim.column not in self.columns:
                raise ValueError(f"claim {name!r} is about {claim.column!r}, which is none of the columns")
        return self

    def saved(self, row: str) -> Saved:
        one = self.rows[row]
        return Saved(file=one.file, others=one.others, model=one.model or self.model, inputs=self.inputs)


@dataclass(frozen=True)
class Measured:
    """What a run's weights give: by images ("test", "train") the accuracy and how many; `right`: on the hidden images. tried:
    the ways to prepare images, with the accuracy on the first `PROBE` hidden ones. whole: as `Evaluated` has it."""

    accuracy: Mapping[str, tuple[float, int]]
    right: np.ndarray | None = None
    tried: tuple[tuple[Preprocessing, float], ...] = ()
    whole: bool = True
    trouble: str = ""
    ours: bool = False
    ended: bool = False


def reported(declaration: Reported, context: Context) -> Run:
    submission = context.submission or Submission({}, {})
    texts = list(texts_of(submission, declaration.answer, declaration.files))
    report = read_results(declaration.rows, declaration.columns, texts)
    if not report.figures:
        return nothing_found(declaration.rows, submission, texts)
    measured: dict[str, Measured] = {}
    for name, row in declaration.rows.items():
        if row.file:
            measured[name] = yield from _measure(declaration, context, name)
    own = ""
    if any(run.accuracy for run in measured.values()):
        own = undeclared_preparation(submission.files, ways(declaration.inputs, context.data), context.data.size)
    found = cells_of(declaration.rows, declaration.columns, report)
    cells = [_decided(cell, declaration, measured, own) for cell in found]
    outcome = _claims(declaration, texts, cells, measured, context)
    return _judged(declaration, cells, measured, outcome)


# --- measuring ------------------------------------------------------------------------------------------------------


def _measure(declaration: Reported, context: Context, row: str) -> Generator[Request, Reply, Measured]:
    yield Say(f"{row}: evaluating the saved weights")
    found = yield from evaluate(declaration.saved(row), context, f"reported-{row}")
    if isinstance(found, Judgement):
        return Measured({}, trouble=found.message, ours=found.status is Status.OURS, ended=found.ended)
    accuracy = {"test": (found.accuracy, len(found.right))}
    if any(one.on == "train" and one.is_ == "accuracy" for one in declaration.columns.values()):
        trained = yield from _on_training_images(found, context)
        if trained is not None:
            accuracy["train"] = trained
    return Measured(accuracy, found.right, found.tried, found.whole)


def _on_training_images(found: Evaluated, context: Context) -> Generator[Request, Reply, tuple[float, int] | None]:
    images: ImageSet = context.data
    x, y = images.x_train[:TRAINING_IMAGES], images.y_train[:TRAINING_IMAGES]
    scores = yield from predict(found.ref, x, found.how, images, found.file, context.seed)
    return None if isinstance(scores, Judgement) else (float(np.mean(hits(scores, y))), len(x))


def _decided(cell: Cell, declaration: Reported, measured: Mapping[str, Measured], own: str) -> Cell:
    """own: why the submission's images may be prepared in a way that is not declared."""
    run, column = measured.get(cell.row), declaration.columns[cell.column]
    if run is not None and column.is_ == "accuracy" and column.on in run.accuracy:
        accuracy, n = run.accuracy[column.on]
        cell = replace(cell, measured=accuracy, n=n)
    verdict, reason = compared(cell, declaration.tolerance)
    if verdict is Verdict.WRONG and cell.measured is not None and 0 <= cell.reported <= 1:
        if run is not None and not run.whole:
            verdict, reason = Verdict.UNREAD, f"{reason}; the saved weights hold more than the model has a place for"
        elif cell.reported > cell.measured and own:
            verdict, reason = Verdict.UNREAD, f"{reason}; {own}"
        elif cell.reported < cell.measured and (how := _as_prepared(cell, column, run, declaration.tolerance)):
            verdict, reason = Verdict.UNREAD, f"{reason}; it agrees with {how.text}, which may be how it was measured"
        elif cell.reported < cell.measured and column.on == "train":
            verdict = Verdict.AGREES
            reason = f"{reason}; the mean over an epoch, with dropout on, is lower than that, so this costs nothing"
    return replace(cell, verdict=verdict, reason=reason)


def _as_prepared(cell: Cell, column: Column, run: Measured | None, tolerance: float) -> Preprocessing | None:
    """Another way to prepare images than the best, with which the reported accuracy on test images agrees."""
    n = min(PROBE, cell.n)
    others = run.tried if run is not None and column.on == "test" else ()
    cells = ((how, replace(cell, measured=accuracy, n=n)) for how, accuracy in others)
    return next((how for how, one in cells if compared(one, tolerance)[0] is Verdict.AGREES), None)


# --- claims ---------------------------------------------------------------------------------------------------------


def _claims(
    declaration: Reported, texts: list[str], cells: list[Cell], measured: Mapping[str, Measured], context: Context
) -> list[tuple[bool, str]]:
    """For each claim that was read and could be compared: whether the numbers bear it, and a remark, if there is one."""
    outcome = []
    n = declaration.n or _images_behind(declaration, cells)
    for claim in declaration.claims.values():
        direction, quote = next((said for text in texts if (said := direction_of(claim, text))[0]), (None, ""))
        comparison = _comparison(claim, declaration, cells, measured, n)
        if direction is not None and comparison is not None:
            outcome.append((not contradicts(direction, comparison), remark_on(direction, quote, comparison)))
    return outcome


def _images_behind(declaration: Reported, cells: list[Cell]) -> int | None:
    """How many test images the figures themselves betray: 0.6742857 is 118 of 175."""
    return common_count([
        (cell.reported, cell.half) for cell in cells
        if cell.reported is not None and declaration.columns[cell.column].on == "test"
    ])  # fmt: skip


def _comparison(
    claim: Claim, declaration: Reported, cells: list[Cell], measured: Mapping[str, Measured], n: int | None
) -> Comparison | None:
    """What was measured on the same images, else what is reported."""
    runs = [measured.get(row) for row in claim.between]
    rights = [run.right for run in runs if run is not None and run.right is not None]
    if len(rights) == 2 and declaration.columns[claim.column].on == "test":
        return compare_paired(rights[0], rights[1])
    by_row = {cell.row: cell.reported for cell in cells if cell.column == claim.column and cell.reported is not None}
    shares = [by_row[row] for row in claim.between if row in by_row and 0 <= by_row[row] <= 1]
    if len(shares) != 2 or n is None:
        return None
    return compare_proportions(shares[0] * n, n, shares[1] * n, n)


# --- the verdict ----------------------------------------------------------------------------------------------------


def _judged(
    declaration: Reported, cells: list[Cell], measured: Mapping[str, Measured], claims: list[tuple[bool, str]]
) -> Judgement:
    remarks = tuple(text for _, text in claims if text)
    remarks += tuple(_sentence(cell.reason) for cell in cells if cell.verdict is Verdict.AGREES and cell.reason)
    remarks += tuple(f"{row} was not compared: {run.trouble}" for row, run in measured.items() if run.trouble)
    table = (table_of(cells),)
    open_ = [cell for cell in cells if cell.verdict is Verdict.UNREAD]
    wrong = [cell.reason for cell in cells if cell.verdict in (Verdict.WRONG, Verdict.MISSING)]
    if measured and not any(run.accuracy for run in measured.values()):
        text = "; ".join(["None of the reported results could be compared with saved weights", *wrong])
        return replace(unread(f"{text}. A TA looks at it."), remarks=remarks, exhibits=table)
    if open_ or any(run.ours for run in measured.values()):
        text = "; ".join([*(cell.reason for cell in open_), *wrong]) or "Not all runs could be compared"
        return replace(unread(f"{_sentence(text)} A TA looks at it."), remarks=remarks, exhibits=table)
    counted = [cell.verdict not in (Verdict.WRONG, Verdict.MISSING) for cell in cells if _counts(cell, declaration)]
    counted += [borne for borne, _ in claims]
    credit = sum(counted) / len(counted) if counted else 1.0
    if credit == 1:
        return Judgement(Status.PASS, _agrees(cells, declaration), credit=1.0, remarks=remarks, exhibits=table)
    wrong += [text.rstrip(".") for borne, text in claims if not borne]
    remarks = tuple(remark for remark in remarks if remark.rstrip(".") not in wrong)
    text = _sentence("; ".join(wrong))
    return Judgement(Status.FAIL, text, credit=credit, remarks=remarks, exhibits=table)


def _counts(cell: Cell, declaration: Reported) -> bool:
    """A loss counts only when it is impossible; what could not be compared, for want of saved weights, costs elsewhere."""
    if cell.verdict is not Verdict.STANDS:
        return True
    return declaration.columns[cell.column].is_ == "accuracy" and not declaration.rows[cell.row].file


def _agrees(cells: list[Cell], declaration: Reported) -> str:
    count = sum(cell.verdict is Verdict.AGREES for cell in cells)
    if count:
        return (
            f"{count} reported accuracies agree with what the saved weights give, within {declaration.tolerance:.1%}, rounding "
            "and sampling error."
        )
    return "All results that were asked for are reported, and they are possible."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


KIND = Kind(Reported, reported, scopes=("core",), tree="submission")
