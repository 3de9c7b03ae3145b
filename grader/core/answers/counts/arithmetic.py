"""Arithmetic as students write it, parsed from tokens and evaluated exactly. Nothing of it is ever executed.

What is not understood (a letter, a function) makes the expression around it `Unread`: it has a place, but no value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from grader.core.answers.counts import numerals
from grader.core.answers.counts.numerals import Notation
from grader.core.answers.counts.tokens import Token

_LARGEST = 10**40
_HIGHEST_POWER = 40


@dataclass(frozen=True, slots=True)
class Number:
    """leading: it begins its expression. scale: 1000 in "19.6k"."""

    token: Token
    leading: bool = False
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Unread:
    pass


@dataclass(frozen=True, slots=True)
class Operation:
    """left sign right. `x`: a multiplication written as in sizes. `spaced`: a minus with blanks around it, perhaps a dash."""

    sign: str
    left: Node
    right: Node
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Torn:
    """ "20^{2}20^{3}1": bases and exponents without a sign between them, as a scanner leaves `20*20*3*1`."""

    parts: tuple[tuple[Number, Number | None], ...]


Node = Number | Unread | Operation | Torn


def evaluate(node: Node, notation: Notation, *, first: bool = True) -> Fraction | None:
    """None where something is not understood.

    first: it is the first member of a chain: of what a dash or a blank parts, the last is meant; else the first.
    """
    match node:
        case Number(token=token, leading=leading, scale=scale):
            return numerals.value(token.text, notation, leading=leading and first) * scale
        case Operation(sign="-", left=left, right=right, spaced=True) if notation.dash:
            return evaluate(right if first else left, notation, first=first)
        case Operation(sign=sign, left=left, right=right):
            a, b = evaluate(left, notation, first=first), evaluate(right, notation, first=first)
            return None if a is None or b is None else _apply(sign, a, b)
        case Torn(parts=parts):
            return _torn(parts, notation)
    return None


def _apply(sign: str, a: Fraction, b: Fraction) -> Fraction | None:
    match sign:
        case "+":
            found = a + b
        case "-":
            found = a - b
        case "*" | "x":
            found = a * b
        case "/":
            if not b:
                return None
            found = a / b
        case _:
            if b.denominator != 1 or not 0 <= b <= _HIGHEST_POWER or abs(a) > _LARGEST:
                return None
            found = a ** int(b)
    return found if abs(found.numerator) <= _LARGEST and found.denominator <= _LARGEST else None


def _torn(parts: tuple[tuple[Number, Number | None], ...], notation: Notation) -> Fraction | None:
    product: Fraction | None = Fraction(1)
    for place, (base, exponent) in enumerate(parts):
        factor: Fraction | None = numerals.value(base.token.text, notation)
        if exponent is not None and factor is not None:
            how = notation.torn[place] if place < len(notation.torn) else "power"
            if how == "power":
                factor = _apply("^", factor, numerals.value(exponent.token.text, notation))
            elif how == "times":
                factor = factor * numerals.value(exponent.token.text, notation)
        if factor is None or product is None:
            return None
        product = _apply("*", product, factor)
    return product


def parts(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    match node:
        case Operation(left=left, right=right):
            yield from parts(left)
            yield from parts(right)


def terms(node: Node) -> list[Node]:
    """What is added up, in order; the node alone when nothing is."""
    if isinstance(node, Operation) and node.sign == "+":
        return terms(node.left) + terms(node.right)
    return [node]


def factors(node: Node) -> list[Node]:
    if isinstance(node, Operation) and node.sign in "*x":
        return factors(node.left) + factors(node.right)
    return [node]


def place(node: Node) -> tuple[int, int] | None:
    """(start, end) of its numbers in the text."""
    tokens = [part.token for part in parts(node) if isinstance(part, Number)]
    tokens += [base.token for part in parts(node) if isinstance(part, Torn) for base, _ in part.parts]
    return (min(token.start for token in tokens), max(token.end for token in tokens)) if tokens else None
