import numpy as np
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reference_impl import max_pool

ordinary = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
few = st.integers(1, 3)


def test_cases_and_mistakes(check_operation):
    check_operation(max_pool.OPERATION)


def test_cases_have_no_ties():
    for case in max_pool.draw(np.random.default_rng(3)):
        assert np.diff(np.sort(case.inputs["x"], axis=None)).min() > 1e-3


@ordinary
@given(
    n=few,
    channels=few,
    image=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    window=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 5),
    seed=st.integers(0, 999),
)
def test_agrees_with_autograd(check_gradients, n, channels, image, window, stride, seed):
    assume(all(image[k] >= window[k] for k in (0, 1)))
    inputs = {
        "x": max_pool.distinct(np.random.default_rng(seed), (n, channels, *image)),
        "pool_param": {"pool_height": window[0], "pool_width": window[1], "stride": stride},
    }
    check_gradients(
        max_pool.OPERATION,
        lambda x, pool_param: torch.nn.functional.max_pool2d(x, window, stride=pool_param["stride"]),
        inputs,
        seed,
    )
