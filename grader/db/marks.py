"""Marks and adjustments: what TAs decide. Each row has a version; whoever edits an outdated one gets `EditConflict`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.db.review_tables import Adjustment, Mark, MarkState
from grader.db.tables import User
from grader.db.text import storable
from grader.errors import BadInput, EditConflict

Row = TypeVar("Row", Mark, Adjustment)


def marks_of(session: Session, submission_id: int) -> list[Mark]:
    query = select(Mark).where(Mark.submission_id == submission_id)
    return list(session.scalars(query.order_by(Mark.question, Mark.item)))


def adjustments_of(session: Session, submission_id: int) -> list[Adjustment]:
    query = select(Adjustment).where(Adjustment.submission_id == submission_id)
    return list(session.scalars(query.order_by(Adjustment.question)))


def set_mark(
    session: Session,
    *,
    submission_id: int,
    question: str,
    item: str,
    applied: bool,
    by: User,
    version: int | None,
    comment: str = "",
    suggested: str = "unknown",
) -> Mark:
    """Apply (or clear) one rubric item by a TA's hand. Raises EditConflict.

    `version` is that of the mark which the TA saw; None if there was none. `suggested` is what we had suggested: a mark
    against it is overridden, any other confirmed.
    """
    key = {"submission_id": submission_id, "question": question, "item": item}
    against = suggested in {"clear", "deduct"} and (suggested == "deduct") != applied
    values = {
        "applied": applied, "comment": storable(comment), "by_id": by.id,
        "state": MarkState.OVERRIDDEN if against else MarkState.CONFIRMED,
    }  # fmt: skip
    if version is None:
        return _insert(session, Mark, key, values)
    return _update(session, Mark, key, version, values)


def set_adjustment(
    session: Session,
    *,
    submission_id: int,
    question: str,
    points: Decimal | float,
    comment: str,
    by: User,
    version: int | None,
) -> Adjustment:
    """Add `points` to a question (or take them, if negative). Raises EditConflict, and BadInput without a comment."""
    comment = storable(comment).strip()
    if not comment:
        raise BadInput("an adjustment needs a comment that says why")
    key = {"submission_id": submission_id, "question": question}
    values = {"points": points, "comment": comment, "by_id": by.id}
    if version is None:
        return _insert(session, Adjustment, key, values)
    return _update(session, Adjustment, key, version, values)


def remove_adjustment(session: Session, *, submission_id: int, question: str, version: int) -> None:
    """Raises EditConflict."""
    key = {"submission_id": submission_id, "question": question}
    gone = delete(Adjustment).filter_by(**key, version=version).returning(Adjustment.version)
    if session.scalar(gone) is None:
        raise _conflict(session, Adjustment, key)


def _insert(session: Session, table: type[Row], key: dict[str, Any], values: dict[str, Any]) -> Row:
    statement = insert(table).values(**key, **values).on_conflict_do_nothing().returning(table)
    row = session.scalar(statement, execution_options={"populate_existing": True})
    if row is None:
        raise _conflict(session, table, key)
    return row


def _update(session: Session, table: type[Row], key: dict[str, Any], version: int, values: dict[str, Any]) -> Row:
    values = values | {"version": table.version + 1, "at": func.now()}
    statement = update(table).filter_by(**key, version=version).values(**values).returning(table)
    row = session.scalar(statement, execution_options={"populate_existing": True})
    if row is None:
        raise _conflict(session, table, key)
    return row


def _conflict(session: Session, table: type[Row], key: dict[str, Any]) -> EditConflict:
    current = session.scalar(select(table).filter_by(**key), execution_options={"populate_existing": True})
    return EditConflict(f"question {key['question']} was changed by somebody else; look at it again", current)
