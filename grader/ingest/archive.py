"""Safe unpacking: what kind of file it is (by content, not by name), and archives within archives."""

from __future__ import annotations

import io
from typing import BinaryIO

from grader.ingest.errors import Corrupt, Empty, TooLarge, Unsupported
from grader.ingest.intake import DEFAULT, MIB, Intake, Limits, Unpacked
from grader.ingest.paths import show
from grader.ingest.tars import unpack_tar
from grader.ingest.zips import unpack_zip

_REFUSED = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
}
_ARCHIVE_NAMES = (".zip", ".tar", ".tgz", ".tar.gz")
_SAVED_WEIGHTS = (".pth.tar", ".pt.tar", ".ckpt.tar")  # so called in examples of torch; they are no archives
_REFUSED_NAMES = (".rar", ".7z", ".bz2", ".xz", ".zst", ".tbz", ".txz")


def archive_kind(head: bytes, name: str) -> str | None:
    """By the first 512 bytes: "zip", "tar" or "tgz"; None if it is no archive.

    Raises Unsupported for other archives, Corrupt for a file that is only called an archive.
    """
    for magic, kind in _REFUSED.items():
        if head.startswith(magic) and (magic != b"BZh" or name.lower().endswith(_REFUSED_NAMES)):
            raise Unsupported(f"{show(name)} is {kind}, which cannot be read here. Pack a .zip file instead.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "tgz"
    if head[257:262] == b"ustar":
        return "tar"
    lower = name.lower()
    if lower.endswith(_ARCHIVE_NAMES):
        raise Corrupt(f"{show(name)} is called an archive but is none, or its beginning is damaged. Pack it again.")
    if lower.endswith(_REFUSED_NAMES):
        raise Unsupported(f"{show(name)} is of a kind that cannot be read here. Pack a .zip file instead.")
    return None


def unpack(stream: BinaryIO, name: str, limits: Limits = DEFAULT) -> Unpacked:
    """The files of a zip, tar or tar.gz (a seekable stream), with an archive inside opened where it holds the code.

    Raises IngestError.
    """
    check_size(stream, name, limits)
    kind = archive_kind(_head(stream), name)
    if kind is None:
        raise Unsupported(f"{show(name)} is not an archive. Pack a .zip file.")
    intake = Intake(limits)
    take_archive(stream, name, kind, intake)
    open_inner(intake)
    if not intake.files:
        raise Empty(f"{show(name)} holds no files to grade. " + " ".join(intake.result().remarks))
    return intake.result()


def check_size(stream: BinaryIO, name: str, limits: Limits) -> int:
    """The size in bytes of a seekable stream, which is left at its beginning. Raises Empty, TooLarge."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise Empty(f"{show(name)} is empty (0 bytes). Save the file and hand in again.")
    if size > limits.upload:
        raise TooLarge(
            f"{show(name)} has {size / MIB:,.0f} MiB; at most {limits.upload // MIB} are taken. Leave out data sets."
        )
    return size


def take_archive(stream: BinaryIO, name: str, kind: str, intake: Intake, under: str = "") -> None:
    """Unpack an archive of a known kind into `intake`. Raises IngestError."""
    stream.seek(0)
    if kind == "zip":
        unpack_zip(stream, name, intake, under)
    else:
        unpack_tar(stream, name, intake, under, zipped=kind == "tgz")


def open_inner(intake: Intake) -> None:
    """Archives among the files are opened, one level deep, if there is no Python file beside them; else left out.

    (Courses pack code as a zip of its own, beside a PDF, in the zip that is handed in.)
    """
    inner = [path for path in intake.files if _is_archive(intake.files[path], path)]
    has_code = any(path.lower().endswith(".py") for path in intake.files)
    for path in inner:
        data = intake.files.pop(path)
        if has_code:
            intake.remarks.append(f"{show(path)} was not opened: there is code beside it.")
            continue
        kind = archive_kind(data[:512], path)
        take_archive(io.BytesIO(data), path, kind or "zip", intake, under=path)
        intake.remarks.append(f"{show(path)} was opened.")
        for deeper in [p for p in intake.files if p.startswith(path + "/") and _is_archive(intake.files[p], p)]:
            del intake.files[deeper]
            intake.remarks.append(f"{show(deeper)} was not opened: it is an archive in an archive in an archive.")


def _is_archive(data: bytes, path: str) -> bool:
    if path.lower().endswith(_SAVED_WEIGHTS):
        return False
    try:
        return archive_kind(data[:512], path) is not None and path.lower().endswith(_ARCHIVE_NAMES)
    except (Corrupt, Unsupported):
        return path.lower().endswith(_ARCHIVE_NAMES + _REFUSED_NAMES)


def _head(stream: BinaryIO) -> bytes:
    head = stream.read(512)
    stream.seek(0)
    return head
