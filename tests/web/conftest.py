"""Fixtures of the API and page tests: a classroom, and clients that are signed in, against the ASGI application."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from starlette.testclient import TestClient

from grader.app import create_app
from grader.db.session import transaction
from grader.db.tokens import create_token


def _load(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


classroom = _load("classroom")
graph_room = _load("graph_room")


@pytest.fixture
def rooms() -> ModuleType:
    """The builders of `classroom.py`: `rooms.handed_in(session, user, assignment)` …"""
    return classroom


@pytest.fixture
def room(database: object) -> object:
    """A course with the real rubric, two students and a TA, committed."""
    with transaction() as session:
        return classroom.make_classroom(session)


@pytest.fixture
def graphs() -> ModuleType:
    """The builders of `graph_room.py`: `graphs.table(value_a="5")` …"""
    return graph_room


@pytest.fixture
def cv_room(database: object) -> object:
    """A course with the homework that asks for a computational graph, committed."""
    with transaction() as session:
        return graph_room.make_graph_room(classroom, session)


@pytest.fixture
def anonymous(database: object) -> Iterator[TestClient]:
    """Nobody. Redirects are not followed; what the service gets wrong is answered, not raised."""
    with TestClient(create_app(), follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def api(anonymous: TestClient) -> Callable[[object], TestClient]:
    """`api(user)`: a client with a fresh token of that user."""

    def client(user: object) -> TestClient:
        with transaction() as session:
            _, plaintext = create_token(session, user, label="test")
        made = TestClient(anonymous.app, follow_redirects=False, raise_server_exceptions=False)
        made.headers["authorization"] = f"Bearer {plaintext}"
        return made

    return client


@pytest.fixture
def browse(anonymous: TestClient) -> Callable[[object], TestClient]:
    """`browse(user)`: a client that has signed in through the form; `csrf_of(client)` is its token."""

    def client(user: object) -> TestClient:
        made = TestClient(anonymous.app, follow_redirects=False, raise_server_exceptions=False)
        answer = made.post(
            "/login", data={"csrf": csrf_of(made, "/login"), "email": user.email, "password": classroom.PASSWORD}
        )
        assert answer.status_code == 303, answer.text
        return made

    return client


@pytest.fixture
def csrf() -> Callable[[TestClient], str]:
    return csrf_of


def csrf_of(client: TestClient, path: str = "/tokens") -> str:
    """The CSRF token in a page's form."""
    return re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(path).text)[1]
