"""The sides of an equation: what it says of what."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Derivative, Named, Node, Unreadable

_LONGEST_LEFT = 24  # tokens


@dataclass
class Chain:
    """left: the tree of the left side, None for a formula that stands alone. name: where the left side is a name of the
    student's own, its tokens. links: the tokens of every right side. longer: what they are if the lines after them, that
    begin with a dash or a star, are no list. torn: those after which words and more of a formula follow, so that they may not
    be the whole ("γ divided by m", in any language)."""

    left: Node | None
    name: tuple[str, ...] = ()
    links: list[list[Token]] = field(default_factory=list)
    longer: dict[int, list[Token]] = field(default_factory=dict)
    continues: bool = False
    torn: set[int] = field(default_factory=set)


def left_side(tokens: Sequence[Token], table: Table) -> Node | None:
    """The left side of an equation: a derivative or a declared symbol, with words or a label before it."""
    first = max(0, len(tokens) - _LONGEST_LEFT)
    for start in range(first, len(tokens)):
        called = start > 0 and tokens[start].text == "(" and tokens[start - 1].kind == "name"  # range(m):
        if called or (start and not _may_precede(tokens, start, table)):
            continue
        try:
            tree = parse(tokens[start:], table)
        except Unreadable:
            continue
        if isinstance(tree, Named) and tree.loose and _is_word_below(tokens[start:]):
            return None  # std_inv, var_plus: names of the student's own
        if isinstance(tree, Derivative | Named) and _ends_in_symbol(tokens):
            return tree
    return None


def _is_word_below(tokens: Sequence[Token]) -> bool:
    """Whether the index is a word."""
    below = itertools.dropwhile(lambda token: token.text != "_", tokens)
    return any(token.kind == "name" and len(token.text) > 1 for token in below)


def _ends_in_symbol(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and (tokens[-1].kind in ("name", "number") or tokens[-1].text in (")", "]", "}", "'"))


def _may_precede(tokens: Sequence[Token], start: int, table: Table) -> bool:
    """Whether what stands before a left side is words, a label or a bullet, and no part of a formula."""
    last = tokens[start - 1]
    if last.kind == "name":
        begins = start - 1
        return (len(last.text) > 1 and table.match(tokens, begins) is None) or (start == 1 and last.text == "d")
    if last.kind == "number":  # 2. …, Step 2. …
        named = start > 1 and tokens[start - 2].kind == "name" and table.match(tokens, start - 2) is None
        return named or (start == 1 and last.text.endswith("."))
    if last.text in (":", "mark", "gap", "!", "?", '"', "“", "”", "'"):
        return True
    if last.text in (")", "]") and _are_labels(tokens[:start]):
        return True
    if last.text == ")":
        return start <= 3 and not any(table.match(tokens, k) for k in range(start))
    return start == 1 and last.text in ("-", "*", "·")


def _are_labels(tokens: Sequence[Token]) -> bool:
    """(3a) [1 pt]: brackets with a number first."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.text in ("(", "["):
            depth += 1
            if place + 1 == len(tokens) or tokens[place + 1].kind != "number":
                return False
        elif token.text in (")", "]"):
            depth -= 1
        elif depth != 1:
            return False
    return depth == 0


def own_name(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The name that an equation defines: `s`, `Y_h`, `std_inv`; its last word where words come before it."""
    for start in range(max(0, len(tokens) - 6), len(tokens)):
        rest = tokens[start:]
        plain = rest[0].kind == "name" and all(
            (token.kind in ("name", "number") or token.text in "_{}") for token in rest
        )
        words = [token for token in rest if token.kind == "name"]
        joined = all(
            one.text in "_{}" or two.text in "_{}" or two.kind == "number" for one, two in itertools.pairwise(rest)
        )
        if (
            plain
            and words
            and joined
            and (start == 0 or tokens[start - 1].text not in ("·", "*", "/", "+", "-", "^", "_"))
        ):
            return tuple(token.text for token in rest)
    return ()
