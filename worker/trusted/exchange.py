"""The host's end of the exchange: frames out and in with a deadline, and the drain of whatever is printed.

Everything that comes in is a claim of a process that may be hostile. It is read by `worker/untrusted/frames.py` (which
never grows a buffer before bytes arrive) and checked here for its form; its content is judged by `compare` alone.
"""

from __future__ import annotations

import os
import select
import time
from typing import Any

import numpy as np

from grader.core.calls import Call, Describe, Opaque, Put, Ref, Request, Take
from grader.core.observation import Missing, StudentError
from worker.trusted.token import Token
from worker.untrusted import frames
from worker.untrusted.frames import FrameError, Leaf

CHUNK = 1 << 20
PRINTED = 4000
LATE_PRINTS = 0.5
"""Seconds that are waited for the rest of what was printed; only what staff see depends on it."""


class Deadline(Exception):
    """No complete reply in time."""


class Closed(Exception):
    """The other end of the exchange is closed."""


class Exchange:
    """max_body: bytes of arrays accepted in one reply. The descriptors stay the sandbox process's."""

    def __init__(self, requests: int, replies: int, output: int, max_body: int) -> None:
        self.requests, self.replies, self.output = requests, replies, output
        self.max_body = max_body
        self.deadline = 0.0
        self.tag = b""
        self._printed = bytearray()
        for descriptor in (requests, replies, output):
            os.set_blocking(descriptor, False)

    def begin(self) -> None:
        """Before a request: a new tag. FrameError if bytes lie there that nobody asked for."""
        self.drain()
        self._printed.clear()
        if _readable(self.replies):
            raise FrameError("bytes outside a reply")
        self.tag = os.urandom(frames.TAG)

    def send(self, message: Any, deadline: float) -> None:
        """`deadline` in the time of `time.monotonic`. Raises Deadline or Closed; TypeError for what fits into no frame."""
        self.deadline = deadline
        try:
            buffers = frames.encode(message, self.tag)
        except FrameError as error:  # ours: nobody forged what we send
            raise TypeError(f"cannot be sent: {error}") from error
        for buffer in buffers:
            view = memoryview(buffer)
            while view:
                try:
                    view = view[os.write(self.requests, view[:CHUNK]) :]
                except BlockingIOError:
                    self._wait(self.requests, select.POLLOUT)
                except BrokenPipeError as error:
                    raise Closed from error

    def receive(self, deadline: float) -> Any:
        """The next message. Raises Deadline, Closed or FrameError."""
        self.deadline = deadline
        return frames.read(self._receive, self.tag, self.max_body)[0]

    def printed(self) -> str:
        """The last characters printed since `begin`, up to the mark that the runner sets before it replies."""
        mark = b"\0" + self.tag + b"\0"
        until = time.monotonic() + LATE_PRINTS
        self.drain()
        while mark not in self._printed and self._more_printed(until):
            self.drain()
        return clean(self._printed.partition(mark)[0].decode("utf-8", "replace"))[-PRINTED:]

    def _more_printed(self, until: float) -> bool:
        """Waits for more to drain; False once it is late or the other end is closed."""
        poll = select.poll()
        poll.register(self.output, select.POLLIN)
        left = until - time.monotonic()
        return left > 0 and any(event & select.POLLIN for _, event in poll.poll(left * 1000))

    def drain(self) -> None:
        """Takes what has been printed; all but the last few thousand bytes is thrown away."""
        for _ in range(256):  # whoever prints without end must not keep us here
            try:
                data = os.read(self.output, CHUNK)
            except BlockingIOError:
                return
            if not data:
                return
            self._printed += data
            del self._printed[: -4 * PRINTED]

    def _receive(self, size: int) -> bytearray:
        data = bytearray()
        while len(data) < size:
            try:
                chunk = os.read(self.replies, min(size - len(data), CHUNK))
            except BlockingIOError:
                self._wait(self.replies, select.POLLIN)
                continue
            if not chunk:
                raise Closed
            data += chunk
            if time.monotonic() > self.deadline:
                raise Deadline
        return data

    def _wait(self, descriptor: int, event: int) -> None:
        """Until `descriptor` is ready; drains what is printed meanwhile."""
        poll = select.poll()
        poll.register(descriptor, event)
        poll.register(self.output, select.POLLIN)
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise Deadline
            ready = dict(poll.poll(left * 1000 + 1))
            if ready.get(self.output, 0) & select.POLLIN:
                self.drain()
            elif self.output in ready:
                poll.unregister(self.output)  # closed at the other end: nothing more to drain
            if descriptor in ready:
                return


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return any(event & select.POLLIN for _, event in poll.poll(0))


