"""Where a text names something: declared phrases, whatever stands between their words on the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from grader.core.answers.counts.tokens import level

_HEBREW_PREFIX = "[והבכלמש]{0,3}"  # "in the", "and", "from" are written as part of the word
_SIZE = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)")
_BY = r"\s*(?:x|×|\*|·|\\times|\\cdot|by|на|על)\s*"
_QUOTE = "[\"'׳״”“’`]{1,2}"


@dataclass(frozen=True, slots=True)
class Named:
    """`name` is named from `start` to `end`."""

    name: str
    start: int
    end: int


def find(text: str, phrases: Mapping[str, Iterable[str]]) -> list[Named]:
    """In the order of the text. Of phrases that overlap the longest counts: "non-separable" is not "separable"."""
    levelled = level(text)
    found = [
        Named(name, *match.span())
        for name, forms in phrases.items()
        for form in forms
        for match in _pattern(form).finditer(levelled)
        if not _in_arithmetic(levelled, *match.span())
    ]
    kept: list[Named] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str]:
    pieces = [_SIZE.sub("x", piece) for piece in _SIZE.sub("x", level(phrase)).split()]
    pattern = ""
    for index, piece in enumerate(pieces):
        if piece == "..":
            pattern += r"(?:\W+\w+){0,3}?"
            continue
        if index:
            pattern += r"[\s\-_#${\\,־]*" if piece[0].isdigit() else r"[\s\-_־\\,]+"
        if "֐" <= piece[0] <= "ת":
            pattern += _HEBREW_PREFIX
        pattern += _word(piece)
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])", re.IGNORECASE)


def _word(piece: str) -> str:
    """Its letters, with a stem's open end and any form of quotes; sizes with any sign between."""
    open_ = {"*": r"\w*", '"': _QUOTE, "'": "['’ʼ]"}
    parts = re.split(r"(?<=\d)x(?=\d)", piece)
    return _BY.join("".join(open_.get(letter, re.escape(letter)) for letter in part) for part in parts)


def _in_arithmetic(text: str, start: int, end: int) -> bool:
    """Whether it begins or ends with a figure that belongs to a longer product: "7x1" in "20*20*7x1"."""
    before, after = text[max(0, start - 4) : start].rstrip()[-1:], text[end : end + 12].lstrip()[:6]
    size = text[start].isdigit()
    if size and before and (before in "*×·^+/" or text[start - 1] == "."):
        return True
    return text[end - 1].isdigit() and bool(
        re.match(r"[*×·^/]|\\(?:times|cdot)|(?:x\s*|[.,])\d" + (r"|[+=]" if size else ""), after)
    )
