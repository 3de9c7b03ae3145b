"""The reference net against torch autograd in double precision, and its known mistakes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impl.three_layer_conv_net import MISTAKES, loss_and_gradients, scores


def draw_net(rng, channels, side, filters, size, hidden, classes):
    pooled = filters * (side // 2) ** 2
    shapes = {
        "W1": (filters, channels, size, size), "b1": (filters,), "W2": (pooled, hidden), "b2": (hidden,),
        "W3": (hidden, classes), "b3": (classes,),
    }  # fmt: skip
    return {name: rng.normal(size=shape) * 0.5 for name, shape in shapes.items()}


def torch_forward(params, x):
    out = torch.relu(torch.nn.functional.conv2d(x, params["W1"], params["b1"], padding=params["W1"].shape[2] // 2))
    out = torch.nn.functional.max_pool2d(out, 2).flatten(1)
    return torch.relu(out @ params["W2"] + params["b2"]) @ params["W3"] + params["b3"]


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 2**31), st.integers(1, 3), st.sampled_from([4, 6]), st.integers(1, 3), st.sampled_from([1, 3, 5]),
    st.integers(1, 4), st.floats(0, 3), st.integers(1, 3),
)  # fmt: skip
def test_loss_gradients_and_scores_are_those_of_autograd(seed, channels, side, filters, size, hidden, reg, batch):
    rng = np.random.default_rng(seed)
    params = draw_net(rng, channels, side, filters, size, hidden, 3)
    x, y = rng.normal(size=(batch, channels, side, side)), rng.integers(3, size=batch)
    loss, gradients, _ = loss_and_gradients(params, x, y, reg=reg)
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    out = torch_forward(leaves, torch.tensor(x))
    expected = torch.nn.functional.cross_entropy(out, torch.tensor(y))
    expected = expected + 0.5 * reg * sum((leaves[name] ** 2).sum() for name in ("W1", "W2", "W3"))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-9)
    np.testing.assert_allclose(scores(params, x), out.detach().numpy(), rtol=1e-9, atol=1e-12)
    for name, leaf in leaves.items():
        np.testing.assert_allclose(gradients[name], leaf.grad.numpy(), rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_differs_from_the_right_net_and_from_every_other(mistake):
    rng = np.random.default_rng(5)
    params = draw_net(rng, 2, 6, 3, 3, 6, 4)
    x, y = rng.normal(size=(5, 2, 6, 6)), rng.integers(4, size=5)

    def outcome(compute):
        loss, gradients, _ = compute(params, x, y, reg=0.7)
        return np.concatenate([[loss], *(gradients[name].ravel() for name in sorted(gradients))])

    mine = outcome(mistake.forward)
    assert np.abs(mine - outcome(loss_and_gradients)).max() > 1e-5
    for other in MISTAKES:
        assert other is mistake or np.abs(mine - outcome(other.forward)).max() > 1e-5, other.id
