"""Uploads on disk before they are in the database: nothing that was answered with "kept" is ever lost.

Every upload is first received into `arriving/`. In the usual case it is accepted (`grader.accept`) and discarded in the
same request. While the database is away it is moved to `kept/`, on disk for certain, and the sweeper accepts it later;
one that cannot be accepted then ends in `rejected/`, with the reason in its receipt.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from grader.blobs import sync_folder
from grader.errors import BadInput, TooLarge

_CHUNK = 1 << 20
_ARRIVING_SECONDS = 24 * 3600  # what is older belongs to a request that never ended


@dataclass(frozen=True)
class Slip:
    """What goes with an upload. `token_sha256` is the hash of the secret that the client showed."""

    receipt: str  # a UUID
    received_at: str  # ISO 8601, UTC
    assignment: str  # slug
    token_sha256: str
    source: str  # "api", "page", "cli"
    names: tuple[str, ...]  # of the files, as the client called them; stored as `0`, `1` …


@dataclass(frozen=True)
class Upload:
    folder: Path
    slip: Slip

    def content(self, index: int) -> Path:
        """Where the file `slip.names[index]` lies."""
        return self.folder / str(index)


class Inbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def receive(
        self, files: Iterable[tuple[str, IO[bytes]]], *, assignment: str, token_sha256: str, source: str, limit: int
    ) -> Upload:
        """Stream an upload to disk. Raises TooLarge above `limit` bytes in all, BadInput without a file."""
        receipt = str(uuid.uuid4())
        folder = self._stage("arriving") / receipt
        folder.mkdir(mode=0o700)
        try:
            names = _write_all(folder, files, limit)
            slip = Slip(receipt, datetime.now(UTC).isoformat(), assignment, token_sha256, source, names)
            _write(folder / "slip.json", json.dumps(asdict(slip)).encode())
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Upload(folder, slip)

    def keep(self, upload: Upload) -> uuid.UUID:
        """Make the upload durable until the sweeper accepts it; the receipt to answer with."""
        for path in upload.folder.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(upload.folder)
        self._move(upload, "kept")
        return uuid.UUID(upload.slip.receipt)

    def discard(self, upload: Upload) -> None:
        shutil.rmtree(upload.folder, ignore_errors=True)

    def reject(self, upload: Upload) -> None:
        """Put aside what cannot be accepted, for staff to look at."""
        self._move(upload, "rejected")

    def kept(self) -> list[Upload]:
        """What waits to be accepted, oldest first."""
        uploads = [_read(folder) for folder in self._stage("kept").iterdir()]
        return sorted(uploads, key=lambda upload: upload.slip.received_at)

    def is_kept(self, receipt: uuid.UUID) -> bool:
        return (self._stage("kept") / str(receipt)).exists()

    def forget_unfinished(self) -> None:
        """Remove what requests that never ended left in `arriving`."""
        for folder in self._stage("arriving").iterdir():
            if time.time() - folder.stat().st_mtime > _ARRIVING_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    def _stage(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _move(self, upload: Upload, stage: str) -> None:
        target = self._stage(stage)
        upload.folder.rename(target / upload.folder.name)
        sync_folder(target)


def _write_all(folder: Path, files: Iterable[tuple[str, IO[bytes]]], limit: int) -> tuple[str, ...]:
    names, left = [], limit
    for index, (name, stream) in enumerate(files):
        with (folder / str(index)).open("wb") as file:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise TooLarge(f"an upload may have {limit:,} bytes; this one has more. Leave data sets out")
                file.write(chunk)
        names.append(name)
    if not names:
        raise BadInput("no file was sent: send at least one in the field `files`")
    return tuple(names)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)


def _read(folder: Path) -> Upload:
    fields = json.loads((folder / "slip.json").read_bytes())
    return Upload(folder, Slip(**fields | {"names": tuple(fields["names"])}))
