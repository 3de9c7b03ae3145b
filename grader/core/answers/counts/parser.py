"""From tokens to arithmetic: a recursive descent that gives up instead of guessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.core.answers.counts.arithmetic import Node, Number, Operation, Torn, Unread
from grader.core.answers.counts.tokens import Token, superscript

_UNIT_WORDS = 3  # "901 weights each * 200"
_ANNOTATION = 14  # tokens of a remark in brackets: "2800 (first layer) + …"
_DEEPEST = 40
_CLOSING = {"(": ")", "{": "}"}
_MOST_OPERATIONS = 250  # of one expression
_SCALES = {"k": 1000, "K": 1000, "тис": 1000, "M": 10**6, "млн": 10**6}
_END = Token("break", "", -1, -1)


@dataclass(frozen=True, slots=True)
class Parsed:
    """`after`: the first token behind it. units: words were passed over ("27 weights + 1 bias")."""

    node: Node
    after: int
    units: bool = False


def _heights(tokens: Sequence[Token]) -> dict[int, int]:
    """Of every bracket that is closed: how many are nested inside it."""
    found: dict[int, int] = {}
    opened: list[tuple[int, str, int]] = []  # its place, what closes it, the height so far
    for place, token in enumerate(tokens):
        if token.kind in _CLOSING:
            opened.append((place, _CLOSING[token.kind], 0))
        elif opened and token.kind == opened[-1][1]:
            at, _, height = opened.pop()
            found[at] = height
            if opened:
                opened[-1] = (*opened[-1][:2], max(opened[-1][2], height + 1))
        elif token.kind in (")", "}"):
            opened.clear()
    return found


class Parser:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.remarks: set[tuple[int, int]] = set()
        """Brackets with words in them that were passed over: (first, past the last) token inside."""
        self._units = False
        self._first = 0
        self._operations = 0
        self._heights = _heights(tokens)

    def at(self, index: int) -> Token:
        return self.tokens[index] if 0 <= index < len(self.tokens) else _END

    def parse(self, index: int) -> Parsed | None:
        """The longest expression that begins at token `index`; None if none does."""
        self._units, self._first, self._operations = False, index, 0
        found = self._sum(index, 0)
        return Parsed(*found, self._units) if found else None

    def _sum(self, index: int, depth: int) -> tuple[Node, int] | None:
        found = self._product(index, depth)
        while found:
            node, after = found
            sign_at = self._operator(after, "+-", depth)
            if sign_at is None:
                return found
            sign, start = self.at(sign_at), self.past_lines(sign_at + 1)
            spaced = self.at(sign_at - 1).end < sign.start and sign.end < self.at(start).start
            if sign.kind == "-" and spaced and self.at(start).kind not in ("number", "(", "{", "fraction"):
                return found  # a dash between words
            right = self._product(start, depth)
            if right is None or not self._may_go_on():
                return Unread(), sign_at + 1
            found = Operation(sign.kind, node, right[0], spaced), right[1]
        return None

    def _product(self, index: int, depth: int) -> tuple[Node, int] | None:
        found = self._power(index, depth)
        while found:
            node, after = found
            sign_at = self._operator(after, "*x/", depth)
            if sign_at is not None:
                right = self._power(self.past_lines(sign_at + 1), depth)
                if right is None or not self._may_go_on():
                    return Unread(), sign_at + 1
                found = Operation(self.at(sign_at).kind, node, right[0]), right[1]
            elif self._implied(after):
                right = self._power(after, depth)
                if right is None or not self._may_go_on():
                    return found
                found = Operation("*", node, right[0]), right[1]
            else:
                return found
        return None

    def _may_go_on(self) -> bool:
        """Whether the expression, whose tree is as deep as it is long, may have one more operation."""
        self._operations += 1
        return self._operations <= _MOST_OPERATIONS

    def _implied(self, after: int) -> bool:
        """ "100(27+1)" and "(27+1)100", without a blank: "2800 (28*100)" is a remark."""
        before, token = self.at(after - 1), self.at(after)
        if before.end != token.start:
            return False
        return (token.kind == "(" and before.kind in ("number", ")", "}")) or (
            token.kind == "number" and before.kind == ")"
        )

    def _power(self, index: int, depth: int) -> tuple[Node, int] | None:
        found = self._atom(index, depth)
        if found is None:
            return None
        node, after = found
        torn: list[tuple[Number, Number | None]] = []
        while True:
            exponent = self._exponent(after, depth)
            if exponent is None:
                break
            power, behind = exponent
            following = self.at(behind)
            if (
                isinstance(node, Number)
                and isinstance(power, Number)
                and following.kind == "number"
                and self.at(behind - 1).end == following.start
                and len(torn) < 4
            ):
                torn.append((node, power))
                node, after = Number(following), behind + 1
                continue
            if torn and isinstance(node, Number) and isinstance(power, Number):
                return Torn((*torn, (node, power))), behind
            return Operation("^", node, power), behind
        if torn and isinstance(node, Number):
            return Torn((*torn, (node, None))), after
        return node, after

    def _exponent(self, index: int, depth: int) -> tuple[Node, int] | None:
        token = self.at(index)
        if token.kind == "superscript":
            value = str(superscript(token.text))
            return Number(Token("number", value, token.start, token.end)), index + 1
        return (self._atom(index + 1, depth) or (Unread(), index + 1)) if token.kind == "^" else None

    def _atom(self, index: int, depth: int) -> tuple[Node, int] | None:
        if depth > _DEEPEST:
            return None
        token = self.at(index)
        match token.kind:
            case "number":
                node: Node = Number(token, leading=index == self._first)
                following = self.at(index + 1)
                if following.kind == "word" and following.text in _SCALES and following.start - token.end <= 1:
                    node, index = Number(token, scale=_SCALES[following.text]), index + 1
                return self._annotated(node, index + 1)
            case "word" | "x":
                index += 1
                while self.at(index).kind in ("subscript", "superscript"):
                    index += 1
                if self.at(index).kind == "number":
                    index += 1  # "layer 2 + layer 3"
                return Unread(), index
            case "(" | "{":
                if depth + self._heights.get(index, _DEEPEST) >= _DEEPEST:
                    return None
                inside = self._sum(self.past_lines(index + 1), depth + 1)
                if inside is None or self.at(self.past_lines(inside[1])).kind != _CLOSING[token.kind]:
                    return None
                return self._annotated(inside[0], self.past_lines(inside[1]) + 1)
            case "fraction":
                top = self._atom(index + 1, depth + 1)
                bottom = self._atom(top[1], depth + 1) if top else None
                return (Operation("/", top[0], bottom[0]), bottom[1]) if top and bottom else None
            case "brace":
                return self._atom(index + 1, depth + 1)
        return None

    def _annotated(self, node: Node, after: int) -> tuple[Node, int]:
        """Passes over subscripts: `28_{\\text{weights}}`."""
        while self.at(after).kind == "subscript":
            after += 1
        return node, after

    def _operator(self, index: int, signs: str, depth: int) -> int | None:
        """Where one of `signs` follows, right away or behind words that name a unit or a remark in brackets."""
        line = self.past_lines(index) if depth else index
        if self.at(line).kind in signs:
            return line
        behind = self.past_words(index)
        if behind == index or self.at(behind).kind not in signs or self.at(behind).kind in "-/":
            return None
        if self.at(self.past_lines(behind + 1)).kind not in ("number", "(", "{", "brace", "fraction"):
            return None
        self._units = True
        return behind

    def past_words(self, index: int) -> int:
        """Behind units and remarks in brackets, from the end of a number on."""
        start = index
        while self.at(index).kind in ("word", "subscript") and index - start < _UNIT_WORDS:
            index += 1
        if self.at(index).kind == "(":
            close = next((at for at in range(index, index + _ANNOTATION) if self.at(at).kind == ")"), None)
            inside = [self.at(at).kind for at in range(index, close or index)]
            if close is not None and "word" in inside and "line" not in inside:
                self.remarks.add((index + 1, close))
                return close + 1
        return index

    def past_lines(self, index: int) -> int:
        while self.at(index).kind == "line":
            index += 1
        return index
