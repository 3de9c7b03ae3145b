"""What a rubric item rests on: trees over the statements, numbers and choices of a question."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Tag


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnyOf(_Strict):
    """True when one of them is."""

    any: tuple[Expression, ...]


class AllOf(_Strict):
    """True when all of them are."""

    all: tuple[Expression, ...]


class Not(_Strict):
    """True when it was not found in an answer that could be read."""

    not_: Expression

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.rstrip("_"))


class Only(_Strict):
    """True when the whole answer is accounted for by these statements, and nothing else is argued."""

    only: tuple[str, ...]


class Absent(_Strict):
    """True when none of these terms occurs anywhere. For items that ask for nothing but a name."""

    absent: tuple[str, ...]


class Chosen(_Strict):
    """True when one of these options was chosen (for the role `as`), false when others were, else unread."""

    chosen: tuple[str, ...] | str
    as_: str | None = None

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.rstrip("_"))

    @property
    def options(self) -> tuple[str, ...]:
        return (self.chosen,) if isinstance(self.chosen, str) else self.chosen


_KEYS: dict[str, type[BaseModel]] = {
    "any": AnyOf, "all": AllOf, "not": Not, "only": Only, "absent": Absent, "chosen": Chosen,
}  # fmt: skip


def _kind(value: Any) -> str | None:
    if isinstance(value, str):
        return "name"
    if isinstance(value, dict):
        return next((key for key in _KEYS if key in value), None)
    return next((key for key, model in _KEYS.items() if isinstance(value, model)), None)


Expression = Annotated[
    Annotated[str, Tag("name")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[Not, Tag("not")]
    | Annotated[Only, Tag("only")]
    | Annotated[Absent, Tag("absent")]
    | Annotated[Chosen, Tag("chosen")],
    Discriminator(
        _kind,
        custom_error_type="expression",
        custom_error_message="an expression is the name of a statement, or one of any, all, not, only, absent, chosen",
    ),
]
"""A name of the question's statements or numbers, or a tree over them."""

When = Literal["unanswered"] | Expression

for _model in (AnyOf, AllOf, Not):
    _model.model_rebuild()


CHOICE = "choice"
"""In `only`: the options that the answer names."""


def names(expression: Expression) -> set[str]:
    """Every statement or number that the expression names."""
    match expression:
        case str():
            return {expression}
        case AnyOf(any=parts) | AllOf(all=parts):
            return set().union(*map(names, parts))
        case Not(not_=part):
            return names(part)
        case Only(only=parts):
            return set(parts) - {CHOICE}
    return set()


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The expression and everything below it."""
    match expression:
        case AnyOf(any=below) | AllOf(all=below):
            return (expression, *(part for child in below for part in parts(child)))
        case Not(not_=below):
            return (expression, *parts(below))
    return (expression,)
