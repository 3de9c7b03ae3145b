import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import sgd_momentum

ordinary = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_cases_and_mistakes(check_operation):
    check_operation(sgd_momentum.OPERATION)


@ordinary
@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    rate=st.floats(1e-4, 0.5),
    momentum=st.floats(0.0, 0.99),
    seed=st.integers(0, 999),
)
def test_agrees_with_torch(close, shape, rate, momentum, seed):
    """torch keeps the velocity over -learning_rate: the same weights while the rate is constant."""
    rng = np.random.default_rng(seed)
    w, config = rng.normal(size=shape), {"learning_rate": rate, "momentum": momentum}
    weights = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=rate, momentum=momentum)
    for _ in range(4):
        dw = rng.normal(size=shape)
        result = sgd_momentum.forward(w, dw, config)
        weights.grad = torch.tensor(dw)
        optimizer.step()
        buffer = optimizer.state[weights].get("momentum_buffer")
        velocity = -rate * (weights.grad if buffer is None else buffer).numpy()  # there is no buffer without momentum
        close(result, {"next_w": weights.detach().numpy(), "velocity": velocity})
        w, config = result["next_w"], config | {"velocity": result["velocity"]}


def test_given_velocity():
    config = {"learning_rate": 0.5, "momentum": 0.25, "velocity": np.array([4.0])}
    result = sgd_momentum.forward(np.array([10.0]), np.array([3.0]), config)
    assert result["velocity"] == [-0.5]
    assert result["next_w"] == [9.5]
    np.testing.assert_array_equal(sgd_momentum.forward(np.array([1.0]), np.array([1.0]), None)["velocity"], [-0.01])
