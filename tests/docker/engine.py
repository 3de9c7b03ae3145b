"""A container engine and images for tests, all made here. Fixtures; `tests/conftest.py` or a folder's own imports them.

An engine that answers is used as it is; otherwise one is started, with its files in a temporary folder, and stopped again.
Images have names of their own, so that nothing of an engine in use is replaced.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE_TAR = ROOT / "var" / "test-images" / "base.tar"
"""Kept between runs; made by base_image.sh in about a minute."""

BASE = "grader-test/base"
TOOLS = ("docker", "dockerd", "containerd", "runc", "debootstrap")
START_SECONDS = 60


class NoEngine(Exception):
    """Why there can be no container engine here."""


def command(*arguments: str | Path, timeout: float = 600, **options: object) -> str:
    """Runs it and returns what it prints; AssertionError with all that it said if it fails."""
    done = subprocess.run(
        [str(a) for a in arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        **options,
    )
    assert done.returncode == 0, f"{' '.join(map(str, arguments))}\n{done.stdout[-8000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[str]:
    """DOCKER_HOST of an engine that works, set in the environment too. The only thing here that may skip, loudly."""
    if _answers(os.environ.get("DOCKER_HOST", "")):
        yield os.environ.get("DOCKER_HOST", "")
        return
    folder = Path(tempfile.mkdtemp(prefix="engine-", dir="/tmp"))  # the socket's path must be short
    try:
        process = _start(folder)
    except NoEngine as error:
        shutil.rmtree(folder, ignore_errors=True)
        message = f"NO CONTAINER ENGINE: the docker sandbox is NOT tested on this machine: {error}"
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    host = f"unix://{folder}/engine.sock"
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = host
    try:
        yield host
    finally:
        os.environ.pop("DOCKER_HOST") if before is None else os.environ.update(DOCKER_HOST=before)
        process.terminate()  # stops its containers and its own containerd
        process.wait(60)
        _unmount(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(host: str) -> bool:
    if shutil.which("docker") is None:
        return False
    environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
    return subprocess.run(["docker", "info"], env=environment, capture_output=True, timeout=60).returncode == 0


def _start(folder: Path) -> subprocess.Popen:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise NoEngine(f"{', '.join(missing)} not found; install docker.io and debootstrap")
    if os.geteuid() != 0:
        raise NoEngine("starting one takes root")
    log = folder / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [
                "dockerd",
                f"--host=unix://{folder}/engine.sock",
                f"--data-root={folder}/data",
                f"--exec-root={folder}/exec",
                f"--pidfile={folder}/pid",
                f"--config-file={_configuration(folder)}",
            ],
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if (folder / "engine.sock").exists() and _answers(f"unix://{folder}/engine.sock"):
            return process
        time.sleep(0.2)
    if process.poll() is None:
        process.terminate()
        process.wait(60)
    raise NoEngine(f"dockerd did not start: {log.read_text()[-1500:]}")


def _unmount(folder: Path) -> None:
    """The engine leaves its namespace files mounted."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for mount in reversed([mount for mount in mounts if Path(mount).is_relative_to(folder)]):
        subprocess.run(["umount", "--lazy", mount], capture_output=True)


def _configuration(folder: Path) -> Path:
    """gVisor beside the usual runtime. A sandbox has no network, and gVisor refuses to share the host's."""
    runsc = shutil.which("runsc")
    runtimes = {"runsc": {"path": runsc, "runtimeArgs": ["--network=none"]}} if runsc else {}
    file = folder / "daemon.json"
    file.write_text(json.dumps({"runtimes": runtimes}))
    return file


@pytest.fixture(scope="session")
def base_image(docker_engine: str) -> str:
    """Debian's Python, PostgreSQL and Redis in one image."""
    if not BASE_TAR.exists():
        command(ROOT / "tests" / "docker" / "base_image.sh", BASE_TAR)
    # Importing gives a new id each time, with which an engine in use would build all that stands on it anew.
    if BASE not in command("docker", "image", "ls", "--format", "{{.Repository}}"):
        certificates = "ENV LANG=C.UTF-8 PIP_CERT=/etc/ssl/certs/ca-certificates.crt"
        command("docker", "import", "--change", certificates, BASE_TAR, BASE)
    return BASE


@pytest.fixture(scope="session")
def sandbox_image(base_image: str) -> Iterator[str]:
    """The NumPy image of the docker backend, built by its own script; named in GRADER_SANDBOX_IMAGE meanwhile."""
    setting = command(
        ROOT / "worker" / "image" / "build.sh",
        "--network=host",
        f"--build-arg=BASE={base_image}",
        env={**os.environ, "TARGETS": "numpy", "DOCKER_BUILDKIT": "0"},
    ).splitlines()[-1]
    name, _, image = setting.partition("=")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, image)
        yield image
