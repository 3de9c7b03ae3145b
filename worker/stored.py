"""Grades an attempt from what is stored: its files, answers, rubric version and variables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.blobs import Blobs
from grader.core import submission as core
from grader.core.result import Result
from grader.core.rubric_file import read_rubric
from grader.db.attempts import attempt_by_id
from grader.db.session import transaction
from grader.db.tables import Answer, Attempt, RubricVersion
from grader.pack import Pack, PackNotFound, load_pack
from grader.settings import get_settings
from worker.progress import Step
from worker.trusted.grade import grade
from worker.trusted.sandbox.backend import default_backend


def grade_stored(attempt_id: int, progress: Callable[[Step], None]) -> Result:
    """Raises whatever is our fault: a damaged blob, a pack that is gone, no sandbox."""
    with transaction() as session:
        attempt = attempt_by_id(session, attempt_id)
        submission = _submission(attempt)
        pack = _pack(attempt.rubric_version)
        variables = dict(attempt.submission.assignment.variables)
    return grade(
        submission, pack, variables=variables, backend=default_backend(), progress=progress,
        datasets=get_settings().datasets_folder,
    )  # fmt: skip


def _submission(attempt: Attempt) -> core.Submission:
    stored, blobs = attempt.submission, Blobs(get_settings().blobs_dir)
    return core.Submission(
        files={file.path: blobs.get(file.sha256) for file in stored.files},
        answers={row.question: _answer(row) for row in stored.answers},
        remarks=tuple(stored.remarks),
    )


def _answer(row: Answer) -> core.Answer:
    return core.Answer(row.question, row.text, row.source, row.place, row.document, tuple(row.pages))


def _pack(version: RubricVersion) -> Pack:
    """The pack with the rubric as it was when the attempt was opened, even if its file has changed since. A rubric
    without checks needs no folder: it may have been made in the browser."""
    try:
        pack = load_pack(version.pack)
        if pack.rubric_hash == version.sha256:
            return pack
        folder = pack.folder
    except PackNotFound:
        folder = None
    rubric = read_rubric(version.yaml_text, f"{version.pack}, recorded version {version.sha256[:12]}")
    if folder is None and any(question.checks for question in rubric.questions):
        raise PackNotFound(f"the folder of pack {version.pack!r} is gone; its code questions need it")
    return Pack(version.pack, folder or Path(version.pack), rubric, version.yaml_text, version.sha256)
