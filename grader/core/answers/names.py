"""Names in a question's declarations that nothing stands behind."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.core.answers.declaration import Reading
from grader.core.answers.exact import exact_names
from grader.core.answers.expression import Absent, Chosen, Expression, names, parts
from grader.core.answers.glossary import shared
from grader.core.answers.terms import glossary_names

if TYPE_CHECKING:
    from grader.core.rubric import Item


@dataclass(frozen=True)
class Unknown:
    """kind: statement, term, option … `known`: what could be meant."""

    kind: str
    name: str
    known: str


def unknown_names(question: Reading, items: Iterable[Item]) -> Unknown | None:
    """The first name that is not declared, or None."""
    return next(_unknown(question, [part for item in items for part in _expressions(item)]), None)


def _unknown(question: Reading, expressions: list[Expression]) -> Iterator[Unknown]:
    statements = {*question.statements, *question.numbers, *exact_names(question)}
    terms = {*shared(), *question.glossary}
    for expression in expressions:
        yield from _missing("statement", names(expression), statements)
        for part in parts(expression):
            if isinstance(part, Absent):
                yield from _missing("term", _terms(part.absent), terms)
            if isinstance(part, Chosen):
                yield from _missing("option", part.options, question.choices.options if question.choices else ())
                yield from _missing(
                    "role", [part.as_] if part.as_ else [], question.choices.roles if question.choices else ()
                )
    for statement in question.statements.values():
        compared = statement.compares.order if statement.compares else ()
        yield from _missing("subject", [*([statement.of] if statement.of else []), *compared], question.subjects)
    yield from _missing("subject", [question.about] if question.about else [], question.subjects)
    yield from _missing("term", _terms(_words(question)), terms)
    for term in question.glossary.values():
        yield from _missing("term", [*([term.opposite] if term.opposite else []), *term.hides], terms)


def _missing(kind: str, used: Iterable[str], declared: Collection[str]) -> Iterator[Unknown]:
    for name in used:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=3) or sorted(declared)[:6]
            yield Unknown(kind, name, f"near it: {', '.join(near)}" if near else f"no {kind} is declared")


def _terms(words: Iterable[str]) -> list[str]:
    return [name for word in words for name in glossary_names(word)]


def _words(question: Reading) -> Iterator[str]:
    """Every pattern term of the question's declarations."""
    for alternative in _alternatives(question):
        yield from (*alternative.terms, *alternative.without)
    for statement in question.statements.values():
        if statement.compares:
            yield from (*statement.compares.more, *statement.compares.less)
    yield from question.subjects.values()
    for number in question.numbers.values():
        yield from (*number.near, *number.units)
    if question.choices:
        yield from (word for words in question.choices.roles.values() for word in words)
        yield from (*question.choices.chosen, *question.choices.rejected)
    for term in question.glossary.values():
        for words in term.together:
            yield from words


def _alternatives(question: Reading) -> Iterator:  # type: ignore[type-arg]
    for statement in question.statements.values():
        yield from statement.any
    for option in question.choices.options.values() if question.choices else ():
        yield from option.phrases


def _expressions(item: Item) -> Iterator[Expression]:
    for expression in (item.clear, item.deduct, item.when):
        if expression is not None and expression != "unanswered":
            yield expression


def used_words(question: Reading, items: Iterable[Item]) -> Iterator[str]:
    """Every term that the declarations of a question name."""
    yield from _words(question)
    for item in items:
        for expression in _expressions(item):
            for part in parts(expression):
                if isinstance(part, Absent):
                    yield from (word for word in part.absent if word not in question.subjects)
