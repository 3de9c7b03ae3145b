"""`grader answers suggest`: its JSON, its table, its words for bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ITEM_KEYS = {"id", "points", "applied", "suggested", "confidence", "evidence"}


@pytest.fixture
def suggest(tmp_path):
    def run(answers, *options):
        file = tmp_path / "answers.json"
        file.write_text(answers if isinstance(answers, str) else json.dumps(answers), encoding="utf-8")
        command = [sys.executable, "-m", "grader.cli", "answers", "suggest", str(file), "--pack", "cs231n_a2", *options]
        environment = {**os.environ, "COLUMNS": "160", "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60)

    return run


def test_json(suggest):
    done = suggest(
        {"bn-inline-3": "1 and 2 is layer norm. 3 is batch norm.", "bn-inline-2": "Я не знаю, что это"}, "--json"
    )
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["questions"]
    assert (first["id"], second["id"]) == ("bn-inline-2", "bn-inline-3")  # the rubric's order
    assert (first["score"], first["max_score"], first["status"]) == (0, 2, "needs_review")
    assert (second["score"], second["max_score"], second["status"]) == (2, 3, "needs_review")
    assert all(set(item) >= ITEM_KEYS and item["applied"] is False for item in second["items"])
    picked = next(item for item in second["items"] if item["id"] == "picked-1-or-4")
    assert picked["suggested"] == "deduct" and picked["evidence"] == ["1 and 2 is layer norm"]


def test_all_clear_is_graded(suggest):
    done = suggest({"bn-inline-3": "BN: 3, LN: 2"}, "--json")
    (question,) = json.loads(done.stdout)["questions"]
    assert (question["score"], question["status"]) == (3, "graded")


def test_table_with_quotes(suggest):
    done = suggest({"bn-inline-3": "1 and 2 is layer norm [red]. 3 is batch norm."})
    assert done.returncode == 0, done.stderr
    assert (
        "bn-inline-3: 2 of 3" in done.stdout and "“1 and 2 is layer norm" in done.stdout and "[red]" not in done.stderr
    )


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"nowhere": "x"}, "no written question 'nowhere'"),
        ({"affine": "x"}, "no written question 'affine'"),
        ("{", "answers.json:1: not JSON"),
        ("[]", "must be one object"),
        ({"bn-inline-3": 3}, "must be text"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_input_is_named(suggest, answers, words):
    done = suggest(answers, "--json")
    assert done.returncode == 1 and done.stdout == ""
    assert words in done.stderr and "Traceback" not in done.stderr


def test_a_missing_file_and_an_unknown_pack(tmp_path):
    for arguments in (["nowhere.json", "--pack", "cs231n_a2"], [__file__, "--pack", "nowhere"]):
        command = [sys.executable, "-m", "grader.cli", "answers", "suggest", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
        assert done.returncode == 1 and "Traceback" not in done.stderr and done.stderr
