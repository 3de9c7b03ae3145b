"""Formulas as trees. Indices are letters; which of them are bound is a matter of the sums around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Named:
    """A declared symbol. loose: it carries an index that its shape does not have (γ_k of a scalar γ)."""

    name: str
    indices: tuple[str, ...] = ()
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Derivative:
    """∂`of` / ∂`wrt`."""

    of: Named
    wrt: Named


@dataclass(frozen=True, slots=True)
class Add:
    """`signs[k]`: +1 or -1."""

    terms: tuple[Node, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """`joins[k]` stands between the factors k and k + 1: "" for nothing, "·" for a dot or cross, "*", "@", "o" for ⊙."""

    factors: tuple[Node, ...]
    joins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Divide:
    top: Node
    bottom: Node


@dataclass(frozen=True, slots=True)
class Power:
    base: Node
    exponent: Node
    root: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """index: None for the one that is meant. upper: the declared size that it runs to. called: written as `sum(…)`."""

    body: Node
    index: str | None = None
    upper: str | None = None
    mean: bool = False
    called: bool = False
    axis: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Transpose:
    body: Node


@dataclass(frozen=True, slots=True)
class Element:
    """(…)_i: one number of a vector."""

    body: Node
    index: str


Node = Number | Named | Derivative | Add | Product | Divide | Power | Sum | Call | Transpose | Element


class Unreadable(ValueError):
    """A formula that is not understood; says why, for the TA. Never a reason to take points."""


Path = tuple[int, ...]
"""The way from the root of a tree to one of its nodes: positions among children."""


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Add(terms=parts) | Product(factors=parts) | Call(arguments=parts):
            return parts
        case Divide(top=top, bottom=bottom):
            return (top, bottom)
        case Power(base=base, exponent=exponent):
            return (base, exponent)
        case Sum(body=body) | Transpose(body=body) | Element(body=body):
            return (body,)
        case Derivative(of=of, wrt=wrt):
            return (of, wrt)
    return ()


def with_children(node: Node, parts: tuple[Node, ...]) -> Node:
    match node:
        case Add():
            return replace(node, terms=parts)
        case Product():
            return replace(node, factors=parts)
        case Call():
            return replace(node, arguments=parts)
        case Divide() | Power() | Sum() | Transpose() | Derivative() | Element():
            named = [field.name for field in fields(node)][: len(parts)]
            return replace(node, **dict(zip(named, parts, strict=True)))
    return node


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node with its path, the root first."""
    yield path, node
    for position, child in enumerate(children(node)):
        yield from walk(child, (*path, position))


def put(node: Node, path: Path, new: Node) -> Node:
    """`node` with `new` at `path`."""
    if not path:
        return new
    parts = list(children(node))
    parts[path[0]] = put(parts[path[0]], path[1:], new)
    return with_children(node, tuple(parts))


def free_letters(tree: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Index letters that no sum binds."""
    if isinstance(tree, Named):
        yield from (index for index in tree.indices if index not in bound)
    if isinstance(tree, Element) and tree.index not in bound:
        yield tree.index
    inner = bound | {tree.index} if isinstance(tree, Sum) and tree.index else bound
    for child in children(tree):
        yield from free_letters(child, inner)


def renamed(tree: Node, old: str, new: str | None) -> Node:
    """With another letter, or none, for the free index `old`; a sum over `new` inside gets another letter."""
    if isinstance(tree, Sum) and tree.index == old:
        return tree
    if isinstance(tree, Sum) and tree.index == new and new is not None and old in free_letters(tree.body):
        used = {letter for node in nodes(tree) for letter in free_letters(node)} | {old, new}
        other = next(letter for letter in "klpqrstuvwabcdegh" if letter not in used)
        tree = replace(tree, index=other, body=renamed(tree.body, new, other))
    if isinstance(tree, Named):
        indices = tuple(new if index == old else index for index in tree.indices)
        return replace(tree, indices=tuple(index for index in indices if index is not None))
    if isinstance(tree, Element) and tree.index == old:
        body = renamed(tree.body, old, new)
        return body if new is None else Element(body, new)
    return with_children(tree, tuple(renamed(child, old, new) for child in children(tree)))


def add(terms: list[Node], signs: list[int]) -> Node:
    return terms[0] if len(terms) == 1 and signs == [1] else Add(tuple(terms), tuple(signs))


def negative(node: Node) -> Node:
    return Add((node,), (-1,))


def product(factors: list[Node], joins: list[str]) -> Node:
    return factors[0] if len(factors) == 1 else Product(tuple(factors), tuple(joins))


def nodes(node: Node) -> list[Node]:
    return [one for _, one in walk(node)]


def names(node: Node) -> frozenset[str]:
    """The symbols that it uses."""
    return frozenset(one.name for one in nodes(node) if isinstance(one, Named))


def without(node: Product, place: int) -> Node:
    """The product without one of its factors."""
    factors = list(node.factors[:place] + node.factors[place + 1 :])
    joins = list(node.joins)
    if joins:
        del joins[max(0, place - 1)]
    return product(factors, joins) if factors else Number(1.0)


def constant(node: Node) -> float | None:
    """The number that a tree without symbols is."""
    match node:
        case Number(value):
            return value
        case Add((inner,), (sign,)):
            value = constant(inner)
            return None if value is None else sign * value
        case Divide(top, bottom):
            over, under = constant(top), constant(bottom)
            return None if over is None or not under else over / under
        case Product((left, right), _):
            one, two = constant(left), constant(right)
            return None if one is None or two is None else one * two
    return None
