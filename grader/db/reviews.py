"""A TA's decision on one question, saved as a whole: items, comments and adjustment, against the version they saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.db.marks import remove_adjustment, set_adjustment, set_mark
from grader.db.scores import QuestionSheet, score_sheet
from grader.db.tables import MarkState, Submission, User
from grader.errors import BadInput, EditConflict, NotFound

POINTS_LIMIT = 10_000


@dataclass(frozen=True)
class ItemDecision:
    applied: bool
    comment: str = ""


@dataclass(frozen=True)
class Decision:
    """`items` by item id; an item that is left out is not applied. `points` None: no adjustment."""

    items: Mapping[str, ItemDecision]
    points: float | None = None
    comment: str = ""


def save_review(
    session: Session, *, submission: Submission, question: str, decision: Decision, version: str, by: User
) -> QuestionSheet:
    """Store `decision`; the sheet of the question as it is now.

    Raises EditConflict (with the present sheet) if the question changed since `version`, NotFound for an unknown
    question, BadInput for an unknown item or an adjustment without a comment.
    """
    sheet = _sheet(session, submission, question)
    _refuse_unknown(sheet, decision)
    if sheet.version != version:
        raise _conflict(sheet)
    try:
        _store(session, submission.id, sheet, decision, by)
    except EditConflict as error:
        raise _conflict(_sheet(session, submission, question)) from error
    return _sheet(session, submission, question)


def _store(session: Session, submission_id: int, sheet: QuestionSheet, decision: Decision, by: User) -> None:
    question = sheet.result.id
    for item in sheet.result.items:
        chosen = decision.items.get(item.id, ItemDecision(False))
        mark = sheet.marks.get(item.id)
        same = mark and (mark.applied, mark.comment) == (chosen.applied, chosen.comment.strip())
        if same and mark.state != MarkState.SUGGESTED:
            continue
        set_mark(
            session, submission_id=submission_id, question=question, item=item.id, applied=chosen.applied,
            comment=chosen.comment.strip(), by=by, version=mark.version if mark else None,
        )  # fmt: skip
    _store_adjustment(session, submission_id, sheet, decision, by)


def _store_adjustment(session: Session, submission_id: int, sheet: QuestionSheet, decision: Decision, by: User) -> None:
    present, question = sheet.adjustment, sheet.result.id
    if decision.points is None and not decision.comment.strip():
        if present:
            remove_adjustment(session, submission_id=submission_id, question=question, version=present.version)
        return
    points, comment = decision.points or 0.0, decision.comment.strip()
    if present and (float(present.points), present.comment) == (points, comment):
        return
    set_adjustment(
        session, submission_id=submission_id, question=question, points=points, comment=comment, by=by,
        version=present.version if present else None,
    )  # fmt: skip


def _sheet(session: Session, submission: Submission, question: str) -> QuestionSheet:
    sheet = score_sheet(session, submission)
    if sheet is None:
        raise BadInput("this submission is not graded yet: marks can be given once its result is there")
    found = sheet.question(question)
    if found is None:
        raise NotFound(f"this assignment has no question {question!r}")
    return found


def _refuse_unknown(sheet: QuestionSheet, decision: Decision) -> None:
    known = {item.id for item in sheet.result.items}
    unknown = sorted(set(decision.items) - known)
    if unknown:
        names = ", ".join(sorted(known)) or "none"
        raise BadInput(f"question {sheet.result.id} has no item {', '.join(unknown)}; its items are: {names}")
    if decision.points is not None and not abs(decision.points) <= POINTS_LIMIT:
        raise BadInput(f"an adjustment must be a number between -{POINTS_LIMIT} and {POINTS_LIMIT}")


def _conflict(current: QuestionSheet) -> EditConflict:
    message = f"question {current.result.id} was changed by somebody else meanwhile; nothing was saved"
    return EditConflict(message, current)
