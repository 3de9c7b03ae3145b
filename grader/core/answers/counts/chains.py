"""Chains of equalities: `(3·3·3+1)·100 = 28·100 = 2800`, each side a member, every pair of neighbours a claim to verify."""

from __future__ import annotations

from collections.abc import Sequence

from grader.core.answers.counts.arithmetic import Node, Number, Operation
from grader.core.answers.counts.equalities import Chain, Side, verified
from grader.core.answers.counts.parser import Parsed, Parser
from grader.core.answers.counts.tokens import Token

_BEGIN = ("number", "(", "{", "fraction", "brace")
_SIGNS = ("*", "x", "/", "^", "+", "-")
_MEANS = frozenset(
    {"is", "are", "equals", "equal", "to", "gives", "makes", "yields", "рівно", "рівна", "рівне", "рівні", "дорівнює",
     "дорівнюють", "дає", "שווה", "שווים", "ל", "נותן", "נותנים"}
)  # fmt: skip
_JOINS = frozenset({"and", "plus", "та", "і", "й", "и", "плюс", "ו"})
_MOST_MEMBERS, _MOST_CHAINS = 40, 600
_LABEL = 30  # "Layer 2 = …", "conv 5 = …": a small number behind a word names something


def read_chains(tokens: Sequence[Token]) -> list[Chain]:
    """In the order of the text; what stands in brackets within a chain comes after it."""
    parser, chains, index = Parser(tokens), [], 0
    while index < len(tokens) and len(chains) < _MOST_CHAINS:
        found = _chain(parser, index) if tokens[index].kind in _BEGIN else None
        if found is None:
            index += 1
            continue
        chain, index = found
        chains += [chain] if chain else []
    for first, last in sorted(parser.remarks):
        chains += read_chains(tokens[first:last])
    return chains


def _chain(parser: Parser, index: int) -> tuple[Chain | None, int] | None:
    parsed = parser.parse(index)
    if parsed is None:
        return None
    whole, sure = _begins(parser, index)
    if parsed.units and parser.at(index - 1).kind == "word":
        sure = False  # "layer 1 kernel + 1 bias = 28 weights"
    sides = [_side(parser, index, parsed.node if whole else None, parsed)]
    links: list[str] = []
    after = parsed.after
    while len(sides) < _MOST_MEMBERS:
        link = _link(parser, after, sides[-1])
        if link is None:
            break
        kind, behind = link
        following = parser.parse(behind)
        if following is None:
            following_sign = _next_sign(parser, behind)
            if following_sign is None:
                break
            sides.append(Side(None, parser.at(behind).start, parser.at(max(behind, following_sign - 1)).end))
            links.append(kind)
            after = following_sign
            continue
        sides.append(_side(parser, behind, following.node, following))
        links.append(kind)
        after = following.after
    if len(sides) == 1 and sides[0].node is None:
        return None, after
    return verified(sides, links, sure, _is_label(parser, index, sides)), max(after, index + 1)


def _begins(parser: Parser, index: int) -> tuple[bool, bool]:
    """(nothing of the expression stands before it, it is surely no rest of one)."""
    before, token = parser.at(index - 1), parser.at(index)
    if before.kind in _SIGNS:
        starts_line = parser.at(index - 2).kind in ("line", "break")
        apart = before.end < token.start
        if starts_line and apart and before.text in ("-", "*"):
            return True, True  # a bullet
        if (
            before.kind == "-"
            and apart
            and parser.at(index - 2).end < before.start
            and parser.at(index - 2).kind == "word"
        ):
            return True, False  # a dash behind a word, or a letter minus something
        return False, False
    if before.kind in ("subscript", "superscript", "}") or (before.text.startswith("\\") and "{" not in before.text):
        return False, False  # the end of something like a sum's limits
    if before.kind in ("word", ")") and before.end == token.start:
        return False, False
    if before.kind == "word" and before.text.lower() in _JOINS and parser.at(index - 2).kind in ("number", ")"):
        return True, False  # "7x1 and 1x7 = 14"
    return True, True


def _side(parser: Parser, index: int, node: Node | None, parsed: Parsed) -> Side:
    behind, after = parser.at(parsed.after), parsed.after
    if behind.text == "%" or (behind.kind in _SIGNS and behind.kind != "-"):
        node = None  # a share, or something goes on that was not understood
    return Side(node, parser.at(index).start, parser.at(max(index, after - 1)).end, parsed.units)


def _link(parser: Parser, after: int, side: Side) -> tuple[str, int] | None:
    """The equality sign behind a member, also behind units, on the next line, or as words: (kind, what follows it)."""
    at = after
    while parser.at(at).kind == "word" and parser.at(at).text.lower() in _MEANS:
        at += 1
    if at > after and isinstance(side.node, Operation) and parser.at(at).kind in _BEGIN:
        return "is", at
    for start in (after, parser.past_words(after)):
        if start > after and parser.at(start - 1).name:
            return None  # "2800 layer 2 = …"
        at = parser.past_lines(start)
        if parser.at(at).kind in ("=", "≈"):
            kind = parser.at(at).kind
            at = parser.past_lines(at + 1)
            if parser.at(at).kind in ("=", "≈"):  # "= \\ &=" or "= ~"
                kind, at = ("≈" if "≈" in (kind, parser.at(at).kind) else "="), parser.past_lines(at + 1)
            return kind, at
    return None


def _next_sign(parser: Parser, index: int) -> int | None:
    """The next equality sign before anything ends: what lies between is a member that cannot be read."""
    for at in range(index, index + 30):
        if parser.at(at).kind in ("=", "≈"):
            return at
        if parser.at(at).kind in ("line", "break"):
            return None
    return None


def _is_label(parser: Parser, index: int, sides: list[Side]) -> bool:
    """Whether the first member only numbers what is said: "Layer 2 = …", "3 = …"."""
    token = parser.at(index)
    short = len(sides) > 1 and isinstance(sides[0].node, Number) and token.text.isdigit() and int(token.text) <= _LABEL
    before = parser.at(index - 1)
    return short and (before.kind in ("word", "line", "(") or (before.kind == "break" and before.text != ":"))
