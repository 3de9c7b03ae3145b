"""Handing in, the same for the API and the page: stream to disk, accept, commit, send. Keeps the upload while the
database is away."""

from __future__ import annotations

import json
import tempfile
import uuid
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import IO

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from grader.accept import accept
from grader.db.courses import STAFF
from grader.db.session import is_away, transaction
from grader.db.submissions import Stored
from grader.db.tables import TokenPurpose, User
from grader.db.tokens import token_sha256, user_of_token
from grader.errors import BadInput, NotSignedIn
from grader.inbox import Inbox, Upload
from grader.queue import send_attempt
from grader.settings import Settings
from grader.web.access import assignment_for

ANSWERS = "answers.json"
"""The file in which answers typed into the form travel."""

Files = list[tuple[str, IO[bytes]]]


@dataclass(frozen=True)
class Sender:
    """Who hands in: the secret that they showed, and what kind it is."""

    secret: str
    purpose: TokenPurpose
    source: str


@dataclass(frozen=True)
class HandedIn:
    """Either stored, or kept until the database is back (`receipt`)."""

    submission_id: int | None = None
    attempt_id: int | None = None
    created: bool = False
    receipt: uuid.UUID | None = None


@asynccontextmanager
async def read_form(request: Request, settings: Settings) -> AsyncIterator[FormData]:
    """The multipart form, its files spooled to disk until the block ends. Raises BadInput for a torn one, or too many
    files."""
    try:
        form = await request.form(max_files=settings.file_count_limit, max_fields=1000, max_part_size=1 << 20)
    except HTTPException as error:
        detail = str(error.detail)
        if detail.startswith("Too many files"):
            most = f"{settings.file_count_limit:,}"
            raise BadInput(f"more than {most} files were sent; send a zip of your own code") from None
        raise BadInput(f"the form cannot be read ({detail})") from None
    try:
        yield form
    finally:
        await form.close()


async def hand_in(
    form: FormData, answers: Mapping[str, str], slug: str, sender: Sender, settings: Settings
) -> HandedIn:
    """Raises what `accept` raises; NotSignedIn, NotFound for a sender who may not hand in here."""
    sent = [part for part in form.getlist("files") if isinstance(part, UploadFile) and (part.filename or part.size)]
    files: Files = [(part.filename or "file", part.file) for part in sent]
    return await run_in_threadpool(_hand_in, files, answers, slug, sender, settings)


def may_hand_in(slug: str, sender: Sender) -> None:
    """Look before the body is read. A database that is away refuses nobody: the sweeper will look again."""
    try:
        with transaction() as session:
            user = _user(session, sender)
            assignment, role = assignment_for(session, user, slug)
            if assignment.opens_at and assignment.opens_at > datetime.now(UTC) and role not in STAFF:
                raise BadInput(f"{assignment.title} is not open yet")
    except SQLAlchemyError as error:
        if not is_away(error):
            raise


def _hand_in(files: Files, answers: Mapping[str, str], slug: str, sender: Sender, settings: Settings) -> HandedIn:
    inbox = Inbox(settings.inbox_dir)
    with _as_one(files, answers) as parts:
        upload = inbox.receive(
            parts, assignment=slug, token_sha256=token_sha256(sender.secret), source=sender.source,
            limit=settings.upload_limit,
        )  # fmt: skip
    try:
        stored = _accept(upload, slug, sender)
    except SQLAlchemyError as error:
        if not is_away(error):
            inbox.discard(upload)
            raise
        return HandedIn(receipt=inbox.keep(upload))
    except BaseException:
        inbox.discard(upload)
        raise
    inbox.discard(upload)
    if stored.created:
        send_attempt(stored.attempt.id, stored.attempt.lane)
    return HandedIn(stored.submission.id, stored.attempt.id, stored.created)


def _accept(upload: Upload, slug: str, sender: Sender) -> Stored:
    with transaction() as session:
        user = _user(session, sender)
        assignment, _ = assignment_for(session, user, slug)
        return accept(session, upload, user=user, assignment=assignment)


def _user(session: object, sender: Sender) -> User:
    user = user_of_token(session, sender.secret, sender.purpose) if sender.secret else None
    if user is None:
        raise NotSignedIn("sign in, or send a token as `Authorization: Bearer …`, to hand in")
    return user


@contextmanager
def _as_one(files: Files, answers: Mapping[str, str]) -> Iterator[Files]:
    """What is sent on. Files from folders are packed into one archive, so that they keep their relative names and pass
    the checks that every archive passes."""
    written = {question: text for question, text in answers.items() if text.strip()}
    if written:
        files = [*files, (ANSWERS, BytesIO(json.dumps(written, ensure_ascii=False).encode()))]
    if not files:
        raise BadInput("nothing was handed in: choose at least one file, or write an answer")
    if not any("/" in name.replace("\\", "/").strip("/") for name, _ in files):
        yield files
        return
    with ExitStack() as stack:
        packed = stack.enter_context(tempfile.TemporaryFile())
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for name, stream in files:
                _pack(archive, name.replace("\\", "/"), stream)
        packed.seek(0)
        yield [("folder.zip", packed)]


def _pack(archive: zipfile.ZipFile, name: str, stream: IO[bytes]) -> None:
    entry = zipfile.ZipInfo(name)
    with archive.open(entry, "w", force_zip64=True) as target:
        while chunk := stream.read(1 << 20):
            target.write(chunk)


def read_answers(text: str) -> dict[str, str]:
    """The API's field `answers`: JSON {question id: text}. Raises BadInput."""
    if not text.strip():
        return {}
    try:
        answers = json.loads(text)
    except ValueError as error:
        raise BadInput(f"the field `answers` is not JSON: {error}") from None
    if not isinstance(answers, dict) or not all(isinstance(value, str) for value in answers.values()):
        raise BadInput("the field `answers` must be a JSON object of strings: {question id: answer}")
    return answers
