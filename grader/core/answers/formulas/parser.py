"""Tokens to trees: a small grammar of what students write, with a `Style` where the notation leaves two ways to read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product as product_of

from grader.core.answers.formulas import calls, derivatives, names
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import (
    Call,
    Divide,
    Element,
    Node,
    Number,
    Power,
    Sum,
    Transpose,
    Unreadable,
    add,
    negative,
    nodes,
    product,
)

_DEEPEST, LONGEST, _LARGEST = 40, 600, 500  # brackets, tokens, nodes
CLOSING = {"(": ")", "[": "]", "{": "}"}
_JOINS = frozenset({"·", "*", "@", "o"})
_TIMES = frozenset({"x", "X", "times"})  # where they are no symbols
_METHODS = frozenset(
    {"sum", "mean", "dot", "matmul", "mm", "sqrt", "exp", "log", "square", "pow", "relu", "tanh", "sigmoid", "abs",
     "add", "sub", "subtract", "mul", "multiply", "div", "divide", "neg", "rsqrt", "reciprocal"}
)  # fmt: skip
_SUMS = frozenset({"\\sum", "sum", "Sum", "mean"})


@dataclass(frozen=True)
class Style:
    """slash_tight: 1/2m is 1/(2m). loose_exponent: v^-1/2 is v^(-1/2). sum_tight: a sum takes only the bracket that follows it.
    sum_greedy: a sum takes all that follows, across + and -.
    """

    slash_tight: bool = False
    loose_exponent: bool = False
    sum_tight: bool = False
    sum_greedy: bool = False

    def liberties(self) -> int:
        return self.slash_tight + self.loose_exponent + self.sum_tight + self.sum_greedy


PLAIN = Style()
STYLES = tuple(
    sorted(
        (Style(*chosen) for chosen in product_of((False, True), repeat=4) if not (chosen[2] and chosen[3])),
        key=Style.liberties,
    )
)
"""The plainest first."""


def parse(tokens: Sequence[Token], table: Table, style: Style = PLAIN) -> Node:
    """The whole of `tokens`, but for prose after the formula. Raises Unreadable."""
    if len(tokens) > LONGEST:
        raise Unreadable("the formula is too long")
    parser = Parser(list(tokens), table, style)
    tree = parser.expression()
    if not parser.at_prose():
        raise Unreadable(f"“{parser.shown()}” is not understood")
    if len(nodes(tree)) > _LARGEST:
        raise Unreadable("the formula is too long")
    return tree


class Parser:
    def __init__(self, tokens: list[Token], table: Table, style: Style) -> None:
        self.tokens = [token for token in tokens if token.text != "gap"]
        self.table = table
        self.style = style
        self.position = 0
        self._depth = 0

    # Looking ahead

    def peek(self, ahead: int = 0) -> str:
        """The text of a token; empty after the last."""
        place = self.position + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def kind(self, ahead: int = 0) -> str:
        place = self.position + ahead
        return self.tokens[place].kind if place < len(self.tokens) else ""

    def shown(self) -> str:
        """What stands here, for a message."""
        rest = self.tokens[self.position : self.position + 4]
        return " ".join(token.text.lstrip("\\") for token in rest) or "the end of the formula"

    def take(self, text: str) -> bool:
        found = self.peek() == text and self.kind() != "number"
        self.position += found
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise Unreadable(f"“{text}” is missing before “{self.shown()}”")

    def at_prose(self) -> bool:
        """Whether the formula may end here."""
        return names.is_prose(self.tokens, self.position, self.table)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One more formula inside another. Raises Unreadable where there are too many."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("the formula is nested too deeply")
        yield
        self._depth -= 1

    # Expressions

    def expression(self) -> Node:
        with self.deeper():
            terms, signs, sign = [], [], 1
            while self.peek() in ("+", "-"):
                sign = -sign if self.peek() == "-" else sign
                self.position += 1
            terms.append(self.term())
            signs.append(sign)
            while self.peek() in ("+", "-", "plus", "minus"):
                signs.append(1 if self.peek() in ("+", "plus") else -1)
                self.position += 1
                terms.append(self.term())
        return add(terms, signs)

    def term(self) -> Node:
        factors, joins = [self.factor()], []
        while True:
            join = self._join()
            if join is None:
                return product(factors, joins)
            if join == "/":
                factors, joins = [Divide(product(factors, joins), self._divisor())], []
            else:
                joins.append(join)
                factors.append(self.factor())

    def _join(self) -> str | None:
        """What stands between two factors; "" for nothing; None where the term ends."""
        text = self.peek()
        if text in _JOINS or text == "/":
            self.position += 1
            return text
        if text in _TIMES and not self.table.match(self.tokens, self.position) and self._begins(1):
            self.position += 1
            return "·"
        return "" if self._begins() and not self.at_prose() else None

    def _begins(self, ahead: int = 0) -> bool:
        """Whether a factor begins here."""
        if self.kind(ahead) in ("number", "name"):
            return True
        return self.peek(ahead) in {"(", "[", "{", "\\frac", "\\sqrt", "\\sum", "∂"}

    def _divisor(self) -> Node:
        divisor = self.factor()
        if not self.style.slash_tight:
            return divisor
        factors = [divisor]
        while self._begins() and self.peek() not in _SUMS and not self.at_prose():
            factors.append(self.factor())
        return product(factors, [""] * (len(factors) - 1))

    def factor(self) -> Node:
        if self.peek() in ("-", "+"):
            minus = self.peek() == "-"
            self.position += 1
            with self.deeper():
                inner = self.factor()
            return negative(inner) if minus else inner
        return self.powers(self.atom())

    def powers(self, base: Node) -> Node:
        """With the exponents and methods that follow it."""
        while True:
            if self.take("^"):
                base = self._raised(base)
            elif self.peek() == "." and self.kind(1) == "name":
                base = self._method(base)
            elif (index := self._index_of_bracket()) is not None:
                base = Element(base, index)
            else:
                return base

    def _index_of_bracket(self) -> str | None:
        """(…)_i, (…)_{i}, (…)[i]: the index, which is passed."""
        closed = self.position > 0 and self.tokens[self.position - 1].text in (")", "]")
        if not closed or self.peek() not in ("_", "["):
            return None
        braced = self.peek() == "_" and self.peek(1) == "{"
        index, closing = self.peek(1 + braced), "]" if self.peek() == "[" else "}" if braced else ""
        if (
            len(index) != 1
            or not index.isascii()
            or not index.islower()
            or (closing and self.peek(2 + braced) != closing)
        ):
            return None
        self.position += 2 + braced + bool(closing)
        return index

    def _raised(self, base: Node) -> Node:
        inner = [self.peek(), self.peek(1), self.peek(2)]
        if inner[0] == "T" or (inner[0] == "{" and inner[1] == "T" and inner[2] == "}"):
            if isinstance(base, Number):
                raise Unreadable("a transposed number, perhaps a vector of ones, is not understood")
            self.position += 1 if inner[0] == "T" else 3
            return Transpose(base)
        if self.take("{"):
            exponent = self.expression()
            self.expect("}")
            return Power(base, exponent)
        sign = 1
        while self.peek() in ("-", "+"):
            sign = -sign if self.peek() == "-" else sign
            self.position += 1
        exponent = self.atom()
        if self.style.loose_exponent and self.peek() == "/" and self.kind(1) == "number":
            self.position += 1
            exponent = Divide(exponent, self.atom())
        return Power(base, exponent if sign > 0 else negative(exponent))

    def _method(self, base: Node) -> Node:
        name = self.peek(1)
        self.position += 2
        if name in ("T", "t", "transpose"):
            if self.take("("):
                self.expect(")")
            return Transpose(base)
        if name not in _METHODS or not self.take("("):
            raise Unreadable(f"“.{name}” is not understood")
        if name in ("sum", "mean"):
            return Sum(base, mean=name == "mean", called=True, axis=calls.axis(self, first=True))
        arguments = [base, *calls.arguments(self)]
        return calls.call(calls.FUNCTIONS[name], arguments)

    # Atoms

    def atom(self) -> Node:
        text, kind = self.peek(), self.kind()
        if kind == "number":
            self.position += 1
            return Number(float(text))
        if text in CLOSING and kind == "op":
            return self.group()
        if text == "\\frac":
            return derivatives.fraction(self)
        if text == "\\sqrt":
            return calls.root(self)
        if text in _SUMS and (calls.begins_sum(self) or not self.table.match(self.tokens, self.position)):
            return calls.summation(self)
        named = names.name(self)
        if named is not None:
            return named
        if kind == "name" and text in ("e", "E") and self.peek(1) == "^":
            self.position += 2
            return Call("exp", (self._script_value(),))
        function = calls.function(self)
        if function is not None:
            return function
        if names.split_word(self):
            return self.atom()
        raise Unreadable(f"“{self.shown()}” is not understood")

    def _script_value(self) -> Node:
        raised = self._raised(Number(0.0))
        if not isinstance(raised, Power):
            raise Unreadable("an exponent is not understood")
        return raised.exponent

    def group(self) -> Node:
        closing = CLOSING[self.peek()]
        self.position += 1
        inner = self.expression()
        self.expect(closing)
        return inner

    def argument(self) -> Node:
        """Of a command: a group in braces, or one symbol or digit."""
        return self.group() if self.peek() in CLOSING else self.atom()
