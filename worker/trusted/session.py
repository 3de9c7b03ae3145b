"""A session: one sandbox, asked one request after another (`docs/architecture.md`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from grader.core.calls import Path as ValuePath
from grader.core.calls import Request, Substitution
from grader.core.observation import Outcome, Reply
from worker.trusted import exchange
from worker.trusted.exchange import Closed, Deadline, Exchange, FrameError
from worker.trusted.sandbox.backend import PLACES, Backend, Ended, Limits, SandboxProcess, SandboxUnavailable
from worker.trusted.sandbox.seccomp import strict_filter
from worker.trusted.token import Token
from worker.trusted.withheld import withhold

__all__ = ["Answer", "Limits", "Session", "Token", "open_session"]

START_SECONDS = 60.0
END_SECONDS = 5.0
MAX_UPCALLS = 20_000


@dataclass(frozen=True)
class Answer:
    """What a substituted function gives: its value, and changes of arguments by path ({(3, "running_mean"): array})."""

    value: Any
    updates: Mapping[ValuePath, Any] = field(default_factory=dict)


Answerer = Callable[[tuple, dict], Answer]


def open_session(
    backend: Backend,
    code: Path,
    *,
    limits: Limits | None = None,
    torch: bool = False,
    substitutions: Mapping[Substitution, Answerer] | None = None,
    compat: bool = False,
    withheld: tuple[str, ...] = (),
) -> Session:
    """Starts a sandbox on the folder `code`. Raises SandboxUnavailable.

    compat: put back the names that older NumPy and Python 2 had. withheld: modules (dotted) whose functions all raise
    NotImplementedError in this session; their source does not even enter the sandbox.
    """
    limits = limits or Limits()
    with ExitStack() as stack:
        tree = stack.enter_context(withhold(Path(code), withheld))
        process = backend.start(tree, limits, torch)
        stack.callback(process.close)
        session = Session(process, limits, torch, dict(substitutions or {}), compat)
        session.cleanup = stack.pop_all()
        return session


class Session:
    """Opened by `open_session`. Not for use by several threads at a time."""

    def __init__(
        self,
        process: SandboxProcess,
        limits: Limits,
        torch: bool,
        substitutions: dict[Substitution, Answerer],
        compat: bool,
    ) -> None:
        self.process = process
        self.substitutions = substitutions
        self.last: Reply | None = None
        self.closed = False
        self.cleanup = ExitStack()
        self.exchange = Exchange(process.requests, process.replies, process.output, limits.reply)
        self.end = time.monotonic() + limits.wall
        self._start(_first_frame(limits, torch, substitutions, compat))

    @property
    def alive(self) -> bool:
        return not self.closed and self.last is None

    def send(self, request: Request) -> Reply:
        """The reply. Whatever the student's code does is in it; once it is not `OK`, every later reply is the same."""
        if self.closed:
            raise RuntimeError("the session is closed")
        if self.last is not None:
            return self.last
        begun = time.monotonic()
        self.answering = 0.0
        try:
            reply = self._ask(exchange.message(request), begun, request.seconds)
        except Deadline:
            reply = self._stopped(Outcome.TIMEOUT, f"no reply within {request.seconds:g} s")
        except FrameError as error:
            reply = self._stopped(Outcome.FORGED, str(error))
        except Closed:
            reply = self._ended()
        reply = replace(reply, seconds=time.monotonic() - begun - self.answering, printed=self.exchange.printed())
        if reply.outcome is not Outcome.OK:
            self.last = reply
        return reply

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.cleanup.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # --- asking -----------------------------------------------------------------------------------------------------

    def _start(self, first: dict[str, Any]) -> None:
        deadline = time.monotonic() + START_SECONDS
        try:
            self.exchange.begin()
            self.exchange.send(first, deadline)
            exchange.fields(self.exchange.receive(deadline), "ready", set())
        except (Deadline, Closed, FrameError) as error:
            self.process.kill()
            ended = self.process.wait(END_SECONDS)
            said = self.exchange.printed().strip()[-1000:]
            why = said or (ended.detail if ended else type(error).__name__)
            raise SandboxUnavailable(f"the sandbox did not start: {why}") from error

    def _ask(self, message: dict[str, Any], begun: float, seconds: float) -> Reply:
        self.exchange.begin()
        self.exchange.send(message, self._deadline(begun, seconds))
        for _ in range(MAX_UPCALLS):
            received = self.exchange.receive(self._deadline(begun, seconds))
            if type(received) is not dict or received.get("kind") != "upcall":
                return _reply(received)
            self.exchange.send(self._answer(received), self._deadline(begun, seconds))
        raise Deadline

    def _deadline(self, begun: float, seconds: float) -> float:
        """Our own answering does not count for a request, but it does for the session."""
        return min(begun + seconds + self.answering, self.end)

    def _answer(self, received: dict[str, Any]) -> dict[str, Any]:
        call = exchange.fields(received, "upcall", {"module", "function", "args", "kwargs"})
        args, kwargs = exchange.claim(call["args"], tokens=True), exchange.claim(call["kwargs"], tokens=True)
        if type(call["module"]) is not str or type(call["function"]) is not str:
            raise FrameError("bad upcall")
        answerer = self.substitutions.get(Substitution(call["module"], call["function"]))
        if answerer is None or type(args) is not tuple or type(kwargs) is not dict:
            raise FrameError("bad upcall")
        begun = time.monotonic()
        try:
            answer = answerer(args, kwargs)
            updates = [(tuple(path), exchange.tree(value)) for path, value in answer.updates.items()]
            return {"kind": "answer", "value": exchange.tree(answer.value), "updates": updates}
        except Exception:  # the arguments are the student's: anything may be wrong with them
            return {"kind": "refusal", "message": _refusal(call["function"], args, kwargs)}
        finally:
            self.answering += time.monotonic() - begun

    # --- ending -----------------------------------------------------------------------------------------------------

    def _stopped(self, outcome: Outcome, detail: str) -> Reply:
        """We end it, unless it turns out to have run out of memory."""
        self.process.kill()
        ended = self.process.wait(END_SECONDS)
        if ended is not None and ended.outcome is Outcome.MEMORY:
            return _dead(ended)
        return Reply(outcome, detail=detail)

    def _ended(self) -> Reply:
        ended = self.process.wait(END_SECONDS)
        if ended is None:
            return self._stopped(Outcome.EXITED, "closed the exchange without a reply")
        return _dead(ended)


