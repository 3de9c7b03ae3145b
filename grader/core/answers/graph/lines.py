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
    rf"|∇_?\{{?{_NAME}\}}?|(?<![^\s,;:.!?()|])(?:[^\W\d_]{{3,}}\s*(?:of|wrt|w\.r\.t\.?|for|by|по|для|від|של|לפי)?\s*[(\[_]?\s*)?\{{?{_NAME}(?:[._][^\W\d_]+)?\}}?[)\]]?['’′]?){_SIGN}"
)
_OPERATORS = frozenset("+-−–*/·×⋅^=≈_\\{([<")
_SPACING = re.compile(r"\\(?:[\\,;:! ]|q?quad\b)|(?<!\\)&")
_COMMANDS = {"\\approx": "≈", "\\nabla": "∇", "\\leftarrow": "←"}
_SEPARATOR = re.compile(r"[,;]\s+|\s{2,}|\t|\s(?=[^\W\d_]{3,})|\band\b")
_NUMBERS = re.compile(r"[-+]?\s?\d+(?:[.,]\d*)?(?:[eE][-+]?\d+)?")
_PAIR = re.compile(rf"\s*(?P<node>{_NAME})\s+(?P<number>[-+−–]?\s?\d+(?:[.,]\d+)?(?:/\d+)?)(?:[,;.]?\s+|[,;.]?$)")
_FEWEST_PAIRS = 3
_FUNCTIONS = r"(?:exp|max|min|log|ln|sqrt|sin|cos|tanh|sigmoid|relu|abs|sum|mean|dot)"
_PHRASE = re.compile(rf"(?!{_FUNCTIONS}\b)(?<![^\W\d_])[^\W\d_]{{2,}}(?:[\s.]+(?!{_FUNCTIONS}\b)[^\W\d_]{{2,}})*")
_IS = re.compile(
    r"(?<=[\w)}])\s+(?:is(?: equal to)?|equals|to be|дорівнює|становить|שווה(?: ל)?|არის)\s+"
    r"(?=[-+−–]?\s?\d+(?:[.,/]\d+)?(?:[,;.)]?\s*$|[,;.)]\s|\s+(?:and|so|та|і|ו)\b))"
)
_SAID = re.compile(
    r"(?:then|thus|so|hence|and|that|get|gets|gives|have|where|with|calculated|computed|found|тоді|отже|маємо|אז|נקבל)\s+",
    re.IGNORECASE,
)
_TENSOR = re.compile(r"\btensor\(([^,()]*)[^()]*\)")


def in_lines(text: str, labels: Labels, comma: bool) -> tuple[list[Found], bool]:
    """(what the lines say, whether the order of two bare numbers was assumed)."""
    found: list[Found] = []
    assumed = False
    section: Kind = VALUE
    order: tuple[Kind, ...] = ()  # of bare numbers, where a header says it
    for line in text.split("\n"):
        bare = _levelled(line)
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
            bare_name = not any(sign in bare for sign in "=≈→←") or labels.node(re.split("[=≈→←]", bare)[0])
            statements = [bare] if bare_name else []
        for statement in statements:
            here, guessed = _statement(statement, line.strip(), labels, comma, section)
            if guessed and order:
                here = [(kind, node, it) for kind, (_, node, it) in zip(order, here, strict=True)]
            found += here
            assumed |= guessed and not order
    return found, assumed


def _levelled(line: str) -> str:
    """Without bullets and markup; "is" between a name and a number is a sign of equality."""
    bare = _SPACING.sub(" ", _LIST.sub("", line)).replace("$", "").strip()
    for command, sign in _COMMANDS.items():
        bare = bare.replace(command, sign)
    bare = re.sub(r"[-=]+>", "→", bare)
    return _IS.sub(" = ", _TENSOR.sub(r"\1", bare))


def _order(header: str, labels: Labels) -> tuple[Kind, ...]:
    """`node gradient value`: a table's header whose lines are lost."""
    meanings = [it for word in header.split() if (it := labels.words.meaning(word)) in (VALUE, GRADIENT)]
    return tuple(meanings) if sorted(meanings) == [GRADIENT, VALUE] else ()  # type: ignore[arg-type]


