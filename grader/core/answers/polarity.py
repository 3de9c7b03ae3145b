"""Clauses, and which words of a text stand under a negation.

A negation reaches from its cue to the end of its clause ("does not *vanish for large x*"), a lessening over the next words
("less *sensitive*"), an undoing verb over what stands before it ("*the gradient's vanishing* is avoided"). Two cancel out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.core.answers.lexicon import Span
from grader.core.answers.text import Text

_REACH, _LESSENING_REACH, _UNDONE_REACH = 10, 4, 7
_BREAKS = frozenset(",:;()—…")


@dataclass(frozen=True, slots=True)
class Cue:
    """`span` negates the words `first` … `last` - 1."""

    span: Span
    first: int
    last: int


def clauses(text: Text, cues: Mapping[str, list[Span]]) -> list[int]:
    """The number of the clause that each word stands in."""
    opened = {span.first for span in cues.get("clause", ())}
    after_and = {span.first for span in cues.get("verb-after-and", ())}
    numbers: list[int] = []
    current = 0
    for index, word in enumerate(text.words):
        previous = text.words[index - 1] if index else None
        if previous and (
            word.sentence != previous.sentence
            or not _BREAKS.isdisjoint(word.before)
            or " - " in word.before + " "
            or index in opened
            or word.text == "→"
            or (index in after_and)
        ):
            current += 1
        numbers.append(current)
    return numbers


def negations(text: Text, cues: Mapping[str, list[Span]], clause: list[int], forms: Iterable[Span]) -> list[Cue]:
    """Every negation with its reach. One that begins a form, such as "not positive", reaches no further than the form."""
    whole = {span.first: span.last for span in forms}
    harmless = cues.get("no-negation", ())
    found: list[Cue] = []
    plain = [span for span in cues.get("negation", ()) if not any(span.overlaps(other) for other in harmless)]
    for span in plain:
        following = min(
            (other.first for other in plain if other.first >= span.last and _joins(other, text)), default=len(clause)
        )
        last = min(_reach(clause, span.last - 1, _REACH), following)
        found.append(
            Cue(
                span,
                span.last,
                min(last, whole.get(span.first, last)) if whole.get(span.first, 0) > span.last else last,
            )
        )
    for span in cues.get("lessening", ()):
        if not any(span.overlaps(other) for other in harmless):
            found.append(Cue(span, span.last, _reach(clause, span.last - 1, _LESSENING_REACH)))
    for span in cues.get("undone", ()):
        first = span.first
        while first > 0 and clause[first - 1] == clause[span.first] and span.first - first < _UNDONE_REACH:
            first -= 1
        found.append(Cue(span, first, span.first))
    return found


def affirmed(span: Span, negations: Iterable[Cue]) -> bool:
    """Whether `span` is claimed rather than denied: an even number of negations from outside reach it."""
    return len(flipping(span, negations)) % 2 == 0


def flipping(span: Span, negations: Iterable[Cue]) -> list[Cue]:
    """The negations from outside that reach `span`."""
    return [
        cue
        for cue in negations
        if not cue.span.overlaps(span) and (cue.first <= span.first < cue.last or cue.first < span.last <= cue.last)
    ]


def _joins(span: Span, text: Text) -> bool:
    """ "neither … nor": the second cue takes over from the first."""
    return text.words[span.first].text in ("nor", "ні", "არც")


def _reach(clause: list[int], last: int, limit: int) -> int:
    """One past the last word after `last` in the same clause, at most `limit` words on."""
    end = last + 1
    while end < len(clause) and clause[end] == clause[last] and end - last <= limit:
        end += 1
    return end
