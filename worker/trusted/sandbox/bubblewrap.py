"""Sandboxes of bubblewrap: Linux namespaces, no image, started in a fraction of a second.

bubblewrap started by root is not a sandbox: the kernel's uid would still be 0. So root's jobs go through `LAUNCH`,
which prepares a stage in a mount namespace of its own, joins the job's control group and becomes a uid that nobody has
before it executes bubblewrap. Anybody else's jobs run bubblewrap directly.
"""

from __future__ import annotations

import os
import secrets
import select
import shutil
import signal
import subprocess
from pathlib import Path

from worker.trusted.sandbox import cgroup
from worker.trusted.sandbox.backend import (
    ARGUMENTS,
    ENVIRONMENT,
    PLACES,
    RUNNER_FOLDER,
    Ended,
    Limits,
    Outcome,
    SandboxUnavailable,
    classify,
)
from worker.trusted.sandbox.packages import (
    PREFIX,
    SYSTEM_LIBRARIES,
    Mount,
    hidden_folders,
    interpreter,
    package_mounts,
    python_mounts,
)
from worker.trusted.sandbox.seccomp import launch_filter

LAUNCH = """
set -e
stage=$1 uid=$2 scratch=$3 code=$4 entries=$5
shift 5
mount -t tmpfs -o mode=0755 grader "$stage"
mkdir "$stage/code" "$stage/scratch"
cp -R "$code/." "$stage/code"
chmod -R a+rX "$stage/code"
mount -t tmpfs -o "mode=0700,uid=$uid,gid=$uid,$scratch" grader "$stage/scratch"
number=0
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then mkdir "$stage/$number"; else : > "$stage/$number"; fi
    mount --rbind "$1" "$stage/$number"
    number=$((number + 1))
    shift
done
shift
for entry in $entries; do echo $$ > "$entry"; done
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
"""

STAGES = ("/mnt", "/media", "/srv", "/opt")
"""Folders that exist and that everybody may pass; the stage covers one, in the job's own mount namespace only."""

DEVICES = ("null", "zero", "full", "random", "urandom")
SLACK = 4
"""Processes of ours in the control group: the shell, bubblewrap."""


class Bubblewrap:
    """Raises SandboxUnavailable when bubblewrap is not installed."""

    name = "bubblewrap"

    def __init__(self) -> None:
        self.program = shutil.which("bwrap")
        if self.program is None:
            raise SandboxUnavailable("bubblewrap is not installed: `apt-get install bubblewrap`")
        cgroup.sweep()

    def start(self, code: Path, limits: Limits, torch: bool) -> BubblewrapProcess:
        mounts = [*python_mounts(), *package_mounts(torch), Mount(RUNNER_FOLDER, PLACES.runner)]
        group = cgroup.create(limits.memory_for(torch), limits.processes + SLACK)
        entries = [str(entry) for entry in group.entries] if group else []
        try:
            if os.geteuid() == 0:
                command = self._as_root(mounts, code.resolve(), limits, entries)
            else:
                scratch = ["--size", str(limits.scratch), "--tmpfs", PLACES.scratch]
                command = self._join(entries, self._bwrap([*mounts, Mount(code.resolve(), PLACES.code)], scratch))
            return BubblewrapProcess(command, group, limits)
        except BaseException:
            if group:
                group.remove()
            raise

    def _as_root(self, mounts: list[Mount], code: Path, limits: Limits, entries: list[str]) -> list[str]:
        for tool in ("unshare", "setpriv"):
            if shutil.which(tool) is None:
                raise SandboxUnavailable(f"{tool} is not installed: `apt-get install util-linux`")
        anchors = dict.fromkeys(anchor for mount in mounts if (anchor := _anchor(mount.source)))
        stage = _stage([*anchors, code])
        numbers = {anchor: number for number, anchor in enumerate(anchors)}
        staged = [_staged(mount, stage, numbers) for mount in mounts]
        staged.append(Mount(stage / "code", PLACES.code))
        scratch = f"size={limits.scratch},nr_inodes={limits.inodes}"
        # A uid of its own for each job: limits that count by uid do not meet, nor could signals.
        uid = 0x40000000 + secrets.randbelow(0x20000000)
        inner = self._bwrap(staged, ["--bind", str(stage / "scratch"), PLACES.scratch])
        launch = ["unshare", "--mount", "--propagation", "private", "sh", "-c", LAUNCH, "launch"]
        arguments = [str(stage), str(uid), scratch, str(code), " ".join(entries), *map(str, anchors), "--"]
        return [*launch, *arguments, *inner]

    def _join(self, entries: list[str], command: list[str]) -> list[str]:
        if not entries:
            return command
        script = 'for entry in $1; do echo $$ > "$entry"; done; shift; exec "$@"'
        return ["sh", "-c", script, "launch", " ".join(entries), *command]

    def _bwrap(self, mounts: list[Mount], scratch: list[str]) -> list[str]:
        namespaces = [f"--unshare-{name}" for name in ("user", "net", "pid", "ipc", "uts", "cgroup")]
        options = ["--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--cap-drop", "ALL"]
        command = [self.program, *namespaces, *options, "--uid", "1000", "--gid", "1000", "--hostname", "sandbox"]
        command += _system_libraries()
        for mount in mounts:
            command += ["--ro-bind", str(mount.source), mount.target]
        for folder in hidden_folders():
            command += ["--tmpfs", folder, "--remount-ro", folder]
        command += ["--size", "4096", "--tmpfs", "/dev"]
        for device in DEVICES:
            command += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
        command += ["--remount-ro", "/dev", *scratch, "--remount-ro", "/", "--chdir", PLACES.scratch]
        for name, value in {**ENVIRONMENT, "LD_LIBRARY_PATH": f"{PREFIX}/lib"}.items():
            command += ["--setenv", name, value]
        return [*command, "--seccomp", "{seccomp}", "--", interpreter(), *ARGUMENTS]


