"""The docker backend with small programs in the runner's place: what it walls off, and how it tells endings apart."""

from __future__ import annotations

import os
import subprocess
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from grader.core.calls import Call
from grader.core.observation import Outcome
from worker.trusted.sandbox import docker
from worker.trusted.sandbox.backend import MB, MEMORY_EXIT, Ended, Limits, SandboxUnavailable
from worker.trusted.session import open_session

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


@pytest.fixture
def backend(sandbox_image: str) -> docker.Docker:
    return docker.Docker(image=sandbox_image)


@pytest.fixture
def run(backend: docker.Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a program in the runner's place; returns what it wrote to descriptors 1 and 2, and how it ended."""

    def run(program: str, sent: bytes = b"", limits: Limits | None = None) -> tuple[str, str, Ended]:
        process = start(program, limits)
        try:
            os.write(process.requests, sent)
            process._client.stdin.close()
            replies, output = _drain(process.replies), _drain(process.output)
            return replies, output, process.wait(60)
        finally:
            process.close()

    def start(program: str, limits: Limits | None = None) -> docker.DockerProcess:
        runner = tmp_path / "runner"
        runner.mkdir(exist_ok=True)
        (runner / "runner.py").write_text(textwrap.dedent(program))
        monkeypatch.setattr(docker, "RUNNER_FOLDER", runner)
        code = tmp_path / "code"
        code.mkdir(mode=0o700, exist_ok=True)  # as tempfile makes them
        (code / "answer.txt").write_text("42")
        return backend.start(code, limits or Limits(), torch=False)

    run.start = start
    return run


def _drain(descriptor: int) -> str:
    parts = []
    while part := os.read(descriptor, 65536):
        parts.append(part)
    return b"".join(parts).decode()


def test_frames_cross_and_the_code_is_there(run) -> None:
    program = "import sys; print(sys.stdin.read()[::-1], open('/code/answer.txt').read(), flush=True)"
    replies, output, ended = run(program, b"olleh")
    assert (replies, output) == ("hello 42\n", "")
    assert (ended.outcome, ended.detail) == (Outcome.EXITED, "exit code 0")


@pytest.mark.parametrize(
    ("program", "outcome", "detail"),
    [
        ("import os; os._exit(7)", Outcome.EXITED, "exit code 7"),
        ("import os; os._exit(125)", Outcome.EXITED, "exit code 125"),
        (f"import os; os._exit({MEMORY_EXIT})", Outcome.MEMORY, "MemoryError"),
        ("import ctypes; ctypes.string_at(0)", Outcome.CRASH, "SIGSEGV"),
        ("import os; os.abort()", Outcome.CRASH, "SIGSEGV"),  # process 1 is deaf to SIGABRT: libc then faults
        ("x = bytearray(900 << 20)", Outcome.MEMORY, "cgroup"),
        ("while True: pass", Outcome.TIMEOUT, "processor time"),
    ],
)
def test_endings(run, program: str, outcome: Outcome, detail: str) -> None:
    ended = run(program, limits=Limits(memory=256 * MB, cpu=2))[2]
    assert ended.outcome is outcome, ended
    assert detail in ended.detail


def test_the_host_kills_what_sleeps_and_nothing_is_left(run) -> None:
    process = run.start("import time; print('up', flush=True); time.sleep(600)")
    os.read(process.replies, 3)
    assert process.wait(0.2) is None
    process.kill()
    process.kill()
    assert process.wait(30).outcome is Outcome.OURS
    assert process.wait(30) is process.wait(0)
    staging = process._staging
    process.close()
    assert process.container not in _containers()
    assert not staging.exists()


def test_a_flood_that_nobody_reads_does_not_delay_the_end(run) -> None:
    process = run.start("import os\nwhile True: os.write(1, bytes(65536)); os.write(2, bytes(65536))")
    os.read(process.replies, 1)
    process.close()
    assert process.container not in _containers()


def test_the_wall(run) -> None:
    replies = run(
        """
        import os, socket
        def tries(what):
            try:
                return what() or 'done'
            except OSError as error:
                return error.strerror
        status = dict(line.split(':', 1) for line in open('/proc/self/status'))
        print(os.getpid(), os.getuid() >= 200000, {*os.getgroups()} - {os.getgid()}, os.getcwd())
        print(*(status[name].strip() for name in ('CapEff', 'CapBnd', 'NoNewPrivs')))
        print(tries(lambda: socket.create_connection(('127.0.0.1', 22), 1)))
        print(tries(lambda: open('/code/x', 'w')), tries(lambda: open('/runner/x', 'w')))
        print(tries(lambda: open('/x', 'w')), tries(lambda: open('/dev/shm/x', 'w')))
        print(tries(lambda: open('/proc/sys/kernel/core_pattern', 'w')))
        print(os.listdir('/sys/class/net'))
        print(tries(lambda: [os.mkdir(f'/tmp/{i}') for i in range(5000)]))
        """
    )[0]
    assert replies.splitlines() == [
        "1 True set() /tmp",
        "0000000000000000 0000000000000000 1",
        "Connection refused",
        "Read-only file system Read-only file system",
        "Read-only file system No such file or directory",
        "Read-only file system",
        "['lo']",
        "No space left on device",
    ]


def test_processes_are_limited(run) -> None:
    program = """
        import os, time
        made = 0
        try:
            while made < 500:
                if os.fork() == 0:
                    time.sleep(60)
                made += 1
        except OSError:
            pass
        print(made, flush=True)
        os._exit(0)
        """
    replies, _, ended = run(program, limits=Limits(processes=20))
    assert 1 <= int(replies) < 20
    assert ended.outcome is Outcome.EXITED


def test_what_was_used_is_measured(run) -> None:
    ended = run("import time; x = b'1' * (64 << 20); time.sleep(1.5)")[2]
    assert ended.peak_memory > 64 * MB
    assert 0 < ended.cpu_seconds < 60


def test_no_image(docker_engine: str, tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match=r"worker/image/build\.sh"):
        docker.Docker(image="grader-test/nothing").start(tmp_path, Limits(), torch=False)


def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/engine.sock")
    with pytest.raises(SandboxUnavailable):
        docker.Docker()


def test_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable, match=r"install docker\.io"):
        docker.Docker()


