"""What a sandbox backend is: it starts the runner (`worker/untrusted/runner.py`) walled in and measures it outside.

A backend hands over three pipes and knows nothing of what is said on them:

    fd 0 of the runner   `SandboxProcess.requests`   frames from the host
    fd 1 of the runner   `SandboxProcess.replies`    frames to the host
    fd 2 of the runner   `SandboxProcess.output`     launch errors first; later whatever the student's code prints

`worker/trusted/session.py` drains `output` all the time, so that gigabytes of prints neither block nor fill anything,
and sends the first frame: limits for the runner's own `setrlimit`, and the strict system-call filter (BPF bytes of
`seccomp.py`), which the runner puts on before any student's file is read. A backend therefore only has to
  - mount read-only `PLACES.runner`, `PLACES.code` and `PLACES.packages` (numpy, scipy; on request torch, Keras and theirs),
  - give a small writable `PLACES.scratch` (the working directory), no network, no privileges, an unprivileged uid,
    no_new_privs, its own namespaces and, where it can, a cgroup for memory and processes,
  - run `COMMAND` there as process 1, with `ENVIRONMENT` and nothing else in the environment.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.core.observation import Outcome

MB = 1024 * 1024

RUNNER_FOLDER = Path(__file__).resolve().parents[2] / "untrusted"
"""On the host: all of ours that enters a sandbox."""


@dataclass(frozen=True)
class Places:
    """Where things lie inside every sandbox."""

    runner: str = "/runner"
    code: str = "/code"
    packages: str = "/packages"
    scratch: str = "/tmp"


PLACES = Places()

ARGUMENTS = ("-I", "-B", f"{PLACES.runner}/runner.py")
"""What the sandbox's own Python is called with."""

ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "HOME": PLACES.scratch,
    "TMPDIR": PLACES.scratch,
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "KERAS_BACKEND": "torch",
}

MEMORY_EXIT = 83
"""The runner leaves with this code when a MemoryError left it unable to answer."""


@dataclass(frozen=True)
class Limits:
    """Limits of one session, that is of one sandbox. Times in seconds, sizes in bytes.

    wall: from the start to the end of the session; a request has its own deadline besides.
    cpu: of all threads together.
    memory: resident, by cgroup where the host allows it; None: 1 GB, with torch 3 GB.
    address_space: by setrlimit, where there is no cgroup; None: `memory` and a quarter GB; 0: none (CUDA needs that).
    processes: threads included.
    scratch, inodes: the writable tmpfs.
    reply: the largest reply accepted, and the largest array that is sent at all.
    """

    wall: float = 600.0
    cpu: float = 300.0
    memory: int | None = None
    address_space: int | None = None
    processes: int = 64
    file_size: int = 64 * MB
    open_files: int = 256
    scratch: int = 64 * MB
    inodes: int = 4096
    reply: int = 256 * MB

    def memory_for(self, torch: bool) -> int:
        return self.memory if self.memory is not None else (3072 if torch else 1024) * MB

    def address_space_for(self, torch: bool) -> int:
        return self.address_space if self.address_space is not None else self.memory_for(torch) + 256 * MB


class SandboxUnavailable(Exception):
    """No sandbox can be had here. The message says what is missing and how to get it. Never the student's fault."""


@dataclass(frozen=True)
class Ended:
    """How the sandboxed process ended, measured by the host.

    cpu_seconds and peak_memory (bytes) are None where the host cannot tell.
    """

    outcome: Outcome
    detail: str
    cpu_seconds: float | None = None
    peak_memory: int | None = None


class SandboxProcess(Protocol):
    """A running sandbox. The descriptors are raw, blocking or not as the session sets them, and closed by `close`."""

    requests: int
    replies: int
    output: int

    def kill(self) -> None:
        """Ends it and all its descendants. May be called at any time, more than once."""

    def wait(self, seconds: float | None = None) -> Ended | None:
        """Waits for the end; None when it still runs after `seconds`. The same answer each time after the end."""

    def close(self) -> None:
        """Kills what runs and removes everything: processes, cgroup, container, mounts, temporary folders."""


class Backend(Protocol):
    name: str

    def start(self, code: Path, limits: Limits, torch: bool) -> SandboxProcess:
        """Starts the runner with `code` at `PLACES.code`. Raises SandboxUnavailable."""


def classify(status: int) -> tuple[Outcome, str]:
    """Outcome and detail of an exit status as shells, bubblewrap and docker give it: 128 + n for signal n.

    The caller knows better where it measured better: a cgroup that ran out of memory, the CPU limit, its own kill.
    """
    if status == MEMORY_EXIT:
        return Outcome.MEMORY, "MemoryError that ended the process"
    if status <= 128:
        return Outcome.EXITED, f"exit code {status}"
    try:
        name = signal.Signals(status - 128).name
    except ValueError:
        return Outcome.EXITED, f"exit code {status}"
    if name == "SIGSYS":
        return Outcome.FORBIDDEN, "system call filter (SIGSYS)"
    if name == "SIGKILL":
        # Process 1 of a namespace cannot be killed from inside it: this came from the host, and we did not send it.
        return Outcome.OURS, "killed from outside (SIGKILL)"
    return Outcome.CRASH, name


def default_backend() -> Backend:
    """The backend named by GRADER_SANDBOX (bubblewrap or docker; bubblewrap if unset). Raises SandboxUnavailable.

    There is no fallback to running without one.
    """
    name = os.environ.get("GRADER_SANDBOX", "bubblewrap")
    if name == "bubblewrap":
        from worker.trusted.sandbox.bubblewrap import Bubblewrap

        return Bubblewrap()
    if name == "docker":
        from worker.trusted.sandbox.docker import Docker

        return Docker()
    raise SandboxUnavailable(f"GRADER_SANDBOX={name!r} is no sandbox; use 'bubblewrap' or 'docker'")
