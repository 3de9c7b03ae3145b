from math import sqrt

import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import rmsprop

ordinary = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_cases_and_mistakes(check_operation):
    check_operation(rmsprop.OPERATION)


@ordinary
@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    rate=st.floats(1e-4, 0.5),
    decay=st.floats(0.1, 0.999),
    scale=st.sampled_from([1e-8, 1e-4, 1.0]),
    seed=st.integers(0, 999),
)
def test_agrees_with_torch(close, shape, rate, decay, scale, seed):
    rng = np.random.default_rng(seed)
    w, config = rng.normal(size=shape), {"learning_rate": rate, "decay_rate": decay, "epsilon": 1e-8}
    weights = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.RMSprop([weights], lr=rate, alpha=decay, eps=1e-8)
    for _ in range(4):
        dw = scale * rng.normal(size=shape)
        result = rmsprop.forward(w, dw, config)
        weights.grad = torch.tensor(dw)
        optimizer.step()
        average = optimizer.state[weights]["square_avg"].numpy()
        close(result, {"next_w": weights.detach().numpy(), "cache": average})
        np.testing.assert_allclose(result["cache"], average, rtol=1e-12)
        w, config = result["next_w"], config | {"cache": result["cache"]}


def test_one_number_with_defaults():
    result = rmsprop.forward(np.array([2.0]), np.array([3e-8]), None)
    cache = 0.01 * 3e-8**2
    np.testing.assert_allclose(result["cache"], [cache], rtol=1e-12)
    np.testing.assert_allclose(result["next_w"], [2.0 - 0.01 * 3e-8 / (sqrt(cache) + 1e-8)], rtol=1e-15)
