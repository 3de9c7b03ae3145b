"""What a wrong number of a graph looks like: the slips of forward and backward passes, by name.

A wrong sign is called that; any other name is given only when exactly one of them fits.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import numpy as np

from grader.core.computation import Array, Computation, Expression, parse_expression, pull_back

_OPERATORS: Mapping[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "added"), ast.Sub: ("-", "subtracted"), ast.Mult: ("*", "multiplied"), ast.Div: ("/", "divided"),
}  # fmt: skip
_OTHER = {"max": "min", "min": "max"}


def explanation(
    computation: Computation,
    place: tuple[str, str],
    expected: Array,
    numbers: Mapping[tuple[str, str], Array],
    is_own: Callable[[Array], bool],
) -> str:
    """The slip that gives the student's number (`is_own`), or "". `numbers`: those before it, as the student has them."""
    kind, name = place
    slips = _forward(computation, name, numbers) if kind == "value" else _backward(computation, name, numbers)
    if is_own(-expected):
        return "the sign is wrong"
    found = {said for said, value in slips if _usable(value) and is_own(value)}
    return found.pop() if len(found) == 1 else ""


def _usable(value: Array) -> bool:
    return bool(np.all(np.isfinite(value)))


def _forward(
    computation: Computation, name: str, numbers: Mapping[tuple[str, str], Array]
) -> Iterator[tuple[str, Array]]:
    expression = computation.nodes.get(name)
    if expression is None:
        return
    values = {it: numbers["value", it] for it in expression.names}
    for said, other in _other_operations(expression):
        yield said, np.asarray(other(values), dtype=np.float64)


def _other_operations(expression: Expression) -> Iterator[tuple[str, Expression]]:
    """The expression with one of its operations replaced."""
    for number, node in enumerate(ast.walk(expression.tree)):
        tree = ast.parse(ast.unparse(expression.tree), mode="eval").body
        at = next(it for position, it in enumerate(ast.walk(tree)) if position == number)
        if isinstance(node, ast.BinOp) and isinstance(at, ast.BinOp) and type(node.op) in _OPERATORS:
            for operator, (_, done) in _OPERATORS.items():
                if operator is not type(node.op):
                    at.op = operator()
                    yield f"{done} instead of {_OPERATORS[type(node.op)][1]}", parse_expression(ast.unparse(tree))
        elif isinstance(at, ast.Call) and isinstance(at.func, ast.Name) and at.func.id in _OTHER:
            before, at.func.id = at.func.id, _OTHER[at.func.id]
            yield f"{at.func.id} instead of {before}", parse_expression(ast.unparse(tree))


def _backward(
    computation: Computation, name: str, numbers: Mapping[tuple[str, str], Array]
) -> Iterator[tuple[str, Array]]:
    consumers = computation.consumers(name)
    values = {it: number for (kind, it), number in numbers.items() if kind == "value"}
    paths = {node: pull_back(computation.nodes[node], values, name, numbers["gradient", node]) for node in consumers}
    yield from _forks(paths)
    for node in consumers:
        rest = sum((path for other, path in paths.items() if other != node), np.zeros(np.shape(values[name])))
        upstream = np.asarray(numbers["gradient", node])
        if upstream.shape == rest.shape:
            yield f"the local derivative of {node} is missing: its gradient was passed on as it is", rest + upstream
        local = pull_back(computation.nodes[node], values, name, np.ones(upstream.shape))
        yield f"the local derivative of {node} was not multiplied with the gradient of {node}", rest + local
        for other in computation.nodes[node].names - {name}:
            swapped = pull_back(computation.nodes[node], values, other, upstream)
            if swapped.shape == rest.shape:
                yield f"this is what {node} passes on to {other}", rest + swapped


def _forks(paths: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    if len(paths) < 2:
        return
    for count in range(1, len(paths)):
        for some in combinations(paths, count):
            only = "only one" if count == 1 else f"only {count}"
            of = "two" if len(paths) == 2 else str(len(paths))
            said = f"{only} of the {of} paths counts, through {' and '.join(some)}; the gradients of all paths add up"
            yield said, np.asarray(sum(paths[it] for it in some))
