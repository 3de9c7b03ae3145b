"""What a question declares about shapes: what has one, how students call it, and which conventions are right besides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.core.answers.shapes.naming import Naming
from grader.core.answers.shapes.notation import Notation

Dimension = Annotated[int, Field(gt=0)] | Annotated[str, Field(pattern=r"^[^\W\d]\w*$")]
"""A size, or the name of a symbolic one."""

Dimensions = Annotated[tuple[Dimension, ...], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.rstrip("_"))


class Form(_Strict):
    """is: the shape. broadcast: the shape that it is combined with; what lies between the two counts as right, with a remark."""

    is_: Dimensions
    broadcast: Dimensions | None = None


class Thing(Form):
    """named: how answers call it ("W_h" also finds W_{h}, Wh and W h). least: a shape of fewer dimensions is not meant: a list
    of filters is no 3×3. each: words that answers number its places with ("conv 1: 64, conv 2: 128"), or, with an opening bracket
    at their end, calls whose first arguments it lists (`Conv2D(`)."""

    named: tuple[str, ...] = Field(min_length=1)
    least: int = Field(default=1, ge=1)
    each: tuple[str, ...] = ()


def _as_form(value: Any) -> Any:
    return {"is": value} if isinstance(value, list | tuple) else value


class Convention(_Strict):
    """Other shapes that are right together. shown_by: words or products of names ("W_h X", "X W_h^T") that show that an
    answer means it; without any it needs no showing. `of`: the shapes that differ."""

    remark: str = Field(min_length=1)
    shown_by: tuple[str, ...] = ()
    of: dict[str, Annotated[Form, BeforeValidator(_as_form, json_schema_input_type=Form | list[Dimension])]] = Field(
        min_length=1
    )


def _as_spellings(value: Any) -> Any:
    """-1 and the empty value of YAML are spellings of a dimension as well."""
    if isinstance(value, list | tuple):
        return tuple("None" if one is None else str(one) if isinstance(one, int) else one for one in value)
    return value


Spellings = Annotated[tuple[str, ...], BeforeValidator(_as_spellings, json_schema_input_type=list[str | int | None])]


class Shapes(_Strict):
    """symbols: spellings of a symbolic dimension by its name, or of a size ("10": [d]). about: what is meant by the shape in
    an answer that names nothing. shown_by: what shows that the shapes of `of` are meant, and not another convention's."""

    symbols: dict[str, Spellings] = {}
    of: dict[str, Thing] = Field(min_length=1)
    about: str | None = None
    shown_by: tuple[str, ...] = ()
    conventions: dict[str, Convention] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.of)

    @cached_property
    def notation(self) -> Notation:
        return Notation(self.symbols, [spelt for thing in self.of.values() for spelt in thing.named])

    @cached_property
    def naming(self) -> Naming:
        return Naming({name: thing.named for name, thing in self.of.items()})

    def forms(self, convention: str | None) -> Mapping[str, Form]:
        """The right shapes under a convention; None is the question's own."""
        return self.of if convention is None else {**self.of, **self.conventions[convention].of}

    @model_validator(mode="after")
    def _known(self) -> Shapes:
        used = {self.about} if self.about else set()
        for one in self.conventions.values():
            used |= set(one.of)
        unknown = sorted(used - set(self.of))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no such name under `of`; declared: {', '.join(self.of)}")
        return self
