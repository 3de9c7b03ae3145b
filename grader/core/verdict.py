"""From observations and mismatches to verdicts: a status and the words that a student reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grader.core.compare import Difference, Mismatch
from grader.core.exhibit import Exhibit
from grader.core.observation import Outcome, Reply, StudentError
from grader.core.result import Status

OLD_NUMPY = re.compile(r"module 'numpy' has no attribute '(\w+)'|`?np\.(\w+)`? was (?:removed|deprecated)")
OLD_PYTHON = re.compile(
    r"has no attribute '(iteritems|itervalues|iterkeys|has_key)'|name '(xrange|unicode|raw_input|reduce)'"
)
NEWSHAPE = re.compile(r"unexpected keyword argument 'newshape'")
FLOAT_INDEX = re.compile(
    r"'(?:numpy\.)?float(?:64|32)?' object cannot be interpreted as an integer|only integers, slices"
)


@dataclass(frozen=True)
class Judgement:
    """What a check found. `old_environment` asks for one more look with old names; `credit` is the earned fraction of the
    points where a check measures one (None: all for a pass, none otherwise)."""

    status: Status
    message: str
    mistake: str | None = None
    relative_error: float | None = None
    remarks: tuple[str, ...] = ()
    detail: str = ""
    old_environment: bool = False
    seconds: float = 0.0
    credit: float | None = None
    blocked: bool = False  # another function that this one needs could not be run
    ended: bool = False  # the sandbox process is gone: nothing more can be asked in this session
    unread: bool = False  # with OURS: nothing broke, but what was handed in cannot be judged by a machine; a TA looks
    exhibits: tuple[Exhibit, ...] = ()

    def with_remark(self, remark: str) -> Judgement:
        return self if remark in self.remarks else replace(self, remarks=(*self.remarks, remark))


def shape_text(shape: tuple[int, ...]) -> str:
    return "a single number" if shape == () else str(tuple(shape))


def unread(message: str) -> Judgement:
    """For what a machine cannot read: never wrong, never zero points; the question goes to a TA."""
    return Judgement(Status.OURS, message, unread=True)


def missing(function: str) -> Judgement:
    return Judgement(Status.MISSING, f"{function} was not found in the code that was handed in.")


def not_implemented(function: str, how: str) -> Judgement:
    return Judgement(Status.MISSING, f"{function} is not implemented yet: {how}.")


def from_reply(reply: Reply, function: str, seconds: float, on: str = "") -> Judgement | None:
    """The judgement when a request did not return normally; None when it did."""
    if reply.outcome is not Outcome.OK:
        return _from_outcome(reply, function, seconds, on)
    return from_error(reply.error, function, on) if reply.error else None


def _from_outcome(reply: Reply, function: str, seconds: float, on: str) -> Judgement:
    where = f" ({on})" if on else ""
    limit = f"{seconds:g} seconds"
    status, text = {
        Outcome.TIMEOUT: (
            Status.TIMEOUT,
            f"{function} did not finish within {limit}{where}. Is there a loop that never ends?",
        ),
        Outcome.MEMORY: (
            Status.MEMORY,
            f"{function} used more memory than a submission may have{where}, and was stopped.",
        ),
        Outcome.CRASH: (
            Status.ERROR,
            f"{function} crashed the Python interpreter{where} ({reply.detail or 'signal'}).",
        ),
        Outcome.FORBIDDEN: (
            Status.ERROR,
            f"{function} tried something that is not allowed while grading{where}, such as starting a process or opening "
            "a connection, and was stopped.",
        ),
        Outcome.EXITED: (Status.ERROR, f"{function} ended the Python process in the middle of the call{where}."),
        Outcome.FORGED: (
            Status.ERROR,
            f"While {function} ran, something wrote to the grader's own channel{where}; no result could be accepted.",
        ),
        Outcome.OURS: (
            Status.OURS,
            f"{function} could not be judged: the grading service failed. Staff have been told.",
        ),
    }[reply.outcome]
    return Judgement(
        status,
        text,
        detail=f"{reply.outcome}: {reply.detail}\n{reply.printed}".strip(),
        seconds=reply.seconds,
        ended=True,
    )


def blocked(function: str, forward: str, stopped: Judgement) -> Judgement:
    """The judgement on a backward function whose forward function, which gives it its cache, did not return: a TA's, unless
    nothing could be asked for a fault of ours."""
    text = f"{function} could not be judged, because it needs the cache of {forward}: {stopped.message}"
    mine = stopped.status is not Status.OURS
    return replace(stopped, status=Status.OURS, unread=mine or stopped.unread, message=text, blocked=True)


def from_error(error: StudentError, function: str, on: str = "") -> Judgement:
    """An exception of the student's code in words: which, where, and what kind of slip it is."""
    place = _place(error)
    detail = f"{error.type}: {error.message}{place}"
    if error.type in ("MemoryError", "_ArrayMemoryError"):
        where = f" ({on})" if on else ""
        text = f"{function} asked for more memory than a submission may have{place}{where}."
        return Judgement(Status.MEMORY, text, detail=detail)
    if error.type == "NotOffered":  # of worker/untrusted/data.py: the sandbox lacks what the script asks for
        return replace(unread(f"{function} could not be run here{place}: {_short(error.message)}."), detail=detail)
    if error.type == "NotImplementedError":
        return replace(not_implemented(function, f"it raises NotImplementedError{place}"), detail=detail)
    if error.type == "AttributeError" and error.message.startswith("'NoneType' object has no attribute 'astype'"):
        return replace(not_implemented(function, f"its result is still None{place}"), detail=detail)
    if error.type in ("SyntaxError", "IndentationError", "TabError"):
        return Judgement(Status.ERROR, _syntax(error, function, place), detail=detail, old_environment=False)
    when = f" ({on})" if on else ""
    old = _old_name(error)
    if old:
        return Judgement(Status.ERROR, f"{function} uses {old}{place}{when}.", detail=detail, old_environment=True)
    if error.importing:
        text = f"The file of {function} could not be imported: {error.type}: {_short(error.message)}{place}."
        return Judgement(Status.ERROR, text, detail=detail)
    if FLOAT_INDEX.search(error.message) and error.type in ("TypeError", "IndexError"):
        text = (
            f"{function} uses something else where a whole number is needed, as an index or a size{place}{when}. "
            "In Python 3 `/` gives a float, `//` a whole number."
        )
        return Judgement(Status.ERROR, text, detail=detail)
    text = f"{function} raised {error.type}{': ' if error.message else ''}{_short(error.message)}{place}{when}."
    return Judgement(Status.ERROR, text, detail=detail)


