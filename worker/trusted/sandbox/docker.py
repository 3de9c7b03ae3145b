"""The `docker` backend: one container per session, thrown away after it. Images: `worker/image/`.

Settings, from the environment:
    GRADER_SANDBOX_IMAGE        for NumPy exercises: an id (sha256:…) or name@sha256:…; a tag is resolved to an id once
    GRADER_SANDBOX_TORCH_IMAGE  for exercises that ask for torch
    GRADER_SANDBOX_RUNTIME      `runc` (the engine's default) or gVisor's `runsc`
    GRADER_SANDBOX_GPUS         what to give to torch exercises, as `docker run --gpus` reads it ("all", "device=0")
    GRADER_SANDBOX_CPUS         processors of one session, 1 if unset
    GRADER_SANDBOX_STAGING      a folder that the engine sees at the same path, for a worker that is in a container itself

Whoever may talk to an engine is what the engine is, mostly root: docs/decisions/0010-sandbox-in-compose.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from functools import cached_property
from pathlib import Path

from grader.core.observation import Outcome
from worker.trusted.sandbox.backend import (
    ARGUMENTS,
    ENVIRONMENT,
    PLACES,
    RUNNER_FOLDER,
    Ended,
    Limits,
    SandboxUnavailable,
    classify,
)

LABEL = "grader.expires"
"""On every container: the Unix time after which nobody can be using it any more."""

FIRST_UID, UIDS = 200_000, 1_000_000_000
"""Each session has a uid of its own: what the kernel counts per user is then counted per session."""

PATIENCE = 60.0
"""Seconds that the engine has for one answer."""

SAMPLE_SECONDS = 0.2


class Docker:
    """Raises SandboxUnavailable when there is no client, no engine or no image."""

    name = "docker"

    def __init__(
        self,
        image: str | None = None,
        torch_image: str | None = None,
        runtime: str | None = None,
        gpus: str | None = None,
        cpus: str | None = None,
    ) -> None:
        setting = os.environ.get
        self._numpy_name = image or setting("GRADER_SANDBOX_IMAGE") or "grader-sandbox:numpy"
        self._torch_name = torch_image or setting("GRADER_SANDBOX_TORCH_IMAGE") or "grader-sandbox:torch"
        self.runtime = runtime or setting("GRADER_SANDBOX_RUNTIME", "")
        self.gpus = gpus or setting("GRADER_SANDBOX_GPUS", "")
        self.cpus = cpus or setting("GRADER_SANDBOX_CPUS", "") or "1"
        self.staging = setting("GRADER_SANDBOX_STAGING", "")
        if shutil.which("docker") is None:
            raise SandboxUnavailable("no `docker` command: install docker.io, or set GRADER_SANDBOX=bubblewrap")
        remove_expired()

    @cached_property
    def numpy_image(self) -> str:
        return image_id(self._numpy_name)

    @cached_property
    def torch_image(self) -> str:
        return image_id(self._torch_name)

    def start(self, code: Path, limits: Limits, torch: bool) -> DockerProcess:
        staging = Path(tempfile.mkdtemp(prefix="grader-docker-", dir=self.staging or None))
        try:
            folders = {PLACES.runner: RUNNER_FOLDER, PLACES.code: code}
            mounts = {place: self._seen(folder, staging / place.strip("/")) for place, folder in folders.items()}
            container = _docker("create", *self._options(mounts, limits, torch)).strip()
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        return DockerProcess(container, staging, limits, memory=limits.memory_for(torch), cpus=float(self.cpus))

    def _seen(self, folder: Path, copy: Path) -> Path:
        """`folder` itself if the engine sees it and everybody may read it, as the session's uid must; else a copy."""
        if not self.staging and all(_open_to_all(entry) for entry in [folder, *folder.rglob("*")]):
            return folder.resolve()
        shutil.copytree(folder, copy, symlinks=True)
        for entry in [copy, *copy.rglob("*")]:
            if not entry.is_symlink():
                entry.chmod(0o755 if entry.is_dir() else 0o644)
        return copy

    def _options(self, mounts: dict[str, Path], limits: Limits, torch: bool) -> list[str]:
        uid = FIRST_UID + secrets.randbelow(UIDS)
        memory = limits.memory_for(torch)
        options = {
            "label": f"{LABEL}={int(time.time() + limits.wall + PATIENCE)}",
            "pull": "never",
            "log-driver": "none",  # the default keeps all that is printed on the host's disk
            "network": "none",
            "ipc": "none",  # no /dev/shm
            "cgroupns": "private",
            "hostname": "sandbox",
            "user": f"{uid}:{uid}",
            "cap-drop": "ALL",
            "security-opt": "no-new-privileges",
            "memory": memory,
            "memory-swap": memory,
            "oom-score-adj": 500,
            "pids-limit": limits.processes,
            "cpus": self.cpus,
            "workdir": PLACES.scratch,
            "entrypoint": "python3",
            # cgroup v1 engines ignore the owner unless it is given.
            "tmpfs": f"{PLACES.scratch}:rw,nosuid,nodev,noexec,size={limits.scratch},nr_inodes={limits.inodes},"
            f"uid={uid},gid={uid},mode=700",
        }
        if self.runtime:
            options["runtime"] = self.runtime
        if torch and self.gpus:
            options["gpus"] = self.gpus
        ulimits = {"core": 0, "nofile": limits.open_files, "fsize": limits.file_size, "cpu": int(limits.cpu) or 1}
        return [
            "--interactive",
            "--read-only",
            *(f"--{name}={value}" for name, value in options.items()),
            *(f"--ulimit={name}={value}" for name, value in ulimits.items()),
            *(f"--env={name}={value}" for name, value in ENVIRONMENT.items()),
            *(f"--mount=type=bind,readonly,source={source},target={target}" for target, source in mounts.items()),
            self.torch_image if torch else self.numpy_image,
            *ARGUMENTS,
        ]


