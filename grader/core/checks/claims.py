"""What a report says about its own results ("more epochs are better"), held against the standard error of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from grader.core.answers import statements
from grader.core.answers.declaration import Alternatives
from grader.core.answers.glossary import cues, merged
from grader.core.answers.terms import Mentions, Terms, glossary_names
from grader.core.proportions import NOISE, Comparison

Direction = Literal["better", "worse", "same"]


class Claim(BaseModel):
    """Of two runs: `better`, `worse`, `same` are what an answer says when it finds the second better than the first, worse, or
    no different. `column`: the accuracy that is compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    between: tuple[str, str]
    column: str = "test"
    better: Alternatives = ()
    worse: Alternatives = ()
    same: Alternatives = ()

    @model_validator(mode="after")
    def _terms_are_known(self) -> Claim:
        known = merged({})
        unknown = [name for word in self.words for name in glossary_names(word) if name not in known]
        if unknown:
            raise ValueError(f"unknown term '{unknown[0]}'")
        if not self.words:
            raise ValueError("a claim needs phrases: better, worse or same")
        return self

    @property
    def alternatives(self) -> Mapping[Direction, Alternatives]:
        return {"better": self.better, "worse": self.worse, "same": self.same}

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for given in self.alternatives.values() for word in statements.words_of(given))


def direction_of(claim: Claim, text: str) -> tuple[Direction | None, str]:
    """What the text says of the two runs, and the words in which it does; None when it says nothing, or two things."""
    mentions = _terms(claim).read(text)
    said = {way: quote for way, given in claim.alternatives.items() if (quote := _quote(given, mentions))}
    return next(iter(said.items())) if len(said) == 1 else (None, "")


def contradicts(direction: Direction, compared: Comparison) -> bool:
    """Whether the numbers say otherwise beyond noise. Within it, nothing is contradicted."""
    if compared.within_noise:
        return False
    return direction != ("better" if compared.difference > 0 else "worse")


def remark_on(direction: Direction, quote: str, compared: Comparison) -> str:
    """The sentence for the student; "" where there is nothing to say."""
    if contradicts(direction, compared):
        return f"“{quote}” does not go with the numbers: {compared.text}."
    if compared.within_noise and direction != "same":
        return f"“{quote}” is within the noise ({NOISE:g} standard errors): {compared.text}."
    return ""


def _quote(given: Alternatives, mentions: Mentions) -> str:
    for alternative in given:
        spans = statements.occurrences(statements.pattern(alternative), mentions)
        if spans:
            return " ".join(mentions.text.quote(spans[0].first, spans[0].last - 1).split())[:160]
    return ""


@lru_cache(maxsize=64)
def _terms(claim: Claim) -> Terms:
    return Terms(merged({}), claim.words, cues())
