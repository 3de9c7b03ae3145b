"""The chains a = b = c of an answer, over several lines too."""

from __future__ import annotations

from collections.abc import Sequence

from grader.core.answers.formulas.assignments import augmented, loops_over, reassigned
from grader.core.answers.formulas.equations import Chain, left_side, own_name
from grader.core.answers.formulas.names import is_prose
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.statements import begins_with_sign, equals, sides, statements, unlabelled, untupled
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Named, Node, Unreadable

_OPERATIONS = ("+", "-", "·", "*", "/")


def chains(tokens: Sequence[Token], table: Table) -> list[Chain]:
    """In the order of the answer."""
    found: list[Chain] = []
    open_chain: Chain | None = None  # what an equals sign goes on with
    last: Chain | None = None  # what an operation goes on with: the line before
    words = explained = (
        False  # since the last sign that ends a statement: words; words that begin a clause of their own
    )
    loops = loops_over(tokens)
    before, end = "sign", "sign"
    for statement, following in statements(untupled(tokens, table), table):
        before, end = end, following
        marked = bool(statement) and statement[0].text == "mark"
        statement = unlabelled(statement)
        if words and last is not None and equals(statement) is None and not is_words(statement, table):
            last.torn.add(len(last.links) - 1)
        explained = end in ("word", "connective") and (explained or (end == "connective" and not words))
        words = end in ("word", "connective") and (words or end == "word") and not explained
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
        changed = augmented(statement, found, loops, table) or reassigned(statement, found)
        if changed is not None:
            found += [changed] if changed not in found else []
            last = changed
            continue
        if (
            before == "line"
            and last is not None
            and last.links
            and not marked
            and _may_be_wrapped(last, statement, table)
        ):
            place = len(last.links) - 1
            last.longer[place] = [*last.longer.get(place, last.links[place]), *statement]
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
        left = left_side(statement[:colon], table) if colon is not None else None
        if left is None or colon is None:
            return Chain(None, (), [statement])
        chain = Chain(left)
        _extend(chain, statement[colon + 1 :])
        return chain
    before = statement[:place]
    while before and before[-1].text == "gap":
        before = before[:-1]
    left = left_side(before, table) or _headed(before, table)
    chain = Chain(left, () if left is not None else own_name(before))
    _extend(chain, statement[place + 1 :])
    return chain


def _headed(tokens: list[Token], table: Table) -> Node | None:
    """The formula that a heading asks for: "Conv layer: params = …", "**Convolution**: $N = …$"."""
    colon = next((place for place, token in enumerate(tokens) if token.text == ":" and token.kind == "op"), None)
    if colon is None or not own_name(tokens[colon + 1 :]):
        return None
    left = left_side([token for token in tokens[:colon] if token.text not in ("gap", "mark")], table)
    return left if isinstance(left, Named) and left.name.startswith("=") else None


def _goes_on(chain: Chain, statement: list[Token], table: Table) -> bool:
    """Whether a line goes on with the formula before it: it begins with an operation, or that one ended with it."""
    last = chain.links[-1][-1]
    if last.kind == "op" and last.text in _OPERATIONS:
        return equals(statement) is None
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


def _may_be_wrapped(chain: Chain, statement: list[Token], table: Table) -> bool:
    """Whether a line may be the rest of the formula before it, torn where nothing stands but a product."""
    if (chain.left is None and not chain.name) or equals(statement) is not None or is_words(statement, table):
        return False
    try:
        parse(statement, table)
    except Unreadable:
        return False
    return True


def is_words(tokens: Sequence[Token], table: Table) -> bool:
    """Whether there is no formula at all."""
    return is_prose(tokens, 0, table) or not any(table.match(tokens, k) for k in range(len(tokens)))