class DockerProcess:
    """A container with a client attached, which carries the three pipes."""

    def __init__(self, container: str, staging: Path, limits: Limits, memory: int, cpus: float) -> None:
        self.container = container
        self._staging = staging
        self._limits = limits
        self._memory = memory
        self._cpus = cpus
        self._lock = threading.RLock()
        self._killed = False
        self._ended: Ended | None = None
        pipe = subprocess.PIPE
        self._client = subprocess.Popen(
            ["docker", "start", "--attach", "--interactive", container],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            bufsize=0,
            start_new_session=True,  # Ctrl-C on the terminal is for us, not for the container
        )
        self.requests, self.replies, self.output = (stream.fileno() for stream in self._streams())
        self._usage = _Usage(container)
        threading.Thread(target=self._sample, daemon=True, name=f"usage-{container[:12]}").start()

    def _streams(self) -> tuple:
        return self._client.stdin, self._client.stdout, self._client.stderr

    def _sample(self) -> None:
        while self._client.poll() is None:
            self._usage.read()
            time.sleep(SAMPLE_SECONDS)

    def kill(self) -> None:
        with self._lock:
            if self._killed or self._ended:
                return
            self._usage.read()
            self._killed = True
            # The client first: the engine waits for an attached client that nobody reads from, for minutes.
            self._client.kill()
            self._client.wait()
            # "is not running" is as good.
            _quietly("kill", self.container)

    def wait(self, seconds: float | None = None) -> Ended | None:
        try:
            self._client.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        with self._lock:
            self._ended = self._ended or self._measure()
            return self._ended

    def close(self) -> None:
        self.kill()
        with self._lock:
            for stream in self._streams():
                with contextlib.suppress(OSError):
                    stream.close()
            _quietly("rm", "--force", "--volumes", self.container)
            shutil.rmtree(self._staging, ignore_errors=True)

    def _measure(self) -> Ended:
        outcome, detail = self._outcome()
        return Ended(outcome, detail, self._usage.cpu_seconds, self._usage.peak_memory)

    def _outcome(self) -> tuple[Outcome, str]:
        try:
            state = json.loads(_docker("inspect", "--format", "{{json .State}}", self.container))
        except SandboxUnavailable as error:
            return Outcome.OURS, str(error)
        if state["OOMKilled"]:
            return Outcome.MEMORY, "out of memory (cgroup)"
        if self._killed:
            return Outcome.OURS, "killed by the host"
        if state["Status"] != "exited" or state["Error"]:
            return Outcome.OURS, f"the container did not run: {state['Error'] or state['Status']}"
        return self._judged(state["ExitCode"])

    def _judged(self, status: int) -> tuple[Outcome, str]:
        """A SIGKILL says nothing of its reason: what was used says it."""
        if status == 128 + signal.SIGKILL:
            unseen = SAMPLE_SECONDS * self._cpus
            if (self._usage.cpu_seconds or 0.0) + 2 * unseen >= self._limits.cpu:
                return Outcome.TIMEOUT, f"processor time limit of {self._limits.cpu:g} s"
            if (self._usage.peak_memory or 0) >= self._memory:
                return Outcome.MEMORY, "killed at the memory limit (cgroup)"
        return classify(status)


