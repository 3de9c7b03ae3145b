"""Where options are named, but none is picked: "either 2 or 3", "torn between 1 and 2", "all of them", "1, 2 and 3 are all …"."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from grader.core.answers.lexicon import Span
from grader.core.answers.options import Named
from grader.core.answers.polarity import affirmed
from grader.core.answers.terms import Mentions

_WEIGHING = frozenset(
    {"either", "whether", "thinking", "considered", "considering", "hesitated", "hesitating", "unsure", "tempted"}
)
_WEIGHING_PAIRS = frozenset(
    {
        ("one", "of"),
        ("first", "thought"),
        ("thought", "of"),
        ("thought", "about"),
        ("torn", "between"),
        ("some", "order"),
        ("any", "order"),
    }
)
_EVERYTHING = frozenset(
    {("all", "of"), ("all", "three"), ("all", "four"), ("all", "options"), ("each", "of"), ("every", "one")}
)


def weighs(span: Span, mentions: Mentions) -> bool:
    """Whether the sentence around `span` only weighs options: "either 2 or 3", "3 could be it if it is not 2"."""
    first, last = mentions.text.sentences[mentions.text.words[span.first].sentence]
    words = _words(first, last, mentions)
    weighing = any(
        word in _WEIGHING and affirmed(Span(index, index + 1), mentions.denied)  # "not that one either" weighs nothing
        for index, word in enumerate(words, start=first)
    )
    return weighing or not _WEIGHING_PAIRS.isdisjoint(pairwise(words))


def names_everything(named: list[Named], options: Collection[str], mentions: Mentions) -> bool:
    """Whether a sentence says the same of all options: "All of them …", or "are all" where every one is named."""
    for number, (first, last) in enumerate(mentions.text.sentences):
        words = _words(first, last, mentions)
        if tuple(words[:2]) in _EVERYTHING:
            return True
        here = {one.option for one in named if mentions.text.words[one.span.first].sentence == number}
        if here == set(options) and ("are", "all") in pairwise(words):
            return True
    return False


def _words(first: int, last: int, mentions: Mentions) -> list[str]:
    return [word.text for word in mentions.text.words[first:last]]
