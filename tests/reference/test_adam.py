from math import sqrt

import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import adam, adam_mistakes

ordinary = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_cases_and_mistakes(check_operation):
    check_operation(adam.OPERATION)


@ordinary
@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    rate=st.floats(1e-4, 0.5),
    betas=st.tuples(st.floats(0.1, 0.99), st.floats(0.1, 0.9999)),
    scale=st.sampled_from([1e-8, 1e-4, 1.0]),
    seed=st.integers(0, 999),
)
def test_agrees_with_torch(close, shape, rate, betas, scale, seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=shape)
    config = {"learning_rate": rate, "beta1": betas[0], "beta2": betas[1], "epsilon": 1e-8}
    weights = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=rate, betas=betas, eps=1e-8)
    for _ in range(4):
        dw = scale * rng.normal(size=shape)
        result = adam.forward(w, dw, config)
        weights.grad = torch.tensor(dw)
        optimizer.step()
        state = optimizer.state[weights]
        averages = {"m": state["exp_avg"].numpy(), "v": state["exp_avg_sq"].numpy()}
        close(result, {"next_w": weights.detach().numpy(), **averages, "t": int(state["step"])})
        np.testing.assert_allclose(result["v"], averages["v"], rtol=1e-12)
        w, config = result["next_w"], config | {name: result[name] for name in ("m", "v", "t")}


def test_one_number_from_a_given_state():
    config = {"m": np.array([0.5]), "v": np.array([0.25]), "t": 5}
    result = adam.forward(np.array([2.0]), np.array([3.0]), config)
    m, v = 0.9 * 0.5 + 0.1 * 3.0, 0.999 * 0.25 + 0.001 * 9.0
    step = 1e-3 * (m / (1 - 0.9**6)) / (sqrt(v / (1 - 0.999**6)) + 1e-8)
    assert result["t"] == 6
    np.testing.assert_allclose([*result["m"], *result["v"]], [m, v], rtol=1e-14)
    np.testing.assert_allclose(result["next_w"], [2.0 - step], rtol=1e-15)


def test_mistakes_vary_the_right_step(close):
    for case in adam.draw(np.random.default_rng(2)):
        close(adam_mistakes.step_with()(**case.inputs), adam.forward(**case.inputs))
