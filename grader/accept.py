"""Accepting an upload: read it, store its files, store the submission. The caller commits, then sends.

upload = inbox.receive(files, …)                    # streamed to disk, size limited
try:
    with transaction() as session:
        stored = accept(session, upload, user=user, assignment=assignment)
except DBAPIError as error:
    if not is_away(error): raise
    receipt = inbox.keep(upload)                    # answer 202 with the receipt; the sweeper goes on
else:
    inbox.discard(upload)
    if stored.created:
        send_attempt(stored.attempt.id, stored.attempt.lane)
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy.orm import Session

from grader.blobs import Blobs
from grader.core.rubric_file import parse_rubric
from grader.core.submission import AnswerSlot, Layout, Submission
from grader.db.courses import assignment_by_slug, role_in
from grader.db.submissions import Stored, store_submission
from grader.db.tables import Assignment, Receipt, User
from grader.db.tokens import user_of_token_sha256
from grader.errors import BadInput, Forbidden, NotFound, NotSignedIn
from grader.inbox import Upload
from grader.ingest.errors import IngestError
from grader.ingest.submission import read_submission
from grader.settings import get_settings


def accept(session: Session, upload: Upload, *, user: User, assignment: Assignment) -> Stored:
    """Store what was uploaded. Raises BadInput or IngestError for what cannot be read."""
    version = assignment.rubric_version
    layout, slots = _asked_for(version.sha256, version.yaml_text)
    with _as_sent(upload) as path:
        submission = read_submission(path, layout, slots)
    return store(session, submission, user=user, assignment=assignment, source=upload.slip.source)


def store(session: Session, submission: Submission, *, user: User, assignment: Assignment, source: str) -> Stored:
    """Store a submission that was read already."""
    blobs = Blobs(get_settings().blobs_dir)
    files = {path: blobs.put(content) for path, content in submission.files.items()}
    return store_submission(
        session, user=user, assignment=assignment, files=files, answers=submission.answers, source=source,
        remarks=submission.remarks,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _asked_for(sha256: str, yaml_text: str) -> tuple[Layout | None, tuple[AnswerSlot, ...]]:
    """Which code, and which written answers, a rubric version asks for."""
    rubric = parse_rubric(yaml_text, f"rubric {sha256[:12]}")
    slots = tuple(question.answer for question in rubric.questions if question.answer is not None)
    return rubric.code.layout, slots


def accept_kept(session: Session, upload: Upload) -> Stored | None:
    """Accept an upload out of the inbox, and write its receipt. None if it was refused: the receipt says why."""
    slip = upload.slip
    receipt = session.get(Receipt, uuid.UUID(slip.receipt)) or Receipt(
        id=uuid.UUID(slip.receipt), received_at=datetime.fromisoformat(slip.received_at)
    )
    session.add(receipt)
    try:
        with session.begin_nested():
            stored = accept(session, upload, **_sender(session, upload))
    except (BadInput, Forbidden, IngestError, NotFound, NotSignedIn) as error:
        receipt.error = str(error)
        return None
    receipt.submission_id = stored.submission.id
    return stored


def _sender(session: Session, upload: Upload) -> dict[str, User | Assignment]:
    received_at = datetime.fromisoformat(upload.slip.received_at)
    user = user_of_token_sha256(session, upload.slip.token_sha256, at=received_at)
    if user is None:
        raise NotSignedIn("the token that came with this upload is not valid")
    assignment = assignment_by_slug(session, upload.slip.assignment)
    if role_in(session, user, assignment.course_id) is None:
        raise Forbidden(f"you are not in the course of {assignment.slug}")
    return {"user": user, "assignment": assignment}


@contextmanager
def _as_sent(upload: Upload) -> Iterator[Path]:
    """The upload as its sender had it: one file under its name, or a folder of several."""
    with tempfile.TemporaryDirectory(dir=upload.folder.parent.parent, prefix="reading-") as folder:
        for index, name in enumerate(upload.slip.names):
            path = Path(folder) / _safe(name)
            if path.exists():
                raise BadInput(f"two files of this upload are called {path.name!r}; rename one, or send a zip")
            path.hardlink_to(upload.content(index))
        yield path if len(upload.slip.names) == 1 else Path(folder)


def _safe(name: str) -> str:
    """The last part of a client's file name."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if last in {"", ".", ".."} or "\0" in last or len(last.encode()) > 200:
        raise BadInput(f"{name[:80]!r} cannot be the name of a file")
    return last
