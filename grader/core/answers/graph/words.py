"""The words over the columns of a graph's table, by what they mean, in the languages of the courses."""

from __future__ import annotations

import re
from typing import Literal

from grader.core.answers.graph.notation import fold

Meaning = Literal["node", "value", "gradient"]

_IGNORED = (
    "local",
    "upstream",
    "локальн",
    "מקומי",
    "ლოკალურ",
    "formula",
    "expression",
    "формул",
    "вираз",
    "נוסח",
    "rule",
)
_GRADIENT = (
    "gradient", "grad", "backward", "backprop", "derivative", "red",
    "градієнт", "градиент", "похідн", "зворотн", "червон", "назад",
    "גרדיאנט", "גראדיינט", "גרדיינט", "נגזרת", "אחורה", "אחורי", "אדום",
    "გრადიენტ", "წარმოებულ", "უკუ", "წითელ",
)  # fmt: skip
_VALUE = (
    "value", "val", "data", "forward", "green",
    "значен", "значенн", "прям", "зелен", "вперед",
    "ערך", "ערכים", "קדימה", "קדמי", "ירוק",
    "მნიშვნელობ", "მწვანე", "პირდაპირ",
)  # fmt: skip
_NODE = (
    "node", "input", "name", "variable", "var", "vertex", "gate", "symbol",
    "вузол", "вузл", "вхід", "вершин", "змінн", "назв", "צומת", "קודקוד", "משתנה", "שם", "კვანძ", "ცვლად", "სახელ",
)  # fmt: skip
_SYMBOLS = re.compile(r"(?:\\partial|[∂d∇Δ])\s*\{?\s*\w*\s*\}?\s*(?:/|\}\s*\{)\s*(?:\\partial|[∂d])|^\W*∇")


class Words:
    """The known words and those that a pack declares."""

    def __init__(self, value: tuple[str, ...] = (), gradient: tuple[str, ...] = ()) -> None:
        self._own = {"value": tuple(map(fold, value)), "gradient": tuple(map(fold, gradient))}

    def meaning(self, header: str) -> Meaning | None:
        """What stands below this header; None for what is not asked (a local gradient, a formula) or not known."""
        folded = fold(header).lower()
        for kind in ("gradient", "value"):
            if folded and folded in (word.lower() for word in self._own[kind]):
                return kind  # type: ignore[return-value]
        if _has(header, _IGNORED):
            return None
        if _has(header, _GRADIENT) or _SYMBOLS.search(header):
            return "gradient"
        if _has(header, _VALUE):
            return "value"
        return "node" if _has(header, _NODE) else None


def _has(text: str, stems: tuple[str, ...]) -> bool:
    """Whether a word of the text begins with one of them; "red" is a word, not a beginning. A Hebrew word may have a
    prefix of one letter."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    return any(_begins(word, stem) for word in words for stem in stems)


def _begins(word: str, stem: str) -> bool:
    if len(stem) <= 3 and stem.isascii():
        return word == stem
    return word.startswith(stem) or ("א" <= stem[0] <= "ת" and word[1:].startswith(stem))