def test_a_runtime_that_is_not_there(sandbox_image: str, tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="nosuch"):
        docker.Docker(image=sandbox_image, runtime="nosuch").start(tmp_path, Limits(), torch=False)


def test_a_session_in_gvisor(sandbox_image: str, tmp_path: Path) -> None:
    if "runsc" not in subprocess.check_output(["docker", "info", "--format", "{{json .Runtimes}}"], text=True):
        pytest.skip("THE ENGINE THAT RUNS HERE KNOWS NO runsc: gVisor is NOT tested")
    functions = ["def double(x): return 2 * x", "def kernel(): return open('/proc/version').read()"]
    (tmp_path / "layers.py").write_text("\n".join(functions))
    backend = docker.Docker(image=sandbox_image, runtime="runsc")
    with open_session(backend, tmp_path) as session:
        doubled = session.send(Call("layers.double", (np.arange(3.0),)))
        kernel = session.send(Call("layers.kernel"))
    assert doubled.outcome is Outcome.OK, doubled
    np.testing.assert_array_equal(doubled.values[0], [0.0, 2.0, 4.0])
    assert kernel.values[0] != Path("/proc/version").read_text()


def test_gpus_are_asked_for_only_with_torch(sandbox_image: str) -> None:
    backend = docker.Docker(image=sandbox_image, torch_image=sandbox_image, gpus="all")
    assert "--gpus=all" in backend._options({}, Limits(), torch=True)
    assert "--gpus=all" not in backend._options({}, Limits(), torch=False)


def test_containers_of_a_killed_worker_are_removed(sandbox_image: str) -> None:
    def create(expires: float) -> str:
        label = f"--label={docker.LABEL}={int(expires)}"
        return subprocess.check_output(["docker", "create", label, sandbox_image, "true"], text=True).strip()

    old, young = create(time.time() - 5), create(time.time() + 600)
    try:
        docker.remove_expired()
        assert old not in _containers()
        assert young in _containers()
    finally:
        subprocess.run(["docker", "rm", "-f", young], capture_output=True)


def _containers() -> list[str]:
    return subprocess.check_output(["docker", "ps", "--all", "--quiet", "--no-trunc"], text=True).split()
