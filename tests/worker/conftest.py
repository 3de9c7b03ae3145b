"""`runner`: our own runner as a plain process, no sandbox around it, for the tests' own harmless code."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.core.calls import Call, Request
from grader.core.observation import Outcome, Reply
from worker.trusted import exchange
from worker.trusted.exchange import Exchange
from worker.trusted.sandbox.backend import RUNNER_FOLDER
from worker.trusted.session import _reply


class Runner:
    """Files of a submission, and requests to the runner that serves them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen | None = None
        self.options: dict[str, object] = {"compat": False, "substitutions": []}

    def write(self, **files: str | bytes) -> Runner:
        """`pkg__layers="..."` writes pkg/layers.py."""
        for name, source in files.items():
            path = self.folder.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source if isinstance(source, bytes) else textwrap.dedent(source).lstrip("\n").encode())
        return self

    def start(self) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-I", "-B", str(RUNNER_FOLDER / "runner.py")]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        streams = (self.process.stdin, self.process.stdout, self.process.stderr)
        self.exchange = Exchange(*[stream.fileno() for stream in streams], 1 << 28)
        start = {"kind": "start", "code": str(self.folder), "limits": {}, "filter": None, "imports": []}
        assert self.ask({**start, "max_bytes": 1 << 28, **self.options}) == {"kind": "ready"}

    def ask(self, message: dict) -> object:
        self.exchange.begin()
        return self.ask_again(message)

    def ask_again(self, message: dict) -> object:
        """Under the tag of the last request: the answer to an upcall."""
        deadline = time.monotonic() + 30
        self.exchange.send(message, deadline)
        return self.exchange.receive(deadline)

    def send(self, request: Request) -> Reply:
        if self.process is None:
            self.start()
        reply = _reply(self.ask(exchange.message(request)))
        assert reply.outcome is Outcome.OK
        return reply

    def call(self, target: str, *args: object, **options: object) -> Reply:
        return self.send(Call(target, args, **options))

    def value(self, target: str, *args: object, **options: object) -> object:
        """What the call returns; it must not raise."""
        reply = self.call(target, *args, **options)
        assert reply.error is None, reply.error
        return reply.values[0]

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                stream.close()


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path)
    yield runner
    runner.stop()
