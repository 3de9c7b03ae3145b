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
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    OVERRIDDEN = "overridden"
