"""The queue and its orders, the next ungraded answer, claims, progress."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from grader.db.decisions import decide
from grader.db.desk import Order, Place, claim, next_ungraded, queue, release
from grader.db.groups import refresh_groups
from grader.db.outcomes import Outcome, outcomes
from grader.db.progress import progress
from grader.db.review_tables import RegradeRequest
from grader.db.session import transaction
from grader.db.tables import User

ME, OTHER = User(id=1, name="Tal"), User(id=2, name="Uri")


@pytest.fixture
def room(session, desks):
    return desks.make_desk_class(session)


def places(*words):
    """One place for each word: `a`, `b` … its duplicate key; `!` decided, `*` claimed by the other, `+` by me."""
    holders = {"*": OTHER, "+": ME}
    return [
        Place(
            submission_id=number, student="", email="", handed_in=datetime.now(UTC), group=0, position=number,
            duplicate=word[0], decided="!" in word, decided_by="Tal" if "!" in word else None,
            claimed_by=(holder := holders.get(word[-1])) and holder.name, claimed_by_id=holder and holder.id,
        )
        for number, word in enumerate(words, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "after", "expected"),
    [
        (["a", "b", "c"], None, 1),
        (["a", "b", "c"], 1, 2),
        (["a", "b", "c"], 3, 1),  # from the start again
        (["a!", "b!", "c!"], 1, None),
        (["a!", "b", "c"], 1, 2),
        (["a", "b!", "c!"], 1, None),  # the only one left is on the screen
        (["a", "a", "b"], 1, 3),  # deciding the first decides the second
        (["a!", "a", "b"], 1, 2),  # which came later, or was withdrawn
        (["a", "b*", "c"], 1, 3),
        (["a", "b+", "c"], 1, 2),
        (["a", "b*", "b", "c"], 1, 4),  # Uri is deciding both
        (["a", "b*"], 1, None),
        (["a", "b"], 99, 1),  # gone meanwhile
        ([], None, None),
    ],
)
def test_the_next_ungraded(words, after, expected):
    assert next_ungraded(places(*words), after, ME) == expected


def test_orders(session, room):
    texts = ["because it is cheap", "no", "because it is so cheap"]
    for name, text in zip(["Eka", "ana", "Ben"], texts, strict=True):
        room.hand_in(session, name, answers={"why": text})
    refresh_groups(session, room.assignment, "why")

    def names(order, seed=0):
        return [place.student for place in queue(session, room.assignment, "why", order, seed)]

    assert names(Order.STUDENT) == ["ana", "Ben", "Eka"]
    assert names(Order.TIME) == ["Eka", "ana", "Ben"]
    assert names(Order.GROUPS)[2] == "ana"
    assert names(Order.RANDOM, 5) == names(Order.RANDOM, 5)
    assert len({tuple(names(Order.RANDOM, seed)) for seed in range(20)}) > 1


def test_a_random_order_stays_when_somebody_hands_in(session, room):
    room.class_of(session, *"abcdefgh")
    before = [it.submission_id for it in queue(session, room.assignment, "why", Order.RANDOM, 7)]
    late = room.hand_in(session, "Z", answers={"why": "late"})
    after = [it.submission_id for it in queue(session, room.assignment, "why", Order.RANDOM, 7)]
    assert [it for it in after if it != late.id] == before


def test_only_newest_and_graded_submissions(session, room):
    room.hand_in(session, "A", answers={"why": "old"})
    new = room.hand_in(session, "A", answers={"why": "new"})
    room.hand_in(session, "B", answers={"why": "waiting"}, graded=False)
    empty = room.hand_in(session, "C", answers={})
    found = [it.submission_id for it in queue(session, room.assignment, "why", Order.TIME)]
    assert found == [new.id, empty.id]


def test_who_decided_and_who_has_it(session, room, desks):
    one, two = room.class_of(session, "yes", "no")
    decide(
        session, submission=one, question="why", decision=desks.decision(),
        version=room.sheet(session, one).version, by=room.tal,
    )  # fmt: skip
    claim(session, submission_id=two.id, question="why", by=room.uri)
    first, second = queue(session, room.assignment, "why", Order.TIME)
    assert (first.decided, first.decided_by, first.claimed_by) == (True, "Tal", None)
    assert (second.decided, second.claimed_by, second.claimed_by_id) == (False, "Uri", room.uri.id)
    assert not any(place.decided or place.claimed_by for place in queue(session, room.assignment, "example", Order.TIME))


def test_outcomes(session, room, desks):
    none, plain, adjusted, other = room.class_of(session, "no", "yes", "maybe", "perhaps")
    decided = {plain: desks.decision(vague="See below."), adjusted: desks.decision("wrong", "vague", points=1, comment="!")}
    for answer, decision in decided.items():
        version = room.sheet(session, answer).version
        decide(session, submission=answer, question="why", decision=decision, version=version, by=room.tal)
    ids = [none.id, plain.id, adjusted.id]
    assert outcomes(session, "why", [*ids, other.id]) == {
        plain.id: Outcome(frozenset(), None),
        adjusted.id: Outcome(frozenset({"wrong", "vague"}), 1.0),
    }
    assert outcomes(session, "example", ids) == {}


class TestClaims:
    @pytest.fixture
    def key(self, session, room):
        (answer,) = room.class_of(session, "yes")
        return {"submission_id": answer.id, "question": "why"}

    def test_the_first_one_has_it(self, session, room, key):
        assert claim(session, **key, by=room.tal).by_id == room.tal.id
        assert claim(session, **key, by=room.uri).by.name == "Tal"

    def test_saying_so_again(self, session, room, key):
        first = claim(session, **key, by=room.tal).until
        assert claim(session, **key, by=room.tal).until > first

    def test_a_claim_runs_out(self, session, room, key):
        claim(session, **key, by=room.tal, seconds=-1)
        assert queue(session, room.assignment, "why", Order.TIME)[0].claimed_by is None
        assert claim(session, **key, by=room.uri).by_id == room.uri.id

    def test_leaving(self, session, room, key):
        claim(session, **key, by=room.tal)
        release(session, **key, by=room.uri)
        assert claim(session, **key, by=room.uri).by_id == room.tal.id, "it was not Uri's to release"
        release(session, **key, by=room.tal)
        assert claim(session, **key, by=room.uri).by_id == room.uri.id


def test_one_of_many_gets_the_claim(database, desks):
    with transaction() as session:
        room = desks.make_desk_class(session)
        (answer,) = room.class_of(session, "yes")

    def take(ta):
        with transaction() as session:
            return claim(session, submission_id=answer.id, question="why", by=ta).by_id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(take, [room.tal, room.uri] * 6))) == 1


def test_progress(session, room, desks):
    clear = {"why": {"wrong": "clear", "vague": "clear"}}
    one = room.hand_in(session, "A", answers={"why": "yes", "example": "x"}, suggested=clear)
    room.hand_in(session, "B", answers={"why": "fine"}, suggested=clear)
    room.hand_in(session, "C", answers={"why": " \n"}, suggested=clear)
    decide(
        session, submission=one, question="why", decision=desks.decision("vague"),
        version=room.sheet(session, one).version, by=room.tal,
    )  # fmt: skip
    claim(session, submission_id=one.id, question="example", by=room.uri)
    session.add(RegradeRequest(submission_id=one.id, question="why"))
    session.flush()
    refresh_groups(session, room.assignment, "why")
    why, example = progress(session, room.assignment, room.tal)
    assert (why.question, why.title, why.points) == ("why", "Why ReLU", 3)
    assert (why.answered, why.empty, why.decided, why.clear, why.groups, why.open_requests) == (3, 1, 1, 1, 3, 1)
    assert (example.answered, example.empty, example.decided, example.groups) == (3, 2, 0, 0)
    assert (why.graders, example.graders) == ((), ("Uri",))
    assert not any(line.graders for line in progress(session, room.assignment, room.uri)), "nobody is told of themselves"
