"""The statements of an answer: where lines, sentences, list entries and words end them, and their equals signs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from grader.core.answers.formulas.names import begins_remark, is_word
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_LONGEST = 80  # tokens from a gap to the equals sign behind it
_SEPARATORS = frozenset({",", ";", "=>", "#"})
_CONNECTIVES = frozenset(
    {
        "because", "since", "where", "so", "for", "as", "which", "using", "if", "when", "that", "is", "are", "hence", "thus",
        "therefore", "we", "note", "here", "due", "from", "this", "it", "its", "means", "let", "see", "return",
    }
)  # fmt: skip
"""Words after which a formula cannot go on."""

End = Literal["sign", "line", "word", "connective", "bracket"]
"""How a statement ends: by punctuation or a paragraph's end, by a line's end, by a word, by a bracket that was never opened."""


def statements(tokens: Sequence[Token], table: Table) -> Iterator[tuple[list[Token], End]]:
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
                yield current, "sign" if hard else "line"
                current, depth = [], 0
            continue
        if token.kind == "op" and token.text in _OPENING:
            if depth == 0 and _parts(token, current, tokens[place + 1 :]):
                yield current, "sign"
                current = []
            depth += 1
        elif token.kind == "op" and token.text in _CLOSING:
            depth -= 1
            if depth < 0:  # a label: "a)"
                yield _without_label(current), "bracket"
                current, depth = [], 0
                continue
        if depth == 0 and token.text in ("-", "—", "--") and begins_remark(tokens, place + 1, table):
            yield current, "connective"
            current = []
            continue
        if depth == 0 and token.kind in ("op", "number") and _ends(token, current, tokens[place + 1 :]):
            yield current, "sign"
            current = [token] if token.text == "mark" or token.kind == "number" else []
            continue
        if depth == 0 and place >= inside and is_word(tokens, place, table):
            yield current, "connective" if token.text.lower() in _CONNECTIVES else "word"
            current = []
            continue
        if token.text == "." and following is not None and following.start > token.end:
            token = replace(token, text="·")  # x . y
        current.append(token)
    yield current, "sign"


def _without_label(current: list[Token]) -> list[Token]:
    """The equation before the label of the next one: `a = b  2)`; nothing where there is none."""
    if equals(current) is None or len(current) < 4 or current[-2].end == current[-1].start:
        return []
    return current[:-1] if current[-1].text.isdigit() or len(current[-1].text) == 1 else []


def without_aside(tokens: Sequence[Token], table: Table) -> Sequence[Token] | None:
    """Without the shape, or another remark in brackets, that ends a formula: `… + b) (m × 3)`; None where none does."""
    if len(tokens) < 4 or tokens[-1].text not in (")", "]"):
        return None
    start = next((k for k in range(len(tokens) - 1, 0, -1) if k + _partner(tokens[k:]) == len(tokens) - 1), 0)
    if not start or tokens[start - 1].end == tokens[start].start:
        return None
    inside = tokens[start + 1 : -1]
    shape = any(one.text in ("·", ",", "x", "X") for one in inside) and all(
        one.text in ("·", ",", "x", "X") or one.kind == "number" or _is_size(inside, k, table)
        for k, one in enumerate(inside)
    )
    apart = tokens[start - 1].math and not tokens[start].math
    return tokens[:start] if shape or apart else None


def _is_size(tokens: Sequence[Token], place: int, table: Table) -> bool:
    match = table.match(tokens, place)
    return match is not None and match.meaning.kind == "size" and match.end == place + 1


def untupled(tokens: Sequence[Token], table: Table) -> list[Token]:
    """`a, b = c, d` as `a = c` and `b = d`, where every left side is a declared symbol."""
    out: list[Token] = []
    for _, several in itertools.groupby(tokens, key=lambda token: token.kind == "break"):
        line = list(several)
        place = equals(line)
        left, right = ([], []) if place is None else (_entries(line[:place]), _entries(line[place + 1 :]))
        declared = all((match := table.match(part, 0)) is not None and match.end == len(part) for part in left)
        if place is None or len(left) < 2 or len(left) != len(right) or not declared or not all(right):
            out += line
            continue
        comma = next(token for token in line if token.text == ",")
        for name, value in zip(left, right, strict=True):
            out += [*name, line[place], *value, replace(comma, text=";")]
    return out


def _entries(tokens: Sequence[Token]) -> list[list[Token]]:
    """What stands between the commas that are in no bracket."""
    entries: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "op":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if token.text == "," and depth == 0:
            entries.append([])
        else:
            entries[-1].append(token)
    return entries


def _ends(token: Token, current: list[Token], rest: Sequence[Token]) -> bool:
    """Whether a statement ends at this sign."""
    return _separates(token, current, rest[0] if rest else None) or _parts(token, current, rest)


def _separates(token: Token, current: list[Token], following: Token | None) -> bool:
    if token.text == "," and current and following is not None and current[-1].kind == following.kind == "number":
        return current[-1].end < token.start or following.start > token.end  # 0,5 is no list: it is left unread
    if token.text in _SEPARATORS:
        return token.text != "#" or bool(current)  # "#params" begins a name
    if token.text == "|":
        return not token.math  # a table's
    if token.text != ".":
        return False
    if current and not token.math and next((one.math for one in reversed(current) if one.text != "gap"), False):
        return True  # $…$.
    if current and following is not None and following.kind != "break" and current[-1].end < token.start:
        return following.start == token.end
    is_method = following is not None and following.kind == "name" and following.start == token.end
    return not is_method or not current


def _parts(token: Token, current: list[Token], rest: Sequence[Token]) -> bool:
    """Whether a gap, a mark, a colon or a label stands between two equations: a = b  c = d."""
    label = token.kind == "number" and token.text.endswith(".") and not token.math  # 2.
    label = label or (
        token.text == "(" and not token.math and current[-1:] and current[-1].end < token.start and _is_label(rest)
    )
    if not (label or token.text in ("gap", "mark", ":")) or equals(current) is None:
        return False
    rest = [token, *rest] if token.text == "(" else rest
    ahead = list(itertools.takewhile(lambda one: one.kind != "break" and one.text not in _SEPARATORS, rest[:_LONGEST]))
    place = equals(ahead)
    return place is not None and any(one.text != "gap" for one in ahead[:place])


def _is_label(tokens: Sequence[Token]) -> bool:
    """3b) after its opening bracket."""
    number, *after = [token.text for token in tokens[:3]] or [""]
    return number.isdigit() and (
        after[:1] == [")"] or (after[1:] == [")"] and len(after[0]) == 1 and after[0].isalpha())
    )


def unlabelled(statement: list[Token]) -> list[Token]:
    """Without marks, stars and brackets around the whole, and without a reference or a number after it."""
    while statement and statement[0].text in ("mark", "gap", "<=", "•", "^", ">"):
        statement = statement[1:]
    while statement and statement[-1].text in ("mark", "gap", "^"):
        statement = statement[:-1]
    if len(statement) > 3 and _is_reference(*statement[-4:]):
        return unlabelled(statement[:-3])
    if len(statement) > 2 and statement[0].text == "(" and _partner(statement) == len(statement) - 1:
        return unlabelled(statement[1:-1]) if equals(statement[1:-1]) is not None else statement
    return statement


def _is_reference(before: Token, opened: Token, label: Token, closed: Token) -> bool:
    """Whether a reference to the literature [2] or an equation's number (2), (*) ends a statement, apart from it."""
    if opened.text == "[" and closed.text == "]":
        return label.kind == "number" and not label.math
    is_label = label.text in ("*", "^", "o") or (label.kind == "number" and label.text.isdigit())
    apart = before.end < opened.start and (before.kind in ("name", "number") or before.text in ("gap", ")", "]", "}"))
    return opened.text == "(" and closed.text == ")" and is_label and apart


def _partner(tokens: Sequence[Token]) -> int:
    """Where the bracket that begins `tokens` is closed."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.kind == "op":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if not depth:
            return place
    return -1


def begins_with_sign(tokens: Sequence[Token]) -> bool:
    """An equals sign, or the circle that marks where a line goes on."""
    return tokens[0].kind == "op" and tokens[0].text in ("=", "o")


def equals(statement: Sequence[Token]) -> int | None:
    depth = 0
    for place, token in enumerate(statement):
        if token.kind == "op":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if token.text == "=" and depth == 0:
                return place
    return None


def sides(tokens: list[Token]) -> list[list[Token]]:
    """At every equals sign; a circle at the end is one."""
    if tokens and tokens[-1].text == "o" and tokens[-1].kind == "op":
        tokens = [*tokens[:-1], replace(tokens[-1], text="=")]
    links: list[list[Token]] = []
    rest = tokens
    while (place := equals(rest)) is not None:
        links.append([token for token in rest[:place] if token.text not in ("mark", "gap")])
        rest = rest[place + 1 :]
    return [*links, [token for token in rest if token.text not in ("mark", "gap")]]
