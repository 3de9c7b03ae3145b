"""What came back from a sandbox: claims of the student's process, and what the host measured about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a request ended, measured by the host. Everything but `OK` means that the process is gone."""

    OK = "ok"  # a well-formed reply arrived (the student's code may still have raised: see `Reply.error`)
    TIMEOUT = "timeout"  # the wall clock or CPU limit was reached
    MEMORY = "memory"  # killed for memory (cgroup), or MemoryError that ended the process
    CRASH = "crash"  # ended by a signal such as a segmentation fault
    FORBIDDEN = "forbidden"  # ended by the system-call filter (SIGSYS)
    EXITED = "exited"  # the process left in the middle of a call (os._exit, sys.exit)
    FORGED = "forged"  # bytes that are not a valid reply: somebody wrote to the exchange
    OURS = "ours"  # our fault: no sandbox, lost worker, bug


@dataclass(frozen=True)
class StudentError:
    """An exception that the student's code raised.

    `file` is relative to the submission's code tree ("cs231n/layers.py"), `line` is 1-based; both None when unknown.
    `function` is the innermost function of the submission's code on the stack.
    """

    type: str  # "ValueError", "SyntaxError", "ModuleNotFoundError", "NotImplementedError" ...
    message: str
    file: str | None = None
    line: int | None = None
    function: str | None = None
    importing: bool = False  # raised while the module was being imported


@dataclass(frozen=True)
class Reply:
    """`values` are in the order of the request's `take` paths: None, bool, int, float, str, ndarray, Opaque, and lists
    (tuples arrive as tuples) and dicts of these. A path that does not exist gives `Missing`.
    `changed` names array arguments that differ from what was sent ("args[0]", "kwargs['x']", "args[3]['beta']").
    """

    outcome: Outcome
    values: tuple[Any, ...] = ()
    error: StudentError | None = None
    changed: tuple[str, ...] = ()
    seconds: float = 0.0
    printed: str = ""  # the last 4,000 characters of stdout and stderr during this request
    detail: str = ""  # for staff: signal number, protocol error, exit code


class Missing:
    """The path asked for does not exist in the value."""

    def __repr__(self) -> str:
        return "Missing()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Missing)

    def __hash__(self) -> int:
        return 0
