"""The files of a data set, wherever they lie: a folder, a tar or zip archive, or the file itself."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from grader.datasets.error import DatasetError

MAX_BYTES = 512 * 2**20
"""Of one file. The largest of the known data sets has 47 MB."""


def files_in(path: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Contents by base name of the files that are `wanted(base name)`, at any depth; nothing is written anywhere.

    Raises DatasetError for a path that is not there or cannot be read, and where two wanted files have one name.
    """
    if not path.exists():
        raise DatasetError(f"{path} is not there")
    try:
        found: dict[str, bytes] = {}
        for name, content in _entries(path, wanted):
            if found.get(name, content) != content:
                raise DatasetError(f"{path} holds two different files called {name}: give the folder of one of them")
            found[name] = content
        return found
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise DatasetError(f"{path} cannot be read: {error}. Is the download complete?") from error


def _entries(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and wanted(file.name):
                yield file.name, _whole(file.name, file.stat().st_size, file.read_bytes)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = PurePosixPath(entry.filename).name
                if not entry.is_dir() and wanted(name):
                    yield name, _whole(name, entry.file_size, lambda entry=entry: archive.read(entry))
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                if member.isfile() and wanted(name):
                    yield name, _whole(name, member.size, lambda member=member: archive.extractfile(member).read())
    elif wanted(path.name):  # one file of several: its neighbours belong to it
        for file in sorted(path.parent.iterdir()):
            if file.is_file() and wanted(file.name):
                yield file.name, _whole(file.name, file.stat().st_size, file.read_bytes)
    else:
        raise DatasetError(f"{path} is neither a folder, nor a tar or zip archive, nor a file that the data set has")


def _whole(name: str, size: int, read: Callable[[], bytes]) -> bytes:
    if size > MAX_BYTES:
        raise DatasetError(f"{name} has {size} bytes; no file of a known data set has more than {MAX_BYTES}")
    content = read()
    if len(content) != size:
        raise DatasetError(f"{name} is truncated: {len(content)} of {size} bytes")
    return content
