"""Roots, functions and sums: what is applied to a bracket, in LaTeX, in plain text or as a call of NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.core.answers.formulas.symbols import read_script
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Add, Call, Divide, Node, Number, Power, Sum, Unreadable, negative, product

if TYPE_CHECKING:
    from grader.core.answers.formulas.parser import Parser

_CLOSING = {"(": ")", "[": "]", "{": "}"}
FUNCTIONS = {
    "exp": "exp", "log": "log", "ln": "log", "sqrt": "sqrt", "tanh": "tanh", "sin": "sin", "cos": "cos", "sigmoid": "sigmoid",
    "relu": "relu", "softmax": "softmax", "abs": "abs", "max": "max", "min": "min", "maximum": "max", "minimum": "min",
    "square": "square", "power": "power", "pow": "power", "dot": "matmul", "matmul": "matmul", "multiply": "multiply",
    "mm": "matmul", "mul": "multiply", "add": "add", "subtract": "subtract", "sub": "subtract", "div": "divide",
    "divide": "divide", "true_divide": "divide", "neg": "negative", "negative": "negative", "rsqrt": "rsqrt",
    "reciprocal": "reciprocal",
}  # fmt: skip


def root(parser: Parser) -> Node:
    """`\\sqrt{…}`, `\\sqrt[3]{…}`, `√x`."""
    parser.position += 1
    degree: Node = Number(2.0)
    if parser.take("["):
        degree = parser.expression()
        parser.expect("]")
    exponent = Number(0.5) if degree == Number(2.0) else Divide(Number(1.0), degree)
    return Power(parser.argument(), exponent, root=True)


def function(parser: Parser) -> Node | None:
    """`ReLU(…)`, `max(0, …)`, `np.sqrt(…)`; None where no function stands."""
    match = parser.table.match(parser.tokens, parser.position)
    if match and match.meaning.kind == "function":
        applied, end = match.meaning.name, match.end
    elif parser.kind() == "name" and parser.peek().lower() in FUNCTIONS:
        applied, end = FUNCTIONS[parser.peek().lower()], parser.position + 1
    else:
        return None
    opening = parser.tokens[end].text if end < len(parser.tokens) else ""
    if opening not in _CLOSING:
        raise Unreadable(f"it is not clear what “{parser.peek()}” is applied to")
    parser.position = end + 1
    return call(applied, arguments(parser, _CLOSING[opening]))


def arguments(parser: Parser, closing: str = ")") -> list[Node]:
    """What stands between commas, up to `closing`."""
    found: list[Node] = []
    while not parser.take(closing):
        if found:
            parser.expect(",")
            if parser.take(closing):
                break
        found.append(parser.expression())
    return found


def summation(parser: Parser) -> Node:
    """`\\sum_{i=1}^m …`, `sum_i …`, `np.sum(…, axis=0)`, `mean(…)`."""
    mean, word = parser.peek() == "mean", parser.kind() == "name"
    parser.position += 1
    index, upper = _bounds(parser)
    bracket = parser.peek() in ("(", "[")
    if word and bracket and index is None:
        return _called_sum(parser, mean)
    if word and not bracket and index is None:
        raise Unreadable("it is not clear what the sum is over")
    with parser.deeper():
        if parser.style.sum_greedy:
            body = parser.expression()
        elif parser.style.sum_tight and bracket:
            body = parser.powers(parser.group())
        else:
            body = parser.term()
    return Sum(body, index, upper, mean)


def begins_sum(parser: Parser) -> bool:
    """Whether a bracket follows the word, with or without an index: sum(…), mean_j(…)."""
    if parser.peek(1) != "_":
        return parser.peek(1) == "("
    _, end = read_script(parser.tokens, parser.position + 2)
    return end < len(parser.tokens) and parser.tokens[end].text == "("


def _bounds(parser: Parser) -> tuple[str | None, str | None]:
    """The index of a sum and the size that it runs to, as far as they are written. Raises Unreadable for other bounds."""
    index = upper = None
    lower = 1
    if parser.peek() == "over":
        parser.position += 1
        index = parser.peek()
        parser.position += 1
        parser.take("of")
    below: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    while parser.peek() in ("_", "^"):
        script, end = read_script(parser.tokens, parser.position + 1)
        below, above = (script, above) if parser.peek() == "_" else (below, script)
        parser.position = end
    if below in (("1",), ("0",)):
        lower = int(below[0])
    elif below:
        index, *rest = below
        match rest:
            case []:
                pass
            case ["=", ("0" | "1") as start]:
                lower = int(start)
            case ["∈", *_]:
                pass
            case ["=", ("0" | "1") as start, "..", *last]:
                upper, lower = _upper(parser, tuple(last), int(start)), int(start)
            case _:
                raise Unreadable(f"the bounds “{' '.join(below)}” of a sum are not understood")
    if above:
        upper = _upper(parser, above, lower)
    if index is not None and not (len(index) == 1 and index.isascii() and index.isalpha()):
        raise Unreadable(f"“{index}” is no index of a sum")
    return index, upper


def _upper(parser: Parser, script: tuple[str, ...], lower: int) -> str:
    tokens = [Token("name", text, 0, 0) for text in script]
    match = parser.table.match(tokens, 0)
    rest = script[match.end :] if match else script
    if match is None or match.meaning.kind != "size" or (rest and not (lower == 0 and rest == ("-", "1"))):
        raise Unreadable(f"the bound “{' '.join(script)}” of a sum is not understood")
    return match.meaning.name


def _called_sum(parser: Parser, mean: bool) -> Node:
    parser.position += 1
    body = parser.expression()
    if parser.peek() == "for" and parser.peek(2) in ("in", "∈"):
        index = parser.peek(1)
        while parser.peek() and parser.peek() != ")":
            parser.position += 1 + (parser.peek() == "(") * 2
        if len(index) != 1:
            raise Unreadable("the sum's index is not understood")
        parser.expect(")")
        parser.take(")")
        return Sum(body, index, None, mean)
    return Sum(body, mean=mean, called=True, axis=axis(parser))


def axis(parser: Parser, first: bool = False) -> int | None:
    """The rest of a call's arguments: `axis=0, keepdims=True)`, or `0)`."""
    axis: int | None = None
    while not parser.take(")"):
        if not first:
            parser.expect(",")
            if parser.take(")"):
                break
        first = False
        key = ""
        if parser.kind() == "name" and parser.peek(1) == "=":
            key = parser.peek()
            parser.position += 2
        sign = -1 if parser.take("-") else 1
        if key == "keepdims" and parser.peek() in ("True", "False"):
            parser.position += 1
        elif key in ("", "axis", "dim") and parser.kind() == "number" and parser.peek().isdigit():
            axis = sign * int(parser.peek())
            parser.position += 1
        else:
            raise Unreadable(f"“{parser.shown()}” is not understood")
    return axis


def call(function: str, arguments: list[Node]) -> Node:
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
        case "divide", [top, bottom]:
            return Divide(top, bottom)
        case (("add" | "subtract"), [left, right]):
            return Add((left, right), (1, 1 if function == "add" else -1))
        case "negative", [inner]:
            return negative(inner)
        case "reciprocal", [inner]:
            return Divide(Number(1.0), inner)
        case "rsqrt", [inner]:
            return Power(inner, Number(-0.5))
        case (("max" | "min"), [_, _]):
            return Call(function, tuple(arguments))
        case (("exp" | "log" | "tanh" | "sin" | "cos" | "sigmoid" | "relu" | "softmax" | "abs"), [_]):
            return Call(function, tuple(arguments))
    raise Unreadable(f"“{function}” with {len(arguments)} arguments is not understood")
