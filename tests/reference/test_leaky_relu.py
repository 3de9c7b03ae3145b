import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import leaky_relu

ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_cases_and_mistakes(check_operation):
    check_operation(leaky_relu.OPERATION)


@ordinary
@given(shape=st.lists(st.integers(1, 5), min_size=1, max_size=4), alpha=st.floats(0.0, 0.9), seed=st.integers(0, 999))
def test_agrees_with_autograd(check_gradients, shape, alpha, seed):
    x = np.random.default_rng(seed).normal(size=shape)
    inputs = {"x": x, "alpha": alpha}
    check_gradients(leaky_relu.OPERATION, lambda x, alpha: torch.nn.functional.leaky_relu(x, alpha), inputs, seed)
