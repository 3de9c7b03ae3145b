"""The arrows between folders, the wall's inner side, and what stands at the top of the repository."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UNTRUSTED = ROOT / "worker" / "untrusted"
INSIDE = sorted(UNTRUSTED.rglob("*.py"))
BY_REQUEST = {"numpy", "torch", "keras", "h5py", "safetensors"}
ITSELF = {"_sandbox"}  # the name under which the runner loads its own folder


def test_imports_point_one_way():
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout


def test_the_runner_is_there():
    assert UNTRUSTED / "runner.py" in INSIDE
    assert not (UNTRUSTED / "__init__.py").exists()


@pytest.mark.parametrize("path", INSIDE, ids=lambda path: path.name)
def test_what_enters_the_sandbox_imports_nothing_of_ours(path):
    own = {other.stem for other in INSIDE}
    allowed = set(sys.stdlib_module_names) | BY_REQUEST | ITSELF | own
    assert imported(path) <= allowed


def imported(path: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


def test_no_file_is_called_by_what_it_is_not_about():
    vague = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    folders = (ROOT / name for name in ("grader", "worker", "reference_impl"))
    assert not [path for folder in folders for path in folder.rglob("*.py") if path.stem in vague]
