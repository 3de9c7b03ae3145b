"""`grader course rubric`: what TAs edited comes out, and goes back into the pack."""

import shutil

import pytest
from typer.testing import CliRunner

from grader.core.rubric_edit import set_item
from grader.course_cli import app
from grader.db import courses, rubrics, users
from grader.db.session import transaction
from grader.pack import RUBRICS, load_pack
from grader.settings import get_settings


@pytest.fixture
def pack(tmp_path, monkeypatch):
    shutil.copytree(RUBRICS / "cs231n_a2", tmp_path / "cs231n_a2", ignore=shutil.ignore_patterns("samples", "support"))
    monkeypatch.setattr("grader.pack.RUBRICS", tmp_path)
    return tmp_path / "cs231n_a2" / "rubric.yaml"


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_printed_saved_and_updated(database, pack):
    run("add", "dl", "Deep learning")
    run("assignment", "dl", "a2", "--pack", "cs231n_a2")
    original = pack.read_text()
    assert run("rubric", "a2").output == original
    edited = set_item(original, "bn-inline-4", "not-2", points=-1.5)
    with transaction() as session:
        by = users.create_user(session, email="tal@example.edu", name="Tal")
        assignment = courses.assignment_by_slug(session, "a2")
        rubrics.apply_edit(session, assignment, edited, assignment.rubric_version.sha256, by)
    assert run("rubric", "a2").output == edited and pack.read_text() == original
    assert run("rubric", "a2", "--save").output.strip() == f"{pack} written"
    assert pack.read_text() == edited == load_pack("cs231n_a2").text
    pack.write_text(original)
    assert run("update", "a2").exit_code == 0
    with transaction() as session:
        step, _ = rubrics.versions(session, courses.assignment_by_slug(session, "a2"))
        assert step.by is None and step.sentences == (
            "bn-inline-4: “Option 2 is not chosen” counts −1 instead of −1.5",
        )


def test_what_cannot_be_done_is_said(database, pack):
    assert run("rubric", "nothing").exit_code == 1
    run("add", "dl", "Deep learning")
    run("assignment", "dl", "a2", "--pack", "cs231n_a2")
    pack.write_text("title: broken\n")
    done = run("rubric", "a2", "--save")
    assert done.exit_code == 1 and pack.read_text() == "title: broken\n" and "Traceback" not in done.output


def test_a_course_keeps_packs_of_its_own(database, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_PACKS_DIR", str(tmp_path / "packs"))
    get_settings.cache_clear()
    run("add", "dl", "Deep learning")
    ours = shutil.copytree(RUBRICS / "cv_hw", tmp_path / "elsewhere" / "our_hw")
    refused = run("assignment", "dl", "hw", "--pack", str(ours))
    assert refused.exit_code == 1 and str(tmp_path / "packs") in refused.output
    shutil.copytree(ours, tmp_path / "packs" / "our_hw")
    assert run("assignment", "dl", "hw", "--pack", "our_hw").exit_code == 0
    assert load_pack("our_hw").folder == tmp_path / "packs" / "our_hw"
    get_settings.cache_clear()
