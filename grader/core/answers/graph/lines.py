"""A graph's values and gradients in lines of text: `a = 6`, `df/da = -0.2`, `a: 6, grad -0.2`, or numbers below a heading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.core.answers.graph.cells import GRADIENT, VALUE, Kind, Written
from grader.core.answers.graph.notation import plain, read_number

if TYPE_CHECKING:
    from grader.core.answers.graph.reading import Found, Labels

_NAME = r"[^\W\d](?:[\w{}\\]*[\w}])?"
_PARTIAL = re.compile(
    rf"(?:\\[dt]?frac\s*\{{\s*)?(?:\\partial|[∂dδ∇])\s*(?P<of>{_NAME})?\s*\}}?\s*(?:/|\{{)\s*(?:\\partial|[∂dδ])\s*\{{?\s*(?P<node>{_NAME})\s*\}}?"
)
_GRADIENT_OF = re.compile(
    rf"(?P<word>[^\W\d_]+)\s*(?:of|wrt|w\.r\.t\.?|for|by|по|для|від|של|לפי)?\s*[(\[_]?\s*\{{?(?P<node>{_NAME})\}}?[)\]]?$"
)
_ATTRIBUTE = re.compile(rf"(?P<node>{_NAME})\s*[._]\s*(?P<word>[^\W\d_]+)$")
_D = re.compile(rf"^(?:d_?|∇_?)\{{?(?P<node>{_NAME})\}}?$")
_LONGEST_LEFT = 300
"""Characters: what names a number stands right before it, and reading takes the square of the length."""
_LIST = re.compile(r"^\s*(?:[-*•+]\s+|\d{1,2}[.)]\s+|>\s*)")
_SIGN = r"\s*(?:=|:|≈|→|←)"
_TARGET = re.compile(
    rf"(?:{_PARTIAL.pattern.replace('?P<of>', '?:').replace('?P<node>', '?:')}"
    rf"|∇_?\{{?{_NAME}\}}?|(?<![^\s,;:.!?()|])(?:[^\W\d_]{{3,}}\s*(?:of|wrt|w\.r\.t\.?|for|by|по|для|від|של|לפי)?\s*[(\[_]?\s*)?\{{?{_NAME}(?:\s*[._]\s*[^\W\d_]+)?\}}?[)\]]?){_SIGN}"
)
_OPERATORS = frozenset("+-−–*/·×⋅^=≈_\\{([<")
_SPACING = re.compile(r"\\(?:[\\,;:! ]|q?quad\b)|(?<!\\)&")
_COMMANDS = {"\\approx": "≈", "\\nabla": "∇", "\\leftarrow": "←"}
_SEPARATOR = re.compile(r"[,;]\s+|\s{2,}|\t|\s(?=[^\W\d_]{3,})|\band\b")
_NUMBERS = re.compile(r"[-+]?\s?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")


def in_lines(text: str, labels: Labels, comma: bool) -> tuple[list[Found], bool]:
    """(what the lines say, whether the order of two bare numbers was assumed)."""
    found: list[Found] = []
    assumed = False
    section: Kind = VALUE
    order: tuple[Kind, ...] = ()  # of bare numbers, where a header says it
    for line in text.split("\n"):
        bare = _SPACING.sub(" ", _LIST.sub("", line)).replace("$", "").strip()
        for command, sign in _COMMANDS.items():
            bare = bare.replace(command, sign)
        if not re.search(r"\d", bare) or bare.startswith("#"):
            order = _order(bare, labels) or order
            if (kind := labels.words.meaning(bare)) in (VALUE, GRADIENT) and len(bare) < 80:
                section = kind
            continue
        head, statements = _statements(bare, labels)
        if (kind := labels.words.meaning(head)) in (VALUE, GRADIENT) and head.rstrip().endswith(":"):
            section = kind
            if not statements:
                found += _listed(bare.partition(":")[2], section, line.strip(), labels, comma)
                continue
        if not statements:
            statements = [bare] if not any(sign in bare for sign in "=≈→←") else []
        for statement in statements:
            here, guessed = _statement(statement, line.strip(), labels, comma, section)
            if guessed and order:
                here = [(kind, node, it) for kind, (_, node, it) in zip(order, here, strict=True)]
            found += here
            assumed |= guessed and not order
    return found, assumed


def _order(header: str, labels: Labels) -> tuple[Kind, ...]:
    """`node gradient value`: a table's header whose lines are lost."""
    meanings = [it for word in header.split() if (it := labels.words.meaning(word)) in (VALUE, GRADIENT)]
    return tuple(meanings) if sorted(meanings) == [GRADIENT, VALUE] else ()  # type: ignore[arg-type]


def _statements(line: str, labels: Labels) -> tuple[str, list[str]]:
    """(what stands before the first, statements): `Forward: a = 1, b = 2` holds two; `a: 6, grad -0.2` one."""
    starts = []
    for match in _TARGET.finditer(line):
        before = line[: match.start()].rstrip()
        if before[-1:] in _OPERATORS or re.search(r"\\(?:cdot|times)$", before):
            continue  # goes on with an expression: the b of "a + b = 1"
        if _target(re.split(r"[=:≈→←]", match.group())[0], labels, VALUE):
            starts.append(match.start())
    head = line[: starts[0]] if starts else line[: line.find(":") + 1]
    ends = [*starts, len(line)][1:]
    return head, [line[start:end].strip().rstrip(",;") for start, end in zip(starts, ends, strict=True)]


