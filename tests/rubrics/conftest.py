"""Puts together what a sandbox would see: the pack's support with a submission's files laid over it."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

PACK = Path(__file__).parents[2] / "rubrics" / "cs231n_a2"
SUPPORT = PACK / "support"
SAMPLES = PACK / "samples"
OWNED_BY_THE_COURSE = ("cs231n", "past")

Importer = Callable[[str], ModuleType]


def _forget_course_modules() -> None:
    for name in list(sys.modules):
        if name.split(".")[0] in OWNED_BY_THE_COURSE:
            del sys.modules[name]


@pytest.fixture
def import_from() -> Iterator[Callable[[Path], Importer]]:
    """`import_from(folder)` gives a function that imports modules of that folder, afresh and for this test only."""
    added: list[str] = []

    def choose(folder: Path) -> Importer:
        _forget_course_modules()
        importlib.invalidate_caches()
        sys.path.insert(0, str(folder))
        added.append(str(folder))
        return importlib.import_module

    wrote_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    yield choose
    sys.dont_write_bytecode = wrote_bytecode
    for folder in added:
        sys.path.remove(folder)
    _forget_course_modules()


@pytest.fixture
def code_tree(tmp_path: Path) -> Callable[[Path], Path]:
    """`code_tree(cs231n_folder)` copies the support and lays the folder's Python files over its `cs231n` package."""

    def build(package: Path) -> Path:
        tree = tmp_path / "tree"
        shutil.copytree(SUPPORT, tree)
        shutil.copytree(package, tree / "cs231n", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        return tree

    return build
