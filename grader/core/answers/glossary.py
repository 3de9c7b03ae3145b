"""The shared glossary: terms of deep learning and the small words of four languages, read once from the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, TypeAdapter
from ruamel.yaml import YAML

from grader.core.answers.declaration import LANGUAGES, Glossary, Term, Word

CUES = (
    "negation", "lessening", "undone", "no-negation", "clause", "verb-after-and", "than", "cause", "pronoun", "function",
    "address", "empty", "option", "first-option", "second-option", "third-option", "fourth-option",
)  # fmt: skip
"""Kinds of small words: what each is for stands in glossary/en.yaml."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    words: dict[str, tuple[Word, ...]] = {}
    terms: dict[str, object] = {}


@cache
def shared() -> Glossary:
    """The terms of all languages, by name."""
    merged: dict[str, Term] = dict(TypeAdapter(Glossary).validate_python(_load("common").terms))
    for language in LANGUAGES[1:]:
        forms = TypeAdapter(dict[str, tuple[Word, ...]]).validate_python(_load(language).terms)
        for name, phrases in forms.items():
            if name not in merged:
                raise ValueError(f"glossary/{language}.yaml: term {name!r} is not declared in glossary/common.yaml")
            merged[name] = with_forms(merged[name], {language: phrases})
    return merged


@cache
def cues() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Small words by kind and language."""
    found: dict[str, dict[str, tuple[str, ...]]] = {kind: {} for kind in CUES}
    for language in LANGUAGES:
        for kind, words in _load(language).words.items():
            if kind not in found:
                raise ValueError(
                    f"glossary/{language}.yaml: unknown kind of words {kind!r}; there are {', '.join(CUES)}"
                )
            found[kind][language] = words
    return found


def with_forms(term: Term, more: Mapping[str, tuple[str, ...]]) -> Term:
    forms = {key: (*term.forms.get(key, ()), *more.get(key, ())) for key in {**term.forms, **more}}
    return term.model_copy(update={"forms": forms})


def merged(own: Glossary) -> Glossary:
    """The shared glossary with a pack's own terms; a pack may add forms to a shared term."""
    both = dict(shared())
    for name, term in own.items():
        if name in both:
            kept = with_forms(both[name], term.forms)
            both[name] = kept.model_copy(update={"together": (*kept.together, *term.together)})
        else:
            both[name] = term
    return both


def _load(language: str) -> _File:
    text = files("grader.core.answers").joinpath("glossary", f"{language}.yaml").read_text(encoding="utf-8")
    return _File.model_validate(YAML(typ="safe", pure=True).load(text))
