"""Order of judgement (finite, shape, dtype, value), and that NaN never equals anything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.core.calls import Opaque
from grader.core.compare import Agreement, Difference, Mismatch, agree, compare
from grader.core.observation import Missing

finite = st.floats(-1e6, 1e6, allow_nan=False)
arrays_of_floats = arrays(np.float64, array_shapes(max_dims=4, max_side=4), elements=finite)


@given(arrays_of_floats)
def test_everything_agrees_with_itself(array):
    assert isinstance(compare("out", array.copy(), array), Agreement)


@given(arrays_of_floats, st.data())
def test_a_changed_entry_is_found_where_it_is(array, data):
    index = data.draw(st.tuples(*(st.integers(0, side - 1) for side in array.shape)))
    changed = array.copy()
    changed[index] += 1.0 + abs(changed[index]) + 1e-2 * np.abs(array).max()
    found = compare("out", changed, array)
    assert isinstance(found, Mismatch) and found.difference is Difference.VALUE
    assert found.index == index and found.relative_error > 1e-6


@given(arrays_of_floats, st.sampled_from([np.nan, np.inf, -np.inf]))
def test_what_is_not_finite_never_agrees(array, poison):
    changed = array.copy()
    changed.flat[0] = poison
    found = compare("out", changed, array)
    assert isinstance(found, Mismatch) and found.difference is Difference.NOT_FINITE


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_no_wildcard(poison):
    assert not agree(poison, 1.0)


def test_keepdims_shape_is_wrong_but_its_values_are_recognised():
    found = compare("db", np.ones((1, 3)), np.ones(3))
    assert found.difference is Difference.SHAPE and found.values_right


def test_an_array_is_not_broadcast_against_a_number():
    assert compare("out", np.array(2.0), np.full((3, 3), 2.0)).difference is Difference.SHAPE


def test_a_loss_may_come_as_an_array_of_one():
    assert agree(np.array([2.5]), 2.5)


def test_single_precision_agrees_and_is_said():
    right = np.linspace(1, 2, 7)
    found = compare("out", right.astype(np.float32), right)
    assert isinstance(found, Agreement) and found.single_precision


def test_float64_with_single_precision_error_does_not_agree():
    right = np.linspace(1, 2, 7)
    assert not agree(right * (1 + 1e-4), right)


@pytest.mark.parametrize(
    ("value", "difference"),
    [
        (None, Difference.NOTHING),
        (Missing(), Difference.NOTHING),
        (Opaque("str"), Difference.TYPE),
        ("1", Difference.TYPE),
    ],
)
def test_what_is_no_number_is_named(value, difference):
    assert compare("out", value, np.ones(2)).difference is difference


def test_noise_on_entries_that_cancel_is_forgiven():
    right = np.array([1.0, 0.0])
    assert agree(np.array([1.0, 1e-12]), right)
    assert not agree(np.array([1.0, 1e-6]), right)
