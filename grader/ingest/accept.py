"""An upload as immutable content, ready to be stored: files by sha256, and one hash that recognises a second upload."""

from __future__ import annotations

import hashlib
import json
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
    """The sha256 (hex) over the sorted (path, sha256) pairs as compact JSON: the same for the same files, whatever
    archive brought them and in whatever order."""
    pairs = json.dumps(sorted(sha256.items()), separators=(",", ":"))
    return hashlib.sha256(pairs.encode()).hexdigest()
