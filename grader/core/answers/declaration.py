"""What a written question declares so that its answers can be read: subjects, statements, numbers, choices, own terms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.core.answers.counts import Counts
from grader.core.answers.formulas import Formulas
from grader.core.answers.graph import Graph
from grader.core.answers.shapes import Shapes


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_words(value: Any) -> Any:
    """A number among terms is a word of the answer: `[3]` means `["3"]`."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Word = Annotated[str, BeforeValidator(_as_words, json_schema_input_type=str | float), Field(min_length=1)]
"""A term of a pattern: forms or `$glossary-terms` separated by `|`; `not` before it asks for its negation, `~` for either."""

Scope = Literal["clause", "sentence", "passage", "answer"]


class Alternative(_Strict):
    """Terms that occur together in one `in`: a passage is two sentences that follow each other.

    within: the most words from the first to the last term. without: terms that must not occur in the same scope.
    """

    terms: tuple[Word, ...] = Field(min_length=1)
    in_: Scope = "sentence"
    ordered: bool = False
    within: int | None = Field(default=None, ge=1)
    without: tuple[Word, ...] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.rstrip("_"))


def _as_alternative(value: Any) -> Any:
    return {"terms": value} if isinstance(value, list | tuple) else value


Alternatives = tuple[
    Annotated[Alternative, BeforeValidator(_as_alternative, json_schema_input_type=Alternative | list[Word])], ...
]


class Comparison(_Strict):
    """A comparison of subjects: one is said to have more than one that comes later in `order`.

    more, less: terms for having more ("noisier") and less ("less noisy", "smoother").
    """

    order: tuple[str, ...] = Field(min_length=2)
    more: tuple[Word, ...] = Field(min_length=1)
    less: tuple[Word, ...] = ()


class Statement(_Strict):
    """Something that an answer may say, in any of these ways, or by a comparison.

    says: completes "The answer says …" for the TA. of: who it is said about.
    """

    says: str = Field(min_length=1)
    of: str | None = None
    any: Alternatives = ()
    compares: Comparison | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> Statement:
        if not self.any and self.compares is None:
            raise ValueError("a statement needs `any` or `compares`: else no answer can make it")
        return self


class Option(_Strict):
    """One of the options that a question offers: its number in the list, and the phrases that quote it."""

    number: int | None = Field(default=None, ge=1, le=99)
    phrases: Alternatives = ()


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Choices(_Strict):
    """options: by name. roles: by name, the terms that stand for it; without roles options are just chosen or not.

    A role may have a list of terms: the later ones count only in answers that name no role by the earlier ones.
    chosen, rejected: terms that say of an option that it is chosen, or that it is not ("works fine").
    """

    options: dict[str, Option] = Field(min_length=2)
    roles: dict[
        str, Annotated[tuple[Word, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[Word])]
    ] = {}
    chosen: tuple[Word, ...] = ()
    rejected: tuple[Word, ...] = ()


class Number(_Strict):
    """A number that is right when it is within `tolerance` of `value`; `near` says which number of the answer is meant."""

    says: str
    value: float
    tolerance: float = Field(default=0.0, ge=0)
    relative: float = Field(default=0.0, ge=0)
    near: tuple[Word, ...] = ()
    units: tuple[Word, ...] = ()


class Term(_Strict):
    """An entry of a glossary. Forms by language; `together`: terms that mean it when they stand in one clause.

    kind: a thing is named (negation does not matter), a property is claimed or denied.
    opposite: the term that its negation means.
    hides: terms that do not count inside its forms: "leaky ReLU" is no "ReLU".
    """

    kind: Literal["thing", "property"] = "property"
    forms: dict[str, tuple[Word, ...]] = {}
    together: tuple[tuple[Word, ...], ...] = ()
    opposite: str | None = None
    hides: tuple[str, ...] = ()


LANGUAGES = ("common", "en", "ka", "he", "uk")


def _as_term(value: Any) -> Any:
    """`{en: [...], kind: thing}` and a bare list of forms are short for the full entry."""
    if isinstance(value, list | tuple):
        return {"forms": {"common": value}}
    if isinstance(value, dict) and "forms" not in value:
        own = {key: part for key, part in value.items() if key in Term.model_fields}
        return {**own, "forms": {key: part for key, part in value.items() if key not in Term.model_fields}}
    return value


Glossary = dict[
    str, Annotated[Term, BeforeValidator(_as_term, json_schema_input_type=Term | list[Word] | dict[str, Any])]
]


class Reading(_Strict):
    """All of a question's declarations. `about`: the subject as long as an answer names none ("it is robust to …")."""

    subjects: dict[str, Word] = {}
    about: str | None = None
    statements: dict[str, Statement] = {}
    numbers: dict[str, Number] = {}
    choices: Choices | None = None
    shapes: Shapes | None = None
    counts: Counts | None = None
    formulas: Formulas | None = None
    graph: Graph | None = None
    glossary: Glossary = {}
