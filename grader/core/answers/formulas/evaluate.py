"""The value of a formula's tree on one trial, under a `Reading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grader.core.answers.formulas.arrays import Value, applied, both, transposed_matrix
from grader.core.answers.formulas.setting import Trial
from grader.core.answers.formulas.tree import (
    Add,
    Call,
    Derivative,
    Divide,
    Element,
    Named,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Transpose,
    Unreadable,
    nodes,
)
from grader.core.computation import Array


@dataclass(frozen=True)
class Reading:
    """Where mathematics itself can be read in two ways.

    total: derivatives in between follow every path, not only the shortest. dot: two vectors side by side are their inner
    product. reused: in a sum over the free index i, the i below a derivative in between is the free one. implied: a vector
    without an index has that of its sum, or the free one. transposed: matrices that the student writes the other way round;
    columns: vectors are columns. meant: what the asked derivative means where it stands on the right.
    """

    total: bool = False
    dot: bool = False
    reused: bool = False
    implied: bool = False
    transposed: frozenset[str] = frozenset()
    columns: bool = False
    meant: str | None = None


@dataclass(frozen=True)
class Scope:
    """bound: the axis that an index letter stands for. outer: the same outside the innermost sum. free: the left side's."""

    bound: Mapping[str, str]
    outer: Mapping[str, str]
    implied: str | None
    depth: int = 0  # sums around


