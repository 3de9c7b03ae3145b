"""Publishing and its settings: what is stored, what is logged, what is still open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grader.core.result import ItemResult, QuestionResult, Result
from grader.core.submission import Answer
from grader.core.submission import Submission as Content
from grader.db import attempts
from grader.db.audit import entries
from grader.db.gradebook import gradebook
from grader.db.release import Terms, publish, release_state, set_terms, unpublish
from grader.db.reviews import Decision, save_review
from grader.db.scores import score_sheet
from grader.db.submissions import store_submission
from grader.errors import BadInput


@pytest.fixture
def demo(session, make_demo_course):
    return make_demo_course(session)


@pytest.fixture
def graded(session, demo):
    content = Content(files={}, answers={"essay": Answer("essay", "Because", "form")})
    stored = store_submission(
        session, user=demo.student, assignment=demo.assignment, files={}, answers=content.answers, source="api"
    )
    lease = attempts.take(session, stored.attempt.id, worker="test", lease_seconds=60)
    question = QuestionResult(
        id="essay", title="Why ReLU", score=0, max_score=1, status="needs_review",
        items=(ItemResult(id="wrong", label="Wrong", points=-1),),
    )  # fmt: skip
    result = Result(
        pack="nets", rubric_hash="h", score=0, max_score=1, awaiting_review=1, seconds=1, questions=(question,)
    )
    assert attempts.finish(session, lease, result)
    session.refresh(stored.attempt)
    return stored.submission


def state(session, assignment):
    return release_state(session, assignment, gradebook(session, assignment))


def actions(session, demo):
    return [entry.action for entry in entries(session, demo.assignment.id)]


def test_publishing_and_taking_it_back_are_logged_once_each(session, demo):
    publish(session, demo.assignment, demo.ta)
    first = demo.assignment.published_at
    publish(session, demo.assignment, demo.ta)
    assert demo.assignment.published_at == first and first is not None
    unpublish(session, demo.assignment, demo.ta)
    unpublish(session, demo.assignment, demo.ta)
    assert demo.assignment.published_at is None
    assert actions(session, demo) == ["unpublish", "publish"]
    newest = entries(session, demo.assignment.id)[0]
    assert newest.by == demo.ta and newest.before == {"published_at": first.isoformat()} and newest.after is None


def test_what_is_open_is_counted(session, demo, graded):
    open_now = state(session, demo.assignment)
    assert (open_now.students, open_now.undecided, open_now.complete) == (1, 1, 0)
    [question] = open_now.questions
    assert (question.id, question.undecided, question.answers) == ("essay", 1, 1)
    version = score_sheet(session, graded).question("essay").version
    save_review(session, submission=graded, question="essay", decision=Decision({}), version=version, by=demo.ta)
    done = state(session, demo.assignment)
    assert (done.undecided, done.complete, done.questions) == (0, 1, ())


def test_settings_are_checked_and_logged(session, demo):
    until = datetime(2026, 12, 24, 18, tzinfo=UTC)
    set_terms(session, demo.assignment, Terms(2, until, anonymous=True), demo.ta)
    set_terms(session, demo.assignment, Terms(2, until, anonymous=True), demo.ta)
    [entry] = entries(session, demo.assignment.id)
    assert entry.before == {"regrade_quota": 3, "regrades_until": None, "anonymous": False}
    assert entry.after == {"regrade_quota": 2, "regrades_until": until.isoformat(), "anonymous": True}
    with pytest.raises(BadInput, match="between 0 and 1000"):
        set_terms(session, demo.assignment, Terms(-1, None, anonymous=False), demo.ta)
