"""What every reference is asked: cases that hold, mistakes that differ from the right answer and from each other."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch

from reference_impl.operation import Case, Mistake, Operation

torch.set_num_threads(1)

VISIBLE = 1e-6  # the loosest relative tolerance with which a pack compares


def assert_close(actual: Mapping[str, Any], expected: Mapping[str, Any], rtol: float = 1e-9) -> None:
    """Same names, same shapes, and values within `rtol` of the largest expected one (or of 1, if that is larger)."""
    assert set(actual) == set(expected)
    for name, want in expected.items():
        got, want = np.asarray(actual[name]), np.asarray(want)
        assert got.shape == want.shape, f"{name}: {got.shape} instead of {want.shape}"
        assert np.isfinite(got).all(), f"{name} is not finite"
        error = np.abs(got - want).max(initial=0) / max(1.0, np.abs(want).max(initial=0))
        assert error <= rtol, f"{name} is off by {error:.1e}"


def _differ(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether any value differs in shape, in where it is finite, or by more than `VISIBLE` of its largest entry."""
    for name in b:
        x, y = np.asarray(a[name], dtype=float), np.asarray(b[name], dtype=float)
        finite = np.isfinite(y)
        if x.shape != y.shape or not np.array_equal(np.isfinite(x), finite):
            return True
        if np.abs(x[finite] - y[finite]).max(initial=0) > VISIBLE * np.abs(y)[finite].max(initial=0):
            return True
    return False


def _upstream(operation: Operation, case: Case) -> np.ndarray:
    out = operation.forward(**case.inputs)[operation.outputs[0]]
    return np.random.default_rng(len(case.name)).normal(0.3, 1.0, size=np.shape(out))


def _run(operation: Operation, part: str, case: Case, mistake: Mistake | None = None) -> dict[str, Any]:
    if part == "forward":
        return (mistake.forward if mistake else operation.forward)(**case.inputs)
    return (mistake.backward if mistake else operation.backward)(_upstream(operation, case), **case.inputs)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return np.array_equal(a, b)


def _check_values(operation: Operation, part: str, case: Case, values: Mapping[str, Any]) -> None:
    names = {*operation.outputs, *operation.after} if part == "forward" else set(operation.gradients)
    assert set(values) == names, f"{case.name}: {part} gives {sorted(values)}"


def _check_cases(operation: Operation) -> None:
    for convention in operation.conventions:
        cases = operation.draw(np.random.default_rng(5), convention=convention)
        again = operation.draw(np.random.default_rng(5), convention=convention)
        other = operation.draw(np.random.default_rng(6), convention=convention)
        assert len({case.name for case in cases}) == len(cases)
        assert {case.scope for case in cases} == {"core", "edge"}
        assert all(case.note for case in cases if case.scope == "edge")
        for case, same, different in zip(cases, again, other, strict=True):
            assert _same(case.inputs, same.inputs)
            assert not _same(case.inputs, different.inputs)
            assert tuple(case.inputs) == operation.arguments
            _check_case(operation, case)


def _check_case(operation: Operation, case: Case) -> None:
    """The reference answers with the declared names, finite numbers, and leaves its inputs as they were."""
    before = copy.deepcopy(case.inputs)
    for part in ("forward", "backward") if operation.backward else ("forward",):
        values = _run(operation, part, case)
        _check_values(operation, part, case, values)
        assert all(np.isfinite(value).all() for value in values.values()), f"{case.name}: {part} is not finite"
        if part == "backward":
            assert all(
                np.shape(values["d" + name]) == np.shape(case.inputs[name]) for name in _differentiated(operation)
            )
        assert _same(before, case.inputs), f"{case.name}: {part} changed its inputs"


def _differentiated(operation: Operation) -> list[str]:
    return [name.removeprefix("d") for name in operation.gradients]


def _check_mistakes(operation: Operation) -> None:
    """A mistake is visible in the scope that it names, not in core cases if that is "edge", and resembles no other."""
    rng = np.random.default_rng(7)
    drawn = [case for convention in operation.conventions for case in operation.draw(rng, convention)]
    for part in ("forward", "backward"):
        mistakes = [mistake for mistake in operation.mistakes if mistake.part == part]
        assert len({mistake.id for mistake in mistakes}) == len(mistakes)
        cases = [case for case in drawn if part == "forward" or case.has_backward]
        answers = {mistake.id: [_run(operation, part, case, mistake) for case in cases] for mistake in mistakes}
        right = [_run(operation, part, case) for case in cases] if mistakes else []
        core = [index for index, case in enumerate(cases) if case.scope == "core"]
        every = range(len(cases))
        for mistake in mistakes:
            _check_words(mistake)
            answer = answers[mistake.id]
            for case, values in zip(cases, answer, strict=True):
                _check_values(operation, part, case, values)
            assert any(_differ(answer[i], right[i]) for i in every), f"{part} {mistake.id} looks right"
            seen = any(_differ(answer[i], right[i]) for i in core)
            assert seen == (mistake.visible == "core"), f"{part} {mistake.id} on core cases"
        for a, b in combinations(mistakes, 2):
            where = core if a.visible == b.visible == "core" else every
            assert any(_differ(answers[a.id][i], answers[b.id][i]) for i in where), f"{part}: {a.id} looks like {b.id}"


def _check_words(mistake: Mistake) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mistake.id)
    assert mistake.label
    assert not mistake.label.endswith(".")


@pytest.fixture
def close() -> Callable[..., None]:
    return assert_close


@pytest.fixture
def check_operation() -> Callable[[Operation], None]:
    """Cases are valid, drawn from the generator alone; every mistake is visible and unlike the others; no warnings."""

    def check(operation: Operation) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            _check_cases(operation)
            if not operation.random:
                _check_mistakes(operation)

    return check


@pytest.fixture
def check_gradients() -> Callable[..., None]:
    """`backward` against torch's autograd: `function` computes the output from tensors in double precision."""

    def check(
        operation: Operation, function: Callable[..., torch.Tensor], inputs: dict[str, Any], seed: int = 0
    ) -> None:
        names = _differentiated(operation)
        tensors = {name: torch.tensor(inputs[name], dtype=torch.float64, requires_grad=True) for name in names}
        out = function(**(inputs | tensors))
        upstream = np.random.default_rng(seed).normal(0.3, 1.0, size=tuple(out.shape))
        out.backward(torch.tensor(upstream))
        first = operation.outputs[0]
        assert_close({first: operation.forward(**inputs)[first]}, {first: out.detach().numpy()})
        expected = {"d" + name: tensor.grad.numpy() for name, tensor in tensors.items()}
        assert_close(operation.backward(upstream, **inputs), expected)

    return check
