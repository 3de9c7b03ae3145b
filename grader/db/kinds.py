"""The words that columns of a fixed vocabulary take; `tables` has the columns."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    STUDENT = "student"
    TA = "ta"
    INSTRUCTOR = "instructor"


class TokenPurpose(StrEnum):
    API = "api"
    SESSION = "session"  # a sign-in on the pages; the cookie carries it


class Lane(StrEnum):
    INTERACTIVE = "interactive"
    BULK = "bulk"
    GPU = "gpu"


class EventKind(StrEnum):
    QUEUED = "queued"
    STARTED = "started"
    PROGRESS = "progress"
    RETRY = "retry"
    GRADED = "graded"
    FAILED = "failed"


class MarkState(StrEnum):
    CONFIRMED = "confirmed"  # as suggested, or nothing was
    OVERRIDDEN = "overridden"  # against the suggestion


class ReviewVia(StrEnum):
    """The way on which a decision came."""

    DESK = "desk"
    PAGE = "page"  # one submission in full
    API = "api"
    GROUP = "group"  # similar answers at once
    DUPLICATE = "duplicate"  # the same words as an answer that was decided
    BULK = "bulk"  # all items clear, confirmed together
    IMPORT = "import"


class RunState(StrEnum):
    """Of grading a whole class again."""

    RUNNING = "running"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"


class RequestState(StrEnum):
    """Of a student's request to look at a question again."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
