"""What the checker does around a check, without a sandbox."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from grader.core.result import Status
from grader.core.submission import Submission
from grader.core.verdict import Judgement
from grader.pack import load_pack
from worker.trusted.checks import Checker
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


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.MEMORY])
def test_what_earlier_checks_used_up_of_a_sandbox_costs_nothing(status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = SimpleNamespace(check=SimpleNamespace(kind="architecture"), scope="core")
    with Checker(load_pack("dl_hw1").rubric, NoSandbox(), {}, {}, Submission({}, {})) as checker:

        def run(planned: object, session: object) -> Judgement:
            session.asked += 1  # type: ignore[attr-defined]
            return Judgement(status if session.asked == 2 else Status.PASS, "")  # type: ignore[attr-defined]

        monkeypatch.setattr(checker, "_run", run)
        assert [checker._in_shared(planned).status for _ in range(2)] == [Status.PASS] * 2
