"""Tokens to trees: a small grammar of what students write, with a `Style` where the notation leaves two ways to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.core.answers.formulas import names
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import (
    Call,
    Divide,
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

_DEEPEST, _LONGEST, _LARGEST = 40, 600, 500  # brackets, tokens, nodes
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_JOINS = frozenset({"·", "*", "@", "o"})
_TIMES = frozenset({"x", "X", "times"})  # where they are no symbols
_FUNCTIONS = {
    "exp": "exp", "log": "log", "ln": "log", "sqrt": "sqrt", "tanh": "tanh", "sin": "sin", "cos": "cos", "sigmoid": "sigmoid",
    "relu": "relu", "softmax": "softmax", "abs": "abs", "max": "max", "min": "min", "maximum": "max", "minimum": "min",
    "square": "square", "power": "power", "pow": "power", "dot": "matmul", "matmul": "matmul", "multiply": "multiply",
    "mm": "matmul",
}  # fmt: skip
_METHODS = frozenset(
    {"sum", "mean", "dot", "matmul", "mm", "sqrt", "exp", "log", "square", "pow", "relu", "tanh", "sigmoid", "abs"}
)
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


PLAIN = Style()
STYLES = (
    PLAIN,
    Style(sum_tight=True),
    Style(slash_tight=True),
    Style(loose_exponent=True),
    Style(sum_greedy=True),
    Style(sum_tight=True, slash_tight=True),
    Style(sum_tight=True, loose_exponent=True),
)


def parse(tokens: Sequence[Token], table: Table, style: Style = PLAIN) -> Node:
    """The whole of `tokens`, but for prose after the formula. Raises Unreadable."""
    if len(tokens) > _LONGEST:
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

    # Expressions

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("the formula is nested too deeply")
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
        self._depth -= 1
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
        while self._begins() and not self.at_prose():
            factors.append(self.factor())
        return product(factors, [""] * (len(factors) - 1))

    def factor(self) -> Node:
        if self.peek() in ("-", "+"):
            minus = self.peek() == "-"
            self.position += 1
            self._depth += 1
            if self._depth > _DEEPEST:
                raise Unreadable("the formula is nested too deeply")
            inner = self.factor()
            self._depth -= 1
            return negative(inner) if minus else inner
        return self._powers(self.atom())

    def _powers(self, base: Node) -> Node:
        while True:
            if self.take("^"):
                base = self._raised(base)
            elif self.peek() == "." and self.kind(1) == "name":
                base = self._method(base)
            else:
                return base

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
            return Sum(base, mean=name == "mean", called=True, axis=self._axis(first=True))
        arguments = [base, *self._arguments()]
        return _call(_FUNCTIONS[name], arguments)

    # Atoms

    def atom(self) -> Node:
        text, kind = self.peek(), self.kind()
        if kind == "number":
            self.position += 1
            return Number(float(text))
        if text in _CLOSING and kind == "op":
            return self.group()
        if text == "\\frac":
            return names.fraction(self)
        if text == "\\sqrt":
            return self._root()
        if text in _SUMS and (self.peek(1) == "(" or not self.table.match(self.tokens, self.position)):
            return self._sum()
        named = names.name(self)
        if named is not None:
            return named
        if kind == "name" and text in ("e", "E") and self.peek(1) == "^":
            self.position += 2
            return Call("exp", (self._script_value(),))
        function = self._function()
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
        closing = _CLOSING[self.peek()]
        self.position += 1
        inner = self.expression()
        self.expect(closing)
        return inner

    def argument(self) -> Node:
        """Of a command: a group in braces, or one symbol or digit."""
        return self.group() if self.peek() in _CLOSING else self.atom()

    def _root(self) -> Node:
        self.position += 1
        degree: Node = Number(2.0)
        if self.take("["):
            degree = self.expression()
            self.expect("]")
        exponent = Number(0.5) if degree == Number(2.0) else Divide(Number(1.0), degree)
        return Power(self.argument(), exponent, root=True)

    def _function(self) -> Node | None:
        """`ReLU(…)`, `max(0, …)`, `np.sqrt(…)`; None where no function stands."""
        match = self.table.match(self.tokens, self.position)
        if match and match.meaning.kind == "function":
            function, end = match.meaning.name, match.end
        elif self.kind() == "name" and self.peek().lower() in _FUNCTIONS:
            function, end = _FUNCTIONS[self.peek().lower()], self.position + 1
        else:
            return None
        opening = self.tokens[end].text if end < len(self.tokens) else ""
        if opening not in _CLOSING:
            raise Unreadable(f"it is not clear what “{self.peek()}” is applied to")
        self.position = end + 1
        return _call(function, self._arguments(_CLOSING[opening]))

    def _arguments(self, closing: str = ")") -> list[Node]:
        arguments: list[Node] = []
        while not self.take(closing):
            if arguments:
                self.expect(",")
                if self.take(closing):
                    break
            arguments.append(self.expression())
        return arguments

    # Sums

    def _sum(self) -> Node:
        mean, word = self.peek() == "mean", self.kind() == "name"
        self.position += 1
        index, upper = names.bounds(self)
        bracket = self.peek() in ("(", "[")
        if word and bracket and index is None:
            return self._called_sum(mean)
        if word and not bracket and index is None:
            raise Unreadable("it is not clear what the sum is over")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("the formula is nested too deeply")
        if self.style.sum_greedy:
            body = self.expression()
        elif self.style.sum_tight and bracket:
            body = self._powers(self.group())
        else:
            body = self.term()
        self._depth -= 1
        return Sum(body, index, upper, mean)

    def _called_sum(self, mean: bool) -> Node:
        self.position += 1
        body = self.expression()
        if self.peek() == "for" and self.peek(2) in ("in", "∈"):
            index = self.peek(1)
            while self.peek() and self.peek() != ")":
                self.position += 1 + (self.peek() == "(") * 2
            if len(index) != 1:
                raise Unreadable("the sum's index is not understood")
            self.expect(")")
            self.take(")")
            return Sum(body, index, None, mean)
        return Sum(body, mean=mean, called=True, axis=self._axis())

    def _axis(self, first: bool = False) -> int | None:
        """The rest of a call's arguments: `axis=0, keepdims=True)`, or `0)`."""
        axis: int | None = None
        while not self.take(")"):
            if not first:
                self.expect(",")
                if self.take(")"):
                    break
            first = False
            key = ""
            if self.kind() == "name" and self.peek(1) == "=":
                key = self.peek()
                self.position += 2
            sign = -1 if self.take("-") else 1
            if key == "keepdims" and self.peek() in ("True", "False"):
                self.position += 1
            elif key in ("", "axis", "dim") and self.kind() == "number" and self.peek().isdigit():
                axis = sign * int(self.peek())
                self.position += 1
            else:
                raise Unreadable(f"“{self.shown()}” is not understood")
        return axis


def _call(function: str, arguments: list[Node]) -> Node:
    match function, arguments:
        case "sqrt", [inner]:
            return Power(inner, Number(0.5), root=True)
        case "square", [inner]:
            return Power(inner, Number(2.0))
        case "power", [base, exponent]:
            return Power(base, exponent)
        case "matmul", [left, right]:
            return product([left, right], ["@"])
        case "multiply", [left, right]:
            return product([left, right], ["*"])
        case (("max" | "min"), [_, _]):
            return Call(function, tuple(arguments))
        case (("exp" | "log" | "tanh" | "sin" | "cos" | "sigmoid" | "relu" | "softmax" | "abs"), [_]):
            return Call(function, tuple(arguments))
    raise Unreadable(f"“{function}” with {len(arguments)} arguments is not understood")