def _statements(line: str, labels: Labels) -> tuple[str, list[str]]:
    """(what stands before the first, statements): `Forward: a = 1, b = 2` holds two; `a: 6, grad -0.2` one."""
    starts = []
    latest: str | None = None  # the node whose value the last statement gives
    for match in _TARGET.finditer(line):
        before = line[: match.start()].rstrip()
        left = re.split(r"[=:≈→←]", match.group())[0]
        begin = match.start() + (said.end() if (said := _SAID.match(left)) else 0)
        target = _target(line[begin : match.start() + len(left)], labels, GRADIENT if left.strip()[-1:] in "'’′" else VALUE)
        if not target:
            continue
        parted = before.endswith("/") and latest and target[0] == VALUE and not labels.rests(latest, target[1])
        if not parted and (before[-1:] in _OPERATORS or re.search(r"\\(?:cdot|times)$", before)):
            continue  # goes on with an expression: the b of "a + b = 1"
        if not parted and starts and _is_product(before, labels):
            continue  # the c of "d = w c = 1"
        starts.append(begin)
        latest = target[1] if target[0] == VALUE else None
    head = line[: starts[0]] if starts else line[: line.find(":") + 1]
    ends = [*starts, len(line)][1:]
    return head, [line[start:end].strip().rstrip(",;/| ") for start, end in zip(starts, ends, strict=True)]


def _is_product(before: str, labels: Labels) -> bool:
    """Whether only names stand between the last sign of equality and what follows: "d = w c" multiplies them."""
    before = before[-_LONGEST_LEFT:]
    last = re.split(r"[=≈]", before)[-1].split()
    return bool(last) and len(last) < len(before.split()) and all(labels.node(name) for name in last)


def _pairs(text: str, kind: Kind, quote: str, labels: Labels, comma: bool) -> list[Found]:
    """`a -2 b 3 c 1`, if the whole text is like this."""
    found: list[Found] = []
    at = 0
    while at < len(text) and (pair := _PAIR.match(text, at)) and (node := labels.node(pair["node"])):
        found.append((kind, node, read_number(pair["number"], quote, comma=comma)))
        at = pair.end()
    return found if at == len(text) and len(found) >= _FEWEST_PAIRS else []


def _listed(text: str, kind: Kind, quote: str, labels: Labels, comma: bool) -> list[Found]:
    """`a -2, b 3`, behind "values:"."""
    if pairs := _pairs(text.strip(), kind, quote, labels, comma):
        return pairs
    pairs = [piece.rpartition(" ") for piece in re.split(r"[,;]\s+", text.strip())]
    return [
        (kind, node, read_number(number, quote, comma=comma))
        for label, _, number in pairs
        if (node := labels.node(label)) and _NUMBERS.fullmatch(plain(number))
    ]


def _statement(statement: str, quote: str, labels: Labels, comma: bool, section: Kind) -> tuple[list[Found], bool]:
    left, sign, right = _parted(statement)
    if not sign:
        return _bare(statement, quote, labels, comma, section)
    target = _target(left, labels, section)
    if target is None:
        return [], False
    kind, node, stated = target
    right = _own(right, labels)
    if stated:
        written = _last(right, quote, comma)
        same = [it[1] for piece in re.split(r"[=≈]", right)[:-1] if (it := _partial(piece, labels))]
        return [(kind, name, written) for name in (node, *same)], False  # "∂f/∂a = ∂f/∂b = 0.74"
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
    for parted in re.finditer(r"[,;]\s+|\s+(?:and|та|і|й)\s+|(?<=[\w)])\.\s+(?=[^\W\d_])", flat):
        name, sign, _ = re.split(r"([=≈:]|$)", flat[parted.end() :], maxsplit=1)
        if sign and labels.words.meaning(name) not in (VALUE, GRADIENT):
            return right[: parted.start()]
    return right


