"""The spellings that a question declares, as tokens, and what stands at a place of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pylatexenc.latex2text import LatexNodes2Text

from grader.core.answers.formulas.tokens import Token, read_tokens
from grader.core.answers.formulas.tree import Node

_SKIPPED = frozenset({"the"})  # in phrases: "width of the filter"
_FOLDED = 3  # letters from which on a word may begin with a capital


@dataclass(frozen=True)
class Meaning:
    """kind: a declared value or size, a function, the gradient of the output by a value, a formula that is asked for, or the
    student's own definition (`tree`, whose index is `index`). ndim: how many indices it takes."""

    kind: Literal["value", "size", "function", "gradient", "asked", "own"]
    name: str
    ndim: int = 0
    tree: Node | None = field(default=None, compare=False)
    index: str | None = None


@dataclass(frozen=True)
class Match:
    """meaning; end: the position after it; scripts: an index that stood inside its spelling, σ_B^2."""

    meaning: Meaning
    end: int
    script: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """by_first: spellings by their first token, the longest first."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], Meaning], ...]]
    output: str | None = None
    own: Mapping[tuple[str, ...], Meaning] = field(default_factory=dict)

    def match(self, tokens: Sequence[Token], position: int) -> Match | None:
        """The longest spelling that begins at `position`."""
        if position >= len(tokens):
            return None
        best: Match | None = None
        for first in {tokens[position].text, _folded(tokens[position].text)}:
            for spelling, meaning in self.by_first.get(first, ()):
                found = _match(spelling, tokens, position)
                if found and (best is None or found[0] > best.end):
                    best = Match(meaning, *found)
        for spelling, meaning in self.own.items():
            found = _match(spelling, tokens, position)
            if found and (best is None or found[0] > best.end):
                best = Match(meaning, *found)
        return best

    def with_own(self, own: Mapping[tuple[str, ...], Meaning]) -> Table:
        return Table(self.by_first, self.output, own)


def _match(spelling: tuple[str, ...], tokens: Sequence[Token], position: int) -> tuple[int, tuple[str, ...]] | None:
    script: tuple[str, ...] = ()
    for place, wanted in enumerate(spelling):
        if place:
            while position < len(tokens) and tokens[position].text in _SKIPPED:
                position += 1
        if wanted == "^" and place and position < len(tokens) and tokens[position].text == "_":
            script, position = read_script(tokens, position + 1)
        if position < len(tokens) and tokens[position].text == "{" and wanted != "{":
            if position + 2 < len(tokens) and tokens[position + 2].text == "}" and _same(wanted, tokens[position + 1]):
                position += 3  # {2} is 2
                continue
            return None
        if position >= len(tokens) or not _same(wanted, tokens[position]):
            return None
        position += 1
    return position, script


def _same(wanted: str, token: Token) -> bool:
    return token.text == wanted or (len(wanted) >= _FOLDED and _folded(token.text) == wanted)


def _folded(text: str) -> str:
    return text.lower() if len(text) >= _FOLDED else text


def read_script(tokens: Sequence[Token], position: int) -> tuple[tuple[str, ...], int]:
    """The letters of an index, and the position after it: `i`, `{ij}`, `{i, j}`; what is none comes back as one piece."""
    if position >= len(tokens):
        return ("?",), position
    if tokens[position].text not in ("{", "("):
        text = tokens[position].text
        return (text,), position + 1
    closing = "}" if tokens[position].text == "{" else ")"
    inside: list[str] = []
    position += 1
    while position < len(tokens) and tokens[position].text != closing:
        inside.append(tokens[position].text)
        position += 1
    letters = [text for text in inside if text != ","]
    if len(letters) == 1 and letters[0].isalpha() and len(letters[0]) == 2 and letters[0].isascii():
        letters = list(letters[0])
    return tuple(letters) or ("?",), position + 1


def compile_table(meanings: Iterable[tuple[str, Meaning]], output: str | None) -> Table:
    """Raises ValueError for a spelling that says nothing, or two things."""
    known: dict[tuple[str, ...], Meaning] = {}
    for text, meaning in meanings:
        spelling = spelled(text)
        if not spelling:
            raise ValueError(f"{text!r} is no symbol")
        other = known.setdefault(spelling, meaning)
        if (other.kind, other.name) != (meaning.kind, meaning.name):
            raise ValueError(f"{text!r} stands for {other.name!r} and for {meaning.name!r}")
    _add_shorthands(known, output)
    by_first: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
    for spelling, meaning in sorted(known.items(), key=lambda one: -len(one[0])):
        by_first.setdefault(spelling[0], []).append((spelling, meaning))
    return Table({first: tuple(several) for first, several in by_first.items()}, output)


def _add_shorthands(known: dict[tuple[str, ...], Meaning], output: str | None) -> None:
    """`dgamma`, `grad_gamma`: the gradient by gamma, in code. None by the output itself: `grad_out` comes from above."""
    for spelling, meaning in list(known.items()):
        if meaning.kind == "value" and meaning.name != output and spelling[0].isalpha():
            gradient = Meaning("gradient", meaning.name, meaning.ndim)
            known.setdefault(("d" + spelling[0], *spelling[1:]), gradient)
            known.setdefault(("grad", "_", *spelling), gradient)
            known.setdefault(("d", "_", *spelling), gradient)


def spelled(text: str) -> tuple[str, ...]:
    """A declared spelling as tokens; {2} is 2."""
    texts = [token.text for token in read_tokens(text) if token.kind != "break" and token.text not in _SKIPPED]
    out: list[str] = []
    position = 0
    while position < len(texts):
        if texts[position] == "{" and position + 2 < len(texts) and texts[position + 2] == "}":
            out.append(texts[position + 1])
            position += 3
            continue
        out.append(texts[position])
        position += 1
    return tuple(word.lower() if len(word) >= _FOLDED and word.isalpha() and len(out) > 1 else word for word in out)


@lru_cache(maxsize=512)
def displayed(text: str) -> str:
    """A spelling without LaTeX, as a person reads it."""
    plain = LatexNodes2Text().latex_to_text(text).strip() or text
    return plain.replace("^2", "²").replace("^3", "³")
