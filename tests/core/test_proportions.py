"""Standard errors of accuracies, against simulation and against counts that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.proportions import common_count, compare_paired, compare_proportions, standard_error


def test_the_epochs_of_a_report_with_175_images() -> None:
    compared = compare_proportions(100, 175, 103, 175)

    assert compared.within_noise
    assert compared.text == "0.571 vs 0.589 with n=175 differ by 1.7 ± 5.3 points"


def test_a_large_difference_is_no_noise() -> None:
    assert not compare_proportions(100, 175, 150, 175).within_noise


def test_the_standard_error_is_that_of_a_simulation() -> None:
    shares = np.random.default_rng(0).binomial(400, 0.88, size=20_000) / 400

    assert standard_error(0.88, 400) == pytest.approx(shares.std(), rel=0.03)


def test_equal_nets_seldom_differ_beyond_noise() -> None:
    random = np.random.default_rng(1)
    first, second = random.binomial(397, 0.9, size=(2, 4000))
    beyond = [not compare_proportions(a, 397, b, 397).within_noise for a, b in zip(first, second, strict=True)]

    assert 0.02 < np.mean(beyond) < 0.08


def test_pairs_see_what_independent_samples_do_not() -> None:
    first = np.arange(1000) < 880
    second = np.arange(1000) < 900  # 20 images more, none less

    assert not compare_paired(first, second).within_noise
    assert compare_proportions(880, 1000, 900, 1000).within_noise


def test_all_right_is_not_certain() -> None:
    assert compare_proportions(20, 20, 19, 20).within_noise


@pytest.mark.parametrize(("right", "n"), [(-1, 10), (11, 10), (0, 0)])
def test_no_proportion(right: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        compare_proportions(right, n, 1, 2)


@settings(deadline=None)
@given(st.integers(50, 2000), st.lists(st.integers(1, 10_000), min_size=3, max_size=6, unique=True))
def test_the_number_of_images_is_found_from_float32(n: int, rights: list[int]) -> None:
    rights = [1, *(right % n for right in rights)]  # 1/n is in lowest terms
    values = [(float(np.float32(right / n)), 5e-17) for right in rights]

    assert common_count(values) == n


def test_rounded_figures_tell_no_number_of_images() -> None:
    assert common_count([(0.8854, 5e-5), (0.8755, 5e-5)]) is None
    assert common_count([]) is None
