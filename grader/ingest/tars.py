"""Tar files, plain or gzipped."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from typing import BinaryIO

from grader.ingest.errors import Bomb, Corrupt, Unsupported
from grader.ingest.intake import MIB, Intake, Limits
from grader.ingest.paths import decode_name, show

_HEADER_CAP = MIB  # no honest header (a long name, extended attributes) is larger
_RATIO_FROM = 16 * MIB


class Counted:
    """A gzip stream that stops when it has unpacked more than an honest archive would. Reads are bounded."""

    def __init__(self, stream: gzip.GzipFile, packed: int, limits: Limits, name: str) -> None:
        self._stream, self._packed, self._limits, self._name = stream, packed, limits, name

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0 or size > _HEADER_CAP:
            raise Corrupt(f"A header in {show(self._name)} claims to be huge. Pack it again.")
        data = self._stream.read(size)
        self._check(self._stream.tell())
        return data

    def seek(self, position: int) -> int:
        while (here := self._stream.tell()) < position:
            if not self.read(min(_HEADER_CAP, position - here)):
                return here
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()

    def _check(self, size: int) -> None:
        if size > self._limits.stream or (size > _RATIO_FROM and size > self._limits.ratio * self._packed):
            raise Bomb(f"{show(self._name)} unpacks to far more than its size. Leave out data and pack it again.")


def unpack_tar(stream: BinaryIO, name: str, intake: Intake, under: str = "", zipped: bool = False) -> None:
    """Take a tar file's members into `intake`, below the folder `under`. Raises IngestError."""
    size = stream.seek(0, 2)
    stream.seek(0)
    source = Counted(gzip.GzipFile(fileobj=stream) if zipped else stream, size, intake.limits, name)  # type: ignore[arg-type]
    try:
        with tarfile.TarFile(fileobj=source, mode="r", encoding="utf-8") as archive:  # type: ignore[arg-type]
            while (member := archive.next()) is not None:
                _take(archive, member, intake, under)
                archive.members.clear()  # a million headers must not pile up
            _refuse_rubbish(source, archive.offset)
    except tarfile.ReadError as error:
        raise Corrupt(f"{show(name)} is damaged or is not a tar file ({error}). Pack it again.") from error
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, RecursionError) as error:
        raise Corrupt(f"{show(name)} is damaged or incomplete ({error}). Pack it again.") from error


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, intake: Intake, under: str) -> None:
    if member.isdir():
        return
    path = intake.admit(decode_name(member.name.encode("utf-8", "surrogateescape"), "latin-1"), under)
    if path is None:
        return
    if member.issparse():
        raise Unsupported(f"{show(path)} is stored as a sparse file. Pack it again as a zip file.")
    if not member.isreg():
        intake.skip(path, "links and devices")
        return
    if not intake.fits(path, member.size):
        return
    reader = archive.extractfile(member)
    if reader is None:
        raise tarfile.ReadError(f"{show(path)} has no content")
    intake.read(path, reader.read)
    if len(intake.files[path]) != member.size:
        raise tarfile.ReadError("unexpected end of data")


def _refuse_rubbish(source: Counted, offset: int) -> None:
    """The standard library takes a damaged header for the end: zeros or nothing must follow the last member. Reading on
    to the end lets gzip compare its check sum."""
    source.seek(offset)
    if source.read(tarfile.BLOCKSIZE).strip(b"\0"):
        raise tarfile.ReadError("a header is damaged")
    while source.read(_HEADER_CAP):
        pass
