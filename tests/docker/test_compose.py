"""docker-compose.yml, brought up for real: its own service image, stand-ins for the two servers, one graded submission."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).with_name("stand_ins")
PROJECT = "grader-test"

PLAY = """
from grader.demo import play
from grader.settings import get_settings
result = play(get_settings())
print('RESULT', result.model_dump_json())
"""

Compose = Callable[..., str]


def compose_command() -> list[str]:
    """The client's plugin or Debian's `docker-compose`."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    assert shutil.which("docker-compose"), "install docker-compose, or the compose plugin of docker"
    return ["docker-compose"]


def build(folder: Path, tag: str, target: str, **arguments: str) -> str:
    options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    command = ["docker", "build", "--network=host", "--target", target, "--tag", tag, *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"DOCKER_BUILDKIT": "0"})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return tag


@pytest.fixture(scope="module")
def images(base_image: str) -> dict[str, str]:
    return {
        "GRADER_IMAGE": build(ROOT, "grader-test/service", "service", BASE=base_image, TORCH=""),
        "GRADER_POSTGRES_IMAGE": build(STAND_INS, "grader-test/postgres", "postgres", BASE=base_image),
        "GRADER_REDIS_IMAGE": build(STAND_INS, "grader-test/redis", "redis", BASE=base_image),
    }


@pytest.fixture(scope="module")
def environment(images: dict[str, str]) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    made = {"GRADER_SECRET_KEY": secrets.token_urlsafe(48), "GRADER_DATABASE_PASSWORD": secrets.token_hex(16)}
    return os.environ | images | made | {"GRADER_PORT": port, "COMPOSE_PROJECT_NAME": PROJECT}


@pytest.fixture(scope="module")
def compose(environment: dict[str, str]) -> Compose:
    def run(*arguments: str, stdin: str = "") -> str:
        command = [*compose_command(), "--file", str(ROOT / "docker-compose.yml"), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, timeout=600)
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}\n{logs()}"
        return done.stdout

    def logs() -> str:
        command = [*compose_command(), "--file", str(ROOT / "docker-compose.yml"), "logs", "--tail=40"]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60).stdout[-8000:]

    return run


@pytest.fixture(scope="module")
def stack(compose: Compose) -> Iterator[Compose]:
    try:
        compose("up", "--detach", "--no-build")
        yield compose
    finally:
        compose("down", "--volumes", "--remove-orphans")


def test_services_and_profile(compose: Compose) -> None:
    services = YAML(typ="safe").load(compose("--profile", "gpu", "config"))["services"]
    usual = {name: service for name, service in services.items() if "profiles" not in service}
    assert {"api", "worker", "worker-long", "postgres", "redis"} <= usual.keys()
    queues = [service.get("environment", {}).get("GRADER_WORKER_QUEUES") for service in services.values()]
    assert {"interactive", "bulk", "gpu"} == {one for some in queues if some for one in some.split(",")}
    assert services["worker-gpu"]["profiles"] == ["gpu"]
    assert services["worker-gpu"]["environment"]["GRADER_WORKER_QUEUES"] == "gpu"
    for service in usual.values():
        assert "docker.sock" not in json.dumps(service), "an engine's socket is for the GPU profile only"


def test_secrets_must_be_given(environment: dict[str, str]) -> None:
    for name in ("GRADER_SECRET_KEY", "GRADER_DATABASE_PASSWORD"):
        without = {key: value for key, value in environment.items() if key != name}
        command = [*compose_command(), "--file", str(ROOT / "docker-compose.yml"), "config"]
        done = subprocess.run(command, capture_output=True, text=True, env=without)
        assert done.returncode != 0
        assert name in done.stderr


def test_the_api_is_well(stack: Compose, environment: dict[str, str]) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{environment['GRADER_PORT']}/healthz", timeout=30) as answer:
        assert answer.status == 200


def test_a_submission_is_graded(stack: Compose) -> None:
    said = stack("exec", "-T", "api", "python", "-", stdin=PLAY)
    result = json.loads(next(line for line in said.splitlines() if line.startswith("RESULT ")).removeprefix("RESULT "))
    checks = [check for question in result["questions"] for check in question["checks"]]
    assert checks
    assert {check["status"] for check in checks} & {"pass", "fail"}
    assert "ours" not in {check["status"] for check in checks}


def test_only_the_api_can_be_reached_and_reach_out(stack: Compose) -> None:
    def inspected(kind: str, what: str, field: str) -> str:
        return subprocess.check_output(["docker", kind, "inspect", "--format", field, what], text=True).strip()

    for service in ("worker", "postgres", "redis", "api"):
        container = stack("ps", "-q", service).strip()
        networks = json.loads(inspected("container", container, "{{json .NetworkSettings.Networks}}"))
        ports = json.loads(inspected("container", container, "{{json .HostConfig.PortBindings}}"))
        internal = {inspected("network", network, "{{.Internal}}") for network in networks}
        assert internal == ({"true", "false"} if service == "api" else {"true"})
        assert bool(ports) == (service == "api")


def test_the_service_is_not_root_and_cannot_change_itself(stack: Compose) -> None:
    for service in ("api", "worker"):
        status = stack("exec", "-T", service, "cat", "/proc/self/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines())
        assert fields["Uid"].split()[0] == "10001"
        assert int(fields["CapBnd"], 16) == 0
        assert fields["NoNewPrivs"] == "1"
        with pytest.raises(AssertionError, match="Read-only file system"):
            stack("exec", "-T", service, "touch", "/srv/grader/x")
