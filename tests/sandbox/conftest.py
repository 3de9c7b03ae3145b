"""`backend`: every test of this folder runs against each. `open_sandbox`: sessions that leave nothing behind."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worker.trusted.sandbox.backend import Backend
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import Session, open_session

HOSTILE = Path(__file__).with_name("hostile")

_spec = importlib.util.spec_from_file_location("engine_fixtures", Path(__file__).parents[1] / "docker" / "engine.py")
_engine = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_engine)

docker_engine = _engine.docker_engine
base_image = _engine.base_image
sandbox_image = _engine.sandbox_image


@pytest.fixture(scope="session", params=["bubblewrap", pytest.param("docker", marks=pytest.mark.docker)])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "docker":
        from worker.trusted.sandbox.docker import Docker

        return Docker(image=request.getfixturevalue("sandbox_image"))
    return Bubblewrap()


@pytest.fixture
def open_sandbox(backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Session]]:
    """`open_sandbox(code=HOSTILE, **options of open_session)`; after the test, nothing of its sessions may be left."""
    opened: list[Session] = []
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = remains(backend)

    def start(code: Path = HOSTILE, **options: object) -> Session:
        opened.append(open_session(backend, code, **options))
        return opened[-1]

    yield start
    for session in opened:
        session.close()
    assert remains(backend) - before == set()


def remains(backend: Backend) -> set[str]:
    """What a job could leave on this host: processes below us, control groups, mounts, temporary folders, containers."""
    found = {f"process {pid}" for pid in _descendants(os.getpid())}
    for folder, names, _ in os.walk("/sys/fs/cgroup"):  # passes over what goes away meanwhile
        found |= {f"{folder}/{name}" for name in names if name.startswith(f"grader-{os.getpid()}-")}
    found |= {line for line in Path("/proc/self/mountinfo").read_text().splitlines() if " - tmpfs grader " in line}
    found |= set(os.listdir(tempfile.gettempdir()))
    if backend.name == "docker":
        found |= set(subprocess.run(["docker", "ps", "-aq"], capture_output=True, text=True, check=True).stdout.split())
    return found


def _descendants(process: int) -> set[int]:
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            found = re.search(r"^PPid:\s*(\d+)", status.read_text(), re.MULTILINE)
        except OSError:
            continue
        parents[int(status.parent.name)] = int(found[1])
    below, waiting = set(), [process]
    while waiting:
        current = waiting.pop()
        children = {pid for pid, parent in parents.items() if parent == current}
        below |= children
        waiting += children
    return below