class BubblewrapProcess:
    """See `SandboxProcess`."""

    def __init__(self, command: list[str], group: cgroup.Cgroup | None, limits: Limits) -> None:
        self.group = group
        self.limits = limits
        self.ended: Ended | None = None
        rules, write = os.pipe()
        os.write(write, launch_filter())
        os.close(write)
        command = [str(rules) if part == "{seccomp}" else part for part in command]
        pipe = subprocess.PIPE
        try:
            self.process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, pass_fds=(rules,), env=_environment(), cwd="/"
            )
        except OSError as error:
            raise SandboxUnavailable(f"the sandbox could not be started: {error}") from error
        finally:
            os.close(rules)
        self.requests = self.process.stdin.fileno()
        self.replies = self.process.stdout.fileno()
        self.output = self.process.stderr.fileno()

    def kill(self) -> None:
        if self.ended is None:
            # Not `Popen.kill`, which would reap it. Process 1 of the sandbox goes with it, and with that all the others.
            os.kill(self.process.pid, signal.SIGKILL)
            if self.group:
                self.group.kill()

    def wait(self, seconds: float | None = None) -> Ended | None:
        if self.ended is None and self._over(seconds):
            _, status, usage = os.wait4(self.process.pid, 0)
            code = os.waitstatus_to_exitcode(status)
            self.process.returncode = code
            self.ended = self._measured(code if code >= 0 else 128 - code, usage.ru_utime + usage.ru_stime)
        return self.ended

    def close(self) -> None:
        self.kill()
        self.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        if self.group:
            self.group.remove()
            self.group = None

    def _over(self, seconds: float | None) -> bool:
        descriptor = os.pidfd_open(self.process.pid)
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            return bool(poll.poll(None if seconds is None else seconds * 1000))
        finally:
            os.close(descriptor)

    def _measured(self, status: int, cpu: float) -> Ended:
        outcome, detail = classify(status)
        peak = None
        if self.group:
            cpu = max(cpu, self.group.cpu_seconds() or 0.0)
            peak = self.group.peak_memory()
            if self.group.oom_killed():
                outcome, detail = Outcome.MEMORY, "out of memory (cgroup)"
        if outcome is Outcome.OURS and cpu >= self.limits.cpu * 0.7:  # the kernel measures in ticks
            outcome, detail = Outcome.TIMEOUT, f"CPU limit of {self.limits.cpu:g} s"
        return Ended(outcome, detail, cpu, peak)


def _environment() -> dict[str, str]:
    """For the launcher's own tools; nothing of it enters the sandbox."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}


def _system_libraries() -> list[str]:
    """Binds of the shared libraries; under Debian's layout of those for this machine only, not of all in /usr/lib."""
    options = []
    for folder in SYSTEM_LIBRARIES:
        if os.path.islink(folder):
            options += ["--symlink", os.readlink(folder).lstrip("/"), folder]
        elif os.path.isdir(folder):
            for source in sorted(Path(folder).glob("*-linux-gnu")) or [folder]:
                options += ["--ro-bind", str(source), str(source)]
    return options


def _passable(path: Path) -> bool:
    return path.stat().st_mode & 0o001 != 0


def _anchor(source: Path) -> Path | None:
    """The highest folder below which everybody may pass down to `source`; None when everybody may from the root."""
    readable = 0o005 if source.is_dir() else 0o004
    if source.stat().st_mode & readable != readable:
        raise SandboxUnavailable(f"{source} must be readable for everybody: `chmod -R a+rX {source}`")
    anchor = source
    while anchor != anchor.parent and _passable(anchor.parent):
        anchor = anchor.parent
    return None if anchor == anchor.parent else anchor


def _stage(sources: list[Path]) -> Path:
    for name in STAGES:
        stage = Path(name)
        usable = stage.is_dir() and not stage.is_symlink() and _passable(stage)
        if usable and not any(source.is_relative_to(stage) for source in sources):
            return stage
    raise SandboxUnavailable(f"one of {', '.join(STAGES)} must exist and hold neither Python nor the submissions")


def _staged(mount: Mount, stage: Path, numbers: dict[Path, int]) -> Mount:
    anchor = _anchor(mount.source)
    if anchor is None:
        if mount.source.is_relative_to(stage):
            raise SandboxUnavailable(f"{mount.source} lies below {stage}, which the sandbox needs as its stage")
        return mount
    return Mount(stage / str(numbers[anchor]) / mount.source.relative_to(anchor), mount.target)
