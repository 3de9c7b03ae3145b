"""`grader import gradescope` as users and other programs call it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from grader.cli import app

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "tests" / "corpus" / "gradescope" / "parts.txt"


def run(*arguments):
    return CliRunner().invoke(app, ["import", "gradescope", *map(str, arguments)])


def test_json_is_one_object():
    done = run(PARTS, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["total"] == {"score": 8.5, "max_score": 14}
    assert [question["number"] for question in document["questions"]] == ["1.1", "1.2", 2, 3]
    assert document["questions"][1]["items"][1] == {"points": -2, "label": "Hypothesis is not used", "applied": True}
    assert document["questions"][0]["answer"] == "For n = 1 both sides are 1."
    assert document["repairs"]


def test_a_table_for_people():
    done = run(PARTS)
    assert done.exit_code == 0
    assert "8.5 / 14 points" in done.stdout and "✓ -2 Hypothesis is not used" in done.stdout
    assert "repair Question 3" in done.stdout


def test_a_wrong_file_is_a_sentence_and_exit_1(tmp_path):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "bytes.bin").write_bytes(bytes(range(256)))
    wrong = [ROOT / "README.md", tmp_path / "missing.txt", tmp_path, tmp_path / "broken.pdf", tmp_path / "bytes.bin"]
    for path in wrong:
        done = run(path)
        assert done.exit_code == 1, path
        assert "Traceback" not in done.output and str(path.name) in done.output
        assert done.stdout == ""
