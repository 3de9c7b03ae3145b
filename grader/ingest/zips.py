"""Zip files. Only stored and deflated members: the other methods unpack without a bound in the standard library."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from typing import BinaryIO

from grader.ingest.errors import Bomb, Corrupt, Encrypted, IngestError, TooManyFiles, Unsupported
from grader.ingest.intake import Intake
from grader.ingest.paths import decode_name, show

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER = 30
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1 | 0x40 | 0x2000


class Capped:
    """A seekable stream that refuses to be read in pieces larger than `cap` (headers that claim to be huge)."""

    def __init__(self, stream: BinaryIO, cap: int, error: IngestError) -> None:
        self._stream, self._cap, self._error = stream, cap, error
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        if size > self._cap:
            raise self._error
        data = self._stream.read(self._cap + 1 if size is None or size < 0 else size)
        if len(data) > self._cap:
            raise self._error
        return data

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """The stream belongs to the caller."""


def unpack_zip(stream: BinaryIO, name: str, intake: Intake, under: str = "") -> None:
    """Take a zip file's members into `intake`, below the folder `under`. Raises IngestError."""
    too_many = TooManyFiles(
        f"{show(name)} lists too many files (more than {intake.limits.count:,}). Hand in only your own work."
    )
    capped = Capped(stream, intake.limits.directory, too_many)
    try:
        with zipfile.ZipFile(capped) as archive:  # type: ignore[type-var]
            wanted = [(info, path) for info in archive.infolist() if (path := _admit(info, name, intake, under))]
            _refuse_overlaps(stream, archive, name)
            for info, path in wanted:
                _read(archive, info, path, name, intake)
    except NotImplementedError as error:
        raise Unsupported(f"{show(name)} uses a zip feature that is not supported ({error}). Pack it again.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, OverflowError) as error:
        raise Corrupt(f"{show(name)} is damaged or incomplete ({error}). Pack it again.") from error


def _admit(info: zipfile.ZipInfo, archive: str, intake: Intake, under: str) -> str | None:
    name = _name(info)
    if name.endswith(("/", "\\")) and info.file_size == 0:
        return None
    path = intake.admit(name, under)
    if path is None:
        return None
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return None if stat.S_ISDIR(mode) else intake.skip(path, "links and devices")
    if info.flag_bits & _ENCRYPTED:
        raise Encrypted(f"{show(archive)} is protected by a password ({show(path)}). Pack it without one.")
    if info.compress_type not in _METHODS:
        method = zipfile.compressor_names.get(info.compress_type, info.compress_type)
        raise Unsupported(f"{show(path)} in {show(archive)} is compressed by “{method}”. Pack an ordinary zip file.")
    return path if intake.fits(path, info.file_size) else None


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    return decode_name(info.orig_filename.encode("cp437"), "cp437")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, name: str, intake: Intake) -> None:
    with archive.open(info) as member:
        intake.read(path, member.read, packed=info.compress_size)
    if len(intake.files[path]) != info.file_size:
        raise Corrupt(f"{show(path)} in {show(name)} is shorter than it claims. Pack it again.")


def _refuse_overlaps(stream: BinaryIO, archive: zipfile.ZipFile, name: str) -> None:
    """Two members that share bytes are how a small file unpacks to petabytes."""
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise Bomb(f"The files in {show(name)} overlap, as in a zip bomb. Pack it again with an ordinary program.")
        stream.seek(info.header_offset)
        header = stream.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER:
            raise zipfile.BadZipFile("a file's header is cut off")
        names, extra = struct.unpack("<HH", header[26:30])
        end = info.header_offset + _LOCAL_HEADER + names + extra + info.compress_size
