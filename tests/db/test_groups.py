"""Groups of similar answers: refreshed when answers change, and never without a new hand-in."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.core.submission import Answer
from grader.db.groups import groups_of, members_of, refresh_groups
from grader.db.kinds import ReviewVia
from grader.db.reviews import save_review
from grader.db.session import transaction
from grader.errors import NotFound

TEXTS = ("because it is cheap", "because it is so cheap", "", "the derivative does not vanish", "because it's cheap", "")


@pytest.fixture
def room(session, desks):
    return desks.make_desk_class(session)


def refresh(session, room):
    return refresh_groups(session, room.assignment, "why")


def shown(session, room):
    return [(row.size, row.sample) for row in groups_of(session, room.assignment, "why")]


def test_refreshing_only_when_answers_changed(session, room):
    assert not refresh(session, room), "there is nothing to group"
    room.class_of(session, *TEXTS)
    assert refresh(session, room)
    assert not refresh(session, room)
    room.hand_in(session, "Z", answers={"why": "because it is cheap!"})
    assert refresh(session, room)


def test_largest_first_and_the_unanswered_last(session, room):
    room.class_of(session, *TEXTS)
    refresh(session, room)
    assert [size for size, _ in shown(session, room)] == [3, 1, 2]
    assert [text for _, text in shown(session, room)][1:] == ["the derivative does not vanish", ""]


def test_what_came_after_the_grouping_is_behind_it(session, room):
    room.class_of(session, *TEXTS)
    refresh(session, room)
    late = room.hand_in(session, "Z", answers={"why": "because it is cheap"})
    assert shown(session, room)[-1] == (1, "because it is cheap")
    assert [it.submission_id for it in members_of(session, room.assignment, "why", 3)] == [late.id]
    refresh(session, room)
    assert [size for size, _ in shown(session, room)] == [4, 1, 2]


def test_an_older_submission_leaves_its_group(session, room):
    room.class_of(session, "because it is cheap", "because it is so cheap")
    refresh(session, room)
    room.hand_in(session, "A", answers={"why": "no idea"})
    assert refresh(session, room)
    assert [size for size, _ in shown(session, room)] == [1, 1]


def test_what_is_not_graded_yet_is_not_there(session, room):
    room.hand_in(session, "A", answers={"why": "yes"}, graded=False)
    assert not refresh(session, room)
    assert shown(session, room) == []


def test_members_with_what_is_known_about_them(session, room, desks):
    first, second, *_ = room.class_of(session, "because it is cheap", "because it is so cheap", "no")
    save_review(
        session, submission=second, question="why", decision=desks.decision("vague"),
        version=room.sheet(session, second).version, by=room.tal, via=ReviewVia.DESK,
    )  # fmt: skip
    refresh(session, room)
    members = {it.submission_id: it for it in members_of(session, room.assignment, "why", 0)}
    assert set(members) == {first.id, second.id}
    assert (members[first.id].decided, members[first.id].applied, members[first.id].text) == (
        False, (), "because it is cheap",
    )  # fmt: skip
    assert (members[second.id].decided_by, members[second.id].applied) == ("Tal", ("vague",))
    assert members[second.id].version == room.sheet(session, second).version
    assert members[first.id].suggested == {"wrong": "unknown", "vague": "unknown"}
    assert [row.decided for row in groups_of(session, room.assignment, "why")] == [1, 0]


def test_answers_from_pages_are_grouped_but_no_duplicates(session, room):
    on_page = Answer("why", "because it is cheap", "hw.pdf", place="found", document="hw.pdf", pages=(1,))
    for name in "AB":
        room.hand_in(session, name, answers={"why": on_page})
    refresh(session, room)
    assert shown(session, room) == [(2, "because it is cheap")]


def test_no_such_question_or_group(session, room):
    room.class_of(session, "yes")
    refresh(session, room)
    assert members_of(session, room.assignment, "why", 7) == []
    with pytest.raises(NotFound):
        members_of(session, room.assignment, "unheard-of", 0)


def test_two_who_open_the_desk_at_once(database, desks):
    with transaction() as session:
        room = desks.make_desk_class(session)
        room.class_of(session, *TEXTS)

    def open_desk(_):
        with transaction() as session:
            return refresh(session, room)

    with ThreadPoolExecutor(4) as pool:
        assert any(pool.map(open_desk, range(8)))
    with transaction() as session:
        assert not refresh(session, room)
        assert [size for size, _ in shown(session, room)] == [3, 1, 2]
