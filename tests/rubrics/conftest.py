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
# sample_*.py lie beside the tests; pytest's importlib mode puts no folder on the path by itself.
sys.path.insert(0, str(Path(__file__).parent))

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


@pytest.fixture
def sample_course(code_tree, import_from, tmp_path):
    """`sample_course(sample)` imports from the sample's code laid over the support; loose files are put where they belong."""

    def build(sample):
        found = sorted((SAMPLES / sample).rglob("layers.py"))[0].parent
        if found.name != "cs231n":
            package = tmp_path / "cs231n"
            (package / "classifiers").mkdir(parents=True)
            for path in found.glob("*.py"):
                folder = package / "classifiers" if path.stem in ("fc_net", "cnn") else package
                (folder / path.name).write_bytes(path.read_bytes())
            found = package
        return import_from(code_tree(found))

    return build
