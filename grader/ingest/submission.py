"""Reading a submission: a folder, an archive, a notebook, a single file, or several uploads."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grader.core.submission import AnswerSlot, Layout, Submission
from grader.ingest.answers import find_answers
from grader.ingest.archive import archive_kind, check_size, open_inner, take_archive
from grader.ingest.code import code_tree
from grader.ingest.errors import Ambiguous, Empty, IngestError, Unsupported
from grader.ingest.folder import take_folder
from grader.ingest.intake import DEFAULT, Intake, Limits, Unpacked
from grader.ingest.notebook import read_notebook
from grader.ingest.paths import safe_path, show
from grader.ingest.strays import strays

_SPOOL = 1 << 20


def read_submission(
    path: Path, layout: Layout | None = None, slots: Sequence[AnswerSlot] = (), limits: Limits = DEFAULT
) -> Submission:
    """The submission at `path`: a folder, zip, tar, notebook, or a single .py, .md, .txt or .json file.

    Raises IngestError: an archive or a notebook handed in by itself that cannot be read, or nothing to grade.
    """
    if path.is_dir():
        intake = Intake(limits)
        take_folder(path, intake)
        open_inner(intake)
        return assemble(_checked(intake, path.name or "the folder"), layout, slots)
    try:
        with path.open("rb") as stream:
            return from_uploads([(path.name, stream)], layout, slots, limits)
    except OSError as error:
        raise IngestError(f"{show(str(path))} cannot be opened: {error.strerror}. Check the path.") from error


def from_uploads(
    uploads: Iterable[tuple[str, BinaryIO]],
    layout: Layout | None = None,
    slots: Sequence[AnswerSlot] = (),
    limits: Limits = DEFAULT,
) -> Submission:
    """The submission in named streams, as a form sends them. Raises IngestError."""
    return assemble(unpack_uploads(uploads, limits), layout, slots)


def unpack_uploads(uploads: Iterable[tuple[str, BinaryIO]], limits: Limits = DEFAULT) -> Unpacked:
    """The files in named streams. Several archives are each unpacked below their own name. Raises IngestError."""
    intake = Intake(limits)
    with ExitStack() as stack:
        named = [(_base(name), _seekable(stream, limits, stack)) for name, stream in uploads]
        if not named:
            raise Empty("Nothing was handed in. Choose at least one file.")
        names = [name for name, _ in named]
        for name in names:
            if names.count(name) > 1:
                raise Ambiguous(f"Two files are called {show(name)}. Hand in one zip file that keeps the folders.")
        for name, stream in named:
            _take(name, stream, intake, alone=len(named) == 1)
    open_inner(intake)
    return _checked(intake, names[0])


def assemble(unpacked: Unpacked, layout: Layout | None = None, slots: Sequence[AnswerSlot] = ()) -> Submission:
    """A submission of files that are safe already, such as those that were stored: finds the answers.

    Raises NotANotebook if all there is is one notebook that cannot be read.
    """
    files = unpacked.files
    if len(files) == 1 and (path := next(iter(files))).lower().endswith(".ipynb"):
        read_notebook(files[path], path)
    answers, remarks = find_answers(files, slots)
    answered = any(answer.text for answer in answers.values())
    if layout is not None and not answered and not code_tree(files, layout).origin and not strays(files):
        remarks = (*remarks, f"No code of {layout.package} was found: {', '.join(layout.files)}.")
    return Submission(files, answers, (*unpacked.remarks, *remarks))


def _take(name: str, stream: BinaryIO, intake: Intake, alone: bool) -> None:
    check_size(stream, name, intake.limits)
    head = stream.read(512)
    stream.seek(0)
    kind = archive_kind(head, name)
    if kind is not None and not name.lower().endswith((".docx", ".xlsx", ".pptx", ".npz", ".pt", ".pth", ".keras")):
        take_archive(stream, name, kind, intake, under="" if alone else name)
    elif (path := intake.admit(name)) is not None:
        intake.read(path, stream.read)


def _checked(intake: Intake, name: str) -> Unpacked:
    unpacked = intake.result()
    if not unpacked.files:
        raise Empty(" ".join([f"{show(name)} holds nothing to grade.", *unpacked.remarks]))
    if not any(unpacked.files.values()):
        raise Empty(f"{show(name)} holds empty files only (0 bytes). Save your work and hand in again.")
    return unpacked


def _base(name: str) -> str:
    """A client's name for an upload, which may be a path of its own machine: the last part."""
    base = safe_path(name.replace("\\", "/").rpartition("/")[2])
    if not base:
        raise Unsupported(f"{show(name)} cannot be the name of a file. Rename it.")
    return PurePosixPath(base).name


def _seekable(stream: BinaryIO, limits: Limits, stack: ExitStack) -> BinaryIO:
    """The stream itself, or a copy on disk if it cannot go back; copying stops just above the limit."""
    if stream.seekable():
        return stream
    copy = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_SPOOL))  # noqa: SIM115 (the stack closes it)
    left = limits.upload + 1
    while left > 0 and (chunk := stream.read(min(left, shutil.COPY_BUFSIZE))):
        copy.write(chunk)
        left -= len(chunk)
    copy.seek(0, io.SEEK_SET)
    return copy  # type: ignore[return-value]