class Memo:
    """Values of the parts of one tree, on one trial in one reading: trees that are an edit away share most of their parts."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree  # keeps the parts, and so their ids, alive
        self.parts = frozenset(map(id, nodes(tree)))
        self.values: dict[tuple[object, ...], Value] = {}


class Evaluator:
    """asked: the derivative that is asked for, for `Reading.meant`."""

    def __init__(
        self,
        trial: Trial,
        reading: Reading,
        output: str | None,
        free: str | None,
        asked: str | None,
        memo: Memo | None = None,
    ) -> None:
        self.trial, self.reading, self.output, self.asked = trial, reading, output, asked
        self.free, self.memo = free, memo

    def value(self, tree: Node) -> Value:
        """Raises Unreadable where the notation makes no sense: shapes that do not fit, too many indices."""
        scope = Scope({}, {}, self.free)
        with np.errstate(all="ignore"):
            try:
                return self._value(tree, scope)
            except (ValueError, IndexError, np.exceptions.AxisError) as error:
                if isinstance(error, Unreadable):
                    raise
                raise Unreadable("the shapes do not fit together") from error

    def _value(self, node: Node, scope: Scope) -> Value:
        if self.memo is None or id(node) not in self.memo.parts:
            return self._computed(node, scope)
        key = (id(node), tuple(scope.bound.items()), tuple(scope.outer.items()), scope.implied)
        if key not in self.memo.values:
            self.memo.values[key] = self._computed(node, scope)
        return self.memo.values[key]

    def _computed(self, node: Node, scope: Scope) -> Value:
        match node:
            case Number(value):
                return Value(np.asarray(value))
            case Named():
                return self._named(node, scope)
            case Derivative():
                return self._derivative(node, scope)
            case Add(terms, signs):
                total = None
                for term, sign in zip(terms, signs, strict=True):
                    value = self._value(term, scope)
                    value = Value(-value.array, value.names) if sign < 0 else value
                    total = value if total is None else both(np.add, total, value)
                assert total is not None
                return total
            case Product(factors, joins):
                result = self._value(factors[0], scope)
                for join, factor in zip(joins, factors[1:], strict=True):
                    result = self._times(result, self._value(factor, scope), join)
                return result
            case Divide(top, bottom):
                return both(np.divide, self._value(top, scope), self._value(bottom, scope))
            case Power(base, exponent):
                return both(np.power, self._value(base, scope), self._value(exponent, scope))
            case Sum():
                return self._sum(node, scope)
            case Transpose(body):
                return transposed_matrix(self._value(body, scope))
            case Element(body, index):
                value = self._value(body, scope)
                if value.names or value.whole != 1:
                    raise Unreadable("an index stands at what is no vector")
                return Value(value.array, (scope.bound.get(index, index),))
            case Call(function, arguments):
                return applied(function, [self._value(argument, scope) for argument in arguments])
        raise TypeError(f"no formula: {node!r}")

    def _named(self, node: Named, scope: Scope) -> Value:
        if node.name.startswith("="):
            return self._indexed(self.trial.targets[node.name[1:]][0], node.indices, scope.bound, scope)
        return self._indexed(self.trial.values[node.name], node.indices, scope.bound, scope, node.name)

    def _indexed(
        self, array: Array, indices: tuple[str, ...], bound: Mapping[str, str], scope: Scope, name: str = ""
    ) -> Value:
        if not indices:
            if array.ndim == 1 and self.reading.implied and scope.implied:
                return Value(array, (scope.implied,))
            if array.ndim == 2 and name in self.reading.transposed:
                return Value(array.T)
            return Value(array[:, None] if array.ndim == 1 and self.reading.columns else array)
        axes = tuple(bound.get(index, index) for index in indices)
        if len(axes) == 2 and axes[0] == axes[1]:
            return Value(np.diagonal(array).copy(), axes[:1])
        return Value(array, axes)

    def _derivative(self, node: Derivative, scope: Scope) -> Value:
        of, wrt = node.of, node.wrt
        if of.name == self.output:
            name = wrt.name
            if name == self.asked and self.reading.meant:
                name = self.reading.meant
            gradient = self.trial.gradients[name]
            return self._indexed(gradient, wrt.indices, scope.bound, scope)
        jacobian = self.trial.jacobian(of.name, wrt.name, self.reading.total)
        inner = scope.outer if self.reading.reused else scope.bound
        named = [scope.bound.get(index, index) for index in of.indices] + [
            inner.get(index, index) for index in wrt.indices
        ]
        ndims = np.ndim(self.trial.values[of.name]), np.ndim(self.trial.values[wrt.name])
        if (len(of.indices), len(wrt.indices)) != ndims:
            if jacobian.ndim > 1 or named:
                raise Unreadable("a derivative of a vector has no index")
            return Value(jacobian)
        if len(named) > len(set(named)):
            if len(named) != 2:
                raise Unreadable("a derivative with these indices is not understood")
            return Value(np.diagonal(jacobian).copy(), (named[0],))
        return Value(jacobian, tuple(named))

    def _times(self, left: Value, right: Value, join: str) -> Value:
        plain = not left.names and not right.names
        matrices = plain and left.whole >= 1 and right.whole >= 1 and (left.whole == 2 or right.whole == 2)
        vectors = plain and left.whole == right.whole == 1
        if join == "@" or (matrices and join in ("", "·")) or (vectors and self.reading.dot and join in ("", "·")):
            if not plain:
                raise Unreadable("a matrix product of values with indices is not understood")
            return Value(np.matmul(left.array, right.array))
        if matrices and join == "*" and self.reading.dot:
            return Value(np.matmul(left.array, right.array))
        return both(np.multiply, left, right)

    def _sum(self, node: Sum, scope: Scope) -> Value:
        if node.index is None:
            body = self._value(node.body, scope)
            inner = [name for name in body.names if name not in scope.bound.values() and name != self.free]
            chosen = inner or [name for name in body.names if name == self.free]
            if len(chosen) > 1 or (chosen and body.whole and not node.called):
                raise Unreadable("it is not clear what a sum is over")
            if chosen:
                return self._over(body, chosen[0], node)
            if not body.whole:
                raise Unreadable("it is not clear what a sum is over")
            if node.axis is not None and not -body.whole <= node.axis < body.whole:
                raise Unreadable(f"there is no axis {node.axis}")
            first = len(body.names)
            axes = tuple(range(first, body.array.ndim)) if node.axis is None else (
                node.axis + first if node.axis >= 0 else body.array.ndim + node.axis
            )  # fmt: skip
            reduce = np.mean if node.mean else np.sum
            return Value(np.asarray(reduce(body.array, axis=axes)), body.names)
        axis = f"{node.index}{scope.depth}"
        inner_scope = Scope({**scope.bound, node.index: axis}, scope.bound, axis, scope.depth + 1)
        return self._over(self._value(node.body, inner_scope), axis, node)

    def _over(self, body: Value, axis: str, node: Sum) -> Value:
        length = self._length(node)
        if axis not in body.names:
            if length is None:
                raise Unreadable("it is not clear how far a sum runs")
            return body if node.mean else Value(body.array * length, body.names)
        place = body.names.index(axis)
        if node.upper and body.array.shape[place] != length:
            raise Unreadable(f"a sum does not run to {node.upper}")
        reduce = np.mean if node.mean else np.sum
        names = body.names[:place] + body.names[place + 1 :]
        return Value(np.asarray(reduce(body.array, axis=place)), names)

    def _length(self, node: Sum) -> int | None:
        if node.upper:
            return self.trial.sizes[node.upper]
        return next(iter(self.trial.sizes.values())) if len(self.trial.sizes) == 1 else None
