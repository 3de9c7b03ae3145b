"""`grader submit` against a real server, database, broker, worker and sandbox."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader import admin
from grader.client import packed
from grader.db.session import transaction
from grader.db.tables import Role

ROOT = Path(__file__).resolve().parents[2]
LAYERS = next((ROOT / "rubrics" / "cs231n_a2" / "samples" / "right-2021").rglob("layers.py"))


@pytest.fixture
def token(database):
    with transaction() as session:
        admin.add_course(session, "dl", "Deep learning")
        admin.add_assignment(session, "dl", "a2", "cs231n_a2", {})
        admin.enroll(session, "dl", "ann@example.org", "Ann", Role.STUDENT)
        return admin.make_token(session, "ann@example.org", "CI")


@pytest.fixture
def hand_in(tmp_path):
    folder = tmp_path / "homework"
    (folder / "cs231n").mkdir(parents=True)
    (folder / "cs231n" / "layers.py").write_bytes(LAYERS.read_bytes())
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("not handed in")
    return folder


def submit(path, server, *options, token):
    return subprocess.run(
        [sys.executable, "-m", "grader.cli", "submit", str(path), "--assignment", "a2", "--server", server, *options],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "GRADER_TOKEN": token}, timeout=150,
    )  # fmt: skip


def test_a_folder_is_packed_without_what_is_hidden(hand_in, tmp_path):
    name, content = packed(hand_in)
    file = tmp_path / name
    file.write_bytes(content)
    assert name == "homework.zip" and zipfile.ZipFile(file).namelist() == ["cs231n/layers.py"]


def test_hand_in_wait_and_result(hand_in, server, token, workers):
    workers()
    done = submit(hand_in, server, "--wait", "--json", token=token)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["submission"]["state"] == "graded"
    questions = {question["id"]: question for question in answer["result"]["questions"]}
    assert questions["affine-forward"]["score"] == 2 and questions["adam"]["score"] == 0
    again = submit(hand_in, server, "--wait", token=token)
    assert again.returncode == 0, again.stderr
    assert "was handed in before" in again.stderr and "of 86 points" in again.stdout


def test_what_is_refused_is_one(hand_in, server, token, tmp_path):
    wrong = submit(hand_in, server, token="grd_wrong")
    assert wrong.returncode == 1 and "401" in wrong.stderr
    assert submit(hand_in, server, token="").returncode == 1
    assert submit(tmp_path / "nothing", server, token=token).returncode == 1
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 nothing")
    refused = submit(broken, server, token=token)
    assert refused.returncode == 1 and "broken.zip" in refused.stderr


def test_a_service_that_is_not_there_is_two(hand_in):
    done = submit(hand_in, "http://127.0.0.1:9", token="grd_any")
    assert done.returncode == 2 and "cannot be reached" in done.stderr
