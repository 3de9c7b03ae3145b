"""How much a text looks like a question's prompt, so that a question is found whatever its number and notebook are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from grader.core.submission import AnswerSlot

_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STOP = frozenset(
    """a an and are as at be because but by can could did do does for from had has have how if in into is it its may not
    of on one or our should so some than that the their them then there these they this those to us was we what when
    where which while who why will with would you your""".split()  # noqa: SIM905
)


def words(text: str) -> set[str]:
    """The text's content words, cut to six letters so that forms of a word are one; pairs of characters in Chinese,
    Japanese and Korean."""
    return set(_in_order(text))


def _in_order(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower()):
        if _CJK.search(word):
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif word not in _STOP:
            yield word[:6]


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(pairwise(_in_order(text)))


class Prompts:
    """The prompts of a rubric. `covered` weighs words by how few questions use them (inverse document frequency)."""

    def __init__(self, slots: Sequence[AnswerSlot]) -> None:
        self._texts = {
            slot.question: [found for text in (slot.prompt, *slot.aliases) if (found := words(text))] for slot in slots
        }
        self._pairs = {slot.question: {pair for text in (slot.prompt, *slot.aliases) for pair in _pairs(text)} for slot in slots}
        seen = Counter(word for texts in self._texts.values() for word in set().union(*texts))
        self._weight = {word: math.log(1 + len(slots) / count) for word, count in seen.items()}

    def covered(self, question: str, found: set[str]) -> float:
        """The weight of the prompt's words that are among those of a text, from 0 to 1; the best over its aliases."""
        return max((self._share(prompt, found) for prompt in self._texts[question]), default=0.0)

    def best(self, found: set[str], least: float) -> str | None:
        """The question that a text with these words asks: the best covered one, from `least` on."""
        covered, question = max(
            ((self.covered(question, found), question) for question in self._texts), default=(0, "")
        )
        return question if covered >= least else None

    def _share(self, prompt: set[str], found: set[str]) -> float:
        return sum(self._weight[word] for word in prompt & found) / sum(self._weight[word] for word in prompt)

    def resemblance(self, question: str, text: str) -> float:
        """The part of the text's words that the prompt holds: near 1 for a piece of the prompt, low for an answer; 0 for
        less than four words, which tell nothing."""
        found = words(text)
        prompts = self._texts[question]
        return len(found & set().union(*prompts)) / len(found) if len(found) > 3 else 0.0

    def copied(self, question: str, text: str) -> bool:
        """Whether at least a third of its words follow each other as they do in the prompt: an answer may consist of the
        prompt's words ("x is (B, 27), U is (27, 64)"), in an order of its own."""
        pairs = _pairs(text)
        return not pairs or 3 * sum(pair in self._pairs[question] for pair in pairs) >= len(pairs)

    def restated(self, question: str, text: str) -> bool:
        """Whether a text says the question again: most of the prompt is in it, and little else."""
        return self.covered(question, words(text)) >= 0.6 and self.resemblance(question, text) >= 0.5
