"""Expressions over what was read in one answer: true with the words that show it, false, or unread."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from grader.core.answers.expression import Absent, AllOf, AnyOf, Chosen, Expression, Not, Only
from grader.core.answers.finding import Finding
from grader.core.answers.lexicon import Span
from grader.core.answers.terms import Mentions

if TYPE_CHECKING:
    from grader.core.answers.reader import Facts

_QUOTES, _QUOTE_LENGTH = 3, 240
_LONGEST_ONLY = 60  # words: a longer answer argues something, even if we do not see what
_UNACCOUNTED = 0.2  # of a sentence's words


class Evaluator:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def evaluate(self, expression: Expression) -> Finding:
        match expression:
            case str():
                return self._facts.named(expression)
            case AnyOf(any=parts):
                return _any([self.evaluate(part) for part in parts])
            case AllOf(all=parts):
                return _all([self.evaluate(part) for part in parts])
            case Not(not_=part):
                return _not(self.evaluate(part))
            case Only(only=names):
                return self._only(names)
            case Absent(absent=terms):
                return self._absent(terms)
            case Chosen(options=options, as_=role):
                return self._facts.chosen(options, role)
        raise TypeError(f"no expression: {expression!r}")

    def _only(self, names: Iterable[str]) -> Finding:
        """Every sentence is made of the statements, of small words and of the question's own; nothing is reasoned."""
        mentions = self._facts.mentions
        spans = [span for name in names for span in self._facts.spans(name)]
        argued = mentions.cue("cause")
        if not spans or argued or len(mentions.text.words) > _LONGEST_ONLY:
            return Finding(False)
        if not all(self._accounted(first, last, spans) for first, last in mentions.text.sentences):
            return Finding(False)
        return Finding(True, quotes(spans, mentions), "the answer says nothing else", 0.8)

    def _accounted(self, first: int, last: int, spans: list[Span]) -> bool:
        words = self._facts.mentions.text.words
        inner = [index for index in range(first, last) if any(s.first <= index < s.last for s in spans)]
        named = self._facts.mentions.things
        rest = [
            index
            for index in range(first, last)
            if index not in inner
            and index not in named
            and words[index].text not in self._facts.expected
            and words[index].text[0].isalpha()  # figures and symbols are no reasons
        ]
        return bool(inner) and len(rest) <= max(2, _UNACCOUNTED * (last - first))

    def _absent(self, terms: Iterable[str]) -> Finding:
        """No subject or glossary term of this name anywhere, not by its number either."""
        found = [span for term in terms for span in self._facts.occurrences(term)]
        if found:
            return Finding(False, quotes(found, self._facts.mentions))
        return Finding(True, reason="it is not named anywhere", confidence=0.8)


def inside(inner: Span, outer: Span) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last


def quotes(spans: Iterable[Span], mentions: Mentions) -> tuple[str, ...]:
    """The clauses around the spans, verbatim, each once, in the order of the text."""
    widened = sorted({_clauses_around(span, mentions) for span in spans}, key=lambda span: span.first)
    kept: list[Span] = []
    for span in widened:
        if kept and span.first < kept[-1].last:
            kept[-1] = Span(kept[-1].first, max(kept[-1].last, span.last))
        else:
            kept.append(span)
    return tuple(mentions.text.quote(span.first, span.last - 1)[:_QUOTE_LENGTH] for span in kept[:_QUOTES])


def _clauses_around(span: Span, mentions: Mentions) -> Span:
    clause, first, last = mentions.clause, span.first, span.last
    while first > 0 and clause[first - 1] == clause[span.first]:
        first -= 1
    while last < len(clause) and clause[last] == clause[span.last - 1]:
        last += 1
    return Span(first, last)


def _any(found: list[Finding]) -> Finding:
    true = [one for one in found if one.value]
    if true:
        return _joined(True, true[:2])
    unread = [one for one in found if one.value is None]
    return _joined(None, unread) if unread else Finding(False)


def _all(found: list[Finding]) -> Finding:
    if any(one.value is False for one in found):
        return Finding(False)
    unread = [one for one in found if one.value is None]
    return _joined(None, unread) if unread else _joined(True, found)


def _not(found: Finding) -> Finding:
    if found.value is None:
        return found
    return Finding(not found.value, found.quotes, found.reason, min(found.confidence, 0.95 if found.quotes else 0.85))


def _joined(value: bool | None, found: list[Finding]) -> Finding:
    said = tuple(dict.fromkeys(quote for one in found for quote in one.quotes))
    reason = "; ".join(dict.fromkeys(one.reason for one in found if one.reason))
    return Finding(value, said[:_QUOTES], reason, min(one.confidence for one in found))
