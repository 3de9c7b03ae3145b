"""Fixtures that everybody may use: the real PostgreSQL and Redis, a migrated schema, real worker processes.

session     a database session whose work is rolled back after the test
database    for tests whose data must be committed (workers, several connections): emptied after the test
course      a course, an assignment, a student and a TA, committed
workers     starts real Celery worker processes; kills what is left of them after the test
server      the address of a real server of the pages and the API, in this process
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import uvicorn
from filelock import FileLock
from fpdf import FPDF
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import text
from sqlalchemy.orm import Session
from xdist.scheduler import LoadScopeScheduling

from grader.core.rubric_file import parse_rubric, rubric_hash
from grader.db import courses, users
from grader.db.migrate import migrate
from grader.db.review_tables import Table
from grader.db.session import engine, forget_engine, transaction
from grader.db.tables import Assignment, Course, Role, User
from grader.embedded import Postgres, Redis
from grader.queue import sender
from grader.settings import get_settings

ROOT = Path(__file__).resolve().parents[1]
RUBRIC = """
assignment: nets
title: Nets
questions:
  - id: essay
    title: Why ReLU
    points: 1
    scoring: deduct
    answer: {prompt: Why is ReLU used in deep nets}
    items: [{id: wrong, points: -1, label: Wrong}]
"""


STARTING = ("launcher", "sandbox", "queue", "grading", "rubrics", "browser", "worker", "cli", "web")
"""Folders whose tests start sandboxes, servers, workers or pages of a browser."""


# No test asserts a time: on a busy machine an example may take as long as it likes.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that no process is left with one of them when the others are done: what needs the
    container engine, then what starts something, then what only computes."""

    def rank(item: pytest.Item) -> int:
        if item.get_closest_marker("docker"):
            return -1
        folder = item.nodeid.removeprefix("tests/").partition("/")[0]
        return STARTING.index(folder) if folder in STARTING else len(STARTING)

    items.sort(key=rank)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, at most four: many tests wait for something that another program does."""
    return min(len(os.sched_getaffinity(0)) + 1, 4)


class FilesTogether(LoadScopeScheduling):
    """For processes side by side: a file's tests stay together; those that need the container engine share one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "engine" if file.startswith("tests/docker/") or "[docker" in nodeid else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FilesTogether:
    return FilesTogether(config, log)


MAY_SKIP = {"docker", "seeds"}  # no engine, or no seed documents, can be had everywhere; all else must run


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and not MAY_SKIP & set(report.keywords):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skipped:
        terminalreporter.section("skipped, and may not be")
        for test in _skipped:
            terminalreporter.write_line(test)


_skipped: list[str] = []


@dataclass(frozen=True)
class Services:
    postgres: Postgres
    redis: Redis
    data_dir: Path


