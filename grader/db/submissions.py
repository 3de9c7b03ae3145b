"""Submissions: immutable, stored once per content, read back for grading and for pages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload, selectinload

from grader.blobs import StoredFile
from grader.core import submission as core
from grader.db.attempts import open_attempt
from grader.db.tables import Answer, Assignment, Attempt, Lane, Submission, SubmissionFile, User
from grader.db.text import storable
from grader.errors import NotFound


@dataclass(frozen=True)
class Stored:
    """`created` is False when the same user handed in the same content before: `attempt` is that first one."""

    submission: Submission
    attempt: Attempt
    created: bool


def content_sha256(files: Mapping[str, StoredFile], answers: Mapping[str, core.Answer]) -> str:
    """Hash of what was handed in, whatever the order and packing: paths with contents, and the written answers."""
    content = {
        "files": {path: files[path].sha256 for path in sorted(files)},
        "answers": {question: answers[question].text for question in sorted(answers)},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def store_submission(
    session: Session,
    *,
    user: User,
    assignment: Assignment,
    files: Mapping[str, StoredFile],
    answers: Mapping[str, core.Answer],
    source: str,
    remarks: Iterable[str] = (),
    lane: Lane | None = None,
) -> Stored:
    """Store a submission and open its first attempt (or find both, if this content was handed in before).

    The caller commits, and then calls `grader.queue.send_attempt(attempt.id, attempt.lane)` if `created`.
    """
    digest = content_sha256(files, answers)
    row = insert(Submission).values(
        assignment_id=assignment.id, user_id=user.id, content_sha256=digest, source=source,
        remarks=[storable(remark) for remark in remarks],
    )  # fmt: skip
    submission_id = session.scalar(row.on_conflict_do_nothing().returning(Submission.id))
    if submission_id is None:
        return _found(session, user, assignment, digest)
    session.add_all(
        SubmissionFile(submission_id=submission_id, path=storable(path), sha256=file.sha256, size=file.size)
        for path, file in files.items()
    )
    session.add_all(
        Answer(
            submission_id=submission_id, question=question, text=storable(given.text), source=storable(given.source),
            place=given.place, document=storable(given.document) if given.document else None, pages=list(given.pages),
        )
        for question, given in answers.items()
    )
    attempt = open_attempt(session, submission_id, assignment.rubric_version_id, lane or assignment.lane)
    return Stored(session.get_one(Submission, submission_id), attempt, created=True)


def _found(session: Session, user: User, assignment: Assignment, digest: str) -> Stored:
    submission = session.scalars(
        select(Submission).where(
            Submission.assignment_id == assignment.id,
            Submission.user_id == user.id,
            Submission.content_sha256 == digest,
        )
    ).one()
    return Stored(submission, submission.attempts[0], created=False)


def submission_by_id(session: Session, submission_id: int) -> Submission:
    """With user, assignment, course, files, answers and attempts loaded. Raises NotFound."""
    submission = session.scalar(
        select(Submission)
        .where(Submission.id == submission_id)
        .options(
            joinedload(Submission.user),
            joinedload(Submission.assignment).joinedload(Assignment.course),
            selectinload(Submission.files),
            selectinload(Submission.answers),
            selectinload(Submission.attempts),
        )
    )
    if submission is None:
        raise NotFound(f"there is no submission {submission_id}")
    return submission


def submissions_of(session: Session, user: User, assignment: Assignment) -> list[Submission]:
    """One student's submissions for an assignment, newest first, with attempts loaded."""
    query = select(Submission).where(Submission.user_id == user.id, Submission.assignment_id == assignment.id)
    return list(session.scalars(query.options(selectinload(Submission.attempts)).order_by(Submission.id.desc())))
