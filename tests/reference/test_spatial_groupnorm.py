import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import spatial_groupnorm

ordinary = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
few = st.integers(1, 3)


def test_cases_and_mistakes(check_operation):
    check_operation(spatial_groupnorm.OPERATION)


@ordinary
@given(
    n=few,
    groups=few,
    in_group=few,
    image=st.tuples(st.integers(1, 5), st.integers(2, 5)),
    flat_parameters=st.booleans(),
    seed=st.integers(0, 999),
)
def test_agrees_with_autograd(check_gradients, n, groups, in_group, image, flat_parameters, seed):
    rng, channels = np.random.default_rng(seed), groups * in_group
    parameters = (channels,) if flat_parameters else (1, channels, 1, 1)
    inputs = {
        "x": rng.normal(2.0, 3.0, size=(n, channels, *image)),
        "gamma": rng.normal(size=parameters),
        "beta": rng.normal(size=parameters),
        "G": groups,
        "gn_param": {"eps": 1e-3},
    }

    def group_norm(x, gamma, beta, G, gn_param):
        return torch.nn.functional.group_norm(x, G, gamma.flatten(), beta.flatten(), gn_param["eps"])

    check_gradients(spatial_groupnorm.OPERATION, group_norm, inputs, seed)
