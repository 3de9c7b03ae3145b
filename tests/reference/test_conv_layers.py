"""The layers that chain a convolution with others: conv_relu, conv_relu_pool, conv_bn_relu."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import conv_bn_relu, conv_relu, conv_relu_pool

ordinary = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
functional = torch.nn.functional


@pytest.mark.parametrize("layer", [conv_relu, conv_relu_pool, conv_bn_relu], ids=lambda layer: layer.__name__)
def test_cases_and_mistakes(check_operation, layer):
    check_operation(layer.OPERATION)


@st.composite
def convolutions(draw):
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    n, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    image = draw(st.tuples(st.integers(6, 8), st.integers(6, 8)))
    pad = draw(st.integers(0, 2))
    sides = st.integers(pad + 1, 4)  # a window that sees padding alone gives the bias exactly: ties for the pooling
    window = draw(st.tuples(sides, sides))
    return {
        "x": rng.normal(size=(n, channels, *image)),
        "w": rng.normal(size=(filters, channels, *window)),
        "b": rng.normal(size=filters),
        "conv_param": {"stride": draw(st.integers(1, 2)), "pad": pad},
    }


def torch_conv(x, w, b, conv_param):
    return functional.conv2d(x, w, b, conv_param["stride"], conv_param["pad"])


@ordinary
@given(inputs=convolutions())
def test_conv_relu_agrees_with_autograd(check_gradients, inputs):
    check_gradients(conv_relu.OPERATION, lambda **inputs: torch.relu(torch_conv(**inputs)), inputs)


@ordinary
@given(inputs=convolutions(), window=st.tuples(st.integers(1, 2), st.integers(1, 2)), stride=st.integers(1, 3))
def test_conv_relu_pool_agrees_with_autograd(check_gradients, inputs, window, stride):
    pool_param = {"pool_height": window[0], "pool_width": window[1], "stride": stride}

    def layer(pool_param, **inputs):
        return functional.max_pool2d(torch.relu(torch_conv(**inputs)), window, stride)

    check_gradients(conv_relu_pool.OPERATION, layer, inputs | {"pool_param": pool_param})


@ordinary
@given(inputs=convolutions(), mode=st.sampled_from(["train", "test"]), seed=st.integers(0, 999))
def test_conv_bn_relu_agrees_with_autograd(check_gradients, inputs, mode, seed):
    rng, filters = np.random.default_rng(seed), len(inputs["b"])
    bn_param = {
        "mode": mode,
        "eps": 1e-3,
        "running_mean": rng.normal(size=filters),
        "running_var": rng.uniform(0.5, 2.0, size=filters),
    }
    parameters = {"gamma": rng.normal(size=filters), "beta": rng.normal(size=filters), "bn_param": bn_param}

    def layer(gamma, beta, bn_param, **inputs):
        mean, var = torch.tensor(bn_param["running_mean"]), torch.tensor(bn_param["running_var"])
        training = bn_param["mode"] == "train"
        scores = functional.batch_norm(torch_conv(**inputs), mean, var, gamma, beta, training, 0.1, bn_param["eps"])
        return torch.relu(scores)

    check_gradients(conv_bn_relu.OPERATION, layer, inputs | parameters, seed)
