"""The equations of an answer: what stands on their left, and the links of their chains a = b = c, over several lines too."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from grader.core.answers.formulas.names import is_prose, is_word
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.symbols import Meaning, Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Derivative, Named, Node, Number, Unreadable

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_SEPARATORS = frozenset({",", ";", "=>", "#"})
_LONGEST_LEFT = 24  # tokens
_CONNECTIVES = frozenset(
    {
        "because", "since", "where", "so", "for", "as", "which", "using", "if", "when", "that", "is", "are", "hence", "thus",
        "therefore", "we", "note", "here", "due", "from", "this", "it", "its", "means", "let", "see",
    }
)  # fmt: skip
"""Words after which a formula cannot go on."""

End = Literal["sign", "word", "connective", "bracket"]
"""How a statement ends: by a line's end or punctuation, by a word, by a bracket that was never opened."""


@dataclass
class Chain:
    """left: the tree of the left side, None for a formula that stands alone. name: where the left side is a name of the
    student's own, its tokens. links: the tokens of every right side. torn: those after which words and more of a formula
    follow, so that they may not be the whole ("γ divided by m", in any language)."""

    left: Node | None
    name: tuple[str, ...] = ()
    links: list[list[Token]] = field(default_factory=list)
    continues: bool = False
    torn: set[int] = field(default_factory=set)


def chains(tokens: Sequence[Token], table: Table) -> list[Chain]:
    """In the order of the answer."""
    found: list[Chain] = []
    open_chain: Chain | None = None  # what an equals sign goes on with
    last: Chain | None = None  # what an operation goes on with: the line before
    words = False  # since the last sign that ends a statement
    for statement, end in _statements(tokens, table):
        marked = bool(statement) and statement[0].text == "mark"
        statement = _unlabelled(statement)
        if words and last is not None and _equals(statement) is None and not is_words(statement, table):
            last.torn.add(len(last.links) - 1)
        words = end == "word" or (words and end == "connective")
        last = None if end == "bracket" else last
        if not statement:
            continue
        if _is_sign(statement[0]):
            if open_chain is not None:
                _extend(open_chain, statement[1:])
                last = open_chain
            continue
        if open_chain is not None and open_chain.continues and _equals(statement) is None:
            _extend(open_chain, statement)
            continue
        if last is not None and last.links and not marked and _goes_on(last, statement, table):
            _extend(last, [*last.links.pop(), *statement])
            continue
        last = _chain(statement, table)
        found.append(last)
        open_chain = last if last.left is not None or last.name else open_chain
    return found


def _extend(chain: Chain, tokens: list[Token]) -> None:
    links = _split(tokens)
    chain.continues = not links or not links[-1]
    chain.links += [link for link in links if link]


def _chain(statement: list[Token], table: Table) -> Chain:
    place = _equals(statement)
    if place is None:
        colon = next((k for k, token in enumerate(statement) if token.text == ":" and token.kind == "op"), None)
        left = _left(statement[:colon], table) if colon is not None else None
        if left is None or colon is None:
            return Chain(None, (), [statement])
        chain = Chain(left)
        _extend(chain, statement[colon + 1 :])
        return chain
    before = statement[:place]
    left = _left(before, table)
    chain = Chain(left, () if left is not None else _own_name(before))
    _extend(chain, statement[place + 1 :])
    return chain


def _left(tokens: Sequence[Token], table: Table) -> Node | None:
    """The left side of an equation: a derivative or a declared symbol, with words or a label before it."""
    first = max(0, len(tokens) - _LONGEST_LEFT)
    for start in range(first, len(tokens)):
        if start and not _may_precede(tokens, start, table):
            continue
        try:
            tree = parse(tokens[start:], table)
        except Unreadable:
            continue
        if isinstance(tree, Derivative | Named) and _ends_in_symbol(tokens):
            return tree
    return None


