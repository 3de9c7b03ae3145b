"""An upload as immutable content, ready to be stored: files by sha256, and one hash that recognises a second upload."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from grader.ingest.intake import DEFAULT, Limits
from grader.ingest.submission import unpack_uploads


@dataclass(frozen=True)
class Content:
    """files: bytes by path. sha256: hex digests by path. digest: of all of it (`content_digest`)."""

    files: Mapping[str, bytes]
    sha256: Mapping[str, str]
    digest: str
    remarks: tuple[str, ...] = ()


def accept(uploads: Iterable[tuple[str, BinaryIO]], limits: Limits = DEFAULT) -> Content:
    """Check and unpack named streams. Nothing is stored. Raises IngestError."""
    unpacked = unpack_uploads(uploads, limits)
    sha256 = {path: hashlib.sha256(data).hexdigest() for path, data in unpacked.files.items()}
    return Content(unpacked.files, sha256, content_digest(sha256), unpacked.remarks)


def content_digest(sha256: Mapping[str, str]) -> str:
    """The sha256 (hex) over `path NUL digest LF` of every file, sorted by path: the same for the same files, whatever
    archive brought them and in whatever order."""
    digest = hashlib.sha256()
    for path in sorted(sha256):
        digest.update(f"{path}\0{sha256[path]}\n".encode())
    return digest.hexdigest()