def _dead(ended: Ended) -> Reply:
    return Reply(ended.outcome, detail=ended.detail)


def _first_frame(
    limits: Limits, torch: bool, substitutions: Mapping[Substitution, Answerer], compat: bool
) -> dict[str, Any]:
    resources = {
        "cpu": max(1, round(limits.cpu)),
        "file_size": limits.file_size,
        "open_files": limits.open_files,
        "processes": limits.processes,
        "core": 0,
    }
    if limits.address_space_for(torch):
        resources["address_space"] = limits.address_space_for(torch)
    return {
        "kind": "start",
        "code": PLACES.code,
        "limits": resources,
        "filter": np.frombuffer(strict_filter(), np.uint8),
        "imports": ["torch"] if torch else [],
        "compat": compat,
        "substitutions": [[item.module, item.function] for item in substitutions],
        "max_bytes": limits.reply,
    }


def _reply(received: Any) -> Reply:
    form = exchange.fields(received, "reply", {"values", "changed", "error"})
    if type(form["values"]) is not list:
        raise FrameError("bad values")
    values = tuple(exchange.claim(value) for value in form["values"])
    return Reply(
        Outcome.OK, values=values, error=exchange.student_error(form["error"]), changed=exchange.texts(form["changed"])
    )


def _refusal(function: str, args: tuple, kwargs: dict) -> str:
    """Names shapes only: nothing of how the reference works."""
    values = [*args, *kwargs.values()]
    shapes = [str(value.shape) if isinstance(value, np.ndarray) else type(value).__name__ for value in values]
    return f"{function} cannot work with these arguments: {', '.join(shapes)}"
