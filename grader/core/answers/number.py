"""Numbers in an answer: which one is meant, and whether it is the right one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.core.answers.declaration import Number
from grader.core.answers.evaluate import quotes
from grader.core.answers.finding import Finding
from grader.core.answers.lexicon import Span
from grader.core.answers.terms import Mentions, wanted

_NEAR = 8  # the most words between a number and the phrase that says what it is
_GROUPED = re.compile(r"^\d{1,3}(,\d{3})+(\.\d+)?$")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


@dataclass(frozen=True, slots=True)
class Value:
    span: Span
    value: float


def find(declared: Number, mentions: Mentions) -> Finding:
    """True when a number that is meant is right, false when all that are meant are wrong, unread when none is meant."""
    values = [one for one in values_in(mentions) if _is_meant(one, declared, mentions)]
    if not values:
        return Finding(None)
    right = [one for one in values if fits(one.value, declared)]
    shown = quotes([one.span for one in right or values], mentions)
    if right:
        return Finding(True, shown, f"says {declared.says}", 0.95)
    return Finding(False, shown, confidence=0.95)


def fits(value: float, declared: Number) -> bool:
    allowed = max(declared.tolerance, declared.relative * abs(declared.value), 1e-9 * max(1.0, abs(declared.value)))
    return abs(value - declared.value) <= allowed


def values_in(mentions: Mentions) -> Iterator[Value]:
    """Numbers with sign, thousand separators, powers of ten, products of ten to a power, and per cent (as a fraction)."""
    words = mentions.text.words
    index = 0
    while index < len(words):
        value = _plain(words[index].text)
        if value is None:
            index += 1
            continue
        first, last = index, index + 1
        while last < len(words) and _continues_group(words[last - 1].text, words[last].text, words[last].before):
            value, last = value * 1000 + float(words[last].text), last + 1
        value, last = _power(value, last, words)
        if first and words[first - 1].text == "-":
            first, value = first - 1, -value
        if last < len(words) and words[last].text == "%":
            value, last = value / 100, last + 1
        yield Value(Span(first, last), value)
        index = last


def _plain(text: str) -> float | None:
    if not text[0].isdigit():
        return None
    if _GROUPED.match(text):
        text = text.replace(",", "")
    try:
        return float(text.replace(",", ".")) if text.count(",") <= 1 else None
    except ValueError:
        return None


def _continues_group(left: str, right: str, between: str) -> bool:
    """ "9 604": a blank that groups thousands."""
    grouped = left.isdigit() and len(left) <= 3 and right.isdigit() and len(right) == 3
    return grouped and between in (" ", "\u00a0", "\u202f", "\\,", "{,}")


def _power(value: float, last: int, words: tuple) -> tuple[float, int]:  # type: ignore[type-arg]
    """ "3 × 10^4", "10^-2", "10**4"."""
    if last + 1 < len(words) and words[last].text in ("×", "x", "*") and words[last + 1].text == "10":
        power, after = _power(10.0, last + 2, words)
        return (value * power, after) if after > last + 2 else (value, last)
    negative = last < len(words) and words[last].text == "-"
    at = last + negative
    if at < len(words) and re.fullmatch(r"\s*(\^|\*\*)\s*[({]?\s*", words[last].before) and words[at].text.isdigit():
        digits = words[at].text.translate(_SUPERSCRIPTS)
        exponent = int(digits) if digits.isdecimal() and len(digits) <= 2 else None
        if exponent is not None and exponent <= 30:
            try:
                return math.pow(value, -exponent if negative else exponent), at + 1
            except (OverflowError, ValueError):  # ValueError: 0 to a negative power
                return value, last
    return value, last


def _is_meant(one: Value, declared: Number, mentions: Mentions) -> bool:
    words = mentions.text.words
    near = [o.span for word in declared.near for o in mentions.of(wanted("~" + word))]
    units = [o.span for word in declared.units for o in mentions.of(wanted("~" + word))]
    sentence = words[one.span.first].sentence
    is_near = not declared.near or any(
        words[span.first].sentence == sentence and max(span.first - one.span.last, one.span.first - span.last) <= _NEAR
        for span in near
    )
    return is_near and (not declared.units or any(one.span.last <= span.first <= one.span.last + 1 for span in units))
