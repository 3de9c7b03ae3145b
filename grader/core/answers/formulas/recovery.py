"""What an export of a page lost: indices below their symbol and signs between cells are put back; lost exponents are noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from grader.core.answers.formulas.equations import left_side
from grader.core.answers.formulas.statements import equals
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import Derivative, Named

_LOST = re.compile(r"(?P<symbol>d?[A-Za-z](?:hat|bar|tilde)?)(?P<index>[ijkn])")
_INDEX = re.compile(r"[ijkn]")


def recovered(tokens: Sequence[Token], table: Table) -> list[Token]:
    """Indices that are put in are marked as guessed."""
    return _rows(list(_indexed(list(_bounded(tokens)), table)), table)


def _bounded(tokens: Sequence[Token]) -> Iterator[Token]:
    """`∑_i=1^m` is ∑_{i=1}^m: its sign ends no side of an equation; `\\sum_jx_j` runs over j."""
    closes = -1
    for place, token in enumerate(tokens):
        before = [one.text for one in tokens[max(0, place - 2) : place]]
        below = len(before) == 2 and before[0] in ("\\sum", "sum", "Sum") and before[1] == "_"
        run = below and token.kind == "name" and len(token.text) > 1 and token.end - token.start <= len(token.text)
        if run and before[0] == "\\sum" and _INDEX.fullmatch(token.text[0]):
            yield replace(token, text=token.text[0], end=token.start + 1)
            yield replace(token, text=token.text[1:], start=token.start + 1)
            continue
        after = [one.text for one in tokens[place + 1 : place + 3]]
        if below and len(token.text) == 1 and after in (["=", "0"], ["=", "1"]):
            yield replace(token, kind="op", text="{", end=token.start)
            closes = place + 2
        yield token
        if place == closes:
            yield replace(token, kind="op", text="}", start=token.end)


def _indexed(tokens: Sequence[Token], table: Table) -> Iterator[Token]:
    """`yi` is y_i, and `x̂i` x̂_i, for a declared vector and where nothing is called `yi`."""
    inside = 0  # the end of the symbol that is being passed
    for place, token in enumerate(tokens):
        match = table.match(tokens, place) if place >= inside else None
        inside = match.end if match else inside
        found = _LOST.fullmatch(token.text) if token.kind == "name" and place >= inside else None
        before = tokens[place - 1] if place else None
        if found and token.end - token.start == len(token.text) and _is_vector(replace(token, text=found["symbol"]), table):
            middle = token.end - 1
            yield replace(token, text=found["symbol"], end=middle)
            yield replace(token, kind="op", text="_", start=middle, end=middle, guessed=True)
            yield replace(token, text=found["index"], start=middle, guessed=True)
            continue
        beside = before is not None and before.kind == "name" and before.end == token.start and _is_vector(before, table)
        if beside and token.kind == "name" and _INDEX.fullmatch(token.text):
            yield replace(token, kind="op", text="_", end=token.start, guessed=True)
            yield replace(token, guessed=True)
            continue
        yield token


def _is_vector(token: Token, table: Table) -> bool:
    match = table.match([token], 0)
    return match is not None and match.meaning.kind in ("value", "gradient") and match.meaning.ndim > 0


def _rows(tokens: list[Token], table: Table) -> list[Token]:
    """`| ∂f/∂γ | Σ … |`: between a cell that asks and the next one stands the sign."""
    bars = [place for place, token in enumerate(tokens) if token.text == "|" and not token.math]
    for first, middle, last in zip(bars, bars[1:], bars[2:], strict=False):
        cell, after = tokens[first + 1 : middle], tokens[middle + 1 : last]
        if not cell or any(token.kind == "break" for token in (*cell, *after)) or equals(cell) or equals(after):
            continue
        left = left_side([token for token in cell if token.text != "gap"], table)
        if isinstance(left, Derivative) or (isinstance(left, Named) and left.name.startswith("=")):
            tokens[middle] = replace(tokens[middle], text="=")
    return tokens


def is_torn(tokens: Sequence[Token]) -> bool:
    """Whether plain text has numbers where exponents were, perhaps: `σ 2`, `x_i 2`, `(σ² + ε)−3/2`."""
    for place in range(1, len(tokens)):
        before, token, after = tokens[place - 1], tokens[place], tokens[place + 1] if place + 1 < len(tokens) else None
        closed = before.text in (")", "]")
        index = place > 1 and tokens[place - 2].text == "_"
        if token.math or not (closed or before.kind == "name") or (before.end == token.start and not closed and not index):
            continue
        minus = token.text == "-" and after is not None and after.kind == "number" and after.start == token.end
        if (token.kind == "number" or minus) and not _is_bound(tokens[: place - 1]):
            return True
    return False


def is_scattered(tokens: Sequence[Token]) -> bool:
    """Whether a line of plain text holds nothing but a differential, a sum's sign or its index: the layout is lost, and what
    belongs together is a guess."""
    lines = [list(line) for is_break, line in groupby(tokens, key=lambda token: token.kind == "break") if not is_break]
    return any(not line[0].math and _is_scrap([token.text for token in line]) for line in lines)


def _is_scrap(texts: Sequence[str]) -> bool:
    match texts:
        case ["\\sum"] | ["∂", _] | [("i" | "j" | "k"), "=", ("0" | "1")]:
            return True
    return texts[:1] == ["∂"] and 2 < len(texts) < 6 and not {"/", "=", "·"} & set(texts)


def _is_bound(before: Sequence[Token]) -> bool:
    """Whether what follows is a sum's index or upper bound: Σ_i 2 (x_i − μ)."""
    texts = [token.text for token in before[-2:]]
    return texts[-1:] == ["^"] or (texts[-1:] == ["_"] and texts[:1] in (["\\sum"], ["sum"]))
