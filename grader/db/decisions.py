"""Decisions that reach further than one answer: to its duplicates, to a group, to all that are clear."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from grader.db.answer_sheets import Change, answer_sheets, lock_answers
from grader.db.changes import carry_out, following, newest_decision
from grader.db.class_answers import answer_key, class_answers, counting, written_questions
from grader.db.clear_answers import clear_answers
from grader.db.kinds import ReviewVia
from grader.db.review_tables import AnswerGroup
from grader.db.reviews import Decision, refuse_unusable, save_review
from grader.db.scores import QuestionSheet
from grader.db.tables import Assignment, Submission, User


@dataclass(frozen=True)
class Decided:
    """The answer's sheet as it is now, and the submissions whose answers say the same and were decided with it."""

    sheet: QuestionSheet
    duplicates: tuple[int, ...]


@dataclass(frozen=True)
class GroupDecided:
    """`conflicts`: the present sheets of the answers that somebody changed meanwhile, `gone`: submissions that are not
    their student's newest any more; both were left as they are."""

    decided: tuple[int, ...]
    conflicts: Mapping[int, QuestionSheet]
    gone: tuple[int, ...]


def decide(
    session: Session,
    *,
    submission: Submission,
    question: str,
    decision: Decision,
    version: str,
    by: User,
    via: ReviewVia = ReviewVia.API,
    seconds: float | None = None,
) -> Decided:
    """Save a TA's decision, and the same for every duplicate of the answer that no TA decided by hand.

    Duplicates that were decided as such with this answer follow when the TA changes their mind.
    Raises as `save_review` does; then nothing is stored.
    """
    alike = _duplicates(session, submission, question)
    lock_answers(session, question, {submission.id, *alike})
    sheet = save_review(
        session, submission=submission, question=question, decision=decision, version=version, by=by, via=via,
        seconds=seconds,
    )  # fmt: skip
    followers = _followers(session, submission, question, alike)
    changes = {it: Change(them, decision, by.id, ReviewVia.DUPLICATE) for it, them in followers.items()}
    first = newest_decision(session, submission.id, question, by) if changes else None
    carry_out(session, submission.assignment, question, changes, by=by, of=submission.id, first=first)
    return Decided(sheet, tuple(changes))


def decide_group(
    session: Session,
    *,
    assignment: Assignment,
    question: str,
    submission_ids: Collection[int],
    decision: Decision,
    versions: Mapping[int, str],
    by: User,
) -> GroupDecided:
    """The same decision on each of these answers, each against the version that the TA saw.

    An answer whose version is another one (or is not named) is not touched. Raises NotFound, BadInput.
    """
    ids = _of_class(session, assignment, submission_ids)
    lock_answers(session, question, ids)
    sheets = answer_sheets(session, assignment, question, ids)
    for sheet in sheets.values():
        refuse_unusable(sheet, decision)
    seen = {it: sheet for it, sheet in sheets.items() if versions.get(it) == sheet.version}
    changes = {it: Change(sheet, decision, by.id, ReviewVia.GROUP) for it, sheet in seen.items()}
    carry_out(session, assignment, question, changes, by=by)
    conflicts = {it: sheet for it, sheet in sheets.items() if it not in seen}
    return GroupDecided(tuple(changes), conflicts, tuple(it for it in submission_ids if it not in sheets))


def confirm_clear(session: Session, *, assignment: Assignment, question: str, by: User) -> int:
    """Full points for every undecided answer whose items are all suggested clear; how many there were."""
    lock_answers(session, question, clear_answers(session, assignment, question))
    ids = clear_answers(session, assignment, question)  # once more: others may have decided some meanwhile
    sheets = answer_sheets(session, assignment, question, ids)
    changes = {it: Change(sheet, Decision({}), by.id, ReviewVia.BULK) for it, sheet in sheets.items()}
    carry_out(session, assignment, question, changes, by=by)
    return len(changes)


def _of_class(session: Session, assignment: Assignment, submission_ids: Collection[int]) -> list[int]:
    query = select(Submission.id).where(counting(assignment), Submission.id.in_(submission_ids))
    return list(session.scalars(query.order_by(Submission.id)))


def _duplicates(session: Session, submission: Submission, question: str) -> list[int]:
    """The other submissions of the class whose answer says the same, as it stands now."""
    assignment = submission.assignment
    if question not in {written["id"] for written in written_questions(assignment)}:
        return []
    key = _key_of(submission, question)
    sorted_in = (AnswerGroup.submission_id == Submission.id) & (AnswerGroup.question == question)
    candidates = select(Submission.id).outerjoin(AnswerGroup, sorted_in).where(
        counting(assignment), Submission.id != submission.id,
        or_(AnswerGroup.duplicate == key, AnswerGroup.duplicate.is_(None)),
    )  # fmt: skip
    among = list(session.scalars(candidates))
    return [it.submission_id for it in class_answers(session, assignment, question, among) if it.key == key]


def _key_of(submission: Submission, question: str) -> str:
    for answer in submission.answers:
        if answer.question == question:
            return answer_key(submission.id, answer.text, answer.place, answer.document)
    return answer_key(submission.id, None, None, None)


def _followers(
    session: Session, submission: Submission, question: str, alike: Collection[int]
) -> dict[int, QuestionSheet]:
    """The duplicates that are undecided, or were decided as duplicates of this submission's answer."""
    sheets = answer_sheets(session, submission.assignment, question, alike) if alike else {}
    copied = [it for it, sheet in sheets.items() if sheet.review and sheet.review.via == ReviewVia.DUPLICATE]
    ours = following(session, submission.id, question, copied)
    return {it: sheet for it, sheet in sheets.items() if sheet.review is None or it in ours}