class _Usage:
    """What a container has used, read from its cgroup while that exists. None where the host does not show it."""

    def __init__(self, container: str) -> None:
        root = Path("/sys/fs/cgroup")
        self._unified = [root / f"system.slice/docker-{container}.scope", root / "docker" / container]
        self._cpu = root / "cpuacct/docker" / container / "cpuacct.usage"
        self._memory = root / "memory/docker" / container / "memory.max_usage_in_bytes"
        self.cpu_seconds: float | None = None
        self.peak_memory: int | None = None

    def read(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # version 1
            self.cpu_seconds = int(self._cpu.read_text()) / 1e9
            self.peak_memory = int(self._memory.read_text())
        for folder in self._unified:
            with contextlib.suppress(OSError, ValueError):  # version 2
                self.cpu_seconds = int((folder / "cpu.stat").read_text().split()[1]) / 1e6
                self.peak_memory = int((folder / "memory.peak").read_text())


def image_id(name: str) -> str:
    """The id of an image that is here; images are never pulled while grading. Raises SandboxUnavailable."""
    try:
        return _docker("image", "inspect", "--format", "{{.Id}}", name).strip()
    except SandboxUnavailable as error:
        raise SandboxUnavailable(
            f"the sandbox image {name!r} is not to be had ({error}): build it with worker/image/build.sh, or "
            "name another in GRADER_SANDBOX_IMAGE or GRADER_SANDBOX_TORCH_IMAGE"
        ) from error


def remove_expired() -> None:
    """Removes containers that a killed worker has left behind. Raises SandboxUnavailable when no engine answers."""
    listed = _docker("ps", "--all", "--filter", f"label={LABEL}", "--format", f'{{{{.ID}}}} {{{{.Label "{LABEL}"}}}}')
    for container, expires in (line.split() for line in listed.splitlines()):
        if int(expires) < time.time():
            _quietly("rm", "--force", "--volumes", container)


def _open_to_all(entry: Path) -> bool:
    needed = 0o005 if entry.is_dir() else 0o004
    return entry.is_symlink() or entry.stat().st_mode & needed == needed


def _docker(*arguments: str) -> str:
    """What the client prints. Raises SandboxUnavailable with what it complains of."""
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(f"docker {arguments[0]}: {error}") from error
    if done.returncode != 0:
        raise SandboxUnavailable(f"docker {arguments[0]}: {done.stderr.strip() or f'exit code {done.returncode}'}")
    return done.stdout


def _quietly(*arguments: str) -> None:
    with contextlib.suppress(SandboxUnavailable):
        _docker(*arguments)
