"""Derivatives: ∂f/∂x_i in one line or as a fraction, df_dx, ∂/∂x f, ∇_x f, dx alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.core.answers.formulas import names
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Derivative, Divide, Named, Node

if TYPE_CHECKING:
    from grader.core.answers.formulas.parser import Parser

_CLOSING = {"(": ")", "{": "}", "[": "]"}


def is_differential(parser: Parser, ahead: int) -> bool:
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
    closing = ""
    if parser.peek() in _CLOSING:
        closing = _CLOSING[parser.peek()]
        parser.position += 1
    if _is_sign(parser):
        parser.position += 1
        if parser.peek() == "{":  # \partial{x}
            closing = "}" + closing
            parser.position += 1
    else:
        shorter = _without_d(parser, parser.position) if parser.peek().startswith("d") else None
        if shorter is None:
            parser.position = before
            return None
        parser.tokens = shorter
    found = _symbol(parser)
    if found is not None and all(parser.take(one) for one in closing):
        return found
    parser.position, parser.tokens = before, tokens
    return None


def _is_sign(parser: Parser) -> bool:
    """∂, or a d or δ that is no symbol."""
    text = parser.peek()
    return text == "∂" or (text in ("d", "delta") and not parser.table.match(parser.tokens, parser.position))


def _symbol(parser: Parser) -> Named | None:
    """A declared value with its indices; None, with the place unchanged, where none stands."""
    match = parser.table.match(parser.tokens, parser.position)
    if match is None or match.meaning.kind != "value":
        return None
    parser.position = match.end
    return names.named(parser, match.meaning, match.script)


def inline_derivative(parser: Parser) -> Node | None:
    """`∂f/∂x_i`, `df/dx`, `dL_dx`, `(∂f)/(∂x)`, `∂/∂x f`."""
    if not _is_sign(parser) and parser.peek() != "(" and not parser.peek().startswith("d"):
        return None
    before, tokens = parser.position, parser.tokens
    of = _differential(parser)
    if of is not None and parser.peek() in ("/", "_"):
        parser.position += 1
        wrt = _differential(parser)
        if wrt is not None:
            return Derivative(of, wrt)
    parser.position, parser.tokens = before, tokens
    if _is_sign(parser) and parser.peek(1) == "/":
        parser.position += 2
        found = _operator(parser)
        if found is not None:
            return found
    parser.position, parser.tokens = before, tokens
    return None


def _operator(parser: Parser) -> Derivative | None:
    """The rest of `∂/∂x f`, after the stroke or between the braces."""
    wrt = _differential(parser)
    closing = _CLOSING.get(parser.peek(), "")
    parser.position += bool(closing)
    of = _symbol(parser)
    if wrt is None or of is None or of.name == wrt.name or (closing and not parser.take(closing)):
        return None
    return Derivative(of, wrt)


def gradient(parser: Parser) -> Node | None:
    """`dγ`, `∂γ` alone, `∇_γ f`, `∂_γ f`: the gradient of the output."""
    before, tokens = parser.position, parser.tokens
    output = parser.table.output
    if parser.peek() in ("∇", "∂") and parser.peek(1) == "_":
        wrt = _below(parser)
        after = parser.table.match(parser.tokens, parser.position)
        if after and after.meaning.name == output:
            parser.position = after.end
        elif wrt is not None and tokens[before].text == "∂":
            wrt = None
    else:
        wrt = _differential(parser)
    if wrt is None or output is None or wrt.name == output:
        parser.position, parser.tokens = before, tokens
        return None
    return Derivative(Named(output), wrt)


def _below(parser: Parser) -> Named | None:
    """The symbol in ∇_γ, ∇_{x_i}."""
    parser.position += 2
    if not parser.take("{"):
        match = parser.table.match(parser.tokens[: parser.position + 1], parser.position)
        parser.position += 1
        return Named(match.meaning.name) if match and match.meaning.kind == "value" else None
    found = _symbol(parser)
    return found if found is not None and parser.take("}") else None


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
        if parser.peek(1) in ("∂", "d") and parser.peek(2) == "}":
            parser.position += 3
            applied = _operator(parser)
            if applied is not None:
                return applied
    parser.position, parser.tokens = before, tokens
    top = parser.argument()
    return Divide(top, parser.argument())
