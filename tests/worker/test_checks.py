"""What the checker does around a check, without a sandbox."""

from __future__ import annotations

import pytest

from grader.core.result import Status
from grader.core.submission import Submission
from grader.pack import load_pack
from worker.trusted.grade import grade
from worker.trusted.sandbox.backend import SandboxUnavailable


class NoSandbox:
    """A backend that cannot start anything."""

    name = "none"

    def __getattr__(self, name: str) -> object:
        raise SandboxUnavailable("nothing can be started here")


QUESTIONS = frozenset({"lenet-architecture", "checkpoints", "convergence", "training"})


def graded(files: dict[str, bytes]) -> list[Status]:
    submission = Submission(files, {})
    result = grade(
        submission, load_pack("dl_hw1"), variables={"dataset": "digits"}, backend=NoSandbox(), only=QUESTIONS
    )
    return [check.status for question in result.questions for check in question.checks]


def test_where_nothing_was_handed_in_no_sandbox_is_started() -> None:
    assert graded({"notes.txt": b"Later."}) == [Status.MISSING] * 7


def test_code_is_never_run_without_a_sandbox() -> None:
    with pytest.raises(SandboxUnavailable):
        graded({"net.py": b"class LeNet5: pass"})
