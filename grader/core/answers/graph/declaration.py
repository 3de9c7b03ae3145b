"""What a pack declares of a computational graph: its numbers, its expressions, what is asked of it."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.core.answers.graph.cells import GRADIENT, VALUE, Cell, cell_name
from grader.core.answers.graph.notation import fold
from grader.core.computation import Array, Computation, parse_computation, parse_expression

_MOST_NODES, _MOST_NUMBERS = 60, 16

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=24)]
Numbers = float | tuple[float, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tolerance(_Strict):
    """What counts as equal: within `relative` of what follows from the student's own values, or one unit of the last of
    `decimals` (of the decimals that were written, if those are more)."""

    relative: float = Field(default=0.01, ge=0, lt=1)
    decimals: int = Field(default=2, ge=0, le=12)


class Headers(_Strict):
    """A course's own words for the table's columns, beside those that are known (English, Ukrainian, Hebrew, Georgian)."""

    value: tuple[str, ...] = ()
    gradient: tuple[str, ...] = ()


class Graph(_Strict):
    """inputs: given numbers, scalars or small vectors. nodes: expressions over inputs and other nodes.
    output: the node that the gradients are of; its own is 1.

    values, gradients: what is asked; all nodes, and all inputs and nodes, if left out. labels: other spellings of a name.
    """

    inputs: dict[Name, Numbers] = Field(min_length=1)
    nodes: dict[Name, str] = Field(min_length=1)
    output: str
    tolerance: Tolerance = Tolerance()
    values: tuple[str, ...] | None = None
    gradients: tuple[str, ...] | None = None
    labels: dict[str, tuple[str, ...]] = {}
    headers: Headers = Headers()

    @model_validator(mode="after")
    def _is_a_graph(self) -> Graph:
        everything = (*self.inputs, *self.nodes)
        if len(everything) > _MOST_NODES:
            raise ValueError(f"a graph has at most {_MOST_NODES} inputs and nodes, not {len(everything)}")
        if twice := set(self.inputs) & set(self.nodes):
            raise ValueError(f"{', '.join(sorted(twice))}: declared as an input and as a node")
        unknown = [name for name in self.computation.inputs if name not in self.inputs]
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: used by a node, but neither an input nor a node")
        for name in (self.output, *(self.values or ()), *(self.gradients or ()), *self.labels):
            if name not in everything or (name == self.output and name not in self.nodes):
                raise ValueError(f"there is no node {name!r}; there are {', '.join(self.nodes)}")
        spelt: dict[str, str] = {}
        for name in everything:
            for spelling in (name, *self.labels.get(name, ())):
                if spelt.setdefault(fold(spelling), name) != name:
                    raise ValueError(f"{spelling!r} stands for {spelt[fold(spelling)]!r} and for {name!r}")
        self._has_numbers()
        return self

    def _has_numbers(self) -> None:
        for name, value in self.values_of.items():
            if value.size > _MOST_NUMBERS or value.ndim > 1:
                raise ValueError(f"{name!r} is no scalar and no vector of at most {_MOST_NUMBERS} numbers")
            if not np.all(np.isfinite(value)):
                raise ValueError(f"{name!r} is {value}: every node needs a finite value")
        if self.values_of[self.output].ndim:
            raise ValueError(f"the output {self.output!r} must be a scalar, so that its gradient is 1; sum it up")

    @cached_property
    def computation(self) -> Computation:
        """Its nodes in an order in which they can be computed: a database that stores the rubric may not keep the declared one.

        Raises ValueError for nodes that use each other.
        """
        uses = {name: parse_expression(text).names for name, text in self.nodes.items()}
        ordered: dict[str, str] = {}
        while len(ordered) < len(self.nodes):
            left = sorted(set(self.nodes) - set(ordered))
            ready = [name for name in left if not uses[name] & set(left)]
            if not ready:
                raise ValueError(f"{', '.join(left)}: nodes use each other, so that none can be computed first")
            ordered |= {name: self.nodes[name] for name in ready}
        return parse_computation(ordered)

    @property
    def everything(self) -> tuple[str, ...]:
        """Inputs and nodes, in the order in which they are computed."""
        return (*self.inputs, *self.computation.nodes)

    @cached_property
    def values_of(self) -> dict[str, Array]:
        """The true values of inputs and nodes, float64, shape () or (n,)."""
        try:
            return self.computation.forward(self.inputs)
        except (ValueError, TypeError) as error:
            raise ValueError(f"the graph cannot be computed: {error}") from error

    @cached_property
    def gradients_of(self) -> dict[str, Array]:
        """The true gradients of the output, each in its value's shape."""
        return self.computation.backward(self.values_of, self.output)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """What is judged, in the order in which a student computes it: values forward, gradients backward.

        Given ones (the inputs' values, the output's gradient) are judged where somebody wrote them, and need not be.
        """
        everything = self.everything
        values = self.nodes if self.values is None else self.values
        gradients = everything if self.gradients is None else self.gradients
        forward = [Cell(VALUE, it, it in self.inputs) for it in everything if it in values or it in self.inputs]
        backward = [
            Cell(GRADIENT, it, it == self.output) for it in reversed(everything) if it in {*gradients, self.output}
        ]
        return (*forward, *backward)

    @property
    def names(self) -> tuple[str, ...]:
        """What an item's expression may name: `value-a`, `gradient-a`, `values`, `gradients`, and `slips-2`: at least two
        are wrong."""
        names = [cell_name(cell) for cell in self.cells]
        return (*names, "values", "gradients", *(f"slips-{count}" for count in range(1, len(names) + 1)))