def _ends_in_symbol(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and (tokens[-1].kind in ("name", "number") or tokens[-1].text in _CLOSING | {"'"})


def _may_precede(tokens: Sequence[Token], start: int, table: Table) -> bool:
    """Whether what stands before a left side is words, a label or a bullet, and no part of a formula."""
    last = tokens[start - 1]
    if last.kind == "name":
        begins = start - 1
        return (len(last.text) > 1 and table.match(tokens, begins) is None) or (start == 1 and last.text == "d")
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


def definitions(found: Sequence[Chain], table: Table) -> dict[tuple[str, ...], Node]:
    """What the student's own names stand for: the last side that can be read. A name with two meanings has none."""
    own: dict[tuple[str, ...], Node] = {}
    names = [chain.name for chain in found if chain.name]
    for _ in range(3):  # a definition may rest on later ones
        known = table.with_own({name: _own(name, tree) for name, tree in own.items()})
        for chain in found:
            if not chain.name or names.count(chain.name) > 1 or chain.name in own:
                continue
            for link in reversed(chain.links):
                try:
                    tree = parse(link, known)
                except Unreadable:
                    continue
                if not isinstance(tree, Number):
                    own[chain.name] = tree
                break
    return own


def with_definitions(found: Sequence[Chain], table: Table) -> Table:
    """The table with the student's own names."""
    return table.with_own({name: _own(name, tree) for name, tree in definitions(found, table).items()})


def _own(name: tuple[str, ...], tree: Node) -> Meaning:
    return Meaning("own", " ".join(name), 0, tree)


# Cutting


def _statements(tokens: Sequence[Token], table: Table) -> Iterator[tuple[list[Token], End]]:
    """Cut at the ends of lines, sentences and list entries, and at the words around formulas, that are in no bracket."""
    current: list[Token] = []
    depth = inside = 0  # open brackets; the end of the symbol that is being passed
    for place, token in enumerate(tokens):
        match = table.match(tokens, place) if token.kind == "name" and place >= inside else None
        inside = match.end if match else inside
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        hard = token.kind == "break" and token.text in ("fence", "blank")
        if token.kind == "break":
            if hard or depth == 0:
                yield current, "sign"
                current, depth = [], 0
            continue
        if token.kind == "op" and token.text in _OPENING:
            depth += 1
        elif token.kind == "op" and token.text in _CLOSING:
            depth -= 1
            if depth < 0:  # a label: "a)"
                yield [], "bracket"
                current, depth = [], 0
                continue
        if depth == 0 and token.kind == "op" and _separates(token, current, following):
            yield current, "sign"
            current = []
            continue
        if depth == 0 and place >= inside and is_word(tokens, place, table):
            yield current, "connective" if token.text.lower() in _CONNECTIVES else "word"
            current = []
            continue
        if token.text == "." and following is not None and following.start > token.end:
            token = replace(token, text="·")  # x . y
        current.append(token)
    yield current, "sign"


def _separates(token: Token, current: list[Token], following: Token | None) -> bool:
    if token.text == "," and current and following is not None and current[-1].kind == following.kind == "number":
        return current[-1].end < token.start or following.start > token.end  # 0,5 is no list: it is left unread
    if token.text in _SEPARATORS:
        return token.text != "#" or bool(current)  # "#params" begins a name
    if token.text != ".":
        return False
    if current and following is not None and following.kind != "break" and current[-1].end < token.start:
        return following.start == token.end
    is_method = following is not None and following.kind == "name" and following.start == token.end
    return not is_method or not current


def _unlabelled(statement: list[Token]) -> list[Token]:
    """Without marks, stars and brackets around the whole, and without a reference to the literature after it."""
    while statement and statement[0].text in ("mark", "gap", "<=", "•", "^"):
        statement = statement[1:]
    while statement and statement[-1].text in ("mark", "gap", "^"):
        statement = statement[:-1]
    if len(statement) > 3 and not statement[-1].math:
        opened, number, closed = statement[-3:]
        if opened.text == "[" and number.kind == "number" and closed.text == "]":
            return _unlabelled(statement[:-3])
    if len(statement) > 2 and statement[0].text == "(" and _partner(statement) == len(statement) - 1:
        return _unlabelled(statement[1:-1]) if _equals(statement[1:-1]) is not None else statement
    return statement


def _partner(tokens: Sequence[Token]) -> int:
    """Where the bracket that begins `tokens` is closed."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.kind == "op":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if not depth:
            return place
    return -1


def _is_sign(token: Token) -> bool:
    """An equals sign, or the circle that marks where a line goes on."""
    return token.kind == "op" and token.text in ("=", "o")


def _equals(statement: Sequence[Token]) -> int | None:
    depth = 0
    for place, token in enumerate(statement):
        if token.kind == "op":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if token.text == "=" and depth == 0:
                return place
    return None


def _split(tokens: list[Token]) -> list[list[Token]]:
    """At every equals sign; a circle at the end is one."""
    if tokens and tokens[-1].text == "o" and tokens[-1].kind == "op":
        tokens = [*tokens[:-1], replace(tokens[-1], text="=")]
    links: list[list[Token]] = []
    rest = tokens
    while (place := _equals(rest)) is not None:
        links.append([token for token in rest[:place] if token.text != "mark"])
        rest = rest[place + 1 :]
    return [*links, [token for token in rest if token.text != "mark"]]


def _goes_on(chain: Chain, statement: list[Token], table: Table) -> bool:
    """Whether a line goes on with the formula before it: it begins with an operation, or that one ended with it."""
    last = chain.links[-1][-1]
    if last.kind == "op" and last.text in ("+", "-", "·", "*", "/"):
        return True
    if statement[0].text not in ("+", "-", "·", "*", "/") or _equals(statement) is not None:
        return False
    apart = not (statement[0].math and last.math)
    if statement[0].text in ("-", "*") and apart:
        return False  # a bullet
    try:
        parse(statement[1:], table)
    except Unreadable:
        return False
    return True


def is_words(tokens: Sequence[Token], table: Table) -> bool:
    """Whether there is no formula at all."""
    return is_prose(tokens, 0, table) or not any(table.match(tokens, k) for k in range(len(tokens)))
