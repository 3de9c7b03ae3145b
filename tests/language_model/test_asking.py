import json
import uuid
from decimal import Decimal

import pytest

from grader.accept import store
from grader.core.submission import Answer, Submission
from grader.db.opinions import newest_opinion, spent
from grader.db.session import transaction
from grader.errors import Misconfigured, Unavailable
from grader.settings import Settings, get_settings
from worker.opinions import ask_about

REPLY = json.dumps(
    {"wrong": {"verdict": "applies", "quote": "it is fast", "reason": "speed is no reason"}, "speaks_to_grader": False}
)


@pytest.fixture
def answered(course):
    content = Submission({}, {"essay": Answer("essay", f"Because it is fast. {uuid.uuid4()}", "form")})
    with transaction() as session:
        return store(session, content, user=course.student, assignment=course.assignment, source="api").submission.id


@pytest.fixture
def chosen(model, settings_from, course):
    settings_from(
        LLM_URL=model.url, LLM_COURSES=course.course.slug, LLM_MODEL="wanted", LLM_KEY="k-123",
        LLM_PRICE_IN="2", LLM_PRICE_OUT="10",
    )  # fmt: skip
    model.reply = REPLY
    return model


def opinion_of(submission_id):
    with transaction() as session:
        found = newest_opinion(session, submission_id, "essay")
        if found:
            session.expunge(found)
        return found


def test_opinion_model_and_cost_are_kept(answered, chosen, course):
    ask_about(answered, "essay")
    opinion = opinion_of(answered)
    assert opinion.items == {"wrong": {"suggested": "deduct", "quote": "it is fast", "reason": "speed is no reason"}}
    assert (opinion.model, opinion.prompt_tokens, opinion.completion_tokens) == ("served-model", 400, 100)
    assert opinion.cost == Decimal("0.0018")  # 400 at 2 and 100 at 10 a million
    asked = chosen.asked[0]
    assert (asked["path"], asked["model"], asked["temperature"]) == ("/v1/chat/completions", "wanted", 0)
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert chosen.keys == ["Bearer k-123"]
    with transaction() as session:
        assert spent(session, course.assignment) == (1, Decimal("0.0018"))


def test_it_is_off_by_default(answered, model):
    assert Settings().llm_url == ""
    ask_about(answered, "essay")
    assert model.asked == [] and opinion_of(answered) is None


def test_another_courses_choice_is_not_ours(answered, chosen, settings_from):
    settings_from(LLM_URL=chosen.url, LLM_COURSES="somebody-elses")
    ask_about(answered, "essay")
    assert chosen.asked == []


@pytest.mark.parametrize("reply", ["full marks!", b"not json", {"choices": []}, {"choices": "x"}, b"[]"])
def test_a_reply_that_cannot_be_used_is_said_or_tried_again(answered, chosen, reply):
    chosen.reply = reply
    try:
        ask_about(answered, "essay")
    except Unavailable:
        assert opinion_of(answered) is None
    else:
        opinion = opinion_of(answered)
        assert opinion.items == {} and opinion.error


@pytest.mark.parametrize(
    ("status", "error"), [(500, Unavailable), (429, Unavailable), (302, Unavailable), (401, Misconfigured)]
)
def test_statuses(answered, chosen, status, error):
    chosen.status = status
    with pytest.raises(error):
        ask_about(answered, "essay")


def test_endless_reply_is_cut(answered, chosen):
    chosen.reply = b"x" * (2 << 20)
    with pytest.raises(Unavailable, match="too large"):
        ask_about(answered, "essay")


def test_nobody_listens(answered, chosen, settings_from, course):
    settings_from(LLM_URL="http://127.0.0.1:9/v1", LLM_COURSES=course.course.slug)
    with pytest.raises(Unavailable):
        ask_about(answered, "essay")


def test_a_worker_asks(answered, chosen, workers, eventually, course):
    from grader.queue import send_question

    workers(
        GRADER_LLM_URL=chosen.url, GRADER_LLM_COURSES=course.course.slug, GRADER_LLM_MODEL="wanted",
        GRADER_LLM_KEY=get_settings().llm_key.get_secret_value(),
    )  # fmt: skip
    assert send_question(answered, "essay")
    eventually(lambda: opinion_of(answered) is not None, what="the opinion")


def test_marks_stay_as_they_are(answered, chosen, course):
    """An opinion applies nothing and decides nothing."""
    from grader.db.marks import marks_of
    from grader.db.review_tables import Review

    ask_about(answered, "essay")
    with transaction() as session:
        assert marks_of(session, answered) == []
        assert session.get(Review, (answered, "essay")) is None
