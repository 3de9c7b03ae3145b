"""`grader check` as users and other programs call it: its JSON, its exit status, its words for bad input."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RIGHT = ROOT / "rubrics" / "cs231n_a2" / "samples" / "right-2021"

QUESTION_KEYS = {"id", "title", "score", "max_score", "status", "items", "checks"}
ITEM_KEYS = {"id", "points", "applied", "suggested", "confidence", "evidence"}
CHECK_KEYS = {
    "id", "kind", "function", "scope", "status", "points", "max_points", "message", "mistake", "relative_error", "seconds",
}  # fmt: skip


def grader(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "grader.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=150,
    )


def test_json_has_every_key_that_others_rely_on():
    done = grader("check", RIGHT, "--pack", "cs231n_a2", "--json", "--only", "bn-forward", "--only", "bn-inline-3")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {"pack", "rubric_hash", "score", "max_score", "seconds", "questions"} <= set(result)
    assert result["pack"] == "cs231n_a2" and len(result["rubric_hash"]) == 64
    code, written = result["questions"]
    assert set(code) >= QUESTION_KEYS
    assert {check["scope"] for check in code["checks"]} == {"core", "edge"}
    for check in code["checks"]:
        assert set(check) >= CHECK_KEYS
        assert check["function"] == "batchnorm_forward" and check["status"] == "pass"
    assert (code["score"], code["status"]) == (4, "graded")
    assert (written["score"], written["status"]) == (0, "needs_review")
    for item in written["items"]:
        assert set(item) >= ITEM_KEYS and item["applied"] is False
    assert result["score"] == 4 and result["max_score"] == 7


def test_a_zip_and_a_pack_given_by_path(tmp_path):
    archive = tmp_path / "handed-in.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in RIGHT.rglob("*.py"):
            file.write(path, Path("my work") / path.relative_to(RIGHT))
    done = grader("check", archive, "--pack", ROOT / "rubrics" / "cs231n_a2", "--json", "--only", "relu")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["score"] == 2


def test_one_loose_file(tmp_path):
    layers = next(RIGHT.rglob("layers.py"))
    done = grader("check", layers, "--pack", "cs231n_a2", "--json", "--only", "affine-forward")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["score"] == 2


def test_a_table_for_people():
    done = grader("check", RIGHT, "--pack", "cs231n_a2", "--only", "relu")
    assert done.returncode == 0
    assert "2 of 2 points" in done.stdout and "Graded in" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", RIGHT, "--pack", "no_such_pack"], "no pack 'no_such_pack'"),
        (["check", RIGHT, "--pack", "cs231n_a2", "--only", "nope"], "no question nope"),
        (["check", RIGHT, "--pack", "cs231n_a2", "--set", "dropout_p=maybe"], "keep, drop"),
        (["check", RIGHT, "--pack", "cs231n_a2", "--set", "nonsense"], "KEY=VALUE"),
        (["check", "/no/such/folder", "--pack", "cs231n_a2"], "/no/such/folder"),
        (["check"], "PATH"),
        (["rubric", "lint", "no_such_pack"], "no pack"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_wrong_usage_is_one_and_says_why(arguments, words):
    done = grader(*arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert words.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_zip(tmp_path):
    file = tmp_path / "broken.zip"
    file.write_bytes(b"PK\x03\x04 and then nothing of the kind")
    done = grader("check", file, "--pack", "cs231n_a2")
    assert done.returncode == 1 and "broken.zip" in done.stderr and "Traceback" not in done.stderr


def test_without_a_sandbox_nothing_runs():
    """No bwrap on the path: exit status 2, and the words say how to get one."""
    done = grader("check", RIGHT, "--pack", "cs231n_a2", "--only", "relu", PATH="/nonexistent")
    assert done.returncode == 2, done.stdout
    assert "bubblewrap" in done.stderr and "Traceback" not in done.stderr


def test_lint_names_file_and_line(tmp_path):
    pack = tmp_path / "mine"
    pack.mkdir()
    text = (ROOT / "rubrics" / "cs231n_a2" / "rubric.yaml").read_text()
    (pack / "rubric.yaml").write_text(text.replace("    points: 2\n", "    points: 2\n    colour: red\n", 1))
    done = grader("rubric", "lint", pack)
    assert done.returncode == 1
    line = text[: text.index("    points: 2\n")].count("\n") + 2
    assert f"rubric.yaml:{line}:" in done.stderr and "unknown key 'colour'" in done.stderr


def test_lint_of_the_pack():
    done = grader("rubric", "lint", "cs231n_a2")
    assert done.returncode == 0 and "86 points" in done.stdout