def _target(left: str, labels: Labels, section: Kind) -> tuple[Kind, str, bool] | None:
    """(kind, node, whether the kind is stated on the left)."""
    left = left[-_LONGEST_LEFT:].strip().strip("$*` ").strip()
    if partial := list(_PARTIAL.finditer(left)):
        return _partial(left, labels) if len(partial) == 1 else None
    if section == GRADIENT and left[-1:] in ("'", "’", "′"):
        left = left[:-1]
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


def _partial(text: str, labels: Labels) -> tuple[Kind, str, bool] | None:
    """The gradient that ends `text` alone: `∂f/∂a`. "dc/da" is of an inner node."""
    match = _PARTIAL.search(text)
    if match is None or text[match.end() :].strip(" }") or _PARTIAL.search(text[match.end() :]):
        return None
    if re.search(r"[^\W\d_]\w*\s*$|\d\s*$|[-+*/·×]\s*$", text[: match.start()].replace("\\dfrac", "").replace("\\frac", "")):
        return None
    node, of = labels.node(match["node"]), labels.node(match["of"] or "")
    return (GRADIENT, node, True) if node and of in (None, labels.output) else None


def _named_pieces(right: str, labels: Labels, quote: str, comma: bool, first: Kind) -> list[tuple[Kind, Written]]:
    """`6, grad -0.2`, `value = 6, gradient = -0.2`: each number with the word before it, `first` for one without."""
    text = plain(right)
    phrases = list(_PHRASE.finditer(text))
    kinds = [first, *(labels.words.meaning(phrase.group()) for phrase in phrases)]
    starts = [0, *(phrase.end() for phrase in phrases)]
    ends = [*(phrase.start() for phrase in phrases), len(text)]
    found: list[tuple[Kind, Written]] = []
    for kind, start, end in zip(kinds, starts, ends, strict=True):
        piece = re.split(r"[=≈:]", text[start:end].strip(" ,;=≈:"))[-1].strip()
        if piece.count("(") != piece.count(")"):  # "-2 (grad 0.7)": half of a bracket stays with each number
            piece = piece.strip("( ") if "(" in piece else piece.strip(") ")
        alone = re.match(rf"({_NUMBERS.pattern})\s*(?:\(.*\))?$", piece)
        if kind in (VALUE, GRADIENT) and re.search(r"\d", piece):
            found.append((kind, read_number(alone[1] if alone else piece, quote, comma=comma)))  # type: ignore[arg-type]
    return found


def _last(right: str, quote: str, comma: bool) -> Written:
    """The last number of a chain of equalities, up to a remark; a name may end it: "-0.387 = dg"."""
    pieces = re.split(r"[=≈]", right)
    numbers = [piece for piece in pieces if re.search(r"\d", piece)]
    text = (numbers or pieces)[-1].strip().strip("$").strip().rstrip(",;.")
    text = re.split(r"\s+(?:\(?[^\W\d_]{2,}|\((?=[^\W\d_]))", text)[0] if not text.startswith("\\") else text
    return read_number(text.rstrip(",;"), quote, comma=comma)


def _bare(statement: str, quote: str, labels: Labels, comma: bool, section: Kind) -> tuple[list[Found], bool]:
    """`a 6 -0.2`, as a PDF's table reads; `a 6 grad -0.2`; `a 6 b 7 c 8`."""
    label, *numbers = re.sub(r"([-−–])\s+(?=\d)", r"\1", statement).split()
    node = labels.node(label)
    if node is None:
        return [], False
    if any(labels.words.meaning(it) in (VALUE, GRADIENT) for it in numbers):
        rest = statement.partition(" ")[2]
        return [(kind, node, it) for kind, it in _named_pieces(rest, labels, quote, comma, section)], False
    if len(numbers) != 2 or not all(_NUMBERS.fullmatch(plain(it)) for it in numbers):
        return _pairs(statement, section, quote, labels, comma), False
    return _pair(node, numbers, quote, comma), True


def _pair(node: str, numbers: list[str], quote: str, comma: bool) -> list[Found]:
    return [
        (kind, node, read_number(it, quote, comma=comma)) for kind, it in zip((VALUE, GRADIENT), numbers, strict=True)
    ]
