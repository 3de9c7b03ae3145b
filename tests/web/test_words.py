"""How things are written on the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from grader.core.result import CheckResult
from grader.web import words


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (2.5, "2.5"), (-0.25, "−0.25"), (0.0, "0"), (-0.001, "0"), (10.0, "10"), (1 / 3, "0.33"), (None, "–")],
)
def test_points(value, text):
    assert words.points(value) == text


def test_a_named_mistake_is_found_within_its_message():
    message = "dx is off by 7.2e+01. It looks as if p is 0.5 too large. 2 of 4 cases came out right."
    named, rest = words.diagnosis(message)
    assert named == "It looks as if p is 0.5 too large."
    assert rest == "dx is off by 7.2e+01. 2 of 4 cases came out right."
    assert words.diagnosis("dx is off.") == ("", "dx is off.")


def test_lateness():
    due = datetime(2026, 11, 21, tzinfo=UTC)
    assert words.lateness(due, due) == "" and words.lateness(due, None) == ""
    assert words.lateness(due + timedelta(minutes=61), due) == "late by 1 h 1 min"
    assert words.lateness(due + timedelta(days=2, hours=3), due) == "late by 2 d 3 h"


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (1023, "1023 B"), (2048, "2.0 KiB"), (3 * 2**30, "3.0 GiB")])
def test_sizes(count, text):
    assert words.size(count) == text


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"status": "fail", "points": 1.5}, "In part"),
        ({"status": "fail", "points": 0}, "Wrong"),
        ({"status": "pass", "points": 2}, "Passed"),
        ({"status": "missing", "points": 0}, "Missing"),
        ({"status": "ours", "points": 0, "unread": True}, "For a TA"),
        ({"status": "ours", "points": 0}, "Our fault"),
    ],
)
def test_verdicts(given, word):
    check = CheckResult(id="c", kind="curves", function=None, scope="core", max_points=2, message="", **given)
    assert words.verdict(check).word == word
