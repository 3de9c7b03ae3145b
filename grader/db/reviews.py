"""A TA's decision on one question, saved as a whole: items, comments and adjustment, against the version they saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.db.audit import record
from grader.db.marks import remove_adjustment, set_adjustment, set_mark
from grader.db.opinions import newest_opinion
from grader.db.review_tables import Review, ReviewVia
from grader.db.scores import QuestionSheet, score_sheet
from grader.db.tables import Submission, User
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
    session: Session,
    *,
    submission: Submission,
    question: str,
    decision: Decision,
    version: str,
    by: User,
    via: ReviewVia = ReviewVia.API,
    seconds: float | None = None,
) -> QuestionSheet:
    """Store `decision`; the sheet of the question as it is now. `seconds`: how long `by` looked at the answer.

    Raises EditConflict (with the present sheet) if the question changed since `version`, NotFound for an unknown
    question, BadInput for an unknown item or an adjustment without a comment.
    """
    sheet = question_sheet(session, submission, question)
    refuse_unusable(sheet, decision)
    if sheet.version != version:
        raise _conflict(sheet)
    before = decision_document(sheet)
    try:
        _store(session, submission.id, sheet, decision, by)
        _store_review(session, submission.id, sheet, by, via, seconds)
    except EditConflict as error:
        raise _conflict(question_sheet(session, submission, question)) from error
    now = question_sheet(session, submission, question)
    _log(session, submission, by, before, now)
    return now


def question_sheet(session: Session, submission: Submission, question: str) -> QuestionSheet:
    """Raises BadInput before anything is graded, NotFound for an unknown question."""
    sheet = score_sheet(session, submission)
    if sheet is None:
        raise BadInput("this submission is not graded yet: marks can be given once its result is there")
    found = sheet.question(question)
    if found is None:
        raise NotFound(f"this assignment has no question {question!r}")
    return found


def decision_document(sheet: QuestionSheet) -> dict[str, Any] | None:
    """What the audit log keeps of a decided question; None for one that nobody has decided."""
    if sheet.review is None:
        return None
    adjusted = sheet.adjustment
    return {
        "applied": [item.id for item in sheet.result.items if item.applied],
        "comments": {name: mark.comment for name, mark in sheet.marks.items() if mark.comment},
        "adjustment": {"points": float(adjusted.points), "comment": adjusted.comment} if adjusted else None,
        "score": sheet.result.score,
        "via": sheet.review.via.value,
    }


def _store(session: Session, submission_id: int, sheet: QuestionSheet, decision: Decision, by: User) -> None:
    question = sheet.result.id
    for item in sheet.result.items:
        chosen = decision.items.get(item.id, ItemDecision(False))
        mark = sheet.marks.get(item.id)
        if mark and (mark.applied, mark.comment) == (chosen.applied, chosen.comment.strip()):
            continue
        set_mark(
            session, submission_id=submission_id, question=question, item=item.id, applied=chosen.applied,
            comment=chosen.comment.strip(), by=by, version=mark.version if mark else None, suggested=item.suggested,
        )  # fmt: skip
    for mark in [mark for name, mark in sheet.marks.items() if mark.applied and name not in _ids(sheet)]:
        set_mark(  # its item is gone from the rubric, or was merged into another one
            session, submission_id=submission_id, question=question, item=mark.item, applied=False, by=by,
            version=mark.version, comment=mark.comment,
        )  # fmt: skip
    _store_adjustment(session, submission_id, sheet, decision, by)


def _ids(sheet: QuestionSheet) -> set[str]:
    return {item.id for item in sheet.result.items}


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


def _store_review(
    session: Session, submission_id: int, sheet: QuestionSheet, by: User, via: ReviewVia, seconds: float | None
) -> None:
    key = {"submission_id": submission_id, "question": sheet.result.id}
    values = {"by_id": by.id, "via": via, "seconds": seconds, "at": func.now()}
    statement = insert(Review).values(**key, **values)
    changed = statement.on_conflict_do_update(
        index_elements=list(key), set_=values | {"version": Review.version + 1},
        where=Review.version == (sheet.review.version if sheet.review else 0),
    )  # fmt: skip
    if session.scalar(changed.returning(Review), execution_options={"populate_existing": True}) is None:
        raise EditConflict(f"question {sheet.result.id} was decided by somebody else meanwhile")


def refuse_unusable(sheet: QuestionSheet, decision: Decision) -> None:
    """Raises BadInput for an unknown item, an adjustment out of bounds or one without a comment."""
    known = _ids(sheet)
    unknown = sorted(set(decision.items) - known)
    if unknown:
        names = ", ".join(sorted(known)) or "none"
        raise BadInput(f"question {sheet.result.id} has no item {', '.join(unknown)}; its items are: {names}")
    if decision.points is not None and not abs(decision.points) <= POINTS_LIMIT:
        raise BadInput(f"an adjustment must be a number between -{POINTS_LIMIT} and {POINTS_LIMIT}")
    if decision.points is not None and not decision.comment.strip():
        raise BadInput("an adjustment needs a comment that says why")


def _conflict(current: QuestionSheet) -> EditConflict:
    message = f"question {current.result.id} was changed by somebody else meanwhile; nothing was saved"
    return EditConflict(message, current)


def _log(
    session: Session, submission: Submission, by: User, before: dict[str, Any] | None, now: QuestionSheet
) -> None:
    after = decision_document(now)
    if before != after:
        opinion = newest_opinion(session, submission.id, now.result.id)
        if after is not None and opinion is not None:  # what a model had said, and cost, when this was decided
            cost = str(opinion.cost) if opinion.cost is not None else None
            after |= {"opinion": {"id": opinion.id, "model": opinion.model, "cost": cost}}
        record(
            session, "review", assignment_id=submission.assignment_id, by=by, submission_id=submission.id,
            question=now.result.id, before=before, after=after,
        )  # fmt: skip
