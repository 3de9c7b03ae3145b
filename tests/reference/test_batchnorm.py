import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import batchnorm, batchnorm_backward_mistakes, batchnorm_forward_mistakes

ordinary = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.integers(1, 7)


def _inputs(n, d, seed, mode, **bn_param):
    rng = np.random.default_rng(seed)
    running = {"running_mean": rng.normal(size=d), "running_var": rng.uniform(0.01, 2.0, size=d)}
    return {
        "x": rng.normal(3.0, 2.0, size=(n, d)),
        "gamma": rng.normal(1.0, 0.5, size=d),
        "beta": rng.normal(size=d),
        "bn_param": {"mode": mode, **running, **bn_param},
    }


def _in_torch(x, gamma, beta, bn_param):
    """Literally: torch's own function refuses batches of one."""
    mean, var = torch.as_tensor(bn_param["running_mean"]), torch.as_tensor(bn_param["running_var"])
    if bn_param["mode"] == "train":
        mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
    return gamma * (x - mean) / torch.sqrt(var + bn_param["eps"]) + beta


def test_cases_and_mistakes(check_operation):
    check_operation(batchnorm.OPERATION)


@ordinary
@given(
    n=sizes,
    d=sizes,
    seed=st.integers(0, 999),
    mode=st.sampled_from(["train", "test"]),
    eps=st.sampled_from([1e-5, 1e-2]),
)
def test_agrees_with_autograd(check_gradients, n, d, seed, mode, eps):
    check_gradients(batchnorm.OPERATION, _in_torch, _inputs(n, d, seed, mode, eps=eps), seed)


@ordinary
@given(n=sizes, d=sizes, seed=st.integers(0, 999), eps=st.sampled_from([1e-5, 1e-2]))
def test_both_backward_passes_agree(close, n, d, seed, eps):
    inputs = _inputs(n, d, seed, "train", eps=eps)
    upstream = np.random.default_rng(seed + 1).normal(size=(n, d))
    close(batchnorm.backward_alternative(upstream, **inputs), batchnorm.backward(upstream, **inputs))


@ordinary
@given(
    n=st.integers(2, 7),
    d=sizes,
    seed=st.integers(0, 999),
    mode=st.sampled_from(["train", "test"]),
    momentum=st.floats(0, 1),
)
def test_agrees_with_torch_batch_norm(close, n, d, seed, mode, momentum):
    """torch weighs the batch by its `momentum` and averages the unbiased variance."""
    inputs = _inputs(n, d, seed, mode, momentum=momentum, eps=1e-5)
    x, parameters = torch.tensor(inputs["x"]), inputs["bn_param"]
    mean, var = torch.tensor(parameters["running_mean"]), torch.tensor(parameters["running_var"])
    gamma, beta = torch.tensor(inputs["gamma"]), torch.tensor(inputs["beta"])
    out = torch.nn.functional.batch_norm(x, mean, var, gamma, beta, mode == "train", 1 - momentum, 1e-5)
    unbiased = (1 - momentum) * inputs["x"].var(axis=0) / (n - 1) if mode == "train" else 0.0
    expected = {"out": out.numpy(), "running_mean": mean.numpy(), "running_var": var.numpy() - unbiased}
    close(batchnorm.forward(**inputs), expected)


@pytest.mark.parametrize("mode", ["train", "test"])
def test_forward_mistakes_vary_the_right_steps(close, mode):
    inputs = _inputs(6, 4, 3, mode, eps=1e-3, momentum=0.8)
    close(batchnorm_forward_mistakes.forward_with()(**inputs), batchnorm.forward(**inputs))


def test_backward_mistakes_vary_the_right_steps(close):
    inputs = _inputs(6, 4, 3, "train", eps=1e-3)
    upstream = np.random.default_rng(4).normal(size=(6, 4))
    close(batchnorm_backward_mistakes.backward_with()(upstream, **inputs), batchnorm.backward(upstream, **inputs))


def test_defaults_are_used():
    inputs = _inputs(5, 3, 1, "train")
    explicit = inputs | {"bn_param": inputs["bn_param"] | {"eps": 1e-5, "momentum": 0.9}}
    for name, value in batchnorm.forward(**inputs).items():
        np.testing.assert_array_equal(value, batchnorm.forward(**explicit)[name])
    fresh = batchnorm.forward(inputs["x"], inputs["gamma"], inputs["beta"], {"mode": "train"})
    np.testing.assert_allclose(fresh["running_mean"], 0.1 * inputs["x"].mean(axis=0))
    np.testing.assert_allclose(fresh["running_var"], 0.1 * inputs["x"].var(axis=0))
