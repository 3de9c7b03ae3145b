"""Where an answer names the things that have a shape, and which products of them it writes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grader.core.answers.shapes.notation import Written, spelling
from grader.core.answers.shapes.words import RESULTING, SHAPE, TOGETHER

_TRANSPOSED = r"(?:\s*\^\s*(?:T\b|⊤|ᵀ|'|t\b)|\.T\b|ᵀ|⊤)"
_OPERATOR_BEFORE = re.compile(r"(?:[·∙⋅*×@+/^∂√⊙⊗]|(?<![^\W\d_])x)\s*(?:\\?[(\[]\s*)?$")
_OPERATOR_AFTER = re.compile(r"\s*[)\]]?\s*(?:[·∙⋅*×@+/^⊙⊗]|x\s+(?=[^\W\d_]))")
_CALL = re.compile(r"([^\W\d_]\w*)\((?:[^()\n]|\([^()\n]*\))*$")
_TIMES = r"\s*(?:[·∙⋅*×@.]|\bx\b|\btimes\b|)\s*"
_DOT = r"(?:dot|matmul|mm|bmm|linear)\(\s*"


@dataclass(frozen=True, slots=True)
class Name:
    """A thing named at `start` … `end`. stands: `alone`, or as a `factor` of an expression, as an `argument` ("the output of
    W_h", "relu(X)"), or `annotated` in an expression ("X(m×10) · W_h(10×50)": what is in brackets behind it is its own)."""

    start: int
    end: int
    thing: str
    transposed: bool
    stands: str


_Found = tuple[int, int, str, bool]
"""A name before its neighbours are known: start, end, thing, transposed."""


class Naming:
    """Finds names; `named`: spellings by the name of the thing."""

    def __init__(self, named: Mapping[str, Sequence[str]]) -> None:
        spelt = [(one, thing) for thing, spellings in named.items() for one in spellings]
        self._patterns = [(_pattern(one), thing) for one, thing in sorted(spelt, key=lambda pair: -len(pair[0]))]

    def names(self, text: str, shapes: Sequence[Written]) -> list[Name]:
        """In the order of the text, longer names first where two could stand; none inside a shape."""
        taken = bytearray(len(text))  # 1 where a shape or a name stands
        for shape in shapes:
            if shape.kind != "bare":
                taken[shape.start : shape.end] = b"\1" * (shape.end - shape.start)
        found: list[_Found] = []
        for pattern, thing in self._patterns:
            for match in pattern.finditer(text):
                if taken.find(1, match.start(), match.end("name")) < 0:
                    taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                    found.append((match.start(), match.end(), thing, match.end("name") < match.end()))
        found.sort()
        closed = {one.end for one in shapes}
        starts, ends = {one[0]: one for one in found}, {one[1]: one for one in found}
        return [Name(*one, _stands(text, one, starts, ends, closed)) for one in found]


def _is_factor(text: str, one: _Found, other: _Found | None) -> bool:
    """Whether a name right beside another is a factor: "X W_h". "The input matrix X" holds two names of one thing."""
    if other is None:
        return False
    return one[2] != other[2] or not any(" " in text[start:end] for start, end, *_ in (one, other))


def _pattern(spelt: str) -> re.Pattern[str]:
    latin = spelt[0].isascii()
    before = r"(?<![A-Za-z0-9_∂\\])" if latin else r"(?<!\w)"
    flags = re.NOFLAG if spelt in ("A", "I", "a", "i") else re.IGNORECASE
    return re.compile(rf"{before}(?P<name>{spelling(spelt)})(?![A-Za-z0-9_]|'(?!s\b)){_TRANSPOSED}?", flags)


def _stands(
    text: str, one: _Found, starts: Mapping[int, _Found], ends: Mapping[int, _Found], closed: Collection[int]
) -> str:
    start, end = one[:2]
    left = text[:start].rstrip(" ")
    if _is_result(text[max(0, start - 40) : start]) or _is_argument(text[max(0, start - 60) : start]):
        return "argument"
    operator = _OPERATOR_BEFORE.search(left[-12:])
    if operator and not _is_bullet(left):
        before = left[: len(left) - len(operator.group())].rstrip(" )]")
        return "annotated" if len(before) in closed or len(before) + 1 in closed else "factor"
    if _is_factor(text, one, ends.get(len(left))):  # X W_h
        return "factor"
    right = len(text) - len(text[end:].lstrip(" "))
    if right - end <= 1 and "\n" not in text[end:right] and _is_factor(text, one, starts.get(right)):
        return "factor"
    return "factor" if _OPERATOR_AFTER.match(text, end) else "alone"


def _is_result(before: str) -> bool:
    """ "the output of W_h": the last word before the name, or the one before "of". A "product" alone may be Y itself."""
    match = re.search(r"([^\W\d_]+)\s+(?:of|from|של|від|от|after|після|אחרי)(?:\s+(?:the|matrix))*\s+$", before.lower())
    return match is not None and match[1] in RESULTING


def _is_argument(before: str) -> bool:
    """ "matmul(X, W_h)": what follows is said of the call, unless it is `shape(X)`."""
    call = _CALL.search(before)
    return call is not None and call[1].lower() not in SHAPE


def _is_bullet(left: str) -> bool:
    blank = left[: len(left) - 1]
    rest = blank.rstrip()
    return left[-1:] in ("*", "+") and (not rest or "\n" in blank[len(rest) :])


def groups(names: Sequence[Name], text: str) -> list[list[Name]]:
    """Names that are listed together: "X, W_h and b_h"; most groups hold one."""
    found: list[list[Name]] = []
    for name in names:
        if found and found[-1][-1].stands != "factor" and TOGETHER.fullmatch(text, found[-1][-1].end, name.start):
            found[-1].append(name)
        else:
            found.append([name])
    return found


def shows(product: str, text: str) -> bool:
    """Whether a product ("X W_h^T", as X·W_h.T or matmul(X, W_h.T) too) or a word ("nn.Linear") is written in the text."""
    factors = product.split()
    if not all(len(one) <= 8 for one in factors):
        return re.search(rf"(?<!\w){re.escape(product)}(?!\w)", text, re.IGNORECASE) is not None
    patterns = [
        rf"{spelling(re.sub(r'[{^}]|T$', '', one))}{_TRANSPOSED}"
        if one.endswith("^T")
        else rf"{spelling(one)}(?!{_TRANSPOSED})"
        for one in factors
    ]
    before, after = (
        r"(?<![A-Za-z0-9_^])",
        rf"(?![A-Za-z0-9_]|\s*{_TRANSPOSED})" if not factors[-1].endswith("^T") else "",
    )
    return any(
        re.search(whole, text, re.IGNORECASE)
        for whole in (before + _TIMES.join(patterns) + after, _DOT + r"\s*,\s*".join(patterns) + r"\s*\)")
    )
