"""Figures about a class, against NumPy's own, by hand, and by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grader.core.statistics import (
    FEW,
    Marked,
    correlation,
    drift,
    drift_by_question,
    drift_over_time,
    histogram,
    question_figures,
    summary,
)

scores = st.floats(0, 73, allow_nan=False)


@given(st.lists(scores, max_size=200), st.floats(0.5, 200))
def test_every_score_falls_into_one_bin(values, most):
    found = histogram(values, most)
    assert found.n == len(values)
    assert found.edges[0] == 0 and found.edges[-1] == max(most, 1) and len(found.counts) <= 21
    assert all(left < right for left, right in zip(found.edges, found.edges[1:], strict=False))


def test_bins_are_whole_points_wide():
    assert histogram([0, 0.5, 1, 16, 16], 16).counts == (2, 1, *[0] * 13, 2)
    assert histogram([73, 72.9, 3.9, 4], 73).edges[:3] == (0, 4, 8)
    assert histogram([], 0).counts == (0,)


def test_of_few_answers_no_mean_is_told():
    assert summary([1.0] * (FEW - 1)).mean is None and summary([1.0] * (FEW - 1)).n == FEW - 1
    found = summary([0, 1, 2, 3, 10, float("nan")])
    assert (found.n, found.mean, found.median) == (5, 3.2, 2)
    assert found.deviation == pytest.approx(np.std([0, 1, 2, 3, 10], ddof=1))


@given(arrays(float, (30, 4), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0])))
def test_question_figures_agree_with_numpy(table):
    for index, found in enumerate(question_figures(table, [2.0] * 4)):
        column = table[:, index]
        assert found.summary.mean == pytest.approx(column.mean())
        assert found.zero_share == pytest.approx((column == 0).mean())
        assert found.full_share == pytest.approx((column == 2).mean())
        rest = table.sum(axis=1) - column
        if column.std() and rest.std():
            assert found.discrimination == pytest.approx(np.corrcoef(column, rest)[0, 1], abs=1e-9)
        else:
            assert found.discrimination is None


def test_undecided_answers_are_left_out():
    table = np.array([[1.0, 0], [np.nan, 2], [0, 1], [1, 1], [1, 2], [0, 0], [1, np.nan]])
    first, second = question_figures(table, [1.0, 2.0])
    assert (first.summary.n, second.summary.n, first.complete) == (6, 6, 5)
    assert first.full_share == pytest.approx(4 / 6)
    pairs = table[[0, 2, 3, 4, 5]]
    assert first.discrimination == pytest.approx(np.corrcoef(pairs.T)[0, 1])
    nobody = question_figures(np.full((3, 1), np.nan), [1.0])[0]
    assert (nobody.summary.n, nobody.zero_share, nobody.discrimination) == (0, None, None)
    assert question_figures(np.empty((0, 2)), [1.0, 1.0])[0].summary.n == 0


@given(arrays(float, 12, elements=scores), arrays(float, 12, elements=scores))
def test_a_correlation_lies_between_minus_one_and_one(one, other):
    found = correlation(one, other)
    assert found is None or -1 <= found <= 1
    assert correlation(one, one) is None or correlation(one, one) == pytest.approx(1)


def marked(rows):
    """rows: (ta, question, share, at)."""
    ta, question, share, at = zip(*rows, strict=True)
    return Marked(np.array(ta), np.array(question), np.array(share, float), np.array(at, float))


def a_class(*, harder=0.0, n=40, seed=3):
    """Two TAs on two questions of different difficulty; TA 1 gives `harder` less."""
    random = np.random.default_rng(seed)
    return marked(
        [
            (ta, question, 0.8 - 0.4 * question - harder * (ta == 1) + random.normal(0, 0.05), time)
            for time in range(n)
            for ta in (0, 1)
            for question in (0, 1)
        ]
    )


def test_a_strict_ta_is_seen_and_how_sure_it_is():
    found = drift(a_class(harder=0.2), 1)
    assert found.n == 80 and found.difference == pytest.approx(-0.2, abs=0.03) and 0 < found.error < 0.02
    assert drift(a_class(harder=0.2), 0).difference == pytest.approx(0.2, abs=0.03)
    even = drift(a_class(), 1)
    assert abs(even.difference) < 3 * even.error


def test_marking_harder_questions_is_no_drift():
    """TA 1 decided mostly answers to the harder question: compared on the same questions, nothing differs."""
    rows = [(ta, question, 0.9 - 0.7 * question, 0) for ta, question, n in
            ((0, 0, 30), (0, 1, 6), (1, 0, 6), (1, 1, 30)) for _ in range(n)]  # fmt: skip
    assert drift(marked(rows), 1).difference == pytest.approx(0)


def test_too_few_to_compare():
    rows = [(0, 0, 1.0, 0)] * 20 + [(1, 0, 0.0, 0)] * (FEW - 1)
    assert drift(marked(rows), 1) == drift(marked(rows), 7)
    assert drift(marked(rows), 1).difference is None
    assert drift_by_question(marked(rows), 1)[0].difference is None
    assert drift_over_time(marked(rows), 1) == []


def test_drift_over_time_follows_a_change():
    """TA 1 grows stricter in the second half."""
    rows = [(0, 0, 0.8, time) for time in range(40)]
    rows += [(1, 0, 0.8 if time < 20 else 0.4, time) for time in range(40)]
    found = drift_over_time(marked(rows), 1)
    assert len(found) == 8 and [part.n for _, part in found] == [5] * 8
    assert [at for at, _ in found] == sorted(at for at, _ in found)
    assert found[0][1].difference == pytest.approx(0) and found[-1][1].difference == pytest.approx(-0.4)


@given(st.integers(2, 4), st.integers(1, 3), st.integers(0, 60), st.integers(0, 2**31))
def test_weights_and_signs_of_two_tas_mirror(tas, questions, n, seed):
    random = np.random.default_rng(seed)
    data = Marked(random.integers(0, tas, n), random.integers(0, questions, n), random.random(n), random.random(n))
    for ta in range(tas):
        found = drift(data, ta)
        assert (found.difference is None) == (found.n == 0)
        if found.n:
            assert -1 <= found.difference <= 1 and found.error >= 0
        assert sum(part.n for _, part in drift_over_time(data, ta)) == found.n
