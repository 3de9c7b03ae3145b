from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from grader.db import marks
from grader.db.kinds import MarkState
from grader.db.session import transaction
from grader.db.submissions import store_submission
from grader.errors import BadInput, EditConflict


@pytest.fixture
def demo(session, make_demo_course):
    return make_demo_course(session)


@pytest.fixture
def key(session, demo):
    stored = store_submission(
        session, user=demo.student, assignment=demo.assignment, files={}, answers={}, source="api"
    )
    return {"submission_id": stored.submission.id, "question": "bn-inline-1"}


def mark(session, key, by, applied=True, version=None, item="not-tagged"):
    return marks.set_mark(session, **key, item=item, applied=applied, by=by, version=version)


def test_marking_and_changing_ones_mind(session, key, demo):
    first = mark(session, key, demo.ta)
    assert (first.applied, first.version, first.by_id) == (True, 1, demo.ta.id)
    second = mark(session, key, demo.ta, applied=False, version=1)
    assert (second.applied, second.version) == (False, 2)
    assert len(marks.marks_of(session, key["submission_id"])) == 1


@pytest.mark.parametrize("version", [None, 1, 7])
def test_outdated_edit_is_refused_and_shows_what_is_there(session, key, demo, version):
    mark(session, key, demo.ta)
    mark(session, key, demo.ta, applied=False, version=1)
    with pytest.raises(EditConflict) as caught:
        mark(session, key, demo.ta, version=version)
    assert (caught.value.current.applied, caught.value.current.version) == (False, 2)


@pytest.mark.parametrize(
    ("suggested", "applied", "state"),
    [
        ("deduct", True, MarkState.CONFIRMED),
        ("deduct", False, MarkState.OVERRIDDEN),
        ("clear", False, MarkState.CONFIRMED),
        ("clear", True, MarkState.OVERRIDDEN),
        ("unknown", True, MarkState.CONFIRMED),
        ("unknown", False, MarkState.CONFIRMED),
    ],
)
def test_suggestion_is_confirmed_or_overridden(session, key, demo, suggested, applied, state):
    decided = marks.set_mark(
        session, **key, item="not-tagged", applied=applied, by=demo.ta, version=None, suggested=suggested
    )
    assert decided.state == state


def test_adjustment_is_exact_versioned_and_needs_a_reason(session, key, demo):
    with pytest.raises(BadInput, match="comment"):
        marks.set_adjustment(session, **key, points=Decimal("0.5"), comment="  ", by=demo.ta, version=None)
    made = marks.set_adjustment(session, **key, points=Decimal("0.3333"), comment="neat", by=demo.ta, version=None)
    assert made.points == Decimal("0.3333")
    with pytest.raises(EditConflict):
        marks.set_adjustment(session, **key, points=1, comment="mine", by=demo.ta, version=None)
    changed = marks.set_adjustment(session, **key, points=-1, comment="late", by=demo.ta, version=1)
    assert (changed.points, changed.version) == (-1, 2)
    with pytest.raises(EditConflict):
        marks.remove_adjustment(session, **key, version=1)
    marks.remove_adjustment(session, **key, version=2)
    assert marks.adjustments_of(session, key["submission_id"]) == []


@pytest.mark.parametrize("version", [None, 1])
def test_of_two_tas_at_the_same_time_one_is_told(course, version):
    with transaction() as session:
        stored = store_submission(
            session, user=course.student, assignment=course.assignment, files={}, answers={}, source="api"
        )
        key = {"submission_id": stored.submission.id, "question": "q"}
        if version:
            mark(session, key, course.ta)

    def edit(applied):
        try:
            with transaction() as session:
                return mark(session, key, course.ta, applied=applied, version=version)
        except EditConflict as conflict:
            return conflict

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(edit, [True, False]))
    assert sorted(type(one).__name__ for one in ended) == ["EditConflict", "Mark"]
