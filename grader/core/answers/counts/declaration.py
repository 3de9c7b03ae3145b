"""What a pack declares of a count in steps."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.core.computation import Expression, parse_expression

EQUALITIES = "equalities"
"""True when every equality of the answer holds, but for those that cost a step already."""

_MOST_COMBINATIONS = 16


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Text = Annotated[
    str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value), Field(min_length=1)
]
"""An expression; or words in any language, where `*` ends a stem and `..` stands for up to three words."""


class Option(_Strict):
    """One of the assumptions that an answer may make. words: what shows that it is made. set: values under it, expressions over
    given and chosen values. In `says` and `words`, `{out}` stands for a value's number."""

    says: str = Field(min_length=1)
    words: tuple[Text, ...] = ()
    set: dict[str, Text] = Field(min_length=1)

    @cached_property
    def compiled(self) -> Mapping[str, Expression]:
        return {name: parse_expression(text) for name, text in self.set.items()}


class Chosen(_Strict):
    """A value that the answer may choose, such as an image's side. It is looked for among the whole numbers of the answer from
    `least` to `most`; `usual` is taken where none fits better."""

    usual: int
    says: str = Field(min_length=1)
    least: int = 1
    most: int = 4096


class Step(_Strict):
    """One count: `is`, an expression over values and earlier steps. also: other values that are as right. met: values that are met
    on the way and claim nothing, beside the parts of `is`.

    named: how answers call it. says: what is counted, for the reason. slips: common mistakes and what they give.
    """

    is_: Text
    says: str = Field(min_length=1)
    also: tuple[Text, ...] = ()
    named: tuple[Text, ...] = ()
    slips: dict[str, Text] = {}
    met: tuple[Text, ...] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.rstrip("_"))


class Counts(_Strict):
    """values: given numbers. chosen: those that an answer may choose. units: words for what is counted. Of the options of an
    assumption the first is the usual one."""

    values: dict[str, float] = {}
    chosen: dict[str, Chosen] = {}
    assumptions: dict[str, dict[str, Option]] = {}
    units: tuple[Text, ...] = ()
    steps: dict[str, Step] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_names(self) -> Counts:
        for assumption, options in self.assumptions.items():
            if len(options) < 2:
                raise ValueError(f"assumption {assumption!r} needs two options")
            if len({frozenset(option.set) for option in options.values()}) > 1:
                raise ValueError(f"the options of {assumption!r} must set the same values")
        twice = [name for name in self.names if self.names.count(name) > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} is declared twice, or is a name of its own")
        known = {*self.values, *self.chosen}
        for assumption, options in self.assumptions.items():
            for option in options.values():
                _uses_only(known, f"assumption {assumption!r}", option.set.values())
        known |= self._set_by_assumptions()
        for name, step in self.steps.items():
            _uses_only(known, f"step {name!r}", (step.is_, *step.also, *step.slips.values(), *step.met))
            known.add(name)
        if len(self.combinations) > _MOST_COMBINATIONS:
            raise ValueError(f"at most {_MOST_COMBINATIONS} combinations of assumptions")
        return self

    def _set_by_assumptions(self) -> set[str]:
        return {name for options in self.assumptions.values() for option in options.values() for name in option.set}

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.steps, *self.assumptions, EQUALITIES)

    @cached_property
    def combinations(self) -> tuple[Mapping[str, str], ...]:
        """An option for every assumption, the usual ones first."""
        options = itertools.product(*self.assumptions.values())
        return tuple(dict(zip(self.assumptions, chosen, strict=True)) for chosen in options)

    @cached_property
    def compiled(self) -> Mapping[str, Compiled]:
        return {name: Compiled(step) for name, step in self.steps.items()}


def _uses_only(known: Collection[str], where: str, texts: Iterable[str]) -> None:
    for text in texts:
        unknown = parse_expression(text).names - set(known)
        if unknown:
            raise ValueError(
                f"{where} uses {', '.join(sorted(unknown))}, which is no value and no earlier step; "
                f"known: {', '.join(sorted(known))}"
            )


class Compiled:
    """The expressions of a step: whole, their parts, and the steps that it merely adds up."""

    def __init__(self, step: Step) -> None:
        self.right: tuple[Expression, ...] = tuple(parse_expression(text) for text in (step.is_, *step.also))
        self.slips = {name: parse_expression(text) for name, text in step.slips.items()}
        self.inner = tuple(part for expression in self.right for part in _parts(expression))
        self.inner += tuple(parse_expression(text) for text in step.met)
        self.summands = _summands(self.right[0].tree)


def _parts(expression: Expression) -> Iterator[Expression]:
    """Every part of it below the whole: what an answer may work out on the way. Products are taken apart at every place."""
    for node in ast.walk(expression.tree):
        if node is not expression.tree and isinstance(node, ast.BinOp):
            yield parse_expression(ast.unparse(node))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            factors = _flat(node, ast.Mult)
            for first, last in itertools.combinations(range(min(len(factors), 6) + 1), 2):
                if 1 < last - first < len(factors):
                    yield parse_expression(" * ".join(f"({ast.unparse(factor)})" for factor in factors[first:last]))


def _flat(node: ast.expr, operator: type[ast.operator]) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, operator):
        return _flat(node.left, operator) + _flat(node.right, operator)
    return [node]


def _summands(tree: ast.expr) -> tuple[str, ...]:
    """The names that it adds up, if it does nothing else."""
    terms = _flat(tree, ast.Add)
    names = tuple(term.id for term in terms if isinstance(term, ast.Name))
    return names if len(names) == len(terms) > 1 else ()


def whole(value: object) -> int | None:
    """A count is a whole number."""
    number = float(value)  # type: ignore[arg-type]
    return round(number) if abs(number) < 2**53 and abs(number - round(number)) < 1e-6 else None
