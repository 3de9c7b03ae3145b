"""Whatever a script subtracts and divides by, one of the preparations tried gives what its net was given."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.untrusted.preparing import Given, preparations

WAY = {"size": None, "fit": "pad", "scale": 255.0, "mean": 0.0, "std": 1.0, "channels": None, "flatten": False}
WAYS = [WAY, WAY | {"mean": 0.5, "std": 0.5}, WAY | {"scale": 1.0}, WAY | {"size": 8}, WAY | {"size": 12}]
IMAGES = (np.random.default_rng(0).random((300, 8, 8)) ** 3 * 255).astype(np.uint8)  # mostly black
COLOURED = np.random.default_rng(1).integers(0, 256, (300, 8, 8, 3), dtype=np.uint8) // np.array([1, 2, 3], dtype=np.uint8)


def nearest(images, wanted, ways=WAYS):
    """How far the nearest of the preparations is from `wanted`, the script's own for all images, in its deviations; the net was
    given the second half."""
    tried = preparations(images, ways, Given.of(wanted[150:]))
    assert len(tried) <= len(ways) + 1
    made = [prepare(images[:150]) for prepare in tried]
    return min(float((one - wanted[:150]).abs().mean()) for one in made if one.shape[1:] == wanted.shape[1:]) / float(wanted.std())


@settings(deadline=None)
@given(mean=st.floats(-300, 300), std=st.floats(0.01, 300), flat=st.booleans(), sign=st.sampled_from([-1, 1]))
def test_any_mean_and_deviation(mean, std, flat, sign):
    """Also the negative, black on white."""
    wanted = sign * (torch.as_tensor(IMAGES[:, None]).float() - mean) / std
    assert nearest(IMAGES, wanted.flatten(1) if flat else wanted) < 0.05


@pytest.mark.parametrize("last", [True, False])
def test_each_channel_has_its_own(last):
    wanted = (torch.as_tensor(COLOURED) / 255 - torch.tensor([0.49, 0.2, 0.1])) / torch.tensor([0.2, 0.1, 0.3])
    assert nearest(COLOURED, wanted if last else wanted.movedim(-1, 1)) < 0.05


def test_what_is_declared_is_given_exactly():
    wanted = (torch.as_tensor(IMAGES[:, None]) / 255 - 0.5) / 0.5
    assert nearest(IMAGES, wanted) < 1e-6
    assert len(preparations(IMAGES, WAYS[:3], Given.of(wanted))) == 1, "and nothing else is tried, for each takes its time"


def test_ways_that_differ_in_nothing_for_this_net_are_tried_once():
    small = Given.of(torch.as_tensor(IMAGES[:, None]) / 255)
    assert len(preparations(IMAGES, [WAY, WAY | {"size": 8}], small)) == 1


@pytest.mark.parametrize("seen", [Given(), Given((1, 8, 8)), Given.of(torch.rand(2, 1, 8, 8)), Given.of([]), Given.of("x")])
def test_without_a_batch_all_that_is_declared_is_tried(seen):
    assert len(preparations(IMAGES, WAYS[:3], seen)) == 3
