import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import svm_loss

ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _hinge(scores, labels):
    """Example by example, class by class."""
    loss = 0 * scores.sum()
    for row, label in zip(scores, labels, strict=True):
        loss = loss + sum(torch.relu(row[c] - row[label] + 1) for c in range(len(row)) if c != label)
    return loss / len(labels)


def test_cases_and_mistakes(check_operation):
    check_operation(svm_loss.OPERATION)


@ordinary
@given(n=st.integers(1, 6), c=st.integers(1, 6), scale=st.sampled_from([0.01, 1.0, 100.0]), seed=st.integers(0, 999))
def test_agrees_with_autograd(close, n, c, scale, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.0, scale, size=(n, c)), rng.integers(c, size=n)
    scores, labels = torch.tensor(x, requires_grad=True), torch.tensor(y)
    loss = _hinge(scores, labels)
    loss.backward()
    close(svm_loss.forward(x, y), {"loss": loss.item(), "dx": scores.grad.numpy()})
