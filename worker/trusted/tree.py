"""The code folder of a sandbox: the student's files of the assignment, and the course's modules for everything else."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.core.submission import Layout
from grader.ingest.errors import UnsafePath
from grader.ingest.paths import safe_path, show


def assemble(student: Mapping[str, bytes], layout: Layout, support: Path | None, into: Path) -> None:
    """Fill the empty folder `into`.

    student: bytes by canonical path ("cs231n/layers.py"). The layout's files are the student's own; of everything else the
    course's copy wins, so that a handed-in `gradient_check.py` cannot replace ours, and what the course does not have
    (a student's extra module) is taken along.
    """
    _copy_support(support, into)
    own = {f"{layout.package}/{name}" for name in layout.files}
    for path, content in student.items():
        target = into / PurePosixPath(path)
        if path not in own and target.exists():
            continue
        _write(path, content, into)
    _readable(into)


def assemble_submission(files: Mapping[str, bytes], support: Path | None, into: Path) -> None:
    """Fill the empty folder `into` with all that was handed in, at its own paths; the course's modules win."""
    _copy_support(support, into)
    for path, content in files.items():
        target = into / PurePosixPath(path)
        if target.exists() or any(parent.is_file() for parent in target.parents):
            continue
        _write(path, content, into)
    _readable(into)


def _write(path: str, content: bytes, into: Path) -> None:
    """Ingest lets only plain relative paths through; should another ever come here, nothing is written outside of `into`."""
    if safe_path(path) != path:
        raise UnsafePath(f"{show(path)} is not a plain relative path.")
    target = into / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _copy_support(support: Path | None, into: Path) -> None:
    if support is not None:
        shutil.copytree(support, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def _readable(into: Path) -> None:
    """By the sandbox's user too."""
    for folder in (into, *(path for path in into.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    for file in (path for path in into.rglob("*") if path.is_file()):
        file.chmod(0o644)
