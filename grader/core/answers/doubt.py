"""When a machine should not judge an answer at all: it is no honest prose, or not in a language that we read.

Each doubt is a sentence for the TA. All items of such an answer are unknown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from grader.core.answers.declaration import Glossary
from grader.core.answers.glossary import cues
from grader.core.answers.language import UNKNOWN, language
from grader.core.answers.lexicon import Lexicon
from grader.core.answers.polarity import affirmed
from grader.core.answers.terms import Mentions
from grader.core.answers.text import Text, read_text

if TYPE_CHECKING:
    from grader.core.rubric import Question

_PLACEHOLDER = re.compile(
    r"\W*(?:(?:fill (?:this|me) in|todo|tbd|(?:your )?answer(?: here)?|n/?a|none|idk|no answer|no (?:idea|clue)"
    r"|skip(?:ped)?(?: this(?: one)?)?|(?:sorry )?i (?:really )?(?:don'?t|do not) know(?: this(?: one)?)?"
    r"|i have no idea|not sure|didn'?t have time|не знаю|לא יודעת?|არ ვიცი)\W*)*",
    re.IGNORECASE,
)
_HIDDEN = frozenset("\u200b\u2060\u2061\u2062\u2063\u2064\u180e\u202d\u202e\u2066\u2067\u2068\ufeff")
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/])(?=[A-Za-z0-9+/]*[0-9+/])(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])"
    r"[A-Za-z0-9+/]{32,}={0,2}"
)
_MARKUP = re.compile(
    r"<!--|</?(?:script|system|style|span|div|font|p|b|i)\b[^>]*>|\[//\]:|<\|", re.IGNORECASE
)
_JSON = re.compile(r"[{,]\s*\"\w+\"\s*:")
_CONTRADICTION = re.compile(
    r"\bmore (\w{4,}) (?:and|but|or) (?:\w+ ){0,2}less \1|\b(\w{5,}?)\w{0,3} (?:and|but) (?:does|do|did|will|is|are) not \2"
    r"|\ball (?:have|of them|three)\b.{0,40}\bnone of them\b"
    r"|\b(?!seen\b)(\w{4,}) (?:and|or|but|yet) (?:\w+ ){0,2}(?:not |in|un|non-?)\3\b"
    r"|\b(has|is|does|have|are) (?:\w+ )?and (?:never|not) \4\b|unless it (?:hasn't|isn't|doesn't|does not|is not)"
    r"|\b(?:higher|better|larger|bigger|increased?|raised?|different)(?: and|,)(?: also| the)*"
    r" (?:lower|worse|smaller|decreased?|lowered|same)\b"
    r"|(?<!whether )\bor not[,.]|\b(\w+ \w+ \w+ \w+),? (?:and|but) (?:\w+ )?(?:doesn't|does not|isn't|is not|not) (?:\w+ )?\5\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\bactually,? no\b|\bno,? wait\b|\bscratch that\b|\bon second thoughts?\b|\bthe opposite is (?:also )?true\b"
    r"|\b(would|will|does|do|did|may|might|can|could|should|is|are) or \1(?: not|n't)\b"
    r"|\b(?:robust|insensitive|less sensitive)\b[^.?!]*\balso (?:makes?|made|is|are|becomes?)\b[^.?!]{0,20}\bsensitive\b",
    re.IGNORECASE,
)
_RUN, _LIST = 9, 5  # words in a row without a small one; items of a bare list
_RUN_INFLECTED = 16  # where endings say what English says with small words
_DANGLING = frozenset(
    {"and", "or", "of", "the", "an", "when", "with", "into", "to", "from", "if", "because", "is", "than"}
)
_GRAM = 4
_ROOT = 5  # letters by which words of the prompt are known again: "difficult", "difficulty"


def is_blank(answer: str) -> bool:
    """Whether it holds no answer: nothing, a placeholder, "I don't know"."""
    return bool(_PLACEHOLDER.fullmatch(answer.replace("’", "'"))) and not any(c.isdigit() for c in answer)


class Doubts:
    """What raises doubt in answers to one question."""

    def __init__(self, question: Question, glossary: Glossary) -> None:
        slot = question.answer
        prompt = " . ".join((slot.prompt, *slot.aliases)) if slot else ""
        self._prompt_roots = {word[:_ROOT] for word in _content(read_text(prompt))}
        self._prompts = _grams(prompt)
        self._labels = [_content(read_text(item.label)) for item in question.items]
        self._label_grams = _grams(" . ".join(item.label for item in question.items))
        self._item_ids = [item.id for item in question.items if "-" in item.id and item.id not in prompt.lower()]
        self._options = question.choices is not None and not question.subjects
        self._reads_json = question.graph is not None

    @cached_property
    def _functions(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(words) for name, words in cues()["function"].items()}

    def about(self, answer: str, mentions: Mentions, lexicon: Lexicon) -> str:
        """Why the prose of this answer is not judged; empty when it is."""
        text = mentions.text
        dishonest = self.about_honesty(answer, mentions)
        if dishonest:
            return dishonest
        if not text.words:
            return "nothing could be read"
        known = {index for index, word in enumerate(text.words) if word.text.isalpha() and lexicon.knows(word.text)}
        spoken = language(text, known, self._functions)
        if spoken == UNKNOWN:
            return "the language is not one that we read"
        if self._is_echo(text):
            return "the answer repeats the question or the rubric"
        if _CONTRADICTION.search(answer) or _TAKEN_BACK.search(answer):
            return "the answer contradicts itself, or takes back what it says"
        if _asks(answer):
            return "the answer asks more than it says"
        if _is_empty(mentions):
            return "the answer talks about the subject without saying anything"
        if self._is_salad(mentions, spoken):
            return "the answer is a list of keywords"
        return ""

    def about_honesty(self, answer: str, mentions: Mentions) -> str:
        """Why nothing of this answer is judged, figures and formulas included; empty when they are."""
        if _hides(answer) or (_JSON.search(answer) and not self._reads_json):
            return "the answer holds hidden characters or markup"
        if mentions.cue("address") or any(name in answer for name in self._item_ids):
            return "the answer speaks to the grader"
        return ""

    def _is_echo(self, text: Text) -> bool:
        """Most of its four-word runs are the prompt's; or it is one of the rubric's labels."""
        own = _grams_of([word.text for word in text.words])
        if len(own) >= 4 and len(own & self._prompts) > 0.55 * len(own):
            return True
        if own and len(own & self._label_grams) > 0.4 * len(own):
            return True
        content = _content(text)
        familiar = sum(word[:_ROOT] in self._prompt_roots for word in content)
        quoted = len(own & self._prompts) >= 0.15 * len(own)
        if not self._options and len(content) >= 6 and familiar >= 0.85 * len(content) and quoted:
            return True
        return any(
            len(label) >= 3 and len(content) <= 2 * len(label) and len(label & content) >= 0.8 * len(label)
            for label in self._labels
        )

    def _is_salad(self, mentions: Mentions, spoken: str) -> bool:
        """Words in a row without a small one, a symbol or a full stop; bare lists; sentences that break off."""
        if self._options:
            return False
        small = self._functions.get(spoken, frozenset()) | self._functions["en"]
        words = mentions.text.words
        longest = run = listed = longest_list = dangling = holding = 0
        item = 0  # words since the last comma
        for index, word in enumerate(words):
            is_small = word.text in small or not word.text[0].isalpha()
            stops = any(mark in word.before for mark in ".:;!?()\n")
            if "," in word.before or stops:
                listed = listed + 1 if item <= 2 and not stops else 0
                longest_list, item = max(longest_list, listed), 0
                dangling += index > 0 and words[index - 1].text in _DANGLING and "." not in words[index - 1].before
            item = 9 if is_small else item + 1
            holding += stops or word.text in small or not word.text[0].isalnum()
            run = 0 if is_small or stops else run + 1
            longest = max(longest, run)
        dangling += bool(words) and words[-1].text in _DANGLING
        longest_list = max(longest_list, listed + 1 if item <= 2 and listed else 0)
        if len(words) < 6:
            return False
        allowed = _RUN if spoken == "en" else _RUN_INFLECTED
        bare = spoken == "en" and holding <= 0.08 * len(words)
        return longest >= allowed or longest_list >= _LIST or dangling >= 2 or bare


def _is_empty(mentions: Mentions) -> bool:
    """At least half of the sentences say no more than that something "plays a role"; "plays no role" is a claim."""
    words = mentions.text.words
    hollow = {words[span.first].sentence for span in mentions.cue("empty") if affirmed(span, mentions.denied)}
    return bool(hollow) and 2 * len(hollow) >= len(mentions.text.sentences)


def _asks(answer: str) -> bool:
    """Two of five sentences are questions: the question repeated, mostly."""
    ends = re.findall(r"[.?!](?=\s|$)", answer.strip())
    return ends.count("?") >= 2 and 5 * ends.count("?") >= 2 * len(ends)


def _hides(answer: str) -> bool:
    invisible = any(c in _HIDDEN or 0xE0000 <= ord(c) <= 0xE007F for c in answer[1:])
    return invisible or bool(_MARKUP.search(answer)) or bool(_BASE64.search(answer)) or _mixes_alphabets(answer)


def _mixes_alphabets(answer: str) -> bool:
    """Words spelt with letters of two alphabets that look alike, such as a Cyrillic "а" in a Latin word."""
    for word in re.findall(r"[^\W\d_]{3,}", answer):
        scripts = {unicodedata.name(c, "").split(" ")[0] for c in word if unicodedata.category(c).startswith("L")}
        if {"LATIN", "CYRILLIC"} <= scripts and not word.isascii():
            return True
    return False


def _content(text: Text) -> frozenset[str]:
    small = frozenset(cues()["function"].get("en", ()))
    return frozenset(word.text for word in text.words if word.text not in small and word.text[0].isalpha())


def _grams(text: str) -> frozenset[tuple[str, ...]]:
    return _grams_of([word.text for word in read_text(text).words])


def _grams_of(words: list[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words[index : index + _GRAM]) for index in range(len(words) - _GRAM + 1))
