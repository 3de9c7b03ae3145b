"""Groups of similar answers to one question: computed when the answers changed, read for the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from grader.core.similarity import group
from grader.db.answer_sheets import answer_sheets
from grader.db.class_answers import ClassAnswer, class_answers
from grader.db.desk import Order, Place, queue
from grader.db.review_tables import AnswerGroup
from grader.db.scores import QuestionSheet
from grader.db.tables import Answer, Assignment, Submission


@dataclass(frozen=True)
class GroupRow:
    """`sample` is the text of one answer; empty: nothing was answered."""

    group: int
    size: int
    decided: int
    sample: str


@dataclass(frozen=True)
class Member:
    """An answer of a group, with everything known about it in `sheet`."""

    submission_id: int
    student: str
    email: str
    sheet: QuestionSheet
    decided_by: str | None
    claimed_by: str | None

    @property
    def text(self) -> str:
        return self.sheet.result.answer or ""

    @property
    def version(self) -> str:
        """What a decision on this answer must name."""
        return self.sheet.version

    @property
    def decided(self) -> bool:
        return self.sheet.review is not None

    @property
    def applied(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.sheet.result.items if item.applied)

    @property
    def suggested(self) -> Mapping[str, str]:
        """"clear", "deduct" or "unknown" by item."""
        return {item.id: item.suggested for item in self.sheet.result.items}


def refresh_groups(session: Session, assignment: Assignment, question: str) -> bool:
    """Group the answers anew if they are not those that were grouped last; whether that was done here.

    While another transaction groups the same answers, nothing is done: what it finds is there in a moment.
    """
    answers = class_answers(session, assignment, question)
    if _grouped(session, assignment, question) == {answer.submission_id: answer.key for answer in answers}:
        return False
    lock = func.pg_try_advisory_xact_lock(assignment.id, func.hashtext(f"groups of {question}"))
    if not session.scalar(select(lock)):
        return False
    of_class = select(Submission.id).where(Submission.assignment_id == assignment.id)
    session.execute(
        delete(AnswerGroup).where(AnswerGroup.question == question, AnswerGroup.submission_id.in_(of_class)),
        execution_options={"synchronize_session": False},
    )
    rows = _rows(question, answers)
    if rows:
        session.execute(insert(AnswerGroup), rows)
    return True


def groups_of(session: Session, assignment: Assignment, question: str) -> list[GroupRow]:
    """By number: the largest first, the unanswered and those that came after the grouping last."""
    places: dict[int, list[Place]] = {}
    for place in queue(session, assignment, question, Order.GROUPS):
        places.setdefault(place.group, []).append(place)
    samples = _texts(session, question, [members[0].submission_id for members in places.values()])
    return [
        GroupRow(number, len(members), sum(it.decided for it in members), samples.get(members[0].submission_id, ""))
        for number, members in places.items()
    ]


def members_of(session: Session, assignment: Assignment, question: str, group: int) -> list[Member]:
    """The answers of one group, similar ones side by side; empty if there is no such group."""
    places = [place for place in queue(session, assignment, question, Order.GROUPS) if place.group == group]
    sheets = answer_sheets(session, assignment, question, [place.submission_id for place in places])
    return [
        Member(
            submission_id=place.submission_id, student=place.student, email=place.email,
            sheet=sheets[place.submission_id], decided_by=place.decided_by, claimed_by=place.claimed_by,
        )
        for place in places
    ]  # fmt: skip


def _grouped(session: Session, assignment: Assignment, question: str) -> dict[int, str]:
    query = select(AnswerGroup.submission_id, AnswerGroup.duplicate)
    query = query.join(Submission, Submission.id == AnswerGroup.submission_id)
    query = query.where(Submission.assignment_id == assignment.id, AnswerGroup.question == question)
    return dict(session.execute(query).all())


def _rows(question: str, answers: Sequence[ClassAnswer]) -> list[dict[str, object]]:
    grouping = group([answer.text for answer in answers])
    return [
        {
            "submission_id": answers[index].submission_id, "question": question, "group": grouping.groups[index],
            "position": position, "duplicate": answers[index].key,
        }
        for position, index in enumerate(grouping.order)
    ]  # fmt: skip


def _texts(session: Session, question: str, submissions: Sequence[int]) -> dict[int, str]:
    query = select(Answer.submission_id, Answer.text)
    return dict(session.execute(query.where(Answer.question == question, Answer.submission_id.in_(submissions))).all())
