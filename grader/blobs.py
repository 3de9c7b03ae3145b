"""Files by the SHA-256 of their content, under one folder. Written whole or not at all, and checked when read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from grader.errors import GraderError, TooLarge

_CHUNK = 1 << 20


@dataclass(frozen=True)
class StoredFile:
    """A file that is among the blobs; `size` in bytes."""

    sha256: str
    size: int


class BlobDamaged(GraderError):
    """A stored file is gone or is not what it was: our fault, never the student's."""


class Blobs:
    """The store in `folder`: `ab/cd…` for the content whose hash is `abcd…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes | IO[bytes], *, limit: int | None = None) -> StoredFile:
        """Store content, once however often it is put. Raises TooLarge above `limit` bytes; nothing is left then."""
        stream = BytesIO(content) if isinstance(content, bytes) else content
        self.folder.mkdir(parents=True, exist_ok=True)
        with _new_file(self.folder) as file:
            stored = _copy(stream, file, limit)
            path = self._path(stored.sha256)
            if not path.exists():
                _publish(Path(file.name), path)
        return stored

    def get(self, sha256: str) -> bytes:
        """The content. Raises BlobDamaged if it is missing or does not have this hash."""
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise BlobDamaged(f"stored file {sha256} is gone from {self.folder}: restore it from a backup") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(f"stored file {sha256} in {self.folder} was changed: restore it from a backup")
        return content

    def __contains__(self, sha256: str) -> bool:
        return self._path(sha256).exists()

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise ValueError(f"{sha256!r} is not a SHA-256 in hexadecimal")
        return self.folder / sha256[:2] / sha256[2:]


@contextmanager
def _new_file(folder: Path) -> Iterator[IO[bytes]]:
    """A temporary file that is removed at the end unless it was moved away."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="new-", delete=False) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def _copy(source: IO[bytes], target: IO[bytes], limit: int | None) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if limit is not None and size > limit:
            raise TooLarge(f"more than the {limit:,} bytes that may be handed in")
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return StoredFile(digest.hexdigest(), size)


def _publish(temporary: Path, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    temporary.chmod(0o400)
    temporary.replace(path)
    sync_folder(path.parent)
    sync_folder(path.parent.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
