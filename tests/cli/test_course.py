"""`grader course …` on a real database: each command, and what it says when it cannot."""

import pytest
from typer.testing import CliRunner

from grader.course_cli import app
from grader.db import courses, users
from grader.db.session import transaction
from grader.db.tables import Role
from grader.pack import load_pack

runner = CliRunner()


def run(*arguments):
    return runner.invoke(app, list(arguments))


@pytest.fixture
def course(database):
    assert run("add", "dl", "Deep learning").exit_code == 0


def test_a_course_from_nothing(course):
    done = run(
        "assignment", "dl", "a2", "--pack", "cs231n_a2", "--set", "dropout_p=drop", "--due", "2026-12-01T23:59:00"
    )
    assert done.exit_code == 0, done.output
    done = run("enroll", "dl", "ann@example.org", "--name", "Ann")
    password = done.output.split()[-1]
    with transaction() as session:
        assignment = courses.assignment_by_slug(session, "a2")
        assert assignment.variables == {"dropout_p": "drop"} and assignment.due_at is not None
        assert assignment.rubric_version.sha256 == load_pack("cs231n_a2").rubric_hash
        ann = users.authenticate(session, "ann@example.org", password)
        assert courses.role_in(session, ann, assignment.course_id) is Role.STUDENT
    assert run("enroll", "dl", "ann@example.org", "--role", "ta").exit_code == 0
    with transaction() as session:
        ann = users.user_by_email(session, "ann@example.org")
        assert courses.role_in(session, ann, courses.course_by_slug(session, "dl").id) is Role.TA
    assert run("token", "ann@example.org").output.startswith("grd_")
    assert run("update", "a2").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "dl", "Again"),
        ("assignment", "nowhere", "a2", "--pack", "cs231n_a2"),
        ("assignment", "dl", "a2", "--pack", "no_such_pack"),
        ("assignment", "dl", "a2", "--pack", "cs231n_a2", "--set", "dropout_p=maybe"),
        ("enroll", "nowhere", "ann@example.org"),
        ("enroll", "dl", "no e-mail"),
        ("enroll", "dl", "ann@example.org", "--role", "emperor"),
        ("token", "nobody@example.org"),
        ("update", "nothing"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(course, arguments):
    done = run(*arguments)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
