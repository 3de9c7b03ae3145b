"""`grader datasets add` and `list`, as somebody types them."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location(
    "published_files", Path(__file__).parents[1] / "datasets" / "published_files.py"
)
_files = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_files)


def datasets(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader.cli", "datasets", *map(str, arguments)]
    environment = {**os.environ, "GRADER_DATA_DIR": str(folder), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60)


def test_add_and_list(tmp_path: Path) -> None:
    _files.fashion(tmp_path / "files")

    first = datasets(tmp_path / "var", "add", "fashion-mnist", tmp_path / "files")
    assert first.returncode == 0, first.stderr
    assert "6 training and 4 hidden images of 28×28, installed in" in first.stdout and "NOT those" in first.stdout
    listed = datasets(tmp_path / "var", "list", "--json")

    found = json.loads(listed.stdout)
    assert [entry["name"] for entry in found["installed"]] == ["fashion-mnist"]
    assert found["stand_ins"] == ["digits", "digits-colour"]
    assert found["folder"] == str(tmp_path / "var" / "datasets")


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    done = datasets(tmp_path, "add", "cifar10", tmp_path / "nowhere")

    assert done.returncode == 1 and done.stderr.strip() == f"{tmp_path / 'nowhere'} is not there"
