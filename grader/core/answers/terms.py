"""Occurrences of terms: own forms, terms that mean it together, and the negation of the opposite."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from grader.core.answers.declaration import Glossary
from grader.core.answers.lexicon import Lexicon, Span
from grader.core.answers.polarity import Cue, clauses, flipping, negations
from grader.core.answers.text import Text, read_text

_APART = 7  # the most words between the terms of a `together`


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A term at `span`; `positive` is False where it is denied. Things are always positive. flips: the words that deny it."""

    span: Span
    positive: bool
    flips: tuple[Span, ...] = ()

    def positive_beside(self, others: Iterable[Span]) -> bool:
        """Whether it is claimed in a pattern that asks for `others` too: where "fewer" is one of them, "fewer parameters" does
        not deny the parameters."""
        asked = sum(any(flip.overlaps(other) for other in others) for flip in self.flips)
        return self.positive == (asked % 2 == 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term of a pattern: any of the named ones, each with its polarity: True affirmed, False denied, None either.

    A name is a glossary term, or a form that is kept under its own text.
    """

    any: tuple[tuple[str, bool | None], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.any)

    def either(self) -> Wanted:
        return Wanted(tuple((name, None) for name, _ in self.any))


_PREFIX = re.compile(r"^(not\s+(?!as\s|so\s)|~\s*)")  # "not as noisy" is a form of its own


@lru_cache(maxsize=4096)
def wanted(word: str) -> Wanted:
    """Reads a pattern's term: "satur* | $flat", "not $vanish", "~$gradient"."""
    return Wanted(tuple(_named(part.strip(' "')) for part in word.split("|") if part.strip(' "')))


def _named(part: str) -> tuple[str, bool | None]:
    prefix = _PREFIX.match(part)
    if not prefix:
        return part, True
    return part[prefix.end() :], None if prefix.group().startswith("~") else False


def glossary_names(word: str) -> list[str]:
    """The glossary terms that a pattern's term refers to, without `$`."""
    return [name[1:] for name in wanted(word).names if name.startswith("$")]


class Terms:
    """Everything that a question's patterns may ask for, compiled once."""

    def __init__(
        self, glossary: Glossary, words: Iterable[str], cues: Mapping[str, Mapping[str, tuple[str, ...]]]
    ) -> None:
        self._glossary = glossary
        self._opposites = [(name, term.opposite) for name, term in glossary.items() if term.opposite]
        self._needed = self._closure(name for word in words for name in wanted(word).names)
        forms: dict[str, list[str]] = {}
        for name in self._needed:
            if name.startswith("$"):
                term = glossary[name[1:]]
                forms[name] = [form for phrases in term.forms.values() for form in phrases]
            else:
                forms[name] = [name]
        forms |= {f"@{kind}": [form for phrases in by.values() for form in phrases] for kind, by in cues.items()}
        self.lexicon = Lexicon(forms)
        self._hidden_by: dict[str, list[str]] = {}
        for key, term in glossary.items():
            for name in term.hides:
                self._hidden_by.setdefault(f"${name}", []).append(f"${key}")
        self._things = {name for name in self._needed if name.startswith("$") and glossary[name[1:]].kind == "thing"}

    def _closure(self, names: Iterable[str]) -> list[str]:
        """The names with all that they are made of, parts first."""
        ordered: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in ordered:
                return
            if name.startswith("$"):
                term = self._glossary[name[1:]]
                for part in itertools.chain.from_iterable(term.together):
                    for below in wanted(part).names:
                        visit(below)
                for key, hider in self._glossary.items():
                    if name[1:] in hider.hides:
                        ordered[f"${key}"] = None
                ordered[name] = None  # its opposite points back
                for pair in self._opposites:
                    if name[1:] in pair:
                        visit(f"${pair[0]}")
                        visit(f"${pair[1]}")
                del ordered[name]
            ordered[name] = None

        for name in names:
            visit(name)
        return list(ordered)

    def read(self, answer: str) -> Mentions:
        text = read_text(answer)
        found = self.lexicon.find(text)
        cues = {name[1:]: spans for name, spans in found.items() if name.startswith("@")}
        clause = clauses(text, cues)
        denied = negations(text, cues, clause, [span for spans in found.values() for span in spans if len(span) > 1])
        mentions = Mentions(text, clause, cues, denied, {}, set())
        for name in self._needed:
            hiding = [span for key in self._hidden_by.get(name, ()) for span in found.get(key, ())]
            own = [span for span in found.get(name, []) if not any(span.within(other) for other in hiding)]
            occurrences = [_occurrence(span, () if name in self._things else denied) for span in own]
            if name.startswith("$"):
                occurrences += self._together(name, mentions)
            mentions.by_name[name] = _distinct(occurrences)
            if name in self._things:
                mentions.things.update(index for span in own for index in range(span.first, span.last))
        self._add_opposites(mentions)
        return mentions

    def _together(self, name: str, mentions: Mentions) -> list[Occurrence]:
        parts = self._glossary[name[1:]].together
        return [occurrence for words in parts for occurrence in together([wanted(word) for word in words], mentions)]

    def _add_opposites(self, mentions: Mentions) -> None:
        pairs = {(f"${a}", f"${b}") for a, b in self._opposites if f"${a}" in mentions.by_name}
        before = {name: list(mentions.by_name.get(name, ())) for pair in pairs for name in pair}
        for name, opposite in pairs | {(opposite, name) for name, opposite in pairs}:
            own = before[name]
            flipped = [
                Occurrence(found.span, not found.positive)
                for found in before[opposite]
                if not any(found.span.overlaps(mine.span) for mine in own)
            ]
            mentions.by_name[name] = sorted([*own, *flipped], key=lambda found: found.span.first)


@dataclass(slots=True)
class Mentions:
    """A text with the occurrences of all terms in it, the clause of each word, small words and negations."""

    text: Text
    clause: list[int]
    cues: Mapping[str, list[Span]]
    denied: list[Cue]
    by_name: dict[str, list[Occurrence]]
    things: set[int]  # the words that name a thing

    def of(self, want: Wanted) -> list[Occurrence]:
        """Occurrences with the polarity that is asked for, in the order of the text."""
        found = [
            occurrence
            for name, polarity in want.any
            for occurrence in self.by_name.get(name, ())
            if polarity in (None, occurrence.positive)
        ]
        return sorted(found, key=lambda occurrence: occurrence.span.first) if len(want.any) > 1 else found

    def candidates(self, want: Wanted) -> list[tuple[Occurrence, bool | None]]:
        """Occurrences of any polarity, each with the one that is asked for, in the order of the text."""
        found = [(occurrence, polarity) for name, polarity in want.any for occurrence in self.by_name.get(name, ())]
        return sorted(found, key=lambda pair: pair[0].span.first)

    def cue(self, kind: str) -> list[Span]:
        return list(self.cues.get(kind, ()))


def _occurrence(span: Span, denied: Iterable[Cue]) -> Occurrence:
    flips = flipping(span, denied)
    return Occurrence(span, len(flips) % 2 == 0, tuple(cue.span for cue in flips))


def together(parts: list[Wanted], mentions: Mentions) -> list[Occurrence]:
    """Where the parts stand in one clause, at most a few words apart, in any order; a denied part denies the whole."""
    found: list[Occurrence] = []
    for chosen in itertools.product(*(mentions.of(part.either())[:12] for part in parts)):
        spans = sorted((occurrence.span for occurrence in chosen), key=lambda span: span.first)
        if _close(spans, mentions):
            claimed = all(occurrence.positive for occurrence in chosen)
            found.append(Occurrence(Span(spans[0].first, max(span.last for span in spans)), claimed))
    return sorted(found, key=lambda occurrence: len(occurrence.span))


def _close(spans: list[Span], mentions: Mentions) -> bool:
    for left, right in itertools.pairwise(spans):
        if left.overlaps(right):
            return False
        gap = right.first - left.last
        same = mentions.clause[left.last - 1] == mentions.clause[right.first]
        sentence = mentions.text.words[left.first].sentence == mentions.text.words[right.first].sentence
        if gap > (_APART if same else 2) or not sentence:
            return False
    return True


def _distinct(occurrences: list[Occurrence]) -> list[Occurrence]:
    """In the order of the text; of occurrences that overlap the first given."""
    kept: list[Occurrence] = []
    taken: set[int] = set()
    for occurrence in occurrences:
        words = range(occurrence.span.first, occurrence.span.last)
        if taken.isdisjoint(words):
            kept.append(occurrence)
            taken.update(words)
    return sorted(kept, key=lambda found: found.span.first)
