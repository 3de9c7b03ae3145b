"""Searching, filtering and sorting the staff's list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.db.overview import Row

_KEYS: dict[str, Callable[[Row], Any]] = {
    "student": lambda row: (row.student.casefold(), row.id),
    "time": lambda row: row.created_at,
    "state": lambda row: (row.review, row.id),
    "score": lambda row: (row.score if row.score is not None else -1.0, row.id),
    "review": lambda row: (row.reviewed / row.to_review if row.to_review else -1.0, row.id),
}
COLUMNS = tuple(_KEYS)


@dataclass(frozen=True)
class Wanted:
    """`search`: part of a name or e-mail; `state`: one of `Row.review`, or empty; `sort`: a column, `-`: descending."""

    search: str = ""
    state: str = ""
    sort: str = "-time"


def choose(rows: Sequence[Row], wanted: Wanted) -> list[Row]:
    needle = wanted.search.strip().casefold()
    found = [
        row
        for row in rows
        if (not wanted.state or row.review == wanted.state)
        and (not needle or needle in row.student.casefold() or needle in row.email.casefold())
    ]
    key = _KEYS.get(wanted.sort.removeprefix("-"), _KEYS["time"])
    return sorted(found, key=key, reverse=wanted.sort.startswith("-"))


def count_states(rows: Sequence[Row]) -> dict[str, int]:
    return dict(Counter(row.review for row in rows))
