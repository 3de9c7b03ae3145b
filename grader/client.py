"""`grader submit`: hands in over REST and, if asked, waits for the result. Made for CI jobs: it says what happens and retries
what a network does, but never hands in twice."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

POLL_SECONDS = 1.0
WAIT_SECONDS = 3600.0
FINAL = ("graded", "failed")


class Refused(Exception):
    """The service refuses what was handed in, or who hands it in; trying again changes nothing."""


class ServiceFailed(Exception):
    """The service cannot be reached, or failed to grade."""


def hand_in(
    path: Path, assignment: str, server: str, token: str, wait: bool, say: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """{"submission": …} and, with `wait`, {"result": …} as the API gives them. Raises Refused or ServiceFailed."""
    if not path.exists():
        raise Refused(f"{path} does not exist")
    if not token:
        raise Refused("no access token: make one on the service's page and give it as --token or GRADER_TOKEN")
    name, content = packed(path)
    transport = httpx.HTTPTransport(retries=3)
    headers = {"Authorization": f"Bearer {token}"}
    base = f"{server.rstrip('/')}/api/v1"
    with httpx.Client(base_url=base, headers=headers, transport=transport, timeout=60.0) as client:
        answer = _ask(client, "POST", f"/assignments/{assignment}/submissions", files={"files": (name, content)})
        submission = _resolved(client, answer, say)
        state = "handed in" if answer.status_code == 201 else "was handed in before"
        say(f"{name} {state}: submission {submission['id']}")
        if not wait:
            return {"submission": submission}
        submission = _graded(client, submission, say)
        return {
            "submission": submission,
            "result": _ask(client, "GET", f"/submissions/{submission['id']}/result").json(),
        }


def packed(path: Path) -> tuple[str, bytes]:
    """A file as it is; a folder as a zip of its files, hidden ones and caches left out."""
    if path.is_file():
        return path.name, path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
            if file.is_file() and not file.is_symlink() and not hidden:
                archive.write(file, inside.as_posix())
    return f"{path.resolve().name}.zip", buffer.getvalue()


def _resolved(client: httpx.Client, answer: httpx.Response, say: Callable[[str], None]) -> dict[str, Any]:
    """The submission; an upload that was only kept (the database is away) is waited for."""
    document = answer.json()
    if answer.status_code != 202:
        return document
    say("the upload is kept; the service's database is away, waiting")
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        receipt = _ask(client, "GET", f"/receipts/{document['receipt']}").json()
        if receipt["state"] == "refused":
            raise Refused(receipt["error"])
        if receipt["submission"] is not None:
            return _ask(client, "GET", f"/submissions/{receipt['submission']}").json()
    raise ServiceFailed("the upload is kept, but the service did not take it in within an hour")


def _graded(client: httpx.Client, submission: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS
    state = ""
    while time.monotonic() < deadline:
        submission = _ask(client, "GET", f"/submissions/{submission['id']}").json()
        if submission["state"] != state:
            state = submission["state"]
            say(state)
        if state == "failed":
            raise ServiceFailed(
                f"submission {submission['id']} could not be graded; staff have been told, no points are lost"
            )
        if state in FINAL:
            return submission
        time.sleep(POLL_SECONDS)
    raise ServiceFailed(f"submission {submission['id']} is not graded after an hour; it is kept and will be")


def _ask(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    try:
        answer = client.request(method, path, **options)
    except httpx.HTTPError as error:
        raise ServiceFailed(f"{client.base_url} cannot be reached: {error}") from error
    if answer.status_code >= 500:
        raise ServiceFailed(f"{path} answered {answer.status_code}: {_detail(answer)}")
    if answer.status_code >= 400:
        raise Refused(f"{path} answered {answer.status_code}: {_detail(answer)}")
    return answer


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:300]
    return str(problem.get("detail") or problem.get("title") or problem)