def _place(error: StudentError) -> str:
    if error.file is None:
        return ""
    return f" in {error.file}" + (f", line {error.line}" if error.line else "")


def _syntax(error: StudentError, function: str, place: str) -> str:
    if "print" in error.message or "exec" in error.message or "Missing parentheses" in error.message:
        return f"Python 2 syntax{place}: {_short(error.message)} {function} could not be run in Python 3."
    if error.type != "SyntaxError":
        return f"The indentation is broken{place}: {_short(error.message)}. {function} could not be run."
    python2 = (
        "multiple exception types" in error.message
        or "leading zeros" in error.message
        or "invalid decimal" in error.message
    )
    return f"{'Python 2 syntax' if python2 else 'Syntax error'}{place}: {_short(error.message)}. {function} could not be run."


def _old_name(error: StudentError) -> str:
    numpy_name = OLD_NUMPY.search(error.message)
    if numpy_name:
        return f"np.{numpy_name[1] or numpy_name[2]}, which NumPy no longer has,"
    python_name = OLD_PYTHON.search(error.message)
    if python_name:
        return f"{python_name[1] or python_name[2]}, which Python 3 does not have,"
    if NEWSHAPE.search(error.message):
        return "reshape(newshape=…), which NumPy no longer has,"
    return ""


def _short(message: str, limit: int = 300) -> str:
    message = " ".join(message.split()).rstrip(".")
    return message if len(message) <= limit else message[: limit - 1] + "…"


def describe(function: str, mismatch: Mismatch, on: str) -> str:
    """One sentence on what differs, without the expected numbers."""
    name, shape = mismatch.output, shape_text(mismatch.observed_shape)
    if mismatch.difference is Difference.NOTHING:
        return f"{function} gives no {name} (None) {on}."
    if mismatch.difference is Difference.TYPE and mismatch.observed_type == "Stub":  # worker/untrusted/stubs.py
        return f"{function} gives {name} out of a module that this assignment does not have, {on}."
    if mismatch.difference is Difference.TYPE:
        return f"{function} gives {name} as {mismatch.observed_type}, not as an array, {on}."
    if mismatch.difference is Difference.NOT_FINITE:
        return f"{name} of {function} holds NaN or infinity, first at index {index_text(mismatch.index)}, {on}."
    if mismatch.difference is Difference.SHAPE:
        wanted = shape_text(mismatch.expected_shape)
        end = " The values are right; only the shape is not." if mismatch.values_right else ""
        return f"{name} of {function} has shape {shape} instead of {wanted} {on}.{end}"
    share = f"{mismatch.wrong_fraction:.0%}" if mismatch.wrong_fraction >= 0.005 else "few"
    entries = (
        ""
        if mismatch.observed_shape == ()
        else (f", worst at index {index_text(mismatch.index)}; {share} of the entries are off")
    )
    return f"{name} of {function} is wrong {on}: relative error {mismatch.relative_error:.1e}{entries}."


def index_text(index: tuple[int, ...]) -> str:
    return str(index[0]) if len(index) == 1 else str(tuple(index))
