"""Audit entries as lines that a person reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.core.difference import Change, differences

LABELS = {"not-2": "Option 2 is not chosen", "picked-1": "Option 1 is chosen"}


def test_a_review_that_changed():
    before = {"applied": ["not-2"], "comments": {"not-2": "Why?"}, "adjustment": None, "score": 1.0, "via": "desk"}
    after = {
        "applied": ["picked-1"], "comments": {}, "adjustment": {"points": -0.5, "comment": "Late"}, "score": 0.5,
        "via": "desk",
    }  # fmt: skip
    assert differences(before, after, LABELS) == [
        Change("applied", "Option 2 is not chosen", "Option 1 is chosen"),
        Change("comments · Option 2 is not chosen", "Why?", None),
        Change("adjustment · points", None, "-0.5"),
        Change("adjustment · comment", None, "Late"),
        Change("score", "1", "0.5"),
    ]


def test_from_nothing_and_to_nothing():
    assert differences(None, {"published_at": "2026-12-01"}) == [Change("published at", None, "2026-12-01")]
    assert differences({"anonymous": True}, {"anonymous": False}) == [Change("anonymous", "yes", "no")]
    assert differences({"a": 1}, None) == [Change("a", "1", None)]
    assert differences(None, None) == differences({}, {}) == []
    assert differences(None, {"applied": []}) == differences({"applied": [1, 2]}, {"applied": [2, 1]}) == []
    assert differences({"applied": []}, {"applied": ["x"]}) == [Change("applied", None, "x")]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
documents = st.none() | st.dictionaries(st.text(max_size=4), values, max_size=4)


@given(documents, documents)
def test_any_two_documents_compare(before, after):
    for change in differences(before, after):
        assert isinstance(change.before, str | None) and isinstance(change.after, str | None)
    assert differences(before, before) == []
