"""Modules that are not available while a function is graded, such as a fast layer that would do the naive one's work.

The sandbox gets a copy of the code tree in which such a module holds only functions that refuse.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = '''"""Not available while this function is graded."""


def _withheld(*args, **kwargs):
    raise NotImplementedError("not available while this function is graded")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _withheld


'''
PUBLIC = re.compile(r"^(?:def|class)\s+([A-Za-z]\w*)|^([A-Za-z]\w*)\s*=", re.MULTILINE)


@contextmanager
def withhold(code: Path, modules: tuple[str, ...]) -> Iterator[Path]:
    """`code` itself, or while the sandbox lives a copy of it, without links: they could lead anywhere."""
    if not modules:
        yield code
        return
    with tempfile.TemporaryDirectory(prefix=f"grader-code-{os.getpid()}-") as folder:
        copy = Path(folder) / "code"
        shutil.copytree(code, copy, ignore=_links)
        for module in modules:
            _replace(copy, module)
        yield copy


def _links(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_symlink()]


def _replace(copy: Path, module: str) -> None:
    path = copy.joinpath(*module.split(".")).with_suffix(".py")
    if not path.parent.is_dir():
        return
    text = path.read_text("utf-8", "replace") if path.is_file() else ""
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)  # a package of that name would come first
    for other in path.parent.glob(f"{path.stem}.*"):  # compiled twins too
        other.unlink()
    names = sorted({name for found in PUBLIC.findall(text) for name in found if name})
    path.write_text(SOURCE + "".join(f"{name} = _withheld\n" for name in names))
