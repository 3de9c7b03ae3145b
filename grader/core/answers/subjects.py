"""Who a property is said of: the nearest subject of the clause, or the one that the text was about.

"Sigmoid and ReLU vanish" says it of both, "the deep net is more sensitive than the shallow one" of the deep one, and under a
heading "ReLU:" everything is said of ReLU until another subject comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from grader.core.answers.lexicon import Span
from grader.core.answers.terms import Mentions, wanted

_JOINING = frozenset({"and", "or", "&", "+", "/", ",", "და", "ו", "та", "і", "й", "або"})
_FILLING = frozenset(
    {"both", "the", "a", "function", "functions", "activation", "unit", "units", "neuron", "neurons", "curve"}
)
_ATTACHING = frozenset({"in", "for", "of", "with", "by", "at", "on", "inside", "within", "under"})
_THAN_AFTER_COMPARATIVE = frozenset({"за", "від", "מ"})
_COMPARATIVE = re.compile(r"(?:іш|нш|льш|ірш|ащ)(?:ий|а|е|і|у|их|им|ого|ої)?$|^(?:יותר|פחות)$")  # "шумніші за", "פחות מ-"
_RELATIVE = frozenset({"which", "where", "whose", "that", "який", "яка", "яке", "які", "де", "якої", "якого", "რომელიც", "რომლის"})
_JOINED_REACH = 4  # "the sigmoid activation function and the ReLU"
_COMPARING_REACH = 4  # "than in the three layer net"


class Subjects:
    """The declared subjects of a question in one text."""

    def __init__(
        self,
        declared: Mapping[str, str],
        mentions: Mentions,
        by_number: Iterable[tuple[Span, str]] = (),
        about: str | None = None,
    ) -> None:
        """by_number: where an option of a subject's name is named by its number. about: whom "it" means at first."""
        self._about = frozenset({about} if about else ())
        self._mentions = mentions
        found = [
            (occurrence.span, name)
            for name, words in declared.items()
            for occurrence in mentions.of(wanted(words).either())
        ]
        found += [(span, name) for span, name in by_number if name in declared]
        self._named = [
            (span, name)
            for span, name in sorted(found, key=lambda pair: pair[0].first)
            if not any(span.within(other) for other, _ in found)
        ]
        compared = mentions.cue("than")
        self._held = [(span, name) for span, name in self._named if not self._is_compared(span, compared)]

    def named(self, subject: str) -> list[Span]:
        return [span for span, name in self._named if name == subject]

    def holders(self, span: Span) -> frozenset[str]:
        """The subjects that what stands at `span` is said of; empty when the text named none before."""
        clause = self._mentions.clause
        if antecedent := self._antecedent(span):
            return frozenset({antecedent})
        here = [pair for pair in self._held if clause[pair[0].first] == clause[span.first]]
        before = [pair for pair in here if pair[0].first <= span.first]
        if before:
            return self._group(before[-1])
        starts_with_pronoun = any(
            clause[cue.first] == clause[span.first] and cue.first < span.first for cue in self._mentions.cue("pronoun")
        )
        earlier = [pair for pair in self._held if pair[0].first < span.first]
        after = [pair for pair in here if pair[0].first > span.first]
        words = self._mentions.text.words
        known = bool(earlier) and words[earlier[-1][0].first].sentence == words[span.first].sentence
        if after and not (starts_with_pronoun and earlier) and (not known or self._is_attached(after[0][0])):
            return self._group(after[0])
        if earlier:
            return self._group(earlier[-1])
        later = [pair for pair in self._held if words[pair[0].first].sentence == words[span.first].sentence]
        return self._group(later[0]) if later else self._about

    def compared_with(self, span: Span) -> str | None:
        """Whom what stands at `span` is compared with: "… than A" behind it, else "unlike A …" at the sentence's beginning."""
        words = self._mentions.text.words
        here = [pair for pair in self._named if words[pair[0].first].sentence == words[span.first].sentence]
        after = [pair[1] for pair in here if pair not in self._held and pair[0].first >= span.last]
        opening = here[0] if here and here[0] not in self._held and here[0][0].last <= span.first else None
        return after[0] if after else opening[1] if opening else None

    def is_at_hand(self, subject: str, span: Span) -> bool:
        """Whether the clause names the subject, or it is the only one that the sentence (or that before "it …") names."""
        words, clause = self._mentions.text.words, self._mentions.clause
        if any(clause[it.first] == clause[span.first] for it in self.named(subject)):
            return True
        sentence = words[span.first].sentence
        earlier = [(words[it.first].sentence, name) for it, name in self._held if it.first < span.first]
        here = {name for at, name in earlier if at == sentence}
        pronoun = any(words[cue.first].sentence == sentence and cue.first < span.first for cue in self._mentions.cue("pronoun"))
        before = {name for at, name in earlier if at == sentence - 1} if pronoun else set()
        return here == {subject} or (not here and before == {subject})

    def _antecedent(self, span: Span) -> str | None:
        """ "unlike ReLU, *which* dies …": a relative clause is about what stands right before it, compared or not."""
        clause, words = self._mentions.clause, self._mentions.text.words
        first = span.first
        while first > 0 and clause[first - 1] == clause[span.first]:
            first -= 1
        if words[first].text not in _RELATIVE:
            return None
        named_here = any(clause[other.first] == clause[span.first] and other.first <= span.first for other, _ in self._named)
        right_before = [name for other, name in self._named if other.last == first]
        return right_before[0] if right_before and not named_here else None

    def _is_attached(self, span: Span) -> bool:
        """ "dead units *in* ReLU nets": the subject belongs to what stands before it."""
        before = [word.text for word in self._mentions.text.words[max(0, span.first - 2) : span.first]]
        return any(word in _ATTACHING for word in before)

    def _group(self, pair: tuple[Span, str]) -> frozenset[str]:
        """The subject with those that it is joined to by "and", commas or slashes."""
        index = self._held.index(pair)
        first = last = index
        while first > 0 and self._joined(self._held[first - 1][0], self._held[first][0]):
            first -= 1
        while last + 1 < len(self._held) and self._joined(self._held[last][0], self._held[last + 1][0]):
            last += 1
        return frozenset(name for _, name in self._held[first : last + 1])

    def _joined(self, left: Span, right: Span) -> bool:
        words = self._mentions.text.words
        if right.first - left.last > _JOINED_REACH or words[left.last - 1].sentence != words[right.first].sentence:
            return False
        between = [word.text for word in words[left.last : right.first]]
        marks = "".join(word.before for word in words[left.last : right.first + 1])
        joined = any(word in _JOINING for word in between) or any(mark in marks for mark in ",/&+")
        return joined and all(word in _JOINING or word in _FILLING for word in between)

    def _follows_comparative(self, span: Span) -> bool:
        """Languages that compare with a small word that has other meanings too, or with a prefix."""
        before = [word.text for word in self._mentions.text.words[max(0, span.first - 4) : span.first]]
        if not before:
            return False
        if before[-1] == "as":
            return "as" in before[:-1]  # "not as noisy as SGD"
        if before[-1] in _THAN_AFTER_COMPARATIVE:
            return any(map(_COMPARATIVE.search, before[-3:-1]))
        prefixed = self._mentions.text.words[span.first].text.startswith("מ") and len(before) > 1
        return prefixed and bool(_COMPARATIVE.search(before[-1])) and _same_clause(self._mentions, span)

    def _is_compared(self, span: Span, compared: list[Span]) -> bool:
        clause = self._mentions.clause
        if self._follows_comparative(span):
            return True
        return any(
            cue.last <= span.first <= cue.last + _COMPARING_REACH and clause[cue.last - 1] == clause[span.first]
            for cue in compared
        )


def _same_clause(mentions: Mentions, span: Span) -> bool:
    return span.first > 0 and mentions.clause[span.first - 1] == mentions.clause[span.first]
