"""Puts together what a sandbox would see: the pack's support with a submission's files laid over it."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
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


def lay_over_support(package: Path, tree: Path) -> Path:
    """Copies the support to `tree` and lays the files of a `cs231n` folder over it."""
    shutil.copytree(SUPPORT, tree, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package, tree / "cs231n", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return tree


@pytest.fixture
def code_tree(tmp_path: Path) -> Callable[[Path], Path]:
    """`code_tree(cs231n_folder)` is the support with that folder's files laid over it."""
    return lambda package: lay_over_support(package, tmp_path / "tree")


@pytest.fixture(scope="session")
def sample_tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`sample_tree(sample)` is the support with the sample's code laid over it; loose files are put where they belong."""

    @cache
    def build(sample: str) -> Path:
        place = tmp_path_factory.mktemp(sample)
        package = next((SAMPLES / sample).rglob("layers.py")).parent
        if package.name != "cs231n":
            package = gathered(package, place / "cs231n")
        return lay_over_support(package, place / "tree")

    return build


def gathered(loose: Path, package: Path) -> Path:
    (package / "classifiers").mkdir(parents=True)
    for path in loose.glob("*.py"):
        folder = package / "classifiers" if path.stem in ("fc_net", "cnn") else package
        (folder / path.name).write_bytes(path.read_bytes())
    return package


@pytest.fixture
def sample_course(
    sample_tree: Callable[[str], Path], import_from: Callable[[Path], Importer]
) -> Callable[[str], Importer]:
    """`sample_course(sample)` imports modules of that sample."""
    return lambda sample: import_from(sample_tree(sample))
