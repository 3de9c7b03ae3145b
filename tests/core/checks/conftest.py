"""`judged(kind, files, declaration)`: a check of `KINDS`-like modules on the nets of `nets/`, in one real sandbox per test file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.core.checks.kind import Context
from grader.core.submission import Submission
from grader.core.verdict import Judgement
from worker.trusted.checks import drive
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import Session, open_session

NETS = Path(__file__).with_name("nets")


@pytest.fixture(scope="module")
def nets() -> Iterator[Session]:
    with open_session(Bubblewrap(), NETS, torch=True) as session:
        yield session


@pytest.fixture
def driven(nets: Session) -> Callable[..., Any]:
    """`driven(generator function of a context, *files)`: what it returns."""

    def drive_on(check: Callable[[Context], Any], *files: str) -> Any:
        content = {name: (NETS / name).read_bytes() for name in files}
        return drive(check(Context(None, "core", 0, submission=Submission(content, {}))), nets)

    return drive_on


@pytest.fixture
def judged(driven: Callable[..., Any]) -> Callable[..., Judgement]:
    def judge(module: Any, declaration: dict[str, Any], *files: str) -> Judgement:
        kind = module.KIND
        return driven(lambda context: kind.run(kind.declaration.model_validate(declaration), context), *files)

    return judge
