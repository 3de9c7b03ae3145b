"""The language of an answer, by alphabet and by small words. Simple on purpose: unknown is a safe answer."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping

from grader.core.answers.text import Text

UNKNOWN = "unknown"
_SCRIPTS = {"LATIN": "en", "CYRILLIC": "uk", "HEBREW": "he", "GEORGIAN": "ka", "GREEK": "en"}
_NOT_UKRAINIAN = frozenset("ыэъё")
_ONLY_UKRAINIAN = frozenset("іїєґ")
_RUSSIAN = frozenset(
    {
        "и",
        "что",
        "это",
        "как",
        "если",
        "больше",
        "меньше",
        "более",
        "чем",
        "потому",
        "или",
        "будет",
        "когда",
        "нет",
        "его",
        "они",
        "слоя",
        "веса",
        "из",
        "есть",
    }
)
_ENOUGH = 9  # Latin words below which a text is too short to tell its language by small words
_SMALL_WORDS, _DISTINCT, _KNOWN_WORDS = 0.15, 3, 0.45


def language(text: Text, known: Collection[int], functions: Mapping[str, frozenset[str]]) -> str:
    """One of en, ka, he, uk, or "unknown".

    known: the indexes of words that the glossary knows. functions: small words by language.
    """
    words = [word.text for word in text.words if word.text[0].isalpha()]
    scripts = Counter(_script(word[0]) for word in words)
    if not words:
        return "en"  # "2, 3": digits are read alike everywhere
    if scripts["OTHER"] * 5 > len(words) or _foreign(text):
        return UNKNOWN
    own = [script for script in ("GEORGIAN", "HEBREW", "CYRILLIC") if scripts[script] * 6 >= len(words)]
    if own:
        found = _SCRIPTS[max(own, key=lambda script: scripts[script])]
        return found if found != "uk" or _is_ukrainian(words) else UNKNOWN
    return "en" if _is_english(words, len(known), functions["en"]) else UNKNOWN


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "OTHER")


def _foreign(text: Text) -> bool:
    """Whether a notable part of the letters is of an alphabet that we do not read (Chinese has no word breaks)."""
    letters = [character for character in text.original if character.isalpha()]
    return sum(_script(character) == "OTHER" for character in letters) * 10 > len(letters)


def _is_ukrainian(words: list[str]) -> bool:
    if any(not _NOT_UKRAINIAN.isdisjoint(word) for word in words):
        return False
    if any(not _ONLY_UKRAINIAN.isdisjoint(word) for word in words):
        return True
    return sum(word in _RUSSIAN for word in words) * 8 < len(words)


def _is_english(words: list[str], known: int, functions: frozenset[str]) -> bool:
    if len(words) < _ENOUGH:
        return known > 0 or any(word in functions for word in words)
    small = [word for word in words if word in functions]
    spoken = len(small) >= _SMALL_WORDS * len(words) and len(set(small)) >= _DISTINCT
    return spoken or (known >= _KNOWN_WORDS * len(words) and all(word.isascii() for word in words))
