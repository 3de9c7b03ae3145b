import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import sigmoid

ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_cases_and_mistakes(check_operation):
    check_operation(sigmoid.OPERATION)


@ordinary
@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
    seed=st.integers(0, 999),
)
def test_agrees_with_autograd(check_gradients, shape, scale, seed):
    x = np.random.default_rng(seed).normal(0.0, scale, size=shape)
    check_gradients(sigmoid.OPERATION, lambda x: torch.sigmoid(x), {"x": x}, seed)


def test_keeps_its_digits_far_out():
    x = np.array([-750.0, -40.0, 40.0, 750.0])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        out = sigmoid.forward(x)["out"]
        dx = sigmoid.backward(np.ones(4), x)["dx"]
    np.testing.assert_allclose(out[1], np.exp(-40.0), rtol=1e-12)
    np.testing.assert_allclose(dx[1:3], np.exp(-40.0), rtol=1e-12)
    np.testing.assert_array_equal(out[2:], 1.0)
