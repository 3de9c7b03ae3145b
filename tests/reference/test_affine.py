import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import affine

ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.integers(1, 5)


def test_cases_and_mistakes(check_operation):
    check_operation(affine.OPERATION)


@ordinary
@given(n=sizes, dims=st.lists(sizes, min_size=1, max_size=3), units=sizes, seed=st.integers(0, 999))
def test_agrees_with_autograd(check_gradients, n, dims, units, seed):
    rng = np.random.default_rng(seed)
    inputs = {
        "x": rng.normal(size=(n, *dims)),
        "w": rng.normal(size=(int(np.prod(dims)), units)),
        "b": rng.normal(size=units),
    }
    check_gradients(affine.OPERATION, lambda x, w, b: x.reshape(n, -1) @ w + b, inputs, seed)
