"""Installed data sets: `<folder>/<name>/` with four arrays and a manifest of their checksums.

Written all at once; read only when every file still has its checksum.
"""

from __future__ import annotations

import functools
import hashlib
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from grader.core.checks.images import ImageSet
from grader.datasets.error import DatasetError
from grader.datasets.published import KNOWN, read_source

MANIFEST = "manifest.json"
ARRAYS = ("x_train", "y_train", "x_hidden", "y_hidden")


class Manifest(BaseModel):
    """sha256: of each array's file. published: whether the files it was made of are those that were published; None
    where their checksums are of another form (unpacked files, the binary version)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    training: int
    hidden: int
    size: tuple[int, ...]
    classes: int
    published: bool | None
    sha256: dict[str, str]


@dataclass(frozen=True)
class Added:
    """changed: False if just that was installed already."""

    manifest: Manifest
    changed: bool
    remarks: tuple[str, ...]


def add(name: str, path: Path, folder: Path) -> Added:
    """Reads the data set's published files at `path` and installs it under `folder`. Raises DatasetError; then what was
    installed before is as it was."""
    source = read_source(name, path)
    images = source.images
    contents = {f"{part}.npy": _bytes(getattr(images, part)) for part in ARRAYS}
    manifest = Manifest(
        name=name, training=len(images.x_train), hidden=len(images.x_hidden), size=images.size, classes=images.classes,
        published=source.published, sha256={file: _sha256(content) for file, content in contents.items()},
    )  # fmt: skip
    try:
        changed = _intact(folder / name) != manifest
        if changed:
            _write(folder / name, contents, manifest)
    except OSError as error:
        raise DatasetError(f"{folder / name} cannot be written: {error.strerror or error}") from error
    return Added(manifest, changed, source.remarks)


def installed(folder: Path) -> list[Manifest]:
    """The manifests of what is installed. Raises DatasetError for one that cannot be read."""
    return [_manifest(folder / name) for name in KNOWN if (folder / name / MANIFEST).is_file()]


def is_installed(name: str, folder: Path | None) -> bool:
    return folder is not None and (folder / name / MANIFEST).is_file()


def read(name: str, folder: Path) -> ImageSet:
    """An installed data set. Raises DatasetError when a file is damaged, is missing, or has no manifest."""
    return _read(folder / name, (folder / name / MANIFEST).stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read(place: Path, changed: int) -> ImageSet:
    """`changed`: when the manifest was, so that what is added again is read again."""
    manifest = _manifest(place)
    again = f"`grader datasets add {manifest.name} PATH` installs it again"
    arrays = []
    for part in ARRAYS:
        file = place / f"{part}.npy"
        try:
            content = file.read_bytes()
        except OSError as error:
            raise DatasetError(f"{file} cannot be read: {error.strerror}; {again}") from error
        if _sha256(content) != manifest.sha256.get(file.name):
            raise DatasetError(f"{file} is damaged: its checksum is not that of the manifest; {again}")
        arrays.append(np.load(io.BytesIO(content), allow_pickle=False))
    return ImageSet(manifest.name, *arrays, manifest.classes)


def _manifest(place: Path) -> Manifest:
    file = place / MANIFEST
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise DatasetError(f"{file} cannot be read: {error}") from error


def _intact(place: Path) -> Manifest | None:
    """The manifest of what is installed there, if all its files are as it says."""
    try:
        manifest = _manifest(place)
        same = all(_sha256((place / file).read_bytes()) == sha256 for file, sha256 in manifest.sha256.items())
    except (DatasetError, OSError):
        return None
    return manifest if same else None


def _write(place: Path, contents: dict[str, bytes], manifest: Manifest) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for file, content in contents.items():
            (fresh / file).write_bytes(content)
        (fresh / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
        fresh.chmod(0o755)
        if place.exists():
            old = fresh.with_name(fresh.name + "-old")
            place.rename(old)
            fresh.rename(place)
            shutil.rmtree(old)
        else:
            fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
