"""`grader up` as a user starts it: real servers, API, worker and sandbox, in a data directory of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

GRADER = Path(sys.executable).parent / "grader"
pytestmark = pytest.mark.timeout(600)


class Up:
    """`grader up` on `data`, with output in a file."""

    def __init__(self, data: Path, port: int, *options: str, **environment: str) -> None:
        self.output = data.parent / f"up-{len(list(data.parent.glob('up-*')))}.log"
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
        own = {"GRADER_DATA_DIR": str(data), "GRADER_PORT": str(port), "GRADER_LEASE_SECONDS": "5"}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [GRADER, "up", *options], stdout=output, stderr=output, env=plain | own | environment, cwd=data.parent
            )
        self.url = f"http://127.0.0.1:{port}"

    def says(self, text: str) -> bool:
        assert self.process.poll() is None or text in self.output.read_text(), self.output.read_text()
        return text in self.output.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(90)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def up(server_folder, port, eventually):
    """`up(*options, wait="…", **environment)` starts a launcher and waits until it says so."""
    started = []

    def start(*options, wait="grader is up", **environment):
        one = Up(server_folder / "data", port, *options, **environment)
        started.append(one)
        eventually(lambda: one.says(wait), what=wait, seconds=240)
        return one

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end(signal.SIGTERM)


def gone(processes) -> bool:
    return not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def names(processes) -> str:
    return " ".join(" ".join(process.cmdline()) for process in processes)


def test_demo_hands_in_a_sample_and_a_second_start_goes_on_with_the_same_data(up, server_folder, eventually):
    first = up("--demo", wait="Open in a browser", GRADER_EXIT_AFTER_DEMO="1")
    assert first.process.wait(90) == 0, first.output.read_text()
    shown = first.output.read_text()
    score = re.search(r"cs231n_a2: ([\d.]+) of ([\d.]+) points", shown)
    assert 0 < float(score[1]) < float(score[2])
    assert "submission 1" in shown

    second = up("--demo", wait="Ctrl-C stops it")
    assert "submission 1\n" in second.output.read_text()
    assert score[0] in second.output.read_text()
    student = json.loads((server_folder / "data" / "demo.json").read_text())["student"]
    headers = {"Authorization": f"Bearer {student['token']}"}
    submission = httpx.get(f"{second.url}/api/v1/submissions/1", headers=headers).json()
    assert [attempt["state"] for attempt in submission["attempts"]] == ["graded"]

    _worker_is_replaced(second, headers, eventually)
    family = second.family()
    assert second.end(signal.SIGINT) == 0
    assert gone(family)


def _worker_is_replaced(launched: Up, headers, eventually) -> None:
    """Kill the worker with all its children right after a hand-in: the submission is graded all the same."""
    answer = httpx.post(
        f"{launched.url}/api/v1/assignments/cs231n-a2/submissions", headers=headers,
        files={"files": ("layers.py", b"def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, None\n")},
    )  # fmt: skip
    assert answer.status_code == 201
    workers = [process for process in launched.family() if "worker.celery_app" in " ".join(process.cmdline())]
    assert workers
    for process in workers:
        process.kill()
    where = f"{launched.url}{answer.headers['location']}"
    eventually(
        lambda: httpx.get(where, headers=headers).json()["state"] == "graded", what="the second grading", seconds=180
    )


def test_sigterm_stops_everything(up):
    launched = up()
    assert httpx.get(f"{launched.url}/healthz").json()["parts"]["database"]["ok"]
    family = launched.family()
    for part in ("postgres", "redis-server", "grader.cli serve", "worker.celery_app"):
        assert part in names(family)
    assert launched.end(signal.SIGTERM) == 0
    assert gone(family)
    assert "Traceback" not in launched.output.read_text()


def test_launcher_killed_takes_its_servers_along_and_can_start_again(up, eventually):
    launched = up()
    family = launched.family()
    launched.end(signal.SIGKILL)
    eventually(lambda: gone(family), what="the servers to end with their launcher")
    again = up()
    assert httpx.get(f"{again.url}/healthz").json()["parts"]["database"]["ok"]


def test_second_launcher_on_the_same_data_is_refused(up, server_folder, port):
    up()
    second = Up(server_folder / "data", port)
    assert second.process.wait(60) == 2
    assert "runs already" in second.output.read_text()


def test_taken_port_is_named(server_folder, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        launched = Up(server_folder / "data", port)
        assert launched.process.wait(60) == 2
    assert "GRADER_PORT" in launched.output.read_text()


@pytest.mark.parametrize("command", ["serve", "worker", "sweep"])
def test_parts_alone_need_addresses(command, tmp_path):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    done = subprocess.run(
        [GRADER, command], env=plain | {"GRADER_DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "GRADER_DATABASE_URL and GRADER_REDIS_URL" in done.stderr
