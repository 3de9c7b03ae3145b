"""A student's folder on disk. Links are never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.ingest.errors import IngestError
from grader.ingest.intake import Intake
from grader.ingest.paths import decode_name, junk, show

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def take_folder(folder: Path, intake: Intake) -> None:
    """Take every regular file below `folder` into `intake`. Raises IngestError."""
    for entry in _walk(folder):
        relative = os.path.relpath(entry.path, folder)
        path = intake.admit(decode_name(os.fsencode(relative), "latin-1"))
        if path is None:
            continue
        if not entry.is_file(follow_symlinks=False):
            intake.skip(path, "links and devices")
        else:
            take_file(Path(entry.path), path, intake)


def take_file(file: Path, path: str, intake: Intake) -> None:
    """Take one regular file into `intake` under `path`. Raises IngestError."""
    try:
        with open(os.open(file, _READ), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                intake.skip(path, "links and devices")
            elif intake.fits(path, status.st_size):
                intake.read(path, stream.read)
    except OSError as error:
        raise IngestError(f"{show(path)} cannot be read ({error.strerror}). Check its permissions.") from error


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Files before folders, in the order of their names, so that a submission reads the same everywhere."""
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: (entry.is_dir(follow_symlinks=False), entry.name))
    for entry in ordered:
        if not entry.is_dir(follow_symlinks=False):
            yield entry
        elif junk(f"{entry.name}/") is None:
            yield from _walk(Path(entry.path))
