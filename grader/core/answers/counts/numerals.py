"""Numbers as they are written: 180,200; 180.200; 180 200; 180'200; 180_200; 1.8e5; 0.5 and 0,5."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_GROUPED = re.compile(
    r"[1-9][0-9]{0,2}(?P<by>[.,_'’ \u202f]|\{,\}|\\,)[0-9]{3}(?:(?P=by)[0-9]{3})*(?:(?P<point>[.,])(?P<rest>[0-9]+))?"
)
_PLAIN = re.compile(r"[0-9]+(?:(?P<point>[.,])[0-9]+)?(?:[eE]\+?[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Notation:
    """How what can be read in two ways is read. True: the sign groups thousands; else it is a decimal point, or parts two numbers.

    dash: " - " parts two expressions, instead of subtracting.
    torn: what the exponents of a product without multiplication signs are: powers, or "*" torn by a scanner.
    """

    point: bool = True
    comma: bool = True
    blank: bool = True
    dash: bool = False
    torn: tuple[str, ...] = ()


def is_number(text: str) -> bool:
    grouped = _GROUPED.fullmatch(text)
    return bool(_PLAIN.fullmatch(text)) or bool(grouped and grouped["by"] != grouped["point"])


def value(text: str, notation: Notation, *, leading: bool = False) -> Fraction:
    """leading: of numbers that a blank parts, the last one is meant, as in "layer 2 901 * 200"; else the first."""
    grouped = _GROUPED.fullmatch(text)
    if grouped and (grouped["point"] or _groups(grouped["by"], notation)):
        whole = text[: grouped.start("point")] if grouped["point"] else text
        digits = re.sub(r"[^0-9]", "", whole)
        return Fraction(f"{digits}.{grouped['rest']}" if grouped["point"] else digits)
    if grouped and grouped["by"] == " ":
        return Fraction(text.split(" ")[-1 if leading else 0])
    if not _PLAIN.fullmatch(text):  # two separators of a kind cannot be points
        return Fraction(re.sub(r"[^0-9]", "", text))
    return Fraction(text.replace(",", "."))


def _groups(by: str, notation: Notation) -> bool:
    return {".": notation.point, ",": notation.comma, " ": notation.blank}.get(by, True)


def ambiguous(text: str) -> str:
    """Which of "point", "comma", "blank" decides how it is read; empty when it can be read in one way only."""
    grouped = _GROUPED.fullmatch(text)
    if not grouped or grouped["point"] or (text.count(grouped["by"]) > 1 and grouped["by"] != " "):
        return ""
    return {".": "point", ",": "comma", " ": "blank"}.get(grouped["by"], "")


def shown(number: Fraction | float) -> str:
    """ "180,200"; at most four decimals."""
    number = Fraction(number)
    return f"{int(number):,}" if number.denominator == 1 else f"{float(number):,.4f}".rstrip("0")
