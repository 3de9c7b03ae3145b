"""Pointing at an answer, the same for the API and the page: which documents, which parts, what it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy.orm import Session

from grader.blobs import Blobs
from grader.core.submission import Answer as PlainAnswer
from grader.core.submission import AnswerSlot
from grader.db.class_answers import written_question
from grader.db.courses import STAFF
from grader.db.placements import place_answer
from grader.db.tables import Answer, Role, Submission, SubmissionFile, User
from grader.errors import BadInput, Forbidden, NotFound
from grader.ingest.pdf import render_page
from grader.ingest.pointing import Part, answer_in, can_point_at, parts_of

MOST_PARTS = 200  # that one answer may be made of
MOST_TEXT = 50_000  # characters that staff may type
WIDTHS = (320, 1100)
"""Of a page's picture, in pixels: a thumbnail, and one to read."""


def documents_of(submission: Submission) -> list[SubmissionFile]:
    """The files that an answer can be pointed at in, PDFs and notebooks first."""
    files = [file for file in submission.files if can_point_at(file.path)]
    return sorted(files, key=lambda file: (not file.path.lower().endswith((".pdf", ".ipynb")), file.path))


def document_of(submission: Submission, path: str) -> SubmissionFile:
    """Raises NotFound."""
    for file in documents_of(submission):
        if file.path == path:
            return file
    raise NotFound(f"submission {submission.id} has no such document")


def parts_in(blobs: Blobs, file: SubmissionFile) -> tuple[Part, ...]:
    """Raises IngestError for a document that cannot be read."""
    return _parts(blobs.folder, file.path, file.sha256)


def point(
    session: Session, blobs: Blobs, submission: Submission, question: str, *, path: str, numbers: Sequence[int],
    by: User, role: Role,
) -> Answer:  # fmt: skip
    """Store what stands in the chosen parts of a document as the answer.

    Raises BadInput, IngestError, NotFound; Forbidden for a student who is too late.
    """
    slot = slot_of(submission, question)
    if len(numbers) > MOST_PARTS:
        raise BadInput(f"choose at most {MOST_PARTS} parts")
    file = document_of(submission, path)
    try:
        answer = answer_in(file.path, blobs.get(file.sha256), slot, numbers)
    except ValueError as error:
        raise BadInput(str(error)) from None
    return place_answer(session, submission, answer, by=by, staff=role in STAFF)


def type_in(session: Session, submission: Submission, question: str, text: str, *, by: User, role: Role) -> Answer:
    """Store a text that staff typed, such as that of a photograph. Raises Forbidden for students, BadInput, NotFound."""
    if role not in STAFF:
        raise Forbidden("only the staff of this course can type an answer")
    if not text.strip() or len(text) > MOST_TEXT:
        raise BadInput(f"an answer has between 1 and {MOST_TEXT:,} characters")
    typed = PlainAnswer(question, text.replace("\r\n", "\n").strip(), "typed by the course staff")
    return place_answer(session, submission, typed, by=by, staff=True)


def slot_of(submission: Submission, question: str) -> AnswerSlot:
    """What the rubric says about where the answer is. Raises NotFound."""
    declared = written_question(submission.assignment, question)
    return AnswerSlot.model_validate(declared.get("answer") or {"question": question})


@lru_cache(maxsize=32)
def _parts(folder: Path, path: str, sha256: str) -> tuple[Part, ...]:
    return parts_of(path, Blobs(folder).get(sha256))


@lru_cache(maxsize=256)
def page_picture(folder: Path, path: str, sha256: str, number: int, width: int) -> bytes:
    """PNG. Raises IngestError."""
    return render_page(Blobs(folder).get(sha256), number, width, path)
