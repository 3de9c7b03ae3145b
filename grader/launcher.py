"""`grader serve`, `worker`, `sweep`, and `up`: everything on one machine.

`serve` migrates the database, and sweeps beside answering requests: any number of them may run.
`up` starts PostgreSQL and Redis under the data directory (unless their addresses are given) and keeps `serve` and a
worker running until SIGINT or SIGTERM. Started again, it goes on with the same data.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import httpx

from grader.db.kinds import Lane
from grader.db.migrate import migrate
from grader.embedded import Postgres, Redis, dies_with_parent
from grader.errors import GraderError, Misconfigured
from grader.log import configure_logs, get_logger
from grader.settings import Settings, get_settings

_OUR_FAULT = 2
_READY_SECONDS = 60
_WORKER_STOP_SECONDS = 30  # a running attempt may end; else its lease runs out and it is graded again
_API_STOP_SECONDS = 10
_RESTART_PAUSE = 1.0

log = get_logger(__name__)


def serve() -> None:
    """The API and the pages, in this process."""
    import uvicorn

    settings = _with_addresses()
    configure_logs()
    migrate(settings.database_url)
    with _thread("sweeper", _sweeper):
        uvicorn.run(
            "grader.app:create_app", factory=True, host=settings.host, port=settings.port,
            log_config=None, access_log=False, timeout_graceful_shutdown=5,
        )  # fmt: skip


def worker() -> None:
    """A Celery worker, in this process; GRADER_WORKER_QUEUES says which lanes it serves."""
    settings = _with_addresses()
    os.execv(sys.executable, _worker_command(settings.worker_queues, settings.worker_concurrency))


def sweep() -> None:
    """One sweep, for a cron job."""
    from worker.sweeper import sweep as sweep_once

    _with_addresses()
    swept = sweep_once()
    print(f"requeued {swept.requeued}, sent {swept.sent}, accepted {swept.accepted}")


def up(demo: bool = False) -> None:
    """Everything, in the foreground, until SIGINT or SIGTERM. With `demo`, sets up and plays the demo course first.

    Exits with 2 and a sentence if something cannot start. GRADER_EXIT_AFTER_DEMO=1 stops everything after the demo.
    """
    configure_logs("INFO" if os.environ.get("GRADER_VERBOSE") else "WARNING")
    stop = threading.Event()
    try:
        with _signals_set(stop), running(stop) as settings:
            print(f"grader is up: {settings.base_url}", flush=True)
            if demo:
                from grader.demo import play

                play(settings)
                if os.environ.get("GRADER_EXIT_AFTER_DEMO"):
                    return
            print("Ctrl-C stops it", flush=True)
            stop.wait()
            print("stopping", flush=True)
    except GraderError as error:
        print(error, file=sys.stderr)
        raise SystemExit(_OUR_FAULT) from None


@contextmanager
def running(stop: threading.Event) -> Iterator[Settings]:
    """All parts running and answering, until the block ends. Raises Misconfigured if one of them cannot start."""
    settings = get_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as parts:
        parts.enter_context(_only_one(settings.data_dir))
        _refuse_taken_port(settings)
        _start_servers(settings, parts)
        settings = get_settings()
        logs = settings.data_dir / "logs"
        logs.mkdir(exist_ok=True)
        api = _Child("api", [sys.executable, "-m", "grader.cli", "serve"], logs, _API_STOP_SECONDS)
        workers = [_Child(name, command, logs, _WORKER_STOP_SECONDS) for name, command in worker_commands(settings).items()]
        for child in (api, *workers):
            child.start()
            parts.callback(child.stop)
        parts.enter_context(_thread("supervisor", lambda ended: _supervise([api, *workers], ended)))
        _wait_ready(settings, api, stop)
        yield settings


class _Child:
    """One of our own processes, started again when it ends by itself."""

    def __init__(self, name: str, command: list[str], logs: Path, stop_seconds: float) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._command = command
        self._stop_seconds = stop_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, preexec_fn=dies_with_parent(signal.SIGTERM),
            )  # fmt: skip

    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Politely, then by force, then what is left of its process group."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(self._stop_seconds)
        except subprocess.TimeoutExpired:
            log.warning("killed", process=self.name)
        _kill_group(self._process.pid)
        self._process.wait()

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]


def _with_addresses() -> Settings:
    try:
        settings = get_settings()
    except Misconfigured as error:
        raise SystemExit(str(error)) from None
    missing = [name for name in ("database_url", "redis_url") if not getattr(settings, name)]
    if missing:
        names = " and ".join(f"GRADER_{name.upper()}" for name in missing)
        raise SystemExit(f"set {names}, or start everything on one machine with `grader up`")
    return settings


def worker_commands(settings: Settings) -> dict[str, list[str]]:
    """One worker for what is graded at once and one for the long lanes, so that a training of an hour keeps nobody waiting
    who hands in a function. The concurrency is shared; each has at least one process."""
    queues = [queue.strip() for queue in settings.worker_queues.split(",") if queue.strip()]
    long = [queue for queue in queues if queue != Lane.INTERACTIVE.value]
    if not long or len(long) == len(queues):
        return {"worker": _worker_command(settings.worker_queues, settings.worker_concurrency)}
    for_long = max(1, settings.worker_concurrency // 2)
    return {
        "worker": _worker_command(Lane.INTERACTIVE.value, max(1, settings.worker_concurrency - for_long)),
        "worker-long": _worker_command(",".join(long), for_long, name="celery-long"),
    }


def _worker_command(queues: str, concurrency: int, name: str = "celery") -> list[str]:
    """name: Celery's own unless another worker of this host has it."""
    options = ["-c", str(concurrency), "-Q", queues, "-n", f"{name}@%h"]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return [sys.executable, "-m", "celery", "-A", "worker.celery_app", "worker", *options, *quiet]


