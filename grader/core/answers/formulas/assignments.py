"""Code that changes a value: `dx += …`, also in a loop, and `h = f(h)`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.core.answers.formulas.equations import Chain, left_side, own_name
from grader.core.answers.formulas.parser import LONGEST
from grader.core.answers.formulas.statements import equals, sides
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Unreadable

_AUGMENTED = {"+=": "+", "-=": "-", "*=": "*", "/=": "/", "**=": "^"}


def loops_over(tokens: Sequence[Token]) -> frozenset[str]:
    """The letters that Python's loops run over: for i in range(m)."""
    texts = [token.text for token in tokens]
    return frozenset(
        letter
        for word, letter, sign in zip(texts, texts[1:], texts[2:], strict=False)
        if word == "for" and sign in ("in", "∈")
    )


def augmented(statement: list[Token], found: Sequence[Chain], loops: frozenset[str], table: Table) -> Chain | None:
    """The chain whose value `dx += …` changes, with the change made; None where nothing is changed."""
    place = next((k for k, token in enumerate(statement) if token.text in _AUGMENTED and token.kind == "op"), None)
    if place is None:
        return None
    before, new = statement[:place], statement[place + 1 :]
    operation = replace(statement[place], text=_AUGMENTED[statement[place].text])
    left = left_side(before, table)
    name = () if left is not None else own_name(before)
    chain = next((one for one in reversed(found) if one.links and (one.left, one.name) == (left, name)), None)
    if chain is None or (left is None and not name):
        return Chain(left, name, [new], torn={0})
    outside = {token.text for token in before}
    for letter in sorted(loops - outside):
        if any(token.text == letter for token in new):
            new = [*_written(f"\\sum _ {letter} (", new[0]), *new, *_written(")", new[-1])]
    old = chain.links[-1]
    if old[0].text in ("zeros", "zeros_like", "0") or [token.text for token in old[:1]] == ["0."]:
        old = [replace(old[0], kind="number", text="0", end=old[-1].end)]
    chain.links[-1] = [*_bracketed(old), operation, *_bracketed(new)]
    return chain


def reassigned(statement: list[Token], found: Sequence[Chain]) -> Chain | None:
    """The chain of a name of the student's own that `h = f(h)` changes, with the change made; None where nothing is changed, or
    where the name was used in between. Raises Unreadable where the formula becomes too long to be read.
    """
    place = equals(statement)
    name = own_name(statement[:place]) if place is not None else ()
    chain = next((one for one in reversed(found) if one.name == name and one.links), None)
    if chain is None or not name or chain.torn:
        return None
    later = found[found.index(chain) + 1 :]
    right = sides(statement[place + 1 :])[-1] if place is not None else []
    if len(_places(right, name)) * len(chain.links[-1]) > LONGEST:  # h = h * h doubles it every time
        raise Unreadable("a value is changed too often to be followed")
    if not _places(right, name) or any(_places(link, name) for one in later for link in one.links):
        return None
    new: list[Token] = []
    position = 0
    for start in _places(right, name):
        new += [*right[position:start], *_bracketed(chain.links[-1])]
        position = start + len(name)
    chain.links[:] = [[*new, *right[position:]]]
    return chain


def _places(tokens: Sequence[Token], name: tuple[str, ...]) -> list[int]:
    """Where a name stands."""
    return [k for k in range(len(tokens)) if tuple(token.text for token in tokens[k : k + len(name)]) == name]


def _bracketed(tokens: list[Token]) -> list[Token]:
    return [*_written("(", tokens[0]), *tokens, *_written(")", tokens[-1])]


def _written(texts: str, at: Token) -> list[Token]:
    """Tokens that the answer does not hold itself, at the place of one that it does."""
    return [Token("name" if text.isalpha() else "op", text, at.start, at.end, at.math) for text in texts.split()]
