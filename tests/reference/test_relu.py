import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import relu

ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_cases_and_mistakes(check_operation):
    check_operation(relu.OPERATION)


@ordinary
@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
    seed=st.integers(0, 999),
)
def test_agrees_with_autograd(check_gradients, shape, scale, seed):
    x = np.random.default_rng(seed).normal(0.0, scale, size=shape)
    check_gradients(relu.OPERATION, lambda x: torch.relu(x), {"x": x}, seed)
