"""What a student sees of a result: per check, per question, in total, before and after publishing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status
from grader.core.visibility import Release, hidden_notes, hides_points, visible_result

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(days=1), NOW + timedelta(days=1)
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def check(name, points, most, status=Status.PASS):
    return CheckResult(
        id=name, kind="forward", function=None, scope="core", status=status, points=points, max_points=most,
        message=f"about {name}", detail="for staff",
    )  # fmt: skip


def code(name, *checks, score=None, most=None, status="graded"):
    most = sum(one.max_points for one in checks) if most is None else most
    got = sum(one.points for one in checks) if score is None else score
    return QuestionResult(id=name, title=name, score=got, max_score=most, status=status, checks=checks)


def essay(*, applied, decided=True):
    item = ItemResult(
        id="wrong", label="Wrong", points=-1, applied=applied, suggested="deduct", confidence=0.9, evidence=("x",),
        reason="why",
    )  # fmt: skip
    other = ItemResult(id="other", label="Names the answer", points=-1)
    return QuestionResult(
        id="essay", title="Essay", score=(2 - applied) if decided else 0, max_score=2,
        status="graded" if decided else "needs_review", items=(item, other), answer="My answer",
    )  # fmt: skip


def result(*questions):
    return Result(
        pack="p", rubric_hash="h", score=sum(one.score for one in questions),
        max_score=sum(one.max_score for one in questions),
        awaiting_review=sum(one.max_score for one in questions if one.status == "needs_review"),
        seconds=1, questions=questions, record={"seed": 7},
    )  # fmt: skip


def document(essays=True, **visibility):
    """A rubric with one code question, whose checks a and b are worth 2 and 3."""
    checks = [
        {"id": name, "points": points, "visibility": visibility.get(name, "visible")}
        for name, points in (("a", 2), ("b", 3))
    ]
    questions = [{"id": "code", "points": 5, "checks": checks, "items": []}]
    if essays:
        questions.append({"id": "essay", "points": 2, "checks": [], "items": [{"id": "wrong"}, {"id": "other"}]})
    return {"questions": questions}


CODE = code("code", check("a", 2, 2), check("b", 0, 3, Status.FAIL))


def seen(given, rubric, *, due_at=None, published_at=None):
    return visible_result(given, rubric, now=NOW, due_at=due_at, published_at=published_at)


def test_before_publishing_a_written_question_is_only_its_answer():
    shown = seen(result(CODE, essay(applied=True)), document())
    written = shown.questions[1]
    assert (written.items, written.score, written.status, written.answer) == ((), 0, "needs_review", "My answer")
    assert shown.score == 2 and shown.max_score == 7 and shown.awaiting_review == 2
    assert shown.record == {} and not any(one.detail for one in shown.questions[0].checks)


def test_decided_and_undecided_look_alike_before_publishing():
    decided = seen(result(CODE, essay(applied=True)), document())
    assert decided == seen(result(CODE, essay(applied=False)), document())
    assert decided == seen(result(CODE, essay(applied=False, decided=False)), document())


def test_after_publishing_the_applied_items_show_with_what_a_confirmed_suggestion_rests_on():
    shown = seen(result(CODE, essay(applied=True)), document(), published_at=PAST)
    [item] = shown.questions[1].items
    assert item == ItemResult(id="wrong", label="Wrong", points=-1, applied=True, reason="why", evidence=("x",))
    assert shown.questions[1].score == 1 and shown.score == 3 and shown.awaiting_review == 0


@pytest.mark.parametrize("suggested", ["clear", "unknown"])
def test_what_staff_decided_by_themselves_shows_no_reason_of_ours(suggested):
    marked = essay(applied=True)
    own = marked.items[0].model_copy(update={"suggested": suggested})
    shown = seen(result(marked.model_copy(update={"items": (own,)})), document(), published_at=PAST)
    assert shown.questions[0].items == (ItemResult(id="wrong", label="Wrong", points=-1, applied=True),)


def test_a_question_that_nobody_decided_stays_open_after_publishing():
    shown = seen(result(CODE, essay(applied=False, decided=False)), document(), published_at=PAST)
    assert shown.questions[1].items == () and shown.questions[1].status == "needs_review"
    assert shown.awaiting_review == 2


def test_publishing_in_the_future_is_not_published():
    assert seen(result(essay(applied=True)), document(), published_at=FUTURE).questions[0].items == ()


def test_an_adjustment_of_a_code_question_waits_until_published():
    adjusted = result(code("code", *CODE.checks, score=4.5))
    assert seen(adjusted, document()).questions[0].score == 2
    assert seen(adjusted, document()).score == 2
    assert seen(adjusted, document(), published_at=PAST).questions[0].score == 4.5


def test_our_fault_stays_open_also_when_staff_adjusted_it():
    ours = code("code", check("a", 0, 2, Status.OURS), check("b", 3, 3), score=5)
    shown = seen(result(ours), document())
    assert shown.questions[0].status == "needs_review" and shown.awaiting_review == 2
    assert seen(result(ours), document(), published_at=PAST).questions[0].status == "graded"


@pytest.mark.parametrize(
    ("visibility", "due_at", "published_at", "shown"),
    [
        ("visible", FUTURE, None, True),
        ("after_due_date", FUTURE, None, False),
        ("after_due_date", FUTURE, PAST, False),
        ("after_due_date", PAST, None, True),
        ("after_due_date", NOW, None, True),
        ("after_due_date", None, None, False),
        ("after_due_date", None, PAST, True),
        ("after_published", PAST, None, False),
        ("after_published", FUTURE, PAST, True),
        ("hidden", PAST, PAST, False),
    ],
)
def test_a_check_shows_when_its_visibility_says_so(visibility, due_at, published_at, shown):
    rubric = document(b=visibility)
    found = seen(result(CODE), rubric, due_at=due_at, published_at=published_at)
    assert ("b" in [one.id for one in found.questions[0].checks]) is shown
    notes = hidden_notes(rubric, now=NOW, due_at=due_at, published_at=published_at)
    assert ("code" in notes) is not shown
    assert hides_points(rubric, Release(NOW, due_at, published_at)) is not shown


def test_a_hidden_check_tells_nothing_by_the_score():
    failed, passed = CODE, code("code", check("a", 2, 2), check("b", 3, 3))
    for published_at in (None, PAST):
        one, other = (seen(result(it), document(b="hidden"), published_at=published_at) for it in (failed, passed))
        assert one.questions == other.questions
        assert one.questions[0].status == "needs_review" and one.questions[0].score == 2
    before = [seen(result(it), document(b="hidden")).score for it in (failed, passed)]
    after = [seen(result(it), document(b="hidden"), published_at=PAST).score for it in (failed, passed)]
    assert before == [2, 2] and after == [2, 5], "the published total counts everything"


def test_cases_beyond_the_assignment_are_hidden_with_their_check():
    edge = check("b.edge", 0, 0)
    shown = seen(result(code("code", check("a", 2, 2), edge)), document(b="hidden"))
    assert [one.id for one in shown.questions[0].checks] == ["a"]
    shown = seen(result(code("code", check("a", 2, 2), edge)), document())
    assert [one.id for one in shown.questions[0].checks] == ["a", "b.edge"]


def test_a_check_that_the_rubric_forgot_is_as_hidden_as_the_most_hidden_one():
    gone = code("code", check("a", 2, 2), check("gone", 3, 3))
    shown = seen(result(gone), document(b="after_published"))
    assert [one.id for one in shown.questions[0].checks] == ["a"]
    assert len(seen(result(gone), document()).questions[0].checks) == 2


def test_a_note_says_until_when():
    notes = hidden_notes(document(a="hidden", b="after_due_date"), now=NOW, due_at=FUTURE, published_at=None)
    assert notes["code"] == (
        "One check is shown after the due date, 22 Nov 2026, 12:00 UTC. "
        "One check is not shown, but counted in the published total."
    )
    assert notes["essay"] == "The marks of this question are not published yet."
    assert hidden_notes(document(), now=NOW, due_at=None, published_at=PAST) == {}


points = st.sampled_from([0.0, 0.5, 1.0, 2.0])


@given(
    st.lists(st.tuples(points, st.sampled_from(VISIBILITIES)), min_size=1, max_size=5),
    st.sampled_from([None, PAST, FUTURE]), st.sampled_from([None, PAST, FUTURE]), st.data(),
)  # fmt: skip
def test_what_is_hidden_changes_nothing_that_shows_before_publishing(checks, due_at, published_at, data):
    """Two hand-ins that differ only in hidden checks look the same."""
    rubric = {
        "questions": [
            {
                "id": "code", "points": 9, "items": [],
                "checks": [{"id": f"c{i}", "points": most, "visibility": v} for i, (most, v) in enumerate(checks)],
            }
        ]
    }  # fmt: skip
    release = Release(NOW, due_at, published_at)

    def graded():
        made = [
            check(f"c{i}", data.draw(st.sampled_from([0.0, most])) if not release.shows(v) else most, most)
            for i, (most, v) in enumerate(checks)
        ]
        return seen(result(code("code", *made)), rubric, due_at=due_at, published_at=published_at)

    one, other = graded(), graded()
    assert one.questions == other.questions
    if not release.published:
        assert (one.score, one.awaiting_review) == (other.score, other.awaiting_review)
