"""A control group per job: memory and processes limited, memory and CPU measured, on cgroup v1 and v2.

Where none can be made (no root, nothing delegated) the job runs with the runner's own `setrlimit` alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import time
from dataclasses import dataclass
from pathlib import Path

CONTROLLERS = ("memory", "pids", "cpuacct")
ABANDONED_SECONDS = 600


@dataclass(frozen=True)
class Cgroup:
    """folders: by controller; under v2 all the same one."""

    folders: dict[str, Path]
    version: int

    @property
    def entries(self) -> list[Path]:
        """A process joins by writing its pid into each of these."""
        return sorted({folder / "cgroup.procs" for folder in self.folders.values()})

    def oom_killed(self) -> bool:
        file = "memory.events" if self.version == 2 else "memory.oom_control"
        found = re.search(r"^oom_kill (\d+)", _read(self.folders["memory"] / file), re.MULTILINE)
        return found is not None and int(found[1]) > 0

    def peak_memory(self) -> int | None:
        file = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        text = _read(self.folders["memory"] / file)
        return int(text) if text.strip().isdigit() else None

    def cpu_seconds(self) -> float | None:
        if self.version == 2:
            found = re.search(r"^usage_usec (\d+)", _read(self.folders["memory"] / "cpu.stat"), re.MULTILINE)
            return int(found[1]) / 1e6 if found else None
        text = _read(self.folders["cpuacct"] / "cpuacct.usage") if "cpuacct" in self.folders else ""
        return int(text) / 1e9 if text.strip().isdigit() else None

    def kill(self) -> None:
        for entry in self.entries:
            for pid in _read(entry).split():
                _kill(int(pid))

    def remove(self) -> None:
        """Kills what is still in it. The kernel needs a moment until an empty group can be removed."""
        for folder in set(self.folders.values()):
            for _ in range(500):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    self.kill()
                    time.sleep(0.01)
                else:
                    break


def create(memory: int, processes: int) -> Cgroup | None:
    """A new group with these limits (bytes, threads included), or None where the host allows none."""
    name = f"grader-{os.getpid()}-{secrets.token_hex(4)}"
    return _create_v1(name, memory, processes) or _create_v2(name, memory, processes)


def sweep() -> None:
    """Removes groups that a killed worker left: empty (the kernel removes no others) and older than ten minutes."""
    for base in {base for controller in (*CONTROLLERS, "") for base in _bases(controller)}:
        for folder in base.glob("grader-*"):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > ABANDONED_SECONDS:
                    folder.rmdir()


def _create_v1(name: str, memory: int, processes: int) -> Cgroup | None:
    folders = {}
    for controller in CONTROLLERS:
        for base in _bases(controller):
            folder = base / name
            try:
                folder.mkdir()
            except OSError:
                continue
            folders[controller] = folder
            break
    group = Cgroup(folders, 1)
    if "memory" not in folders or "pids" not in folders:
        group.remove()
        return None
    _write(folders["memory"] / "memory.limit_in_bytes", memory)
    _write(folders["memory"] / "memory.memsw.limit_in_bytes", memory)
    _write(folders["pids"] / "pids.max", processes)
    return group


def _create_v2(name: str, memory: int, processes: int) -> Cgroup | None:
    for base in _bases(""):
        folder = base / name
        try:
            folder.mkdir()
        except OSError:
            continue
        group = Cgroup(dict.fromkeys(CONTROLLERS, folder), 2)
        if (folder / "memory.max").exists() and (folder / "pids.max").exists():
            _write(folder / "memory.max", memory)
            _write(folder / "memory.swap.max", 0)
            _write(folder / "pids.max", processes)
            return group
        group.remove()
    return None


def _bases(controller: str) -> list[Path]:
    """Where a group of this controller ("" for v2) could be made: below our own, else at the root of the mount."""
    mount = _mount(controller)
    if mount is None:
        return []
    line = rf"^\d+:(?:[^:]*,)?{controller}(?:,[^:]*)?:(/.*)$"
    own = re.search(line, _read(Path("/proc/self/cgroup")), re.MULTILINE)
    places = [mount / own[1].strip("/")] if own else []
    return [place for place in dict.fromkeys([*places, mount]) if os.access(place, os.W_OK)]


def _mount(controller: str) -> Path | None:
    for line in _read(Path("/proc/self/mountinfo")).splitlines():
        fields, _, tail = line.partition(" - ")
        kind, _, options = tail.split(" ", 2)
        if (controller == "" and kind == "cgroup2") or (kind == "cgroup" and controller in options.split(",")):
            return Path(fields.split()[4])
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _write(path: Path, value: int) -> None:
    if path.exists():  # swap accounting is not on everywhere
        path.write_text(str(value))


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
