"""How things are called and written on the pages: states, statuses, points, times, sizes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.core.result import CheckResult, Status
from grader.core.submission import AttemptState


@dataclass(frozen=True)
class Pill:
    """A word with a sign. `tone` is good, bad, wait, info, live or plain; `sign` names an icon."""

    word: str
    tone: str
    sign: str


CHECK = {
    Status.PASS: Pill("Passed", "good", "check"),
    Status.FAIL: Pill("Wrong", "bad", "cross"),
    Status.MISSING: Pill("Missing", "bad", "gap"),
    Status.ERROR: Pill("Error", "bad", "alert"),
    Status.TIMEOUT: Pill("Too slow", "bad", "clock"),
    Status.MEMORY: Pill("Memory", "bad", "alert"),
    Status.OURS: Pill("Our fault", "wait", "alert"),
}
UNREAD = Pill("For a TA", "wait", "pen")  # nothing broke: a machine cannot judge what was handed in
IN_PART = Pill("In part", "wait", "info")
ATTEMPT = {
    AttemptState.QUEUED: Pill("Waiting", "wait", "clock"),
    AttemptState.RUNNING: Pill("Grading", "live", "turn"),
    AttemptState.GRADED: Pill("Graded", "good", "check"),
    AttemptState.FAILED: Pill("Not graded: our fault", "wait", "alert"),
}
REVIEW = {
    "queued": ATTEMPT[AttemptState.QUEUED],
    "running": ATTEMPT[AttemptState.RUNNING],
    "failed": Pill("Failed: our fault", "bad", "alert"),
    "to-review": Pill("To review", "wait", "pen"),
    "reviewed": Pill("Reviewed", "good", "check"),
}


def verdict(check: CheckResult) -> Pill:
    """What has earned some of its points is not simply wrong."""
    if check.unread:
        return UNREAD
    return IN_PART if check.status is Status.FAIL and 0 < check.points < check.max_points else CHECK[check.status]


_DIAGNOSIS = re.compile(r"\s*(It looks as if .+?\.)(?=\s|$)", re.DOTALL)


def diagnosis(message: str) -> tuple[str, str]:
    """(what the mistake looks like, the rest) of a check's message; the first is empty where no mistake is named."""
    found = _DIAGNOSIS.search(message)
    if found is None:
        return "", message
    return found[1], (message[: found.start()] + message[found.end() :]).strip()


def points(value: float | None) -> str:
    """At most two decimals, a real minus sign: 3, 2.5, −0.25."""
    if value is None:
        return "–"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")


def signed(value: float) -> str:
    return f"+{points(value)}" if value > 0 else points(value)


def moment(value: datetime | None) -> str:
    """21 Nov 2026, 05:55 UTC."""
    return f"{value.astimezone(UTC):%-d %b %Y, %H:%M} UTC" if value else "–"


def iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds")


def lateness(at: datetime, due: datetime | None) -> str:
    """How late something is, in words; empty when in time."""
    seconds = (at - due).total_seconds() if due else 0
    if seconds <= 0:
        return ""
    days, hours, minutes = int(seconds // 86400), int(seconds % 86400 // 3600), int(seconds % 3600 // 60)
    return f"late by {days} d {hours} h" if days else f"late by {hours} h {minutes} min"


def size(count: int) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def share(part: float, whole: float) -> str:
    """A percentage for an SVG attribute."""
    return f"{min(max(100 * part / whole, 0), 100):.2f}" if whole > 0 else "0"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def numeric_error(value: float | None) -> str:
    """A relative error with two digits: 3.2e-04."""
    return "–" if value is None else f"{value:.1e}"
