"""What a question declares of its formulas: the computation they are about, how its values are written, what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.core.answers.formulas.setting import Drawn, Setting
from grader.core.answers.formulas.symbols import Meaning, Table, compile_table, displayed, spelled
from grader.core.answers.formulas.tree import Derivative, Named
from grader.core.computation import FUNCTIONS, parse_computation, parse_expression

READ_FUNCTIONS = frozenset(FUNCTIONS) - {"sum", "mean", "dot"} | {"softmax"}
"""What `functions` may name: those that a formula applies to one value (or two: max, min)."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(_Strict):
    """shape: names of sizes, or numbers; [] for a scalar. value: where it is not drawn at random.

    positive: drawn above zero. known: its number in this homework: a formula may hold that in its place. negligible: a
    formula that is right but for it (an ε that is left out) is left to the TA; otherwise it is wrong.
    """

    shape: tuple[str | Annotated[int, Field(ge=1, le=50)], ...] = Field(default=(), max_length=2)
    value: float | None = None
    positive: bool = False
    known: float | None = None
    negligible: bool = False


def _as_input(value: Any) -> Any:
    return {"shape": value} if isinstance(value, list | tuple) else value


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]


class Asked(_Strict):
    """A formula that is asked for: the `gradient` of the output by a value, or what `equals` an expression (or one of several).

    left: how the left side may be written, besides the derivative itself. index: the free index where the left shows none.
    undecided: expressions that are neither right nor wrong by themselves; a TA decides.
    """

    left: Texts = ()
    gradient: str | None = None
    equals: Texts = ()
    undecided: Texts = ()
    index: str | None = Field(default=None, pattern=r"^[a-z]$")

    @model_validator(mode="after")
    def _one_of_two(self) -> Asked:
        if (self.gradient is None) == (not self.equals):
            raise ValueError("say either `gradient` or `equals`")
        if self.equals and not self.left:
            raise ValueError("`equals` needs `left`: what is written before the equals sign")
        return self


class Formulas(_Strict):
    """sizes: by name, the sizes that are tried (as many trials as the longest list, at least three).

    inputs, nodes: the computation, in the notation of `grader.core.computation`. output: what `gradient` differentiates, the
    last node by default. symbols: how values and sizes are written, besides their names. functions: how functions are written.
    """

    sizes: dict[str, tuple[Annotated[int, Field(ge=2, le=12)], ...]] = {}
    inputs: dict[str, Annotated[Input, BeforeValidator(_as_input, json_schema_input_type=Input | list[str | int])]]
    nodes: dict[str, str] = {}
    output: str | None = None
    symbols: dict[str, Texts] = {}
    functions: dict[str, Texts] = {}
    of: dict[str, Asked] = Field(min_length=1)
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.of)

    @property
    def differentiated(self) -> str | None:
        """The name of the output, where there is one."""
        return self.output or next(reversed(self.nodes), None)

    @model_validator(mode="after")
    def _is_sound(self) -> Formulas:
        problem = next(self._problems(), None)
        if problem:
            raise ValueError(problem)
        _ = self.table, self.setting.trials(frozenset())  # what else is wrong in them is raised here
        return self

    def _problems(self) -> Iterator[str]:
        values = {*self.inputs, *self.nodes}
        if len(values) + len(self.sizes) != len(self.inputs) + len(self.nodes) + len(self.sizes) or values & set(
            self.sizes
        ):
            yield "sizes, inputs and nodes must differ in name"
        for name, one in self.inputs.items():
            missing = [part for part in one.shape if isinstance(part, str) and part not in self.sizes]
            if missing:
                yield f"the shape of {name!r} names {missing[0]!r}, which is not among `sizes`"
        expressions = [(f"node {name!r}", text) for name, text in self.nodes.items()]
        expressions += [(f"{name!r}", text) for name, one in self.of.items() for text in (*one.equals, *one.undecided)]
        for where, text in expressions:
            unknown = sorted(parse_expression(text).names - values - set(self.sizes))
            if unknown:
                yield f"the expression of {where} uses {unknown[0]!r}, which is declared nowhere"
        if self.differentiated is not None and self.differentiated not in self.nodes:
            yield f"the output {self.differentiated!r} is no node"
        for name, one in self.of.items():
            if one.gradient is not None and (self.differentiated is None or one.gradient not in values):
                yield f"{name!r}: there is no node to differentiate, or no value {one.gradient!r}"
        unknown = sorted(set(self.symbols) - values - set(self.sizes))
        if unknown:
            yield f"`symbols` names {unknown[0]!r}, which is declared nowhere"
        unknown = sorted(set(self.functions) - READ_FUNCTIONS)
        if unknown:
            yield f"`functions` names {unknown[0]!r}; known are {', '.join(sorted(READ_FUNCTIONS))}"

    @cached_property
    def setting(self) -> Setting:
        drawn = {
            name: Drawn(one.shape, one.value, one.positive, one.known, one.negligible)
            for name, one in self.inputs.items()
        }
        asked = {name: one.gradient or tuple(map(parse_expression, one.equals)) for name, one in self.of.items()}
        undecided = {name: tuple(map(parse_expression, one.undecided)) for name, one in self.of.items()}
        return Setting(
            self.sizes, drawn, parse_computation(self.nodes), self.differentiated, asked, undecided, self.seed
        )

    @cached_property
    def table(self) -> Table:
        """Every spelling, as tokens, with what it means."""
        meanings: list[tuple[str, Meaning]] = []
        for name in (*self.inputs, *self.nodes, *self.sizes):
            ndim = len(self.inputs[name].shape) if name in self.inputs else self.setting.ndim(name)
            kind: Literal["size", "value"] = "size" if name in self.sizes else "value"
            for text in dict.fromkeys((name, *self.symbols.get(name, ()))):
                meanings.append((text, Meaning(kind, name, ndim)))
        for name, texts in self.functions.items():
            meanings += [(text, Meaning("function", name)) for text in dict.fromkeys((name, *texts))]
        for name, one in self.of.items():
            meanings += [(text, self._left(name, one)) for text in one.left]
        return compile_table(meanings, self.differentiated)

    def _left(self, name: str, one: Asked) -> Meaning:
        ndim = len(self.setting.shape_of(name))
        return Meaning("gradient", one.gradient, ndim) if one.gradient else Meaning("asked", name, ndim)

    def shown(self, value: str) -> str:
        """A value, size or function as the TA reads it."""
        if value in self.functions:
            return displayed(self.functions[value][0])
        return displayed(self.symbols.get(value, (value,))[0])

    def is_accented(self, name: str, plain: str) -> bool:
        """Whether `name` is written as `plain` with a hat, a bar or a tilde."""
        accented = {spelled(text) for text in (name, *self.symbols.get(name, ()))}
        bases = (spelled(text) for text in (plain, *self.symbols.get(plain, ())))
        return any((base[0] + accent, *base[1:]) in accented for base in bases for accent in ("hat", "bar", "tilde"))

    def title(self, formula: str) -> str:
        """The left side of a formula as the TA reads it."""
        one = self.of[formula]
        if one.gradient is None:
            return displayed(one.left[0])
        index = f"_{one.index}" if one.index else ""
        return f"∂{self.shown(self.differentiated or 'f')}/∂{self.shown(one.gradient)}{index}"

    def target(self, name: str) -> Named | Derivative:
        """What stands on the left of a formula, without its indices."""
        wrt = self.of[name].gradient
        return Named("=" + name) if wrt is None else Derivative(Named(self.differentiated or ""), Named(wrt))
