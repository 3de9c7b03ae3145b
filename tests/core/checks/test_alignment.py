"""Alignment of two sequences: against the length of the longest common subsequence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.core.checks.alignment import align

WORDS = st.lists(st.sampled_from("abc"), max_size=7)


def common(left: list[str], right: list[str]) -> int:
    if not left or not right:
        return 0
    if left[0] == right[0]:
        return 1 + common(left[1:], right[1:])
    return max(common(left[1:], right), common(left, right[1:]))


@given(WORDS, WORDS)
def test_covers_both_and_pairs_as_many_as_can_be(left: list[str], right: list[str]) -> None:
    pairs = align(left, right, lambda a, b: 0.0 if a == b else None)

    assert [a for a, _ in pairs if a is not None] == left
    assert [b for _, b in pairs if b is not None] == right
    assert sum(a is not None and b is not None for a, b in pairs) == common(left, right)