@dataclass(frozen=True)
class DemoCourse:
    course: Course
    assignment: Assignment
    student: User
    ta: User


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Embedded servers for the whole run, in a folder of their own; `get_settings()` points at them."""
    folder = Path(tempfile.mkdtemp(prefix="grader-test-"))
    started = Services(Postgres(folder / "postgres", durable=False), Redis(folder / "redis"), folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        try:
            with FileLock(Path(tempfile.gettempdir()) / "grader-test.lock"):  # the server's user is made once
                started.postgres.start()
            started.redis.start()
            patch.setenv("GRADER_DATABASE_URL", started.postgres.url)
            patch.setenv("GRADER_REDIS_URL", started.redis.url)
            patch.setenv("GRADER_DATA_DIR", str(started.data_dir))
            _forget()
            migrate(started.postgres.url)
            yield started
        finally:
            engine().dispose()
            _forget()
            started.redis.stop()
            started.postgres.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """For servers of a test's own. Not `tmp_path`: pytest closes that to the user that PostgreSQL runs as under root."""
    with tempfile.TemporaryDirectory(prefix="grader-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    """Committing inside the test ends only a savepoint."""
    with engine().connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


@pytest.fixture
def database(services: Services) -> Iterator[Services]:
    yield services
    with engine().begin() as connection:
        names = ", ".join(table.name for table in Table.metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    with redis.Redis.from_url(services.redis.url) as client:
        client.flushall()
    shutil.rmtree(services.data_dir, ignore_errors=True)


@pytest.fixture
def course(database: Services) -> DemoCourse:
    with transaction() as session:
        return make_course(session)


def make_course(session: Session) -> DemoCourse:
    course = courses.create_course(session, slug="dl", title="Deep learning")
    rubric = courses.register_rubric(
        session, pack="nets", sha256=rubric_hash(RUBRIC), yaml_text=RUBRIC,
        document=parse_rubric(RUBRIC).model_dump(mode="json"),
    )  # fmt: skip
    assignment = courses.create_assignment(session, course=course, slug="a2", title="Assignment 2", rubric=rubric)
    student = users.create_user(session, email="ana@example.edu", name="Ana", password="correct horse")
    ta = users.create_user(session, email="tal@example.edu", name="Tal", password="battery staple")
    courses.enroll(session, course, student, Role.STUDENT)
    courses.enroll(session, course, ta, Role.TA)
    return DemoCourse(course, assignment, student, ta)


@pytest.fixture
def make_demo_course() -> Callable[[Session], DemoCourse]:
    """For tests that roll back: `make_demo_course(session)`."""
    return make_course


class WorkerProcess:
    """A Celery worker in a process group of its own."""

    def __init__(self, app: str, *, concurrency: int, queues: str, folder: Path, environment: dict[str, str]) -> None:
        self.log = folder / f"worker-{time.monotonic_ns()}.log"
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            app,
            "worker",
            "-c",
            str(concurrency),
            "-Q",
            queues,
        ]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--without-gossip", "--without-mingle", "-n", f"{time.monotonic_ns()}@test"],
                stdout=output, stderr=output, cwd=folder, start_new_session=True, env=environment,
            )  # fmt: skip

    def kill(self) -> None:
        """As `kill -9` of everything in it: nothing gets to say goodbye."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_ready(self) -> None:
        wait_until(lambda: "ready." in self.log.read_text(), what=f"worker to start; its log:\n{self.log.read_text()}")


@pytest.fixture
def workers(database: Services, tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """`workers(app="worker.celery_app", concurrency=1, queues="interactive,bulk", **environment)` starts a worker and waits
    until it is ready."""
    started: list[WorkerProcess] = []

    def start(
        app: str = "worker.celery_app", concurrency: int = 1, queues: str = "interactive,bulk", **environment: str
    ) -> WorkerProcess:
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "queue")])
        worker = WorkerProcess(
            app, concurrency=concurrency, queues=queues, folder=tmp_path,
            environment=os.environ | {"PYTHONPATH": path} | environment,
        )
        started.append(worker)
        worker.wait_ready()
        return worker

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def server(database: Services) -> Iterator[str]:
    """The address of a real server on a free port."""
    from grader.app import create_app  # most tests need none of it

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        service = uvicorn.Server(uvicorn.Config(create_app(), log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=service.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_until(lambda: service.started or not thread.is_alive(), what="the server to start")
        assert thread.is_alive(), "the server did not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        service.should_exit = True
        thread.join(10)


@pytest.fixture
def eventually() -> Callable[..., None]:
    """`eventually(condition, what="…")` waits until it is true, and fails after two minutes."""
    return wait_until


def wait_until(condition: Callable[[], bool], *, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(0.05)


@pytest.fixture
def settings_from(monkeypatch: pytest.MonkeyPatch, services: Services) -> Iterator[Callable[..., None]]:
    """`settings_from(LEASE_SECONDS=2)` changes settings of this process for one test."""

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"GRADER_{name}", str(value))
        get_settings.cache_clear()

    yield change
    monkeypatch.undo()
    get_settings.cache_clear()


def _forget() -> None:
    get_settings.cache_clear()
    forget_engine()
    sender.cache_clear()


FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")  # Latin, Greek, Cyrillic, Georgian


def _pdf(*pages: Sequence[str], password: str | None = None, header: str = "", footer: str = "") -> bytes:
    """A PDF of pages of paragraphs, its font embedded. `{page}` in header and footer is the page's number."""
    document = FPDF()
    document.add_font("DejaVu", "", FONT)
    document.set_font("DejaVu", size=11)
    document.header = lambda: _line(document, header.format(page=document.page_no()), 10)
    document.footer = lambda: _line(document, footer.format(page=document.page_no()), -15)
    for paragraphs in pages:
        document.add_page()
        document.set_y(22)
        for paragraph in paragraphs:
            document.multi_cell(0, 5.5, paragraph, align="L", new_x="LMARGIN", new_y="NEXT")
            document.ln(4)
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    return bytes(document.output())


def _line(document: FPDF, text: str, y: float) -> None:
    document.set_y(y)
    document.cell(0, 6, text)


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    """`make_pdf(["paragraph", …], …, password=None, header="", footer="")`: one list per page."""
    return _pdf


_BROWSER_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# The first is Chromium without the windows, which take half of the processor's time where nobody looks at them.
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_EXPECTED_SECONDS = 60
"""How long `expect` waits for what a page is to show, since a busy machine may be slow."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests: its driver cannot be started twice in one process."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    assert program, f"no browser: install one of {', '.join(_BROWSERS)} (Debian: apt install {_BROWSERS[0]})"
    expect.set_options(timeout=_EXPECTED_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_BROWSER_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def printed(chromium: Browser) -> Iterator[Callable[..., bytes]]:
    """`printed(html, **options)` is the PDF that a browser prints; the options are those of its `pdf`."""
    page = chromium.new_page()

    def to_pdf(html: str, **options: object) -> bytes:
        page.set_content(html)
        return page.pdf(**options)

    yield to_pdf
    page.close()
