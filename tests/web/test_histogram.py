"""Bars of changes: nothing lost, losses and gains apart, never too many."""

from hypothesis import given
from hypothesis import strategies as st

from grader.web.histogram import BARS, bars

CHANGES = st.lists(st.integers(-8000, 8000).map(lambda quarter: quarter / 4), min_size=1, max_size=50)


@given(CHANGES)
def test_every_change_is_in_one_bar(values):
    made = bars(values)
    assert len(made) <= BARS
    assert [sum(bar.low <= value < bar.high for value in values) for bar in made] == [bar.count for bar in made]
    assert sum(bar.count for bar in made) == len(values)
    assert all(bar.high <= 0 or bar.low >= 0 for bar in made), "no bar has losses and gains"


def test_no_changes_no_bars():
    assert bars([]) == []
