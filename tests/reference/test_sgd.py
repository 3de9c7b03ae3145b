import numpy as np
import pytest

from reference_impl import sgd


def test_cases_and_mistakes(check_operation):
    check_operation(sgd.OPERATION)


@pytest.mark.parametrize(("config", "rate"), [({"learning_rate": 0.3}, 0.3), ({}, 1e-2), (None, 1e-2)])
def test_step(config, rate):
    next_w = sgd.forward(np.array([1.0, -2.0]), np.array([0.5, 4.0]), config)["next_w"]
    np.testing.assert_allclose(next_w, [1.0 - rate * 0.5, -2.0 - rate * 4.0], rtol=1e-15)
