"""What a student's net calls its parameters."""

from __future__ import annotations

import pytest

from grader.core.checks.net_parameters import called

NORMED = {"W1": (4, 3), "b1": (3,), "gamma1": (3,), "beta1": (3,), "W2": (3, 2), "b2": (2,)}
CONV = {"W1": (4, 3, 3, 3), "b1": (4,), "W2": (36, 7), "b2": (7,), "W3": (7, 5), "b3": (5,)}


def test_the_assignments_own_names_need_nothing():
    assert called(NORMED, NORMED) == {}
    assert called(NORMED, {**NORMED, "scale": (1,)}) == {}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (NORMED, ["W0", "b0", "gamma0", "beta0", "W1", "b1"]),
        (NORMED, ["w1", "B1", "Gamma1", "BETA1", "w2", "B2"]),
        (NORMED, ["weight_1", "bias_1", "gamma1", "beta1", "weight_2", "bias_2"]),
        (CONV, ["conv_w", "conv_b", "hidden_w", "hidden_b", "out_w", "out_b"]),
    ],
)
def test_other_names_are_told_by_their_kinds_or_shapes(asked, names):
    expected = dict(zip(asked, names, strict=True))
    found = {expected[name]: asked[name] for name in reversed(asked)}
    assert called(asked, found) == expected


@pytest.mark.parametrize(
    "found",
    [
        {**{name: shape for name, shape in NORMED.items() if name != "b2"}},
        {"weight_1": (4, 3), "x1": (3,), "y1": (3,), "z1": (3,), "weight_2": (3, 2), "x2": (2,)},
        {**{name + "_": shape for name, shape in NORMED.items()}, "W2_": (2, 3)},
    ],
)
def test_what_cannot_be_told_is_not_guessed(found):
    assert called(NORMED, found) is None


def test_ten_layers_are_in_the_order_of_their_numbers():
    asked = {f"W{layer}": (layer, layer + 1) for layer in range(1, 12)}
    found = {f"W{layer - 1}": shape for layer, shape in enumerate(asked.values(), 1)}
    assert called(asked, found) == {f"W{layer}": f"W{layer - 1}" for layer in range(1, 12)}
