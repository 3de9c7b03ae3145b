"""How often TAs decided as was suggested."""

import pytest

from grader.db.agreement import agreement
from grader.db.decisions import confirm_clear, decide, decide_group
from grader.db.kinds import ReviewVia


@pytest.fixture
def room(session, desks):
    return desks.make_desk_class(session)


@pytest.fixture
def decided(session, room, desks):
    """`decided("A", {"wrong": "clear"}, "vague")`: an answer with suggestions, and the items that a TA applied."""

    def decided(name, suggested, *items, text=None, via=ReviewVia.DESK):
        answer = room.hand_in(session, name, answers={"why": text or f"says {name}"}, suggested={"why": suggested})
        decide(
            session, submission=answer, question="why", decision=desks.decision(*items),
            version=room.sheet(session, answer).version, by=room.tal, via=via,
        )  # fmt: skip
        return answer

    return decided


def found(session, room, item="wrong"):
    it = next(it for it in agreement(session, room.assignment)["why"] if it.item == item)
    return (it.clear_n, it.clear_agreed, it.deduct_n, it.deduct_agreed, it.unknown_n)


def test_by_item_and_direction(session, room, decided):
    decided("A", {"wrong": "clear", "vague": "deduct"}, "vague")
    decided("B", {"wrong": "clear", "vague": "deduct"})
    decided("C", {"wrong": "clear"}, "wrong")
    decided("D", {"wrong": "deduct"}, "wrong")
    assert found(session, room) == (3, 2, 1, 1, 0)
    assert found(session, room, "vague") == (0, 0, 2, 1, 2)


def test_every_item_is_listed(session, room):
    listed = agreement(session, room.assignment)
    assert {question: [it.item for it in items] for question, items in listed.items()} == {
        "why": ["wrong", "vague"], "example": ["given"],
    }  # fmt: skip
    assert found(session, room) == (0, 0, 0, 0, 0)


def test_one_look_counts_once(session, room, decided, desks):
    """Neither duplicates, nor groups, nor what was confirmed because it was suggested; marks from elsewhere do."""
    clear = {"wrong": "clear", "vague": "clear"}
    copy = room.hand_in(session, "A", answers={"why": "the same"}, suggested={"why": clear})
    decided("B", clear, text="the same")
    assert room.applied(session, copy) == []
    grouped = room.hand_in(session, "C", answers={"why": "other"}, suggested={"why": clear})
    decide_group(
        session, assignment=room.assignment, question="why", submission_ids=[grouped.id], by=room.tal,
        decision=desks.decision("wrong"), versions={grouped.id: room.sheet(session, grouped).version},
    )  # fmt: skip
    room.hand_in(session, "D", answers={"why": "third"}, suggested={"why": clear})
    assert confirm_clear(session, assignment=room.assignment, question="why", by=room.tal) == 1
    assert found(session, room) == (1, 1, 0, 0, 0)
    decided("E", clear, via=ReviewVia.IMPORT)
    assert found(session, room) == (2, 2, 0, 0, 0)


def test_undecided_answers_do_not_count(session, room):
    room.hand_in(session, "A", answers={"why": "yes"}, suggested={"why": {"wrong": "clear"}})
    assert found(session, room) == (0, 0, 0, 0, 0)
