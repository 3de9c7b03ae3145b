"""Functions that stand elsewhere than in the file that was asked for: in the cells of a notebook, in a file of another name.

What is found becomes one notebook in the place of the first file that is missing; the others import from it. Nothing is
parsed here: the sandbox picks the definitions out of the cells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.ingest.errors import IngestError
from grader.ingest.notebook import decode, read_notebook
from grader.ingest.paths import show

_MAX_FILES = 50
_DEFINED = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.M)
_IMPORTS = re.compile(r"^(?:import|from)[ \t]+\w", re.M)


@dataclass(frozen=True)
class Stray:
    """A notebook or a Python file with its code, cell by cell, and the names that it defines at the top level."""

    path: str
    cells: tuple[str, ...]
    names: frozenset[str]


def strays(files: Mapping[str, bytes], used: Iterable[str] = ()) -> list[Stray]:
    """What defines something, in the order of the paths; notebooks that cannot be read are none."""
    found = []
    for path in sorted(set(files) - set(used))[: 20 * _MAX_FILES]:
        cells = _cells(path, files[path])
        names = frozenset(name for cell in cells for name in _DEFINED.findall(cell))
        if names:
            found.append(Stray(path, tuple(cells), names))
    return found[:_MAX_FILES]


def _cells(path: str, data: bytes) -> list[str]:
    if path.lower().endswith(".py"):
        return [decode(data)]
    if not path.lower().endswith(".ipynb"):
        return []
    try:
        cells = [cell.text for cell in read_notebook(data, path) if cell.kind == "code"]
    except IngestError:
        return []
    return [text for text in cells if _DEFINED.search(text) or _IMPORTS.search(text)]


def stand_ins(
    found: Iterable[Stray], missing: Iterable[str], asked: Mapping[str, frozenset[str]]
) -> tuple[dict[str, bytes], str, tuple[str, ...]]:
    """(files by canonical path, a remark, the missing files that they stand for); empty if nothing asked for is there.

    asked: by canonical path ("cs231n/layers.py"), the names that the rubric asks this file for.
    """
    found = list(found)
    defined = frozenset(name for stray in found for name in stray.names)
    served = tuple(path for path in missing if asked.get(path, frozenset()) & defined)
    wanted = frozenset(name for path in served for name in asked[path])
    holding = [stray for stray in found if stray.names & wanted]
    if not served:
        return {}, "", ()
    cells = [{"cell_type": "code", "source": text} for stray in holding for text in stray.cells]
    first = served[0].removesuffix(".py")
    files = {f"{first}.ipynb": json.dumps({"cells": cells}).encode()}
    files |= {path: f"from {first.replace('/', '.')} import *\n".encode() for path in served[1:]}
    names = ", ".join(show(path) for path in served)
    return files, f"Not handed in: {names}. Their functions were taken from {_listed(holding)}.", served


def _listed(holding: list[Stray]) -> str:
    shown = ", ".join(show(stray.path) for stray in holding[:3])
    return shown + (f" and {len(holding) - 3} more" if len(holding) > 3 else "")
