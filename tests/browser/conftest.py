"""A real browser against a real server: Chromium, driven by Playwright."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from grader.db.session import transaction

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}


def _load(name: str) -> ModuleType:
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "web" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


classroom = _load("classroom")
graph_room = _load("graph_room")
homework_room = _load("homework_room")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture
def rooms() -> ModuleType:
    return classroom


@pytest.fixture
def room(database: object) -> object:
    with transaction() as session:
        return classroom.make_classroom(session)


@pytest.fixture
def graphs() -> ModuleType:
    return graph_room


@pytest.fixture
def homeworks() -> ModuleType:
    return homework_room


@pytest.fixture
def cv_room(database: object) -> object:
    """A course with the homework that asks for a computational graph, committed."""
    with transaction() as session:
        return graph_room.make_graph_room(classroom, session)


@pytest.fixture
def visit(chromium: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """`visit("/path", user, size="wide", scheme="light", scripts=True)`: a page, signed in.

    Whatever the browser reports (a script error, something that the policy blocked) fails the test, and so does a
    dialog, which only hostile text would open.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str, user: object = None, *, size: str = "wide", scheme: str = "light", scripts: bool = True
    ) -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(
            base_url=server, viewport={"width": width, "height": height}, color_scheme=scheme,
            java_script_enabled=scripts,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.accept()))
        if user is not None:
            page.goto("/login")
            page.fill("#email", user.email)
            page.fill("#password", classroom.PASSWORD)
            page.click("main button")
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """`accessible(page)`: with all its details open, it is no wider than its window and keeps axe's rules."""

    def look(page: Page) -> None:
        page.wait_for_load_state()
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        widest = page.evaluate("document.documentElement.scrollWidth")
        assert widest <= page.viewport_size["width"], f"{page.url} is {widest} wide"
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
        assert not found, (page.url, {it["id"]: [node["html"][:200] for node in it["nodes"][:3]] for it in found})

    return look


def _is_complaint(said: object) -> bool:
    """Answers of 4xx that a test asks for are no complaint."""
    return said.type in {"error", "warning"} and "Failed to load resource" not in said.text