def _listed(text: str, kind: Kind, quote: str, labels: Labels, comma: bool) -> list[Found]:
    """`a -2, b 3`, behind "values:"."""
    pairs = [piece.rpartition(" ") for piece in re.split(r"[,;]\s+", text.strip())]
    return [
        (kind, node, read_number(number, quote, comma=comma))
        for label, _, number in pairs
        if (node := labels.node(label)) and _NUMBERS.fullmatch(plain(number))
    ]


def _statement(statement: str, quote: str, labels: Labels, comma: bool, section: Kind) -> tuple[list[Found], bool]:
    left, sign, right = _parted(statement)
    if not sign:
        return _bare(statement, quote, labels, comma)
    target = _target(left, labels, section)
    if target is None:
        return [], False
    kind, node, stated = target
    right = _own(right, labels)
    if stated:
        return [(kind, node, _last(right, quote, comma))], False
    pieces = [piece.strip() for piece in _SEPARATOR.split(right) if piece and piece.strip()]
    named = [(labels.words.meaning(piece), piece) for piece in pieces]
    if any(meaning in (VALUE, GRADIENT) for meaning, _ in named):
        return [(kind, node, it) for kind, it in _named_pieces(right, labels, quote, comma, kind)], False
    if sign == ":" and len(pieces) == 2 and all(_NUMBERS.fullmatch(plain(piece)) for piece in pieces):
        return _pair(node, pieces, quote, comma), True
    return [(kind, node, _last(right, quote, comma))], False


def _parted(statement: str) -> tuple[str, str, str]:
    for sign in ("=", ":", "≈", "→", "←"):
        left, found, right = statement.partition(sign)
        if found and re.search(r"\d", right):
            other = left.partition(":")
            if sign == "=" and other[1] and re.search(r"[^\W\d_]", other[2]) and len(other[0]) <= 12:
                return other[0], ":", other[2] + "=" + right  # "a: value = 6, gradient = -0.2"
            return left, sign, right
    return "", "", ""


def _own(right: str, labels: Labels) -> str:
    """Without what another name that is not known says behind it: "2, b' = 7" is 2."""
    flat = re.sub(r"[(\[{][^()\[\]{}]*[)\]}]", lambda inner: "_" * len(inner.group()), right)
    for parted in re.finditer(r"[,;]\s+|\s+(?:and|та|і|й)\s+", flat):
        name, sign, _ = re.split(r"([=≈:]|$)", flat[parted.end() :], maxsplit=1)
        if sign and labels.words.meaning(name) not in (VALUE, GRADIENT):
            return right[: parted.start()]
    return right


def _target(left: str, labels: Labels, section: Kind) -> tuple[Kind, str, bool] | None:
    """(kind, node, whether the kind is stated on the left)."""
    left = left[-_LONGEST_LEFT:].strip().strip("$*` ").strip()
    if partial := list(_PARTIAL.finditer(left)):
        node, of = labels.node(partial[-1]["node"]), labels.node(partial[-1]["of"] or "")
        local = of not in (None, labels.output)  # "dc/da": of an inner node
        return (GRADIENT, node, True) if node and len(partial) == 1 and not local else None
    if node := labels.node(left):
        return section, node, section == GRADIENT
    for pattern in (_ATTRIBUTE, _GRADIENT_OF):
        if (match := pattern.search(left)) and (node := labels.node(match["node"])):
            kind = labels.words.meaning(match["word"])
            if kind in (VALUE, GRADIENT):
                return kind, node, True  # type: ignore[return-value]
    if (match := _D.match(left)) and (node := labels.node(match["node"])):
        return GRADIENT, node, True
    return None


def _named_pieces(right: str, labels: Labels, quote: str, comma: bool, first: Kind) -> list[tuple[Kind, Written]]:
    """`6, grad -0.2`, `value = 6, gradient = -0.2`: each number with the word before it, `first` for one without."""
    found: list[tuple[Kind, Written]] = []
    kind: Kind | None = first
    numbers = plain(right)
    position = 0
    for number in _NUMBERS.finditer(numbers):
        before = numbers[position : number.start()]
        if re.search(r"[^\W\d_]", before):
            meaning = labels.words.meaning(before)
            kind = meaning if meaning in (VALUE, GRADIENT) else None
        elif position:
            kind = None
        if kind:
            found.append((kind, read_number(number.group(), quote, comma=comma)))
        position = number.end()
    return found


def _last(right: str, quote: str, comma: bool) -> Written:
    """What stands behind the last sign of equality, up to a remark."""
    text = re.split(r"[=≈]", right)[-1].strip().strip("$").strip().rstrip(",;.")
    text = re.split(r"\s+(?:\(?[^\W\d_]{2,}|\((?=[^\W\d_]))", text)[0] if not text.startswith("\\") else text
    return read_number(text, quote, comma=comma)


def _bare(statement: str, quote: str, labels: Labels, comma: bool) -> tuple[list[Found], bool]:
    """`a 6 -0.2`, as a PDF's table reads."""
    label, *numbers = re.sub(r"([-−–])\s+(?=\d)", r"\1", statement).split()
    node = labels.node(label)
    if node is None or len(numbers) != 2 or not all(_NUMBERS.fullmatch(plain(it)) for it in numbers):
        return [], False
    return _pair(node, numbers, quote, comma), True


def _pair(node: str, numbers: list[str], quote: str, comma: bool) -> list[Found]:
    return [
        (kind, node, read_number(it, quote, comma=comma)) for kind, it in zip((VALUE, GRADIENT), numbers, strict=True)
    ]
