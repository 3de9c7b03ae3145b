"""The reference net against torch autograd in double precision, and its known mistakes."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impl.fully_connected_net import (
    EPS,
    MISTAKES,
    MOMENTUM,
    loss_and_gradients,
    losses_over_masks,
    scores,
)

NORMALIZATIONS = [None, "batchnorm", "layernorm"]


def draw_net(rng, sizes, normalization):
    params = {}
    for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes), 1):
        params[f"W{layer}"] = rng.normal(size=(fan_in, fan_out))
        params[f"b{layer}"] = rng.normal(size=fan_out)
        if normalization and layer < len(sizes) - 1:
            params[f"gamma{layer}"] = rng.uniform(0.5, 1.5, size=fan_out)
            params[f"beta{layer}"] = rng.normal(size=fan_out)
    return params


def torch_forward(params, x, normalization, masks=None, running=None):
    layers = sum(name.startswith("W") for name in params)
    hidden = x.reshape(len(x), -1)
    for layer in range(1, layers + 1):
        hidden = hidden @ params[f"W{layer}"] + params[f"b{layer}"]
        if layer == layers:
            return hidden
        if normalization:
            axis = 0 if normalization == "batchnorm" else 1
            mean, var = hidden.mean(axis, keepdim=True), hidden.var(axis, unbiased=False, keepdim=True)
            if running:
                mean, var = torch.tensor(running[layer - 1]["running_mean"]), torch.tensor(running[layer - 1]["running_var"])
            hidden = (hidden - mean) / torch.sqrt(var + EPS) * params[f"gamma{layer}"] + params[f"beta{layer}"]
        hidden = torch.relu(hidden)
        if masks is not None:
            hidden = hidden * torch.tensor(masks[layer - 1])
    return hidden


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 2**31),
    st.lists(st.integers(1, 5), min_size=0, max_size=3),
    st.sampled_from(NORMALIZATIONS),
    st.floats(0, 3),
    st.booleans(),
    st.integers(2, 5),
)
def test_loss_and_gradients_are_those_of_autograd(seed, hidden, normalization, reg, with_dropout, batch):
    rng = np.random.default_rng(seed)
    sizes = (3, *hidden, 4)
    params = draw_net(rng, sizes, normalization)
    x, y = rng.normal(size=(batch, 3)), rng.integers(4, size=batch)
    masks = [(rng.random((batch, h)) < 0.6) / 0.6 for h in hidden] if with_dropout else None
    loss, gradients, _ = loss_and_gradients(params, x, y, reg=reg, normalization=normalization, dropout_masks=masks)
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    out = torch_forward(leaves, torch.tensor(x), normalization, masks)
    expected = torch.nn.functional.cross_entropy(out, torch.tensor(y))
    expected = expected + 0.5 * reg * sum((leaf**2).sum() for name, leaf in leaves.items() if name.startswith("W"))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-9)
    assert set(gradients) == set(params)
    for name, leaf in leaves.items():
        right = leaf.grad.numpy()
        np.testing.assert_allclose(gradients[name], right, rtol=1e-7, atol=1e-9 * max(1.0, np.abs(right).max()))


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_scores_at_test_time_use_running_averages(normalization):
    rng = np.random.default_rng(3)
    params = draw_net(rng, (3, 5, 4), normalization)
    x, y = rng.normal(size=(6, 3)) + 0.5, rng.integers(4, size=6)
    _, _, running = loss_and_gradients(params, x, y, normalization=normalization)
    if normalization == "batchnorm":
        hidden = x @ params["W1"] + params["b1"]
        np.testing.assert_allclose(running[0]["running_mean"], (1 - MOMENTUM) * hidden.mean(axis=0))
        np.testing.assert_allclose(running[0]["running_var"], (1 - MOMENTUM) * hidden.var(axis=0))
    else:
        running = None
    tensors = {name: torch.tensor(value) for name, value in params.items()}
    expected = torch_forward(tensors, torch.tensor(x), normalization, running=running)
    np.testing.assert_allclose(scores(params, x, normalization=normalization, running=running), expected.numpy(), rtol=1e-9)


def test_losses_over_all_masks_are_those_of_one_mask_at_a_time():
    rng = np.random.default_rng(4)
    params = draw_net(rng, (3, 2, 2, 3), None)
    x, y = rng.normal(size=(2, 3)), rng.integers(3, size=2)
    masks = [rng.integers(0, 2, size=(7, 2, 2)) / 0.75 for _ in range(2)]
    together = losses_over_masks(params, x, y, masks)
    alone = [loss_and_gradients(params, x, y, dropout_masks=[layer[k] for layer in masks])[0] for k in range(7)]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_differs_from_the_right_net_and_from_every_other(mistake):
    def outcome(compute, score):
        outputs = []
        for normalization in NORMALIZATIONS:
            rng = np.random.default_rng(5)
            params = draw_net(rng, (4, 5, 3, 4), normalization)
            x, y = rng.normal(size=(6, 4)), rng.integers(4, size=6)
            loss, gradients, running = compute(params, x, y, reg=0.7, normalization=normalization)
            outputs += [np.array([loss]), *(gradients[name].ravel() for name in sorted(gradients))]
            outputs.append(score(params, x, normalization=normalization, running=running).ravel())
        return np.concatenate(outputs)

    def differ(a, b):
        return a.shape != b.shape or np.abs(a - b).max() > 1e-5

    mine = outcome(mistake.forward, mistake.forward.scores)
    assert differ(mine, outcome(loss_and_gradients, scores))
    for other in MISTAKES:
        assert other is mistake or differ(mine, outcome(other.forward, other.forward.scores)), other.id
