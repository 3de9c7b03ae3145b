"""What stands at one place of a formula: a declared symbol with its indices, a derivative, a sum's bounds, or prose."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.core.answers.formulas.symbols import Meaning, Table, read_script
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Derivative, Divide, Named, Node, Unreadable

if TYPE_CHECKING:
    from grader.core.answers.formulas.parser import Parser

_PROSE = frozenset(
    {
        "because", "since", "where", "so", "for", "as", "and", "which", "with", "by", "using", "if", "when", "that", "is", "are",
        "the", "then", "hence", "thus", "therefore", "we", "note", "here", "due", "from", "this", "it", "its", "but", "or", "not",
        "also", "means", "respectively", "after", "let", "like", "see",
    }
)  # fmt: skip
_LONGEST_SPLIT = 4  # letters of a word that may be several symbols: XW


def is_prose(tokens: Sequence[Token], position: int, table: Table) -> bool:
    """Whether a formula may end before `position`: at the end, or where words begin."""
    if position >= len(tokens):
        return True
    token = tokens[position]
    if token.text in ("mark", "#", "?", "!", "…") and token.kind == "op":
        return True
    if token.text in ("(", "[") and not token.math:
        return _is_aside(tokens, position + 1, table)
    return is_word(tokens, position, table)


def _is_aside(tokens: Sequence[Token], position: int, table: Table) -> bool:
    """Whether a bracket holds words only: "(chain rule)"."""
    if is_word(tokens, position, table):
        return True
    words = 0
    while position < len(tokens) and tokens[position].kind == "name":
        if len(tokens[position].text) < 2 or table.match(tokens, position):
            return False
        words, position = words + 1, position + 1
    return words > 1 and position < len(tokens) and tokens[position].text in (")", "]")


def is_word(tokens: Sequence[Token], position: int, table: Table) -> bool:
    """Whether a word of a language stands here, which is no symbol."""
    if position >= len(tokens) or tokens[position].kind != "name":
        return False
    token = tokens[position]
    if len(token.text) < 2 or table.match(tokens, position):
        return False
    if unicodedata.category(token.text[0]) == "Lo" or "а" <= token.text[0].lower() <= "ӿ":
        return True  # Hebrew, Georgian, Cyrillic
    return (token.prose or not token.math) and token.text.lower() in _PROSE


def name(parser: Parser) -> Node | None:
    """A derivative, or a declared symbol with its indices; None where neither stands. Raises Unreadable for a wrong index."""
    found = _inline_derivative(parser)
    if found is not None:
        return found
    match = parser.table.match(parser.tokens, parser.position)
    if match is None:
        return _gradient(parser)
    if match.meaning.kind == "function":
        return None
    parser.position = match.end
    return _resolved(parser, match.meaning, match.script)


def _resolved(parser: Parser, meaning: Meaning, script: tuple[str, ...]) -> Node:
    if meaning.kind == "own":
        if _scripts(parser, script) and meaning.ndim == 0:
            raise Unreadable(f"“{meaning.name}” is defined without an index, and used with one")
        assert meaning.tree is not None
        return meaning.tree
    named = _named(parser, meaning, script)
    if meaning.kind == "gradient":
        if parser.table.output is None:
            raise Unreadable("there is no output to differentiate")
        return Derivative(Named(parser.table.output), named)
    return replace(named, name="=" + named.name) if meaning.kind == "asked" else named


def _named(parser: Parser, meaning: Meaning, script: tuple[str, ...]) -> Named:
    indices = _scripts(parser, script, indexed=meaning.ndim > 0)
    if not indices or meaning.ndim == 0:
        return Named(meaning.name, (), loose=bool(indices))
    if len(indices) != meaning.ndim:
        raise Unreadable(f"“{meaning.name}” has {meaning.ndim} index(es), not {len(indices)}")
    if not all(len(index) == 1 and index.isascii() and index.islower() for index in indices):
        raise Unreadable(f"the index “{''.join(indices)}” is not understood")
    return Named(meaning.name, indices)


def _scripts(parser: Parser, found: tuple[str, ...], indexed: bool = True) -> tuple[str, ...]:
    """The indices after a symbol: _i, _{i}, [i], ^{(i)}."""
    indices = found
    while True:
        if parser.peek() == "_" and not _is_differential(parser, 1):
            script, parser.position = read_script(parser.tokens, parser.position + 1)
            indices += script
        elif indexed and parser.peek() == "[" and _letters_to(parser, 1, "]"):
            script = _letters_to(parser, 1, "]")
            parser.position += 2 * len(script) + 1
            indices += script
        elif (
            parser.peek() == "^"
            and parser.peek(1) == "{"
            and parser.peek(2) == "("
            and parser.peek(4) == ")"
            and indexed
        ):
            indices += (parser.peek(3),)
            parser.position += 6
        elif (
            parser.peek() == "^"
            and parser.peek(1) == "("
            and parser.peek(2) in "ijk"
            and parser.peek(3) == ")"
            and indexed
        ):
            indices += (parser.peek(2),)
            parser.position += 4
        else:
            return indices


def _letters_to(parser: Parser, ahead: int, closing: str) -> tuple[str, ...]:
    """`i`, `i, j` up to `closing`; empty where anything else stands."""
    letters: list[str] = []
    while parser.kind(ahead) == "name" and len(parser.peek(ahead)) == 1:
        letters.append(parser.peek(ahead))
        if parser.peek(ahead + 1) == closing:
            return tuple(letters)
        if parser.peek(ahead + 1) != ",":
            return ()
        ahead += 2
    return ()


# Derivatives


def _is_differential(parser: Parser, ahead: int) -> bool:
    """Whether `df` or `∂f` stands here, where the d belongs to no declared symbol: df_dx."""
    text = parser.peek(ahead)
    if text == "∂":
        return True
    if len(text) < 2 or not text.startswith("d") or parser.kind(ahead) != "name":
        return False
    place = parser.position + ahead
    return _without_d(parser, place) is not None


def _without_d(parser: Parser, place: int) -> list[Token] | None:
    """The tokens with the d of `dx` at `place` taken off; None where no symbol is left."""
    token = parser.tokens[place]
    rest = replace(token, text=token.text[1:], start=token.start + 1)
    tokens = [*parser.tokens[:place], rest, *parser.tokens[place + 1 :]]
    match = parser.table.match(tokens, place)
    return tokens if match and match.meaning.kind == "value" else None


def _differential(parser: Parser) -> Named | None:
    """`∂x`, `d x`, `dx` with its indices, in brackets or not; None, with the place unchanged, where none stands."""
    before, tokens = parser.position, parser.tokens
    bracket = parser.peek() in ("(", "{")
    closing = {"(": ")", "{": "}"}.get(parser.peek(), "")
    parser.position += bracket
    text = parser.peek()
    if text == "∂" or (text == "d" and not parser.table.match(parser.tokens, parser.position)):
        parser.position += 1
        if parser.peek() == "{" and parser.peek(2) == "}":  # \partial{x}
            del parser.tokens[parser.position + 2], parser.tokens[parser.position]
    elif text.startswith("d") and len(text) > 1 and parser.kind() == "name":
        parser.tokens = _without_d(parser, parser.position) or tokens
        if parser.tokens is tokens:
            parser.position = before
            return None
    else:
        parser.position = before
        return None
    match = parser.table.match(parser.tokens, parser.position)
    if match is not None and match.meaning.kind == "value":
        parser.position = match.end
        named = _named(parser, match.meaning, match.script)
        if not bracket or parser.take(closing):
            return named
    parser.position, parser.tokens = before, tokens
    return None


def _inline_derivative(parser: Parser) -> Node | None:
    """`∂f/∂x_i`, `df/dx`, `dL_dx`, `(∂f)/(∂x)`."""
    if parser.peek() != "∂" and not parser.peek().startswith("d"):
        return None
    before, tokens = parser.position, parser.tokens
    of = _differential(parser)
    if of is not None and parser.peek() in ("/", "_"):
        parser.position += 1
        wrt = _differential(parser)
        if wrt is not None:
            return Derivative(of, wrt)
    parser.position, parser.tokens = before, tokens
    return None


def _gradient(parser: Parser) -> Node | None:
    """`dγ`, `∂γ` alone, `∇_γ f`: the gradient of the output."""
    before, tokens = parser.position, parser.tokens
    wrt = _below_nabla(parser) if parser.peek() == "∇" else _differential(parser)
    if wrt is None or parser.table.output is None or wrt.name == parser.table.output:
        parser.position, parser.tokens = before, tokens
        return None
    return Derivative(Named(parser.table.output), wrt)


def _below_nabla(parser: Parser) -> Named | None:
    script, end = read_script(parser.tokens, parser.position + 2)
    match = parser.table.match([Token("name", text, 0, 0) for text in script], 0)
    after = parser.table.match(parser.tokens, end)
    if parser.peek(1) != "_" or not match or match.meaning.kind != "value" or match.end < len(script):
        return None
    parser.position = after.end if after and after.meaning.name == parser.table.output else end
    return Named(match.meaning.name)


def fraction(parser: Parser) -> Node:
    """\\frac{…}{…}: a derivative, or a quotient."""
    parser.position += 1
    before, tokens = parser.position, parser.tokens
    if parser.peek() == "{":
        of = _differential(parser)
        if of is not None and parser.peek() == "{":
            wrt = _differential(parser)
            if wrt is not None:
                return Derivative(of, wrt)
    parser.position, parser.tokens = before, tokens
    top = parser.argument()
    return Divide(top, parser.argument())


def split_word(parser: Parser) -> bool:
    """Puts the symbols that a word is made of in its place: XW is X W. False, with nothing changed, where it is one word."""
    text, place = parser.peek(), parser.position
    if parser.kind() != "name" or not 2 <= len(text) <= _LONGEST_SPLIT or not text.isascii():
        return False
    token = parser.tokens[place]
    letters = [replace(token, text=letter) for letter in text]
    tokens = [*parser.tokens[:place], *letters, *parser.tokens[place + 1 :]]
    position = place
    while position < place + len(letters):
        match = parser.table.match(tokens, position)
        if match is None or match.meaning.kind not in ("value", "size", "own"):
            return False
        position = match.end
    parser.tokens = tokens
    return True