# --- requests, to plain trees ---------------------------------------------------------------------------------------


def message(request: Request) -> dict[str, Any]:
    """A request as the runner reads it. TypeError for a value that `calls.py` does not allow."""
    match request:
        case Call(target, args, kwargs, keep, take, seed):
            return {
                "kind": "call",
                "target": tree(target),
                "args": tree(tuple(args)),
                "kwargs": tree(dict(kwargs)),
                "keep": keep,
                "take": [tuple(path) for path in take],
                "seed": seed,
            }
        case Take(source, paths):
            return {"kind": "take", "source": tree(source), "paths": [tuple(path) for path in paths]}
        case Put(into, value):
            return {"kind": "put", "into": tree(into), "value": tree(value)}
        case Describe(target):
            return {"kind": "describe", "target": target}
    raise TypeError(f"not a request: {request!r}")


def tree(value: Any) -> Any:
    """A trusted value as `frames.encode` takes it."""
    if isinstance(value, Ref):
        return Leaf("ref", value.name, list(value.path))
    if isinstance(value, Token):
        return Leaf("token", value.id)
    if isinstance(value, (list, tuple)):
        return type(value)([tree(item) for item in value])
    if isinstance(value, dict):
        return {key: tree(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.name not in frames.DTYPES:
        raise TypeError(f"arrays of {value.dtype} cannot be sent")
    return value


# --- replies, from claims -------------------------------------------------------------------------------------------


def claim(value: Any, tokens: bool = False) -> Any:
    """A received tree as `Reply.values` has it; `tokens`: whether they mean something (arguments of an upcall)."""
    kind = type(value)
    if kind is str:
        return clean(value)
    if kind is Leaf:
        return _leaf(value, tokens)
    if kind in (list, tuple):
        return kind([claim(item, tokens) for item in value])
    if kind is dict:
        return {clean(key) if type(key) is str else key: claim(item, tokens) for key, item in value.items()}
    return np.asarray(value) if isinstance(value, np.generic) else value


def _leaf(leaf: Leaf, tokens: bool) -> Any:
    if leaf.kind == "missing":
        return Missing()
    if leaf.kind == "token" and tokens:
        return Token(leaf.data[0])
    if leaf.kind == "opaque" and type(leaf.data[0]) is str:
        return Opaque(clean(leaf.data[0])[:200])
    raise FrameError(f"{leaf.kind} in a reply")


def clean(text: str) -> str:
    """Without what a database or a page cannot hold: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def fields(received: Any, kind: str, names: set[str]) -> dict[str, Any]:
    """A received message that must be a dict of exactly this form."""
    if type(received) is not dict or received.get("kind") != kind or received.keys() != names | {"kind"}:
        raise FrameError(f"not a message of the kind {kind}")
    return received


def student_error(received: Any) -> StudentError | None:
    if received is None:
        return None
    form = {
        "type": (str,),
        "message": (str,),
        "file": (str, type(None)),
        "line": (int, type(None)),
        "function": (str, type(None)),
        "importing": (bool,),
    }
    if type(received) is not dict or received.keys() != form.keys():
        raise FrameError("bad error")
    if any(type(received[name]) not in kinds for name, kinds in form.items()):
        raise FrameError("bad error")
    return StudentError(**{name: clean(item)[:2000] if type(item) is str else item for name, item in received.items()})


def texts(received: Any) -> tuple[str, ...]:
    if type(received) is not list or any(type(item) is not str for item in received):
        raise FrameError("bad list of names")
    return tuple(clean(item)[:200] for item in received[:1000])
