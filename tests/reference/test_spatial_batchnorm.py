import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import spatial_batchnorm

ordinary = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.integers(1, 5)


def test_cases_and_mistakes(check_operation):
    check_operation(spatial_batchnorm.OPERATION)


def draw_inputs(shape, mode, momentum, seed):
    rng, channels = np.random.default_rng(seed), shape[1]
    return {
        "x": rng.normal(2.0, 3.0, size=shape),
        "gamma": rng.normal(size=channels),
        "beta": rng.normal(size=channels),
        "bn_param": {
            "mode": mode,
            "eps": 1e-3,
            "momentum": momentum,
            "running_mean": rng.normal(size=channels),
            "running_var": rng.uniform(0.5, 2.0, size=channels),
        },
    }


def torch_batch_norm(x, gamma, beta, bn_param, running_mean=None, running_var=None):
    """torch's momentum weighs the batch, ours the running average."""
    mean = torch.tensor(bn_param["running_mean"]) if running_mean is None else running_mean
    var = torch.tensor(bn_param["running_var"]) if running_var is None else running_var
    return torch.nn.functional.batch_norm(
        x, mean, var, gamma, beta, bn_param["mode"] == "train", 1 - bn_param["momentum"], bn_param["eps"]
    )


@ordinary
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 4), sizes, st.integers(2, 5)),
    mode=st.sampled_from(["train", "test"]),
    seed=st.integers(0, 999),
)
def test_agrees_with_autograd(check_gradients, shape, mode, seed):
    check_gradients(spatial_batchnorm.OPERATION, torch_batch_norm, draw_inputs(shape, mode, 0.9, seed), seed)


@pytest.mark.parametrize("mode", ["train", "test"])
def test_running_averages_agree_with_torch(close, mode):
    """But for the variance's divisor: torch records the one divided by count - 1."""
    shape = (3, 2, 4, 5)
    inputs = draw_inputs(shape, mode, 0.8, seed=4)
    mean, var = (torch.tensor(inputs["bn_param"][name]) for name in ("running_mean", "running_var"))
    before = var.clone()
    x, gamma, beta = (torch.tensor(inputs[name]) for name in ("x", "gamma", "beta"))
    torch_batch_norm(x, gamma, beta, inputs["bn_param"], mean, var)
    count = shape[0] * shape[2] * shape[3]
    biased = 0.8 * before + (var - 0.8 * before) * (count - 1) / count if mode == "train" else var
    after = spatial_batchnorm.forward(**inputs)
    close({"mean": after["running_mean"], "var": after["running_var"]}, {"mean": mean.numpy(), "var": biased.numpy()})
