"""What a name in a formula stands for: a declared symbol with its indices, the student's own name, or prose."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.core.answers.formulas import derivatives
from grader.core.answers.formulas.symbols import Meaning, Table, read_script
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Derivative, Element, Named, Node, Unreadable, free_letters, renamed

if TYPE_CHECKING:
    from grader.core.answers.formulas.parser import Parser

_PROSE = frozenset(
    {
        "because", "since", "where", "so", "for", "as", "and", "which", "with", "by", "using", "if", "when", "that", "is", "are",
        "the", "then", "hence", "thus", "therefore", "we", "note", "here", "due", "from", "this", "it", "its", "but", "or", "not",
        "also", "means", "return", "respectively", "after", "let", "like", "see",
    }
)  # fmt: skip
_SHORT = frozenset("авзяйіуик")  # words of one letter
_LONGEST_SPLIT = 4  # letters of a word that may be several symbols: XW


def is_prose(tokens: Sequence[Token], position: int, table: Table) -> bool:
    """Whether a formula may end before `position`: at the end, or where words begin."""
    if position >= len(tokens):
        return True
    token = tokens[position]
    if token.text in ("mark", "#", "?", "!", "…", "∈") and token.kind == "op":
        return True
    if token.text in ("(", "[") and not token.math:
        return _is_aside(tokens, position + 1, table)
    return is_word(tokens, position, table)


def _is_aside(tokens: Sequence[Token], position: int, table: Table) -> bool:
    """Whether a bracket holds words only: "(chain rule)", "("bar" notation)"."""
    quoted = tokens[position].text in ('"', "“", "”", "''") if position < len(tokens) else False
    if quoted or is_word(tokens, position, table):
        return True
    words = 0
    while position < len(tokens) and tokens[position].kind == "name":
        if len(tokens[position].text) < 2 or table.match(tokens, position):
            return False
        words, position = words + 1, position + 1
    ends = tokens[position].text if position < len(tokens) else ""
    return (words > 1 and ends in (")", "]")) or (words > 0 and ends == ",")


def begins_remark(tokens: Sequence[Token], position: int, table: Table) -> bool:
    """Whether words follow a dash: "… - this is the sum"."""
    if is_word(tokens, position, table):
        return True
    two = tokens[position : position + 2]
    return len(two) == 2 and all(
        one.kind == "name" and len(one.text) > 1 and table.match(tokens, position + k) is None
        for k, one in enumerate(two)
    )


def is_word(tokens: Sequence[Token], position: int, table: Table) -> bool:
    """Whether a word of a language stands here, which is no symbol."""
    if position >= len(tokens) or tokens[position].kind != "name":
        return False
    token = tokens[position]
    if token.text in _SHORT and not token.math:
        return _is_apart(tokens, position)
    inside = position > 0 and tokens[position - 1].text == "_"  # zeros_like
    if len(token.text) < 2 or inside or table.match(tokens, position):
        return False
    if unicodedata.category(token.text[0]) == "Lo" or "а" <= token.text[0].lower() <= "ӿ":
        return True  # Hebrew, Georgian, Cyrillic
    return (token.prose or not token.math) and token.text.lower() in _PROSE


def _is_apart(tokens: Sequence[Token], position: int) -> bool:
    """Whether blanks stand on both sides."""
    token = tokens[position]
    before = position == 0 or tokens[position - 1].end < token.start or tokens[position - 1].kind == "break"
    return before and (position + 1 == len(tokens) or tokens[position + 1].start > token.end)


def name(parser: Parser) -> Node | None:
    """A derivative, or a declared symbol with its indices; None where neither stands. Raises Unreadable for a wrong index."""
    found = derivatives.inline_derivative(parser)
    if found is not None:
        return found
    match = parser.table.match(parser.tokens, parser.position)
    if match is None:
        return derivatives.gradient(parser)
    if match.meaning.kind == "function":
        return None
    parser.position = match.end
    return _resolved(parser, match.meaning, match.script)


def _resolved(parser: Parser, meaning: Meaning, script: tuple[str, ...]) -> Node:
    if meaning.kind == "own":
        return _own(parser, meaning, script)
    value = named(parser, meaning, script)
    if meaning.kind == "gradient":
        if parser.table.output is None:
            raise Unreadable("there is no output to differentiate")
        return Derivative(Named(parser.table.output), value)
    return replace(value, name="=" + value.name) if meaning.kind == "asked" else value


def _own(parser: Parser, meaning: Meaning, script: tuple[str, ...]) -> Node:
    """What the student's own name stands for, at the index that it has here."""
    assert meaning.tree is not None
    indices = _scripts(parser, script)
    if meaning.index is not None and len(indices) <= 1:
        return renamed(meaning.tree, meaning.index, indices[0] if indices else None)
    if indices and (len(indices) > 1 or not _is_index(indices[0]) or any(free_letters(meaning.tree))):
        raise Unreadable(f"“{meaning.name}” is defined without an index, and used with one")
    return Element(meaning.tree, indices[0]) if indices else meaning.tree


def _is_index(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.islower()


def named(parser: Parser, meaning: Meaning, script: tuple[str, ...]) -> Named:
    indices = _scripts(parser, script, indexed=meaning.ndim > 0)
    if not indices or meaning.ndim == 0:
        return Named(meaning.name, (), loose=bool(indices))
    if len(indices) != meaning.ndim:
        raise Unreadable(f"“{meaning.name}” has {meaning.ndim} index(es), not {len(indices)}")
    if not all(map(_is_index, indices)):
        raise Unreadable(f"the index “{''.join(indices)}” is not understood")
    return Named(meaning.name, indices)


def _scripts(parser: Parser, found: tuple[str, ...], indexed: bool = True) -> tuple[str, ...]:
    """The indices after a symbol: _i, _{i}, [i], ^{(i)}."""
    indices = found
    while True:
        if parser.peek() == "_" and not derivatives.is_differential(parser, 1):
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
