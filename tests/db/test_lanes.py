"""Attempts whose checks may take long, or ask for a GPU, wait in the queue for that."""

import pytest

from grader.core.rubric_file import parse_rubric
from grader.db import attempts, courses
from grader.db.lanes import lane_of
from grader.db.submissions import store_submission
from grader.db.tables import Lane
from grader.queue import limit_of
from grader.settings import get_settings

RUBRIC = """
assignment: x
title: x
code: {{}}
questions:
- id: trains
  title: t
  points: 1
  checks:
  - id: a
    points: 1
    training: {{dataset: digits, full_at: 0.9, zero_at: 0.5, budget: {budget}}}
"""


@pytest.mark.parametrize(
    ("budget", "asked", "lane"),
    [
        ("{seconds: 20}", Lane.INTERACTIVE, Lane.INTERACTIVE),
        ("{seconds: 300}", Lane.INTERACTIVE, Lane.BULK),
        ("{seconds: 20, device: gpu}", Lane.INTERACTIVE, Lane.GPU),
        ("{seconds: 300, device: gpu}", Lane.BULK, Lane.GPU),
        ("{seconds: 300}", Lane.GPU, Lane.GPU),
        ("{seconds: 20}", Lane.BULK, Lane.BULK),
    ],
)
def test_budgets_decide(budget, asked, lane):
    document = parse_rubric(RUBRIC.format(budget=budget)).model_dump(mode="json")
    assert lane_of(document, asked) is lane


def test_an_attempt_is_opened_where_it_belongs(session, make_demo_course):
    course = make_demo_course(session)
    text = RUBRIC.format(budget="{seconds: 100, device: gpu}")
    document = parse_rubric(text).model_dump(mode="json")
    rubric = courses.register_rubric(session, pack="x", sha256="0" * 64, yaml_text=text, document=document)
    stored = store_submission(
        session, user=course.student, assignment=course.assignment, files={}, answers={}, source="api"
    )
    assert stored.attempt.lane is Lane.INTERACTIVE, "a rubric without budgets changes nothing"
    opened = attempts.open_attempt(session, stored.submission.id, rubric.id, Lane.BULK)
    assert opened.lane is Lane.GPU


def test_long_lanes_have_a_long_limit():
    settings = get_settings()
    assert limit_of(Lane.INTERACTIVE, settings) == {}
    for lane in (Lane.BULK, Lane.GPU):
        assert settings.attempt_seconds < limit_of(lane, settings)["time_limit"] < settings.visibility_seconds
