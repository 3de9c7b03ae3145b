"""The equations of an answer: what stands on their left, and the links of their chains a = b = c, over several lines too."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grader.core.answers.formulas.names import is_prose
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.statements import begins_with_sign, equals, sides, statements, unlabelled, untupled
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Derivative, Named, Node, Unreadable

_LONGEST_LEFT = 24  # tokens
_OPERATIONS = ("+", "-", "·", "*", "/")
_AUGMENTED = {"+=": "+", "-=": "-", "*=": "*", "/=": "/", "**=": "^"}


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


def chains(tokens: Sequence[Token], table: Table) -> list[Chain]:
    """In the order of the answer."""
    found: list[Chain] = []
    open_chain: Chain | None = None  # what an equals sign goes on with
    last: Chain | None = None  # what an operation goes on with: the line before
    words = False  # since the last sign that ends a statement
    loops = _loops(tokens)
    for statement, end in statements(untupled(tokens, table), table):
        marked = bool(statement) and statement[0].text == "mark"
        statement = unlabelled(statement)
        if words and last is not None and equals(statement) is None and not is_words(statement, table):
            last.torn.add(len(last.links) - 1)
        words = end == "word" or (words and end == "connective")
        last = None if end == "bracket" else last
        if not statement:
            continue
        if begins_with_sign(statement):
            if open_chain is not None:
                _extend(open_chain, statement[1:])
                last = open_chain
            continue
        if open_chain is not None and open_chain.continues and equals(statement) is None:
            _extend(open_chain, statement)
            continue
        if last is not None and last.links and not marked and _goes_on(last, statement, table):
            _extend(last, [*last.links.pop(), *statement])
            continue
        if last is not None and last.links and _may_go_on(statement, table):
            place = len(last.links) - 1
            last.longer[place] = [*last.longer.get(place, last.links[place]), *statement]
            continue
        last = _augmented(statement, found, loops, table)
        if last is not None:
            continue
        last = _chain(statement, table)
        found.append(last)
        open_chain = last if last.left is not None or last.name else open_chain
    return found


def _extend(chain: Chain, tokens: list[Token]) -> None:
    links = sides(tokens)
    chain.continues = not links or not links[-1]
    chain.links += [link for link in links if link]


def _chain(statement: list[Token], table: Table) -> Chain:
    place = equals(statement)
    if place is None:
        colon = next((k for k, token in enumerate(statement) if token.text == ":" and token.kind == "op"), None)
        left = _left(statement[:colon], table) if colon is not None else None
        if left is None or colon is None:
            return Chain(None, (), [statement])
        chain = Chain(left)
        _extend(chain, statement[colon + 1 :])
        return chain
    before = statement[:place]
    while before and before[-1].text == "gap":
        before = before[:-1]
    left = _left(before, table)
    chain = Chain(left, () if left is not None else _own_name(before))
    _extend(chain, statement[place + 1 :])
    return chain


def _left(tokens: Sequence[Token], table: Table) -> Node | None:
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
        if isinstance(tree, Derivative | Named) and _ends_in_symbol(tokens):
            return tree
    return None


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
    if last.text == ")":
        return start <= 3 and not any(table.match(tokens, k) for k in range(start))
    return start == 1 and last.text in ("-", "*", "·")


def _own_name(tokens: Sequence[Token]) -> tuple[str, ...]:
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


def _goes_on(chain: Chain, statement: list[Token], table: Table) -> bool:
    """Whether a line goes on with the formula before it: it begins with an operation, or that one ended with it."""
    last = chain.links[-1][-1]
    if last.kind == "op" and last.text in _OPERATIONS:
        return True
    if statement[0].text in ("-", "*") and not (statement[0].math and last.math):
        return False  # perhaps a bullet
    return _may_go_on(statement, table)


def _may_go_on(statement: list[Token], table: Table) -> bool:
    if statement[0].text not in _OPERATIONS or len(statement) < 2 or equals(statement) is not None:
        return False
    try:
        parse(statement[1:], table)
    except Unreadable:
        return False
    return True


# Code that changes a value in place


def _loops(tokens: Sequence[Token]) -> frozenset[str]:
    """The letters that Python's loops run over: for i in range(m)."""
    texts = [token.text for token in tokens]
    return frozenset(
        letter
        for word, letter, sign in zip(texts, texts[1:], texts[2:], strict=False)
        if word == "for" and sign in ("in", "∈")
    )


def _augmented(statement: list[Token], found: Sequence[Chain], loops: frozenset[str], table: Table) -> Chain | None:
    """The chain whose value `dx += …` changes, with the change made; None where nothing is changed."""
    place = next((k for k, token in enumerate(statement) if token.text in _AUGMENTED and token.kind == "op"), None)
    if place is None:
        return None
    before, new = statement[:place], statement[place + 1 :]
    operation = replace(statement[place], text=_AUGMENTED[statement[place].text])
    left = _left(before, table)
    name = () if left is not None else _own_name(before)
    chain = next((one for one in reversed(found) if one.links and (one.left, one.name) == (left, name)), None)
    if chain is None or (left is None and not name):
        return Chain(left, name, [new], torn={0})
    outside = {token.text for token in before}
    for letter in sorted(loops - outside):
        if any(token.text == letter for token in new):
            new = [*_written(f"\\sum _ {letter} (", new[0]), *new, *_written(")", new[-1])]
    old = chain.links[-1]
    if old[0].text in ("zeros", "zeros_like", "0") or [token.text for token in old[:1]] == ["0."]:
        old = [replace(old[0], kind="number", text="0", end=old[-1].end)]
    first, last = old[0], new[-1]
    chain.links[-1] = [
        *_written("(", first),
        *old,
        *_written(")", first),
        operation,
        *_written("(", new[0]),
        *new,
        *_written(")", last),
    ]
    return chain


def _written(texts: str, at: Token) -> list[Token]:
    """Tokens that the answer does not hold itself, at the place of one that it does."""
    return [Token("name" if text.isalpha() else "op", text, at.start, at.end, at.math) for text in texts.split()]


def is_words(tokens: Sequence[Token], table: Table) -> bool:
    """Whether there is no formula at all."""
    return is_prose(tokens, 0, table) or not any(table.match(tokens, k) for k in range(len(tokens)))
