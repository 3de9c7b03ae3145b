"""`grader check`: from a path and options to a result, without server or database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.core.result import Result, Status
from grader.core.rubric_file import RubricError
from grader.core.submission import Submission
from grader.errors import Misconfigured
from grader.ingest.errors import IngestError
from grader.ingest.submission import read_submission
from grader.pack import Pack, PackNotFound, load_pack
from grader.settings import get_settings
from worker.trusted.grade import Progress, grade
from worker.trusted.sandbox.backend import Backend, SandboxUnavailable, default_backend


class WrongUsage(Exception):
    """The caller named something that does not exist, or that cannot be read."""


class OurFault(Exception):
    """The grader itself cannot work here."""


@dataclass(frozen=True)
class GradingRequest:
    """Everything that one `grader check` needs, read and validated."""

    submission: Submission
    pack: Pack
    only: frozenset[str]
    variables: dict[str, str]
    datasets: Path

    def grade(self, progress: Callable[[Progress], None] = lambda step: None) -> Result:
        """Raises OurFault when there is no sandbox to run student code in."""
        try:
            return grade(
                self.submission,
                self.pack,
                backend=backend(),
                variables=self.variables,
                only=self.only,
                progress=progress,
                datasets=self.datasets,
            )
        except SandboxUnavailable as error:
            raise OurFault(str(error)) from error


def prepare(
    path: Path, pack: str, only: tuple[str, ...], settings: tuple[str, ...], datasets: Path | None
) -> GradingRequest:
    """Raises WrongUsage with a sentence for whoever typed the command."""
    try:
        loaded = load_pack(pack)
        variables = dict(_pair(setting) for setting in settings)
        loaded.rubric.choose(variables)
        unknown = set(only) - {question.id for question in loaded.rubric.questions}
        if unknown:
            raise WrongUsage(f"{loaded.name} has no question {', '.join(sorted(unknown))}")
        folder = datasets or get_settings().datasets_folder
        return GradingRequest(read(path, loaded), loaded, frozenset(only), variables, folder)
    except (RubricError, PackNotFound, IngestError, Misconfigured, ValueError) as error:
        raise WrongUsage(str(error)) from error


def read(path: Path, pack: Pack) -> Submission:
    """The submission at `path` as the pack's layout and answer slots ask for it. Raises IngestError."""
    slots = tuple(question.answer for question in pack.rubric.questions if question.answer is not None)
    return read_submission(path, pack.rubric.code.layout, slots)


def backend() -> Backend:
    """The sandbox to use. Raises OurFault, never falls back to none."""
    try:
        return default_backend()
    except SandboxUnavailable as error:
        raise OurFault(str(error)) from error


def our_fault(result: Result) -> bool:
    """Whether some check could not be judged because of us."""
    checks = (check for question in result.questions for check in question.checks)
    return any(check.status is Status.OURS and not check.unread for check in checks)


def _pair(setting: str) -> tuple[str, str]:
    key, equals, value = setting.partition("=")
    if not equals or not key:
        raise WrongUsage(f"--set takes KEY=VALUE, not {setting!r}")
    return key.strip(), value.strip()
