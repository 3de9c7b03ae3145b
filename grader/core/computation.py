"""Computations that a pack declares: named values given by expressions over earlier ones, evaluated and differentiated.

    inputs x, w     q = x * w     f = sigmoid(q) + max(x, 0)

Derivatives are taken by a complex step (Squire and Trapp 1998, "Using complex variables to estimate derivatives of real
functions", SIAM Review 40): exact to rounding, for every operation here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_STEP = 1e-30
_LONGEST = 2_000  # characters of one expression

Array = np.ndarray
Values = Mapping[str, Array]


def _relu(x: Array) -> Array:
    return np.where(np.real(x) > 0, x, 0)


def _absolute(x: Array) -> Array:
    return np.where(np.real(x) >= 0, x, -x)


def _larger(x: Array, y: Array) -> Array:
    return np.where(np.real(x) >= np.real(y), x, y)


def _smaller(x: Array, y: Array) -> Array:
    return np.where(np.real(x) <= np.real(y), x, y)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": _relu, "abs": _absolute, "max": _larger, "min": _smaller,
    "sum": np.sum, "mean": np.mean, "dot": lambda x, y: np.sum(x * y),
}  # fmt: skip
_BINARY: Mapping[type, Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power, ast.MatMult: np.matmul,
}  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """Numbers, names, + - * / ** (or ^) @, parentheses and the functions of `FUNCTIONS`. `names`: those that it uses."""

    text: str
    names: frozenset[str] = field(compare=False)
    tree: ast.expr = field(compare=False, repr=False)

    def __call__(self, values: Mapping[str, Any]) -> Array:
        """The value, float64 (or complex128 where a value is). Raises KeyError for a name that `values` lacks."""
        with np.errstate(all="ignore"):
            return np.asarray(_evaluate(self.tree, values))


def parse_expression(text: str) -> Expression:
    """Raises ValueError saying what is not understood."""
    if len(text) > _LONGEST:
        raise ValueError(f"an expression has at most {_LONGEST:,} characters")
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text!r} is no expression") from error
    names: set[str] = set()
    _check(tree, names, text)
    return Expression(text, frozenset(names), tree)


def _check(node: ast.expr, names: set[str], text: str) -> None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return
        case ast.Name(id=name):
            names.add(name)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _check(inner, names, text)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            _check(left, names, text)
            _check(right, names, text)
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if function in FUNCTIONS:
            for argument in args:
                _check(argument, names, text)
        case _:
            raise ValueError(f"{ast.unparse(node)!r} in {text!r} is not understood")


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return np.float64(value)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=operator, operand=inner):
            value = _evaluate(inner, values)
            return -value if isinstance(operator, ast.USub) else value
        case ast.BinOp(left=left, op=operator, right=right):
            return _BINARY[type(operator)](_evaluate(left, values), _evaluate(right, values))
        case ast.Call(func=ast.Name(id=function), args=args):
            return FUNCTIONS[function](*(_evaluate(argument, values) for argument in args))
    raise TypeError(f"no expression: {node!r}")


@dataclass(frozen=True)
class Computation:
    """nodes: in the order in which they are computed. Names that are no node are inputs."""

    nodes: Mapping[str, Expression]

    @property
    def inputs(self) -> tuple[str, ...]:
        used = {name for expression in self.nodes.values() for name in expression.names}
        return tuple(sorted(used - set(self.nodes)))

    def consumers(self, name: str) -> tuple[str, ...]:
        """The nodes that use `name` directly."""
        return tuple(node for node, expression in self.nodes.items() if name in expression.names)

    def forward(self, inputs: Values) -> dict[str, Array]:
        """Inputs and nodes by name."""
        values = {name: np.asarray(value, dtype=np.float64) for name, value in inputs.items()}
        for name, expression in self.nodes.items():
            values[name] = expression(values)
        return values

    def backward(self, values: Values, of: str, upstream: Any = 1.0) -> dict[str, Array]:
        """Gradients of sum(upstream * `of`) by name, each in its value's shape; 0 for what `of` does not depend on."""
        gradients = {name: np.zeros(np.shape(value)) for name, value in values.items()}
        gradients[of] = np.broadcast_to(np.asarray(upstream, dtype=np.float64), np.shape(values[of])).copy()
        for node in reversed(list(self.nodes)):
            for name in self.nodes[node].names:
                gradients[name] = gradients[name] + pull_back(self.nodes[node], values, name, gradients[node])
        return gradients


def parse_computation(nodes: Mapping[str, str]) -> Computation:
    """Raises ValueError for an expression that is not understood, or that uses a node declared after it."""
    parsed: dict[str, Expression] = {}
    for name, text in nodes.items():
        parsed[name] = parse_expression(text)
        later = parsed[name].names & (set(nodes) - set(parsed) | {name})
        if later:
            raise ValueError(f"{name!r} uses {', '.join(sorted(later))}, which is declared after it")
    return Computation(parsed)


def pull_back(expression: Expression, values: Values, name: str, upstream: Array) -> Array:
    """sum(upstream * d expression / d `name`), in the shape of `name`, at `values`."""
    at = np.asarray(values[name], dtype=np.complex128)
    found = np.zeros(at.shape)
    for index in np.ndindex(at.shape):
        moved = at.copy()
        moved[index] += 1j * _STEP
        slope = np.imag(expression({**values, name: moved})) / _STEP
        found[index] = np.sum(np.asarray(upstream) * slope)
    return found
