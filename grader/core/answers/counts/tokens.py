"""The arithmetic in a text as tokens that remember where they stood: numbers, operators, brackets, equality signs, words.

Reads plain text, Markdown and LaTeX in any alphabet; `3×3`, `3x3`, `3 х 3` (Cyrillic), `3·3`, `3*3` and `3\\times3` are alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from grader.core.answers.counts.numerals import is_number

Kind = Literal[
    "number", "word", "*", "x", "+", "-", "/", "^", "(", ")", "{", "}", "=", "≈", "superscript", "subscript", "fraction",
    "brace", "line", "break",
]  # fmt: skip
"""`x` is a multiplication written as in sizes (3x3). `break` ends whatever came before: punctuation, an arrow, a cell."""


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is levelled; `start` and `end` are places in the original. `end` of one is `start` of the next: no blank.

    name: a word that names a step ("layer 1", "total").
    """

    kind: Kind
    text: str
    start: int
    end: int
    name: bool = False


_LONGEST_NUMBER = 40  # characters
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_LEVEL = str.maketrans(
    {"х": "x", "Х": "x", "−": "-", "–": "-", "—": "-", "‑": "-", "\u200e": " ", "\u200f": " ", "\u202a": " ", "\u202b": " ",
     "\u202c": " ", "\u00a0": "\u202f", "\u2009": "\u202f", "\u2007": "\u202f", "\r": "\n", "\u2028": "\n", "\t": " "}
)  # fmt: skip
_NUMBER = r"[0-9]+(?:(?:[.,_'’]|\{,\}|\\,|\u202f|[ ](?=[0-9]{3}(?![0-9])))[0-9]+){0,12}(?:[eE][+]?[0-9]{1,2}(?![\w]))?"
_PATTERN = re.compile(
    rf"""
      (?P<cell> (?<![=+*\-/×·≈])(?<![=+*\-/×·≈][ ])(?<!cdot)(?<!cdot[ ])(?<!times)(?<!times[ ])(?<!approx[ ])&(?=\s*[0-9(]) )
    | (?P<skip> </?[a-zA-Z][^<>\n]{{0,200}}> | <!--.*?--> | \\(?:left|right|[bB]igg?[lr]?|displaystyle|q?quad|boxed
        |mathbf|mathrm|bf|rm|limits|,|;|:|!|[ ]|\(|\)|\[|\])(?![a-zA-Z]) | \\(?:begin|end)\{{[^{{}}\n]*\}} | [$&`"] )
    | (?P<text> \\(?:text\w*|mathrm|mathbf|operatorname)\s*\{{[^{{}}\n]*\}} )
    | (?P<newline> \\\\ | \n )
    | (?P<rule> [=\-_]{{4,}} )
    | (?P<arrow> \\(?:Long|long)?(?:[rR]ightarrow|[lL]eftarrow)(?![a-zA-Z])
        | \\(?:to|implies|iff|ne|neq|leq?|geq?|ll|gg|lt|gt)(?![a-zA-Z])
        | -+> | =+> | <=+ | >=+ | != | <-+ | [→⇒⟶⟹↦←≠<>≤≥≪≫] )
    | (?P<times> \\(?:times|cdot|ast|star|bullet)(?![a-zA-Z]) | \\\* | \*(?!\*) | [×·⋅∙•∗✕✖⨯] )
    | (?P<x> (?<![^\W\d_])[xX](?=\s*[0-9(\[]|(?![^\W_])) )
    | (?P<power> (?<=[\w)\]}}])\*\*(?=[\d({{]) | \^ )
    | (?P<bold> \*\* | ~~ | __ )
    | (?P<approx> \\(?:approx|simeq|sim|cong)(?![a-zA-Z]) | [≈≃≅∼~] )
    | (?P<equal> :?={{1,2}} | ≡ )
    | (?P<fraction> \\[dt]?frac(?![a-zA-Z]) )
    | (?P<brace> \\(?:under|over)brace(?![a-zA-Z]) )
    | (?P<divide> \\div(?![a-zA-Z]) | [/÷] )
    | (?P<subscript> _\s*\{{(?:[^{{}}\n]|\{{[^{{}}\n]*\}})*\}} | _[^\W_] )
    | (?P<superscript> [{_SUPERSCRIPTS}]+ )
    | (?P<glued> [0-9]+(?:[.,][0-9]+){{0,12}}(?![xX]\s*[0-9(\[])(?!(?:[kKM]|тис|млн)\b|[eE][+]?[0-9]|[xX]\b)[^\W\d_][^\W_]* )
    | (?P<number> {_NUMBER} )
    | (?P<word> \\?[^\W\d_](?:[^\W_]|['’ʼ׳״"](?=[^\W\d_]))* )
    | (?P<plus> \+ ) | (?P<minus> - )
    | (?P<open> [(\[] ) | (?P<close> [)\]] ) | (?P<left> \{{ ) | (?P<right> \}} )
    | (?P<stop> [^\s] )
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS: dict[str, Kind] = {
    "text": "word", "newline": "line", "rule": "break", "cell": "break",
    "arrow": "break", "times": "*", "x": "x", "power": "^", "approx": "≈", "equal": "=",
    "fraction": "fraction", "brace": "brace", "divide": "/", "subscript": "subscript", "superscript": "superscript",
    "glued": "word", "number": "number", "word": "word", "plus": "+", "minus": "-", "open": "(", "close": ")", "left": "{",
    "right": "}", "stop": "break",
}  # fmt: skip
_SPOKEN: dict[str, Kind] = {
    "times": "*", "plus": "+", "minus": "-", "помножити": "*", "плюс": "+", "мінус": "-", "כפול": "*", "ועוד": "+",
    "פלוס": "+", "פחות": "-", "multiplied": "*", "множимо": "*", "помножимо": "*", "помножене": "*", "помножена": "*",
}  # fmt: skip
_BY = frozenset({"by", "на", "ב"})
"""Behind a spoken operation: "multiplied by"."""


def level(text: str) -> str:
    """Look-alikes made alike, one character for one, so that places stay."""
    return text.translate(_LEVEL)


def read_tokens(text: str, words: Iterable[tuple[int, int]] = ()) -> list[Token]:
    """Linear in the length. words: places that are names ("layer 1"), whatever stands in them."""
    levelled = level(text)
    named = sorted(words)
    tokens: list[Token] = []
    at, position = 0, 0
    while position < len(levelled):
        while at < len(named) and named[at][0] < position:
            at += 1
        if at < len(named) and named[at][0] == position:
            start, position = named[at]
            tokens.append(Token("word", levelled[start:position], start, position, name=True))
            continue
        match = _PATTERN.match(levelled, position)
        if match is not None and match.lastgroup != "subscript" and at < len(named) and match.end() > named[at][0]:
            match = _PATTERN.match(levelled, position, named[at][0])
        if match is None:
            position += 1  # a blank
            continue
        position = match.end()
        kind = _KINDS.get(match.lastgroup or "")
        if kind is not None:
            found = match.group()
            if kind == "word":
                if found.lower() in _BY and tokens and tokens[-1].text.lower() in _SPOKEN:
                    continue
                kind = _SPOKEN.get(found.lower(), kind)
            if kind == "number" and not is_number(found):  # "3,3,100": several, of which this is the first
                found = found[: re.match(r"[0-9]+", found).end()]  # type: ignore[union-attr]
                position = match.start() + len(found)
            if kind == "number" and len(found) > _LONGEST_NUMBER:
                kind = "word"
            tokens.append(Token(kind, found, match.start(), match.start() + len(found)))
    return tokens


def superscript(text: str) -> int:
    """ "²" is 2."""
    return int("".join(str(_SUPERSCRIPTS.index(character)) for character in text))
