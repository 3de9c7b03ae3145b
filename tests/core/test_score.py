import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.score import question_score

points = st.integers(-12, 12).map(lambda quarter: quarter / 4)


@given(st.integers(0, 20), st.lists(points), st.lists(points), st.sampled_from(["add", "deduct"]))
def test_a_score_never_leaves_its_range(maximum, items, adjustments, scoring):
    assert 0 <= question_score(maximum, items, adjustments, scoring) <= maximum


@pytest.mark.parametrize(
    ("items", "adjustments", "scoring", "expected"),
    [
        ([], [], "deduct", 3),
        ([-1], [], "deduct", 2),
        ([-1, -3], [], "deduct", 0),
        ([-1], [0.5], "deduct", 2.5),
        ([1, 1], [], "add", 2),
        ([], [-1], "add", 0),
    ],
)
def test_items_and_adjustments(items, adjustments, scoring, expected):
    assert question_score(3, items, adjustments, scoring) == expected
