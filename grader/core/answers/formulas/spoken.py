"""What the words around a formula say of it: an operation in words, that sums are left out, which function a letter stands for."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from grader.core.answers.formulas.tokens import Token

_OPERATIONS = (
    "summ", "sums", "add", "divid", "multipl", "times", "minus", "plus", "averag", "negativ", "factor", "scale",
    "squar", "root", "appl", "activat", "follow", "ignor", "omit", "neglect", "batch", "over", "without", "relu", "einstein",
    "סכומ", "סכום", "סכימ", "סוכמ", "סוכם", "מסכמ", "נסכ", "חלק", "חולק", "כפול", "מוכפל", "נכפ", "מכפיל",
    "ממוצע", "שורש", "מינוס", "הפעל", "מפעיל", "הזנח", "מזניח",
    "сум", "додат", "діл", "множ", "серед", "мінус", "корін", "застос", "нехту", "дел", "умнож",
    "ჯამ", "შეჯამ", "გაყ", "გამრავ", "საშუალ",
)  # fmt: skip
"""Beginnings, or parts, of words for an operation that may belong to the formula before them."""
_SUMS = re.compile(
    r"einstein|summation convention|(?:sums?|summations?) (?:is|are) (?:implied|implicit|omitted|left out)|Σ-less"
)
_ACTIVATIONS = (
    "relu",
    "sigmoid",
    "logistic",
    "tanh",
    "softmax",
    "leaky",
    "elu",
    "gelu",
    "swish",
    "סיגמואיד",
    "сигмоїд",
)
_FARTHEST = 40  # tokens


def says_more(tokens: Sequence[Token], end: int) -> bool:
    """Whether words for an operation stand after the formula that ends at `end`, before the next equation or paragraph."""
    after = [token for token in tokens if token.start >= end][:_FARTHEST]
    lines: list[list[Token]] = [[]]
    for token in after:
        if token.kind == "break" and token.text != "line":
            break
        if token.kind == "break":
            lines.append([])
        else:
            lines[-1].append(token)
    kept = [lines[0], *itertools.takewhile(lambda line: all(token.text != "=" for token in line), lines[1:])]
    words = itertools.takewhile(lambda token: token.text not in ("=", ";"), itertools.chain(*kept))
    return any(token.kind == "name" and _is_operation(token.text.lower()) for token in words)


def _is_operation(word: str) -> bool:
    """Hebrew and Ukrainian words carry prefixes."""
    return any(word.startswith(one) if one.isascii() else one in word for one in _OPERATIONS)


def speaks_of_sums(answer: str) -> bool:
    """Whether an answer says that its sums are not written."""
    return _SUMS.search(answer.lower()) is not None


def names_another_function(answer: str, meant: str) -> str | None:
    """Why a letter may not stand for the function `meant`: another one is named, and that one nowhere."""
    text = answer.lower()
    if meant in text or (meant == "relu" and re.search(r"\bmax", text)):
        return None
    other = next((one for one in _ACTIVATIONS if one in text and one != meant), None)
    return f"its function may be {other}, which the answer names, not {meant}" if other else None