def _start_servers(settings: Settings, parts: ExitStack) -> None:
    """Start what no address was given for, and put the addresses where this process and its children find them."""
    if not settings.database_url:
        postgres = Postgres(settings.data_dir / "postgres")
        parts.callback(postgres.stop)
        postgres.start()
        os.environ["GRADER_DATABASE_URL"] = postgres.url
        parts.callback(os.environ.pop, "GRADER_DATABASE_URL", None)
    if not settings.redis_url:
        redis = Redis(settings.data_dir / "redis")
        parts.callback(redis.stop)
        redis.start()
        os.environ["GRADER_REDIS_URL"] = redis.url
        parts.callback(os.environ.pop, "GRADER_REDIS_URL", None)
    get_settings.cache_clear()


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Two launchers on one data directory would start two PostgreSQL servers on the same files."""
    with (data_dir / "launcher.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(f"`grader up` runs already on {data_dir}; stop it, or set GRADER_DATA_DIR") from None
        yield


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            message = f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); set GRADER_PORT to another"
            raise Misconfigured(message) from None


@contextmanager
def _thread(name: str, work: Callable[[threading.Event], None]) -> Iterator[None]:
    ended = threading.Event()
    thread = threading.Thread(target=work, args=(ended,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(5)


def _sweeper(ended: threading.Event) -> None:
    from worker.sweeper import sweep_forever

    sweep_forever(ended)


def _supervise(children: list[_Child], ended: threading.Event) -> None:
    while not ended.wait(_RESTART_PAUSE):
        for child in children:
            if child.ended() and not ended.is_set():
                log.error("restarted", process=child.name, log=str(child.log))
                child.stop()
                child.start()


def _wait_ready(settings: Settings, api: _Child, stop: threading.Event) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not stop.is_set():
        with suppress(httpx.TransportError):
            answer = httpx.get(f"http://{settings.host}:{settings.port}/healthz", timeout=5)
            if answer.status_code != 200:
                print(f"not everything is well: {answer.text}", file=sys.stderr, flush=True)
            return
        if time.monotonic() > deadline:
            raise Misconfigured(f"the API did not start; the end of {api.log}:\n{api.last_words()}")
        time.sleep(0.1)


@contextmanager
def _signals_set(stop: threading.Event) -> Iterator[None]:
    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt  # asked a second time: do not wait
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
