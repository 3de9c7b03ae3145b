import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import softmax_loss

ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_cases_and_mistakes(check_operation):
    check_operation(softmax_loss.OPERATION)


@ordinary
@given(n=st.integers(1, 6), c=st.integers(1, 6), scale=st.sampled_from([0.01, 1.0, 100.0]), seed=st.integers(0, 999))
def test_agrees_with_autograd(close, n, c, scale, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.0, scale, size=(n, c)), rng.integers(c, size=n)
    scores, labels = torch.tensor(x, requires_grad=True), torch.tensor(y)
    loss = torch.nn.functional.cross_entropy(scores, labels)
    loss.backward()
    close(softmax_loss.forward(x, y), {"loss": loss.item(), "dx": scores.grad.numpy()})


def test_does_not_overflow():
    x = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.5, -2000.0]])
    result = softmax_loss.forward(x, np.array([1, 0]))
    assert np.isclose(result["loss"], (1000.0 + np.log1p(np.exp(-0.5))) / 2, rtol=1e-12)
    assert np.isfinite(result["dx"]).all()
