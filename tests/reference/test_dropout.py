from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import dropout

ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
conventions = pytest.mark.parametrize("convention", dropout.CONVENTIONS)


def _cases(scope="core", seed=11):
    return [case for case in dropout.draw(np.random.default_rng(seed)) if case.scope == scope]


def _mistakes(convention, part):
    return [mistake for mistake in dropout.operation(convention).mistakes if mistake.part == part]


def _explained(x, out, parameters, convention):
    return dropout.OPERATION.explain(x, out, parameters["p"], convention, parameters["mode"])


@conventions
def test_cases(check_operation, convention):
    check_operation(dropout.operation(convention))


def test_ids_are_unique_in_both_parts():
    ids = [mistake.id for mistake in dropout.OPERATION.mistakes]
    assert len(set(ids)) == len(ids)


def test_scales():
    assert dropout.scales(0.25, "keep") == (4.0, 0.25)
    assert dropout.scales(0.75, "drop") == (4.0, 0.25)
    with pytest.raises(ValueError, match="keep or drop"):
        dropout.scales(0.5, "either")


@conventions
@pytest.mark.parametrize("scope", ["core", "edge"])
def test_reference_keeps_the_expected_share(convention, scope):
    for case in _cases(scope):
        parameters, x = case.inputs["dropout_param"], case.inputs["x"]
        out = dropout.operation(convention).forward(**case.inputs)["out"]
        factor, keep = dropout.scales(parameters["p"], convention)
        if parameters["mode"] == "test":
            np.testing.assert_array_equal(out, x)
            continue
        kept = out != 0
        np.testing.assert_allclose(out[kept], (factor * x)[kept], rtol=1e-12)
        assert abs(kept.mean() - keep) < 0.06
        assert abs(out.mean() - x.mean()) < 0.5


@ordinary
@given(shape=st.lists(st.integers(1, 5), min_size=1, max_size=4), p=st.floats(0.1, 0.9), seed=st.integers(0, 999))
@conventions
def test_agrees_with_autograd(check_gradients, convention, shape, p, seed):
    x = np.random.default_rng(seed).uniform(1.0, 2.0, size=shape)
    for mode in ("train", "test"):
        inputs = {"x": x, "dropout_param": {"mode": mode, "p": p, "seed": seed}}
        operation = dropout.operation(convention)
        ratio = torch.tensor(operation.forward(**inputs)["out"] / x)
        check_gradients(operation, lambda x, dropout_param, ratio=ratio: x * ratio, inputs, seed)


def test_with_a_given_mask():
    x, mask = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[True, False], [False, True]])
    np.testing.assert_array_equal(dropout.forward_with_mask(x, mask, 2.0), [[2.0, 0.0], [0.0, 8.0]])
    np.testing.assert_array_equal(dropout.backward_with_mask(x, mask, 2.0), [[2.0, 0.0], [0.0, 8.0]])


@conventions
def test_right_outputs_are_never_accused(convention):
    """Of a thousand outputs of a right layer, drawn as students draw them, none is explained by a mistake."""
    rng = np.random.RandomState(3)
    for seed in range(200):
        for case in _cases(seed=seed):
            x, parameters = case.inputs["x"], case.inputs["dropout_param"]
            factor, keep = dropout.scales(parameters["p"], convention)
            out = x * (rng.rand(*x.shape) < keep) * factor if parameters["mode"] == "train" else x
            assert _explained(x, out, parameters, convention) is None


@conventions
@pytest.mark.parametrize("name", [mistake.id for mistake in dropout.OPERATION.mistakes if mistake.part == "forward"])
def test_every_forward_mistake_is_named(convention, name):
    """By the first case that shows anything wrong; where it shows nothing, nothing is said."""
    mistake = next(known for known in _mistakes(convention, "forward") if known.id == name)
    for seed in range(20):
        named = [
            _explained(
                case.inputs["x"], mistake.forward(**case.inputs)["out"], case.inputs["dropout_param"], convention
            )
            for case in _cases(seed=seed)
        ]
        assert next(found for found in named if found) == name
        assert set(named) <= {name, None}


@conventions
def test_mistakes_named_in_four_dimensions(convention):
    for mistake in _mistakes(convention, "forward"):
        for case in _cases("edge"):
            out = mistake.forward(**case.inputs)["out"]
            found = _explained(case.inputs["x"], out, case.inputs["dropout_param"], convention)
            assert found == (None if mistake.id.endswith("at-test-time") else mistake.id)


@conventions
def test_backward_mistakes_are_visible_and_unlike_each_other(convention):
    operation = dropout.operation(convention)
    upstream = np.random.default_rng(1).normal(0.3, 1.0, size=(40, 50))
    cases = _cases()
    right = [operation.backward(upstream, **case.inputs)["dx"] for case in cases]
    wrong = {
        mistake.id: [mistake.backward(upstream, **case.inputs)["dx"] for case in cases]
        for mistake in _mistakes(convention, "backward")
    }
    for name, answers in wrong.items():
        assert any(not np.allclose(a, b, rtol=1e-3) for a, b in zip(answers, right, strict=True)), name
    for a, b in combinations(wrong, 2):
        assert any(not np.allclose(x, y, rtol=1e-3) for x, y in zip(wrong[a], wrong[b], strict=True)), (a, b)


@conventions
def test_backward_mistakes_follow_the_given_output(convention):
    """With a student's own mask, a mistake uses that mask."""
    operation = dropout.operation(convention)
    upstream = np.random.default_rng(1).normal(0.3, 1.0, size=(40, 50))
    case = _cases()[0]
    x, parameters = case.inputs["x"], case.inputs["dropout_param"]
    out = operation.forward(x, parameters | {"seed": 99})["out"]
    unscaled = next(known for known in operation.mistakes if known.id == "backward-unscaled")
    dx = operation.backward_variant(unscaled, upstream, x, out, parameters)["dx"]
    np.testing.assert_array_equal(dx, upstream * (out != 0))
