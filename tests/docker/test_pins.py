"""The images hold the versions that the service is tested with."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pins(path: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / path).read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def test_sandbox_images_and_service_agree() -> None:
    service = pins("requirements.lock")
    service["torch"] = re.search(r"^TORCH \?= torch==(\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    sandbox = pins("worker/image/requirements.txt") | pins("worker/image/requirements-torch.txt")
    assert {"numpy", "scipy", "torch"} <= sandbox.keys()
    assert sandbox == {name: service[name] for name in sandbox}


def test_the_service_image_pins_the_same_torch() -> None:
    pinned = pins("worker/image/requirements-torch.txt")["torch"]
    assert re.search(rf"^ARG TORCH={re.escape(pinned)}$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_what_the_service_image_leaves_out_is_pinned_at_all() -> None:
    names = re.search(r'LEFT_OUT="([^"]+)"', (ROOT / "Dockerfile").read_text())[1].split("|")
    assert set(names) <= pins("requirements.lock").keys()
