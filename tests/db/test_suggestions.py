"""Suggestions follow the rules of the assignment's rubric, for the whole class at once."""

from __future__ import annotations

import pytest

from grader.core.marking import mark_question, total
from grader.core.rubric_file import parse_rubric
from grader.core.submission import Answer
from grader.db import attempts, rubrics
from grader.db.review_tables import Suggestion
from grader.db.submissions import store_submission

RULED = """
assignment: nets
title: Nets
questions:
  - id: essay
    title: Why ReLU
    points: 1
    scoring: deduct
    answer: {prompt: Why is ReLU used in deep nets}
    items: [{id: wrong, points: -1, label: Wrong, clear: keeps}]
    statements:
      keeps: {says: that gradients stay alive, any: [[gradient*, alive]]}
"""
TEXT = "The gradients stay alive for every positive input, so deep layers learn too."


@pytest.fixture
def graded(session, make_demo_course):
    demo = make_demo_course(session)
    answers = {"essay": Answer("essay", TEXT, "form")}
    stored = store_submission(
        session, user=demo.student, assignment=demo.assignment, files={}, answers=answers, source="api"
    )
    lease = attempts.take(session, stored.attempt.id, worker="test", lease_seconds=60)
    rubric = parse_rubric(demo.assignment.rubric_version.yaml_text)
    questions = [mark_question(question, (), answers) for question in rubric.questions]
    sha256 = demo.assignment.rubric_version.sha256
    assert attempts.finish(session, lease, total("nets", sha256, questions, 0.1, (), {}))
    return demo, stored.submission


def suggested(session, submission):
    session.flush()
    return session.get(Suggestion, (submission.id, "essay"), populate_existing=True).items["wrong"]


def apply(session, demo, text):
    rubrics.apply_edit(session, demo.assignment, text, demo.assignment.rubric_version.sha256, demo.ta)


def test_new_rules_suggest_anew(session, graded):
    demo, submission = graded
    assert suggested(session, submission)["suggested"] == "unknown"
    apply(session, demo, RULED)
    now = suggested(session, submission)
    assert now["suggested"] == "clear" and "stay alive" in now["evidence"][0]
    apply(session, demo, RULED.replace(", clear: keeps", ""))
    assert suggested(session, submission)["suggested"] == "unknown"


def test_points_and_labels_are_no_rules(session, graded, monkeypatch):
    demo, submission = graded
    apply(session, demo, RULED)
    monkeypatch.setattr("grader.db.suggestions.mark_question", lambda *_: pytest.fail("nothing to suggest anew"))
    apply(session, demo, RULED.replace("points: -1, label: Wrong", "points: -0.5, label: Not right"))
    assert suggested(session, submission)["suggested"] == "clear"
