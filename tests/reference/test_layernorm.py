import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import layernorm, layernorm_mistakes

ordinary = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.integers(1, 7)


def _inputs(n, d, seed, **ln_param):
    rng = np.random.default_rng(seed)
    return {
        "x": rng.normal(3.0, 2.0, size=(n, d)),
        "gamma": rng.normal(1.0, 0.5, size=d),
        "beta": rng.normal(size=d),
        "ln_param": ln_param,
    }


def test_cases_and_mistakes(check_operation):
    check_operation(layernorm.OPERATION)


@ordinary
@given(n=sizes, d=sizes, seed=st.integers(0, 999), eps=st.sampled_from([1e-5, 1e-2]))
def test_agrees_with_autograd(check_gradients, n, d, seed, eps):
    def in_torch(x, gamma, beta, ln_param):
        return torch.nn.functional.layer_norm(x, (d,), gamma, beta, ln_param["eps"])

    check_gradients(layernorm.OPERATION, in_torch, _inputs(n, d, seed, eps=eps), seed)


def test_mistakes_vary_the_right_steps(close):
    inputs = _inputs(4, 6, 3, eps=1e-3)
    upstream = np.random.default_rng(4).normal(size=(4, 6))
    unchanged = layernorm_mistakes.forward_with(lambda layer: layer.out(layer.normalized))
    close(unchanged(**inputs), layernorm.forward(**inputs))
    close(layernorm_mistakes.backward_with()(upstream, **inputs), layernorm.backward(upstream, **inputs))


def test_default_eps():
    inputs = _inputs(4, 3, 1)
    explicit = inputs | {"ln_param": {"eps": 1e-5}}
    np.testing.assert_array_equal(layernorm.forward(**inputs)["out"], layernorm.forward(**explicit)["out"])
