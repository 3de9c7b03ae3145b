"""The computation that formulas are about, on random data: its values, its gradients, and every derivative in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from grader.core.computation import Array, Computation, Expression

_STEP = 1e-30  # of the complex step, as in grader.core.computation
_TRIALS = 3


@dataclass(frozen=True)
class Drawn:
    """How an input is drawn: see `declaration.Input`."""

    shape: tuple[str | int, ...]
    value: float | None = None
    positive: bool = False
    known: float | None = None
    negligible: bool = False


@dataclass(frozen=True)
class Trial:
    """values: inputs, nodes and sizes by name. gradients: of the output. targets: per formula what it may equal. undecided:
    per formula what it may equal without being right or wrong.

    All float64; nothing is near zero, and no two values are related unless the computation relates them.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, Array]
    gradients: Mapping[str, Array]
    targets: Mapping[str, tuple[Array, ...]]
    undecided: Mapping[str, tuple[Array, ...]]
    computation: Computation
    _jacobians: dict[tuple[str, str, bool], Array] = field(default_factory=dict)

    def jacobian(self, of: str, wrt: str, total: bool) -> Array:
        """∂of/∂wrt, shape of `of` then shape of `wrt`. total: along all paths, else along the shortest ones only."""
        key = (of, wrt, total)
        if key not in self._jacobians:
            self._jacobians[key] = self._differentiated(of, wrt, total)
        return self._jacobians[key]

    def _differentiated(self, of: str, wrt: str, total: bool) -> Array:
        at = self.values[wrt]
        nodes = self.computation.nodes
        moving = tuple(nodes) if total else _shortest(self.computation, wrt, of)
        found = np.zeros(np.shape(self.values[of]) + at.shape)
        for index in np.ndindex(at.shape):
            moved = at.astype(np.complex128)
            moved[index] += 1j * _STEP
            values = {**self.values, wrt: moved}
            for node in nodes:
                if node in moving and node != wrt:
                    values[node] = nodes[node](values)
            found[(..., *index)] = np.imag(values[of]) / _STEP
        return found


def _shortest(computation: Computation, wrt: str, of: str) -> frozenset[str]:
    """The nodes on the paths from `wrt` to `of` with the fewest steps: the others are held fixed."""
    steps = {wrt: 0}
    for node, expression in computation.nodes.items():
        before = [steps[name] + 1 for name in expression.names if name in steps]
        if before and node not in steps:
            steps[node] = min(before)
    if of not in steps:
        return frozenset()
    kept, wanted = set(), [of]
    while wanted:
        node = wanted.pop()
        if node in computation.nodes and node not in kept and steps[node]:
            kept.add(node)
            wanted += [one for one in computation.nodes[node].names if steps.get(one) == steps[node] - 1]
    return frozenset(kept)


@dataclass(frozen=True)
class Setting:
    """asked: by formula, the value that the output is differentiated by, or the expressions that it may equal."""

    sizes: Mapping[str, tuple[int, ...]]
    inputs: Mapping[str, Drawn]
    computation: Computation
    output: str | None
    asked: Mapping[str, str | tuple[Expression, ...]]
    undecided: Mapping[str, tuple[Expression, ...]]
    seed: int = 0
    _trials: dict[frozenset[str], tuple[Trial, ...]] = field(default_factory=dict, repr=False)

    def trials(self, known: frozenset[str]) -> tuple[Trial, ...]:
        """known: the inputs that take the number which they have in this homework, 0 for negligible ones. Raises ValueError where
        nothing comes out."""
        if known not in self._trials:
            count = max(_TRIALS, *map(len, self.sizes.values())) if self.sizes else _TRIALS
            self._trials[known] = tuple(self._trial(number, known) for number in range(count))
        return self._trials[known]

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(name for name, one in self.inputs.items() if one.known is not None)

    @cached_property
    def negligible(self) -> frozenset[str]:
        return frozenset(name for name, one in self.inputs.items() if one.negligible)

    def ndim(self, name: str) -> int:
        """The number of indices of a value; 0 for a size."""
        return int(np.ndim(self.trials(frozenset())[0].values[name]))

    def shape_of(self, formula: str) -> tuple[int, ...]:
        return np.shape(self.trials(frozenset())[0].targets[formula][0])

    def _trial(self, number: int, known: frozenset[str]) -> Trial:
        random = np.random.default_rng([self.seed, number])
        sizes = {name: tried[number % len(tried)] for name, tried in self.sizes.items()}
        inputs: dict[str, Array] = {}
        for name, one in self.inputs.items():
            shape = tuple(part if isinstance(part, int) else sizes[part] for part in one.shape)
            drawn = random.uniform(0.4, 2.0, shape) * (1 if one.positive else random.choice([-1.0, 1.0], shape))
            value = (one.known or 0.0) if name in known else one.value
            inputs[name] = np.full(shape, value) if value is not None else np.asarray(drawn)
        try:
            values = self.computation.forward({**inputs, **sizes})
            gradients = self.computation.backward(values, self.output) if self.output else {}
            targets = {name: self._target(one, values, gradients) for name, one in self.asked.items()}
            undecided = {name: self._target(one, values, gradients) for name, one in self.undecided.items()}
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"the computation does not work out for sizes {sizes}: {error}") from error
        for name, value in values.items():
            if not np.all(np.isfinite(value)):
                raise ValueError(
                    f"{name!r} is not finite on random data; declare its inputs `positive`, or another expression"
                )
        return Trial(sizes, values, gradients, targets, undecided, self.computation)

    def _target(
        self, asked: str | tuple[Expression, ...], values: Mapping[str, Array], gradients: Mapping[str, Array]
    ) -> tuple[Array, ...]:
        return (gradients[asked],) if isinstance(asked, str) else tuple(one(values) for one in asked)
