"""Whether an answer makes a statement: its terms together in one clause, sentence, passage or in the whole answer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from grader.core.answers.declaration import Alternative, Statement
from grader.core.answers.lexicon import Span
from grader.core.answers.subjects import Subjects
from grader.core.answers.terms import Mentions, Occurrence, Wanted, wanted

Candidate = tuple[Occurrence, bool | None]
"""An occurrence, and whether it must be claimed (True), denied (False) or either (None)."""

_TRIED = 400  # combinations of occurrences that are looked at before giving up


@dataclass(frozen=True, slots=True)
class Pattern:
    """An alternative, its terms read once."""

    terms: tuple[Wanted, ...]
    without: tuple[Wanted, ...]
    scope: str
    ordered: bool
    within: int | None


def pattern(alternative: Alternative) -> Pattern:
    return Pattern(
        tuple(wanted(word) for word in alternative.terms),
        tuple(wanted(word) for word in alternative.without),
        alternative.in_,
        alternative.ordered,
        alternative.within,
    )


def words_of(alternatives: tuple[Alternative, ...]) -> Iterator[str]:
    for alternative in alternatives:
        yield from alternative.terms
        yield from alternative.without


def find(statement: Statement, patterns: tuple[Pattern, ...], mentions: Mentions, subjects: Subjects) -> list[Span]:
    """Where the statement is made: at most one place per alternative and scope."""
    found: list[Span] = []
    for one in patterns:
        found += occurrences(one, mentions, subjects if statement.of else None, statement.of)
    return found


def occurrences(
    one: Pattern, mentions: Mentions, subjects: Subjects | None = None, subject: str | None = None
) -> list[Span]:
    """Where the pattern's terms occur together; with `subject` only where they are said of it."""
    everywhere = [mentions.candidates(term) for term in one.terms]
    if not all(everywhere):
        return []
    found: list[Span] = []
    for first, last in _scopes(one.scope, mentions):
        here = [[c for c in term if first <= c[0].span.first and c[0].span.last <= last] for term in everywhere]
        if not all(here) or _excluded(one, mentions, first, last):
            continue
        chosen = _first_fitting(one, here, subjects, subject)
        if chosen:
            found.append(Span(min(o.span.first for o in chosen), max(o.span.last for o in chosen)))
    return found


def _first_fitting(
    one: Pattern, here: list[list[Candidate]], subjects: Subjects | None, subject: str | None
) -> tuple[Occurrence, ...] | None:
    for candidates in itertools.islice(itertools.product(*here), _TRIED):
        chosen = tuple(occurrence for occurrence, _ in candidates)
        spans = [occurrence.span for occurrence in chosen]
        if not _has_polarity(candidates, spans):
            continue
        if _apart(spans) and _ordered(one, spans) and _near(one, spans) and _said_of(chosen, subjects, subject):
            return chosen
    return None


def _has_polarity(candidates: tuple[Candidate, ...], spans: list[Span]) -> bool:
    return all(asked is None or occurrence.positive_beside(spans) == asked for occurrence, asked in candidates)


def _apart(spans: list[Span]) -> bool:
    return not any(left.overlaps(right) for left, right in itertools.combinations(spans, 2))


def _ordered(one: Pattern, spans: list[Span]) -> bool:
    return not one.ordered or all(left.last <= right.first for left, right in itertools.pairwise(spans))


def _near(one: Pattern, spans: list[Span]) -> bool:
    return one.within is None or max(span.last for span in spans) - min(span.first for span in spans) <= one.within


def _said_of(chosen: tuple[Occurrence, ...], subjects: Subjects | None, subject: str | None) -> bool:
    """A pattern is about whoever holds its first term."""
    return subjects is None or subject is None or subject in subjects.holders(chosen[0].span)


def _excluded(one: Pattern, mentions: Mentions, first: int, last: int) -> bool:
    return any(first <= o.span.first < last for term in one.without for o in mentions.of(term))


def _scopes(scope: str, mentions: Mentions) -> list[tuple[int, int]]:
    sentences = list(mentions.text.sentences)
    match scope:
        case "answer":
            return [(0, len(mentions.text.words))]
        case "passage":
            pairs = [(first, last) for (first, _), (_, last) in itertools.pairwise(sentences)]
            return sentences + pairs
        case "clause":
            starts = [i for i, number in enumerate(mentions.clause) if i == 0 or number != mentions.clause[i - 1]]
            return list(zip(starts, [*starts[1:], len(mentions.clause)], strict=True))
    return sentences
