"""Second looks: who may ask how often, until when; of two at once exactly one gets through; everything is logged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from grader.core.result import ItemResult, QuestionResult, Result
from grader.core.submission import Answer
from grader.db import attempts, requests
from grader.db.audit import entries
from grader.db.release import publish, unpublish
from grader.db.review_tables import RegradeRequest, RequestState
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import store_submission, submission_by_id
from grader.db.tables import Assignment, RubricVersion
from grader.errors import BadInput, EditConflict, NotFound

QUESTIONS = ("one", "two", "three", "four", "five")


def rubric_document():
    return {
        "questions": [
            {
                "id": name, "title": name, "points": 1, "scoring": "deduct", "checks": [],
                "items": [{"id": "wrong", "label": "Wrong", "points": -1}],
            }
            for name in QUESTIONS
        ]
    }  # fmt: skip


def hand_in(session, course, text="Because"):
    """A graded submission of the student, each question marked as wrong."""
    answers = {name: Answer(name, text, "form") for name in QUESTIONS}
    stored = store_submission(
        session, user=course.student, assignment=course.assignment, files={}, answers=answers, source="api"
    )
    lease = attempts.take(session, stored.attempt.id, worker="test", lease_seconds=60)
    item = ItemResult(id="wrong", label="Wrong", points=-1)
    questions = tuple(
        QuestionResult(id=name, title=name, score=0, max_score=1, status="needs_review", items=(item,))
        for name in QUESTIONS
    )
    result = Result(
        pack="nets", rubric_hash="h", score=0, max_score=5, awaiting_review=5, seconds=1, questions=questions
    )
    assert attempts.finish(session, lease, result)
    session.refresh(stored.attempt)
    submission = submission_by_id(session, stored.submission.id)
    for name in QUESTIONS:
        mark(session, submission, name, "wrong", course.ta)
    return submission


def mark(session, submission, question, item, by):
    version = score_sheet(session, submission).question(question).version
    items = {item: ItemDecision(True)} if item else {}
    save_review(session, submission=submission, question=question, decision=Decision(items), version=version, by=by)


@pytest.fixture
def published(course):
    """A published submission with a quota of two, committed; its id."""
    with transaction() as session:
        session.get_one(RubricVersion, course.assignment.rubric_version_id).document = rubric_document()
        assignment = session.get_one(Assignment, course.assignment.id)
        assignment.regrade_quota = 2
        submission = hand_in(session, course)
        publish(session, assignment, course.ta)
        return submission.id


def ask(published, course, question, text="Look at my last line"):
    with transaction() as session:
        submission = submission_by_id(session, published)
        return requests.open_request(session, submission=submission, question=question, text=text, by=course.student).id


def left(published):
    with transaction() as session:
        return requests.allowance(session, submission_by_id(session, published)).left


def test_a_thread_from_question_to_answer(course, published):
    request_id = ask(published, course, "one")
    with transaction() as session:
        request = requests.request_by_id(session, request_id)
        requests.write(session, request, "Which line?", course.ta)
        requests.write(session, request, "The third", course.student)
        mark(session, request.submission, "one", None, course.ta)
        requests.answer(session, request, granted=True, text="You are right", by=course.ta)
    with transaction() as session:
        request = requests.request_by_id(session, request_id)
        assert request.state is RequestState.GRANTED and request.closed_by_id == course.ta.id
        assert [message.text for message in request.messages] == [
            "Look at my last line", "Which line?", "The third", "You are right",
        ]  # fmt: skip
        assert score_sheet(session, request.submission).question("one").result.score == 1
        assert requests.scores_when_asked(session, published) == {"one": 0}
        logged = [entry.action for entry in entries(session, course.assignment.id, submission_id=published)]
        assert logged[:5] == ["request answered", "review", "request message", "request message", "request opened"]


def test_the_quota_holds_and_withdrawing_gives_back(course, published):
    first = ask(published, course, "one")
    ask(published, course, "two")
    assert left(published) == 0
    with pytest.raises(BadInput, match="used all 2"):
        ask(published, course, "three")
    with transaction() as session:
        requests.withdraw(session, requests.request_by_id(session, first), course.student)
    assert left(published) == 1
    assert ask(published, course, "one", "Once more") == first, "the thread goes on"
    with transaction() as session:
        texts = [message.text for message in requests.request_by_id(session, first).messages]
    assert texts == ["Look at my last line", "Once more"]


def test_many_at_once_do_not_get_past_the_quota(course, published):
    def attempt(question):
        try:
            return ask(published, course, question)
        except BadInput:
            return None

    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        made = [it for it in pool.map(attempt, QUESTIONS) if it]
    assert len(made) == 2
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(RegradeRequest)) == 2


def test_the_same_question_twice_at_once_is_one_request(course, published):
    def attempt(_):
        try:
            return ask(published, course, "one")
        except EditConflict as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(attempt, range(4)))
    assert len([it for it in made if isinstance(it, int)]) == 1


def test_of_two_who_answer_one_is_told(course, published):
    request_id = ask(published, course, "one")

    def attempt(granted):
        with transaction() as session:
            request = requests.request_by_id(session, request_id)
            try:
                requests.answer(session, request, granted=granted, text="So it is", by=course.ta)
            except EditConflict:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, [True, False])) == [False, True]
    with transaction() as session:
        assert len(requests.request_by_id(session, request_id).messages) == 2


def change(course, **values):
    with transaction() as session:
        assignment = session.get_one(Assignment, course.assignment.id)
        for name, value in values.items():
            setattr(assignment, name, value)


def test_not_before_publishing_and_not_after_the_deadline(course, published):
    change(course, regrades_until=datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(BadInput, match="requests were possible until"):
        ask(published, course, "one")
    change(course, regrades_until=datetime.now(UTC) + timedelta(minutes=1))
    with transaction() as session:
        unpublish(session, session.get_one(Assignment, course.assignment.id), course.ta)
    with pytest.raises(BadInput, match="not published"):
        ask(published, course, "one")


@pytest.mark.parametrize(
    ("question", "text", "error"),
    [("one", "  ", BadInput), ("one", "x" * 5001, BadInput), ("none", "Why?", NotFound)],
)
def test_what_cannot_be_asked(course, published, question, text, error):
    with pytest.raises(error):
        ask(published, course, question, text)
    assert left(published) == 2


def test_only_about_what_is_decided_and_the_newest_submission(course, published):
    with transaction() as session:
        newer = hand_in(session, course, "Another answer").id
    with pytest.raises(BadInput, match="newest submission"):
        ask(published, course, "one")
    assert ask(newer, course, "one")


def test_an_answered_request_is_closed_until_staff_open_it_again(course, published):
    request_id = ask(published, course, "one")
    with transaction() as session:
        requests.answer(session, requests.request_by_id(session, request_id), granted=False, text="No", by=course.ta)
    with pytest.raises(EditConflict, match="declined"):
        ask(published, course, "one")
    with transaction() as session:
        request = requests.request_by_id(session, request_id)
        for act in (requests.write, requests.withdraw):
            with pytest.raises(EditConflict):
                act(session, request, *(["Please"] if act is requests.write else []), course.student)
        requests.reopen(session, request, course.ta)
        requests.write(session, request, "Please", course.student)
        with pytest.raises(EditConflict, match="only an answered one"):
            requests.reopen(session, request, course.ta)


def test_the_inbox_has_open_ones_first(course, published):
    first, second = ask(published, course, "one"), ask(published, course, "two")
    with transaction() as session:
        requests.answer(session, requests.request_by_id(session, first), granted=True, text="Yes", by=course.ta)
        assignment = session.get_one(Assignment, course.assignment.id)
        assert [request.id for request in requests.inbox(session, assignment)] == [second, first]
        assert [request.id for request in requests.inbox(session, assignment, RequestState.GRANTED)] == [first]
        assert requests.states_count(session, assignment) == {RequestState.OPEN: 1, RequestState.GRANTED: 1}
