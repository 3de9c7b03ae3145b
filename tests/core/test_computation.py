"""What packs declare is differentiated as torch differentiates it; the two share no code."""

from __future__ import annotations

import ast

import numpy as np
import pytest
import torch

from grader.core.answers.formulas import Formulas
from grader.core.computation import FUNCTIONS, parse_computation
from grader.pack import load_pack

TORCH = {
    "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt, "sin": torch.sin, "cos": torch.cos, "tanh": torch.tanh,
    "sigmoid": torch.sigmoid, "relu": torch.relu, "abs": torch.abs, "max": torch.maximum, "min": torch.minimum, "sum": torch.sum,
    "mean": torch.mean, "dot": lambda x, y: (x * y).sum(),
}  # fmt: skip


def in_torch(nodes: dict[str, str], values: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Python's own evaluation of the expressions, on tensors."""
    known = dict(values)
    for name, text in nodes.items():
        code = compile(ast.parse(text.replace("^", "**"), mode="eval"), name, "eval")
        known[name] = torch.as_tensor(eval(code, {"__builtins__": {}}, {**TORCH, **known}), dtype=torch.float64)
        known[name].retain_grad()
    return known


def compare(nodes: dict[str, str], inputs: dict[str, np.ndarray], output: str) -> None:
    computation = parse_computation(nodes)
    values = computation.forward(inputs)
    gradients = computation.backward(values, output)
    known = in_torch(
        nodes, {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in inputs.items()}
    )
    known[output].sum().backward()
    for name in (*inputs, *nodes):
        np.testing.assert_allclose(values[name], known[name].detach().numpy(), rtol=1e-12, atol=1e-12)
        expected = known[name].grad
        expected = np.zeros(values[name].shape) if expected is None else expected.numpy()
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-9, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("m", [2, 5, 9])
@pytest.mark.parametrize("seed", range(3))
def test_batch_normalization_as_the_pack_declares_it(m, seed):
    declared = load_pack("dl_hw1").rubric.question("bn-gradients").formulas
    assert isinstance(declared, Formulas)
    random = np.random.default_rng(seed)
    inputs = {name: random.normal(size=[m] * len(one.shape)) for name, one in declared.inputs.items()}
    inputs["epsilon"] = np.asarray(declared.inputs["epsilon"].value)
    compare(declared.nodes, inputs | {"m": np.asarray(float(m))}, "f")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function(function, seed):
    random = np.random.default_rng(seed)
    x, y = (random.uniform(0.3, 2.0, 4) * random.choice([-1, 1], 4) for _ in range(2))
    if function in ("log", "sqrt"):
        x, y = abs(x), abs(y)
    call = f"{function}(x, y)" if function in ("max", "min", "dot") else f"{function}(x)"
    compare({"q": call, "f": "sum(q * y / (2 + x^2) - q^2)"}, {"x": x, "y": y}, "f")


def test_matrices():
    random = np.random.default_rng(0)
    inputs = {"X": random.normal(size=(4, 3)), "W": random.normal(size=(3, 2)), "b": random.normal(size=2)}
    compare({"Z": "X @ W + b", "f": "sum(relu(Z) * Z)"}, inputs, "f")
