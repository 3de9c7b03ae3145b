"""Every shape in a text, in whatever notation: m×50, m x 50, (m, 50), [None, 50], R^{m×10}, 10 by 50, a vector of 50."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.core.answers.shapes.level import Level, whole_size

Dim = int | str
"""A size, or the name of a symbol; a word that no symbol is spelt like keeps "?" before it."""

_LARGEST = 10**12
_ALIKE = str.maketrans("хм", "xm")
_CROSSES = ("[×✕⨯╳xXхХ]", r"[*∗]", "[·∙⋅]", r"-?\s*\b(?:by|на|על)\b\s*-?")
_NOUN = (
    r"(?:samples?|examples?|instances?|features?|inputs?|outputs?|units?|neurons?|зразк\w*|приклад\w*|ознак\w*|нейрон\w*"
    r"|דגימות|דוגמאות|תכונות|מאפיינים|נוירונים)"
)
_ENTRIES = (
    r"(?:entries|elements|components|values|numbers|чис(?:ел|ла)|елемент\w*|компонент\w*|значень|איברים|רכיבים|ערכים|כניסות)"
)
ROWS = r"(?:rows?|рядк\w*|строк\w*|שורות)"
COLUMNS = r"(?:columns?|cols?|стовпц\w*|стовпчик\w*|столбц\w*|עמודות)"
_COUNTED = re.compile(
    r"[\s)\]]*(?:(?:=|≈)\s*\d[\d,.\s]*(?![\d\s]*[×xх*·,])|\+\s*\d|-\s*\d|(?:\w+\s+)?(?:param\w*|multiplic\w*|operations|entries|numbers|connections"
    r"|kernels?|filters?|convol\w*|параметр\w*|множень|операц\w*|з'єднан\w*|ядр\w*|фільтр\w*|פרמטרים|כפלים|פעולות|מסננים|פילטר\w*)\b)",
    re.IGNORECASE,
)
_JOINED_BEFORE = re.compile(r"(?:[×✕*·∙⋅@+/^⊙√∂]\s*[(\[]*|[\w)\]]\s+[xх])\s*$")
_JOINED_AFTER = re.compile(r"[^\S\n]*[)\]]*[^\S\n]*(?:(?:[·∙⋅@+/⊙]\s*[(\[]*\s*\d)|[×✕*^]|[xх][^\S\n]*[\d(\[])")
_MADE = re.compile(r"(?:[A-Za-z]\w*\.)*(?:Size|TensorShape|zeros|ones|empty|randn?|full)\s*\(?$")
_CALLED = re.compile(r"([^\W\d_]\w*)\s*\(?$")
_MAKERS = re.compile(
    r"(?:Size|TensorShape|shape|size|dim|zeros|ones|empty|randn?|randint|full|reshape|view|R)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Written:
    """A shape at `start` … `end` of the levelled text. kind: `dimensions` speaks for itself; `vector` is prose; `bare` is a
    number or a list without brackets, a shape only where one is spoken of."""

    start: int
    end: int
    dims: tuple[Dim, ...]
    kind: str = "dimensions"


class Notation:
    """Reads shapes; `symbols`: spellings by the name of a symbolic dimension, or by a size."""

    def __init__(self, symbols: Mapping[str, Sequence[str]], names: Sequence[str]) -> None:
        spelt = {one: _key(name) for name, spellings in symbols.items() for one in (name, *spellings)}
        self._keys = {_folded(one): key for one, key in spelt.items()}
        self._not_dims = frozenset(_folded(name) for name in names)
        known = "|".join(spelling(one) for one in sorted(spelt, key=len, reverse=True))
        symbol = rf"(?:{known})" if known else r"(?!)"
        size = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?!\.\d)"
        other = r"[A-Za-z](?:_[A-Za-z0-9]{1,12}|\d|)(?![^\W\d_])"
        dim = rf"(?:{symbol}|{size}|{other})"
        noun = rf"(?:\s+{_NOUN}\b)?"
        blank = r"[^\S\n]*"
        start, end = r"(?<![\w.])(?P<set>R\s*\^?\s*\(?\s*)?", r"(?![\w]|\.\d)"
        self._chains = [
            re.compile(
                rf"{start}{dim}{noun}{blank}(?P<by>{cross}){blank}{dim}{noun}(?:{blank}(?P=by){blank}{dim}{noun})*{end}",
                re.IGNORECASE,
            )
            for cross in _CROSSES
        ]
        self._splits = [re.compile(rf"({dim}){noun}(?:\s*{cross}\s*|$)", re.IGNORECASE) for cross in _CROSSES]
        worked = r"\d{1,6}(?:\s*[-+−/*]\s*\d{1,6}){1,6}"
        self._element = re.compile(rf"\s*(?:({symbol})|(\d+|{worked})|([^\W\d_]\w{{0,19}})){noun}\s*", re.IGNORECASE)
        self._list = re.compile(
            rf"(?<![\w.,])\d+(?:\s*(?:,|-|–|—|→|->|/)\s*\d+){{2,}}(?:,?\s*(?:and|та|і|ו-?)\s*\d+)?{end}"
        )
        one = rf"(?P<dim>{symbol}|(?<!\d)\d+)"
        self._vectors = [
            re.compile(pattern, re.IGNORECASE)
            for pattern in (
                rf"\bR\s*\^\s*\(?\s*{one}\)?{end}(?!\s*[×*·])",
                rf"∈\s*R\s+{one}{end}(?!\s*(?:[×*·,]|x\s*\d))",
                rf"(?<![\w.]){one}[\s-]*(?:dimensional|dim\b|d\b|element|entry|вимірн\w*|мірн\w*|элементн\w*)"
                r"(?:\s*-?\s*(?:column |row )?(?:vector|array|tensor|вектор\w*))?",
                rf"(?<![\w.]){one}[\s-]*(?:vector\b)",
                r"\b(?:vector|array|вектор\w*)\b\s*(?:of|with|has|з|із|на|из|with a)?\s*(?:the )?"
                r"(?:size|length|dimension|shape|довжин\w*|розмір\w*|размер\w*|длин\w*)?"
                rf"\s*(?:of|is|=|:)?\s*\(?(?<![\w.]){one}{end}(?!\s*[×*·]|,\s*\d)",
                r"(?:ה?ו?וקטור)\s*(?:של|באורך|בגודל|במימד|בממד|עם|בן)?\s*(?:של\s*|-\s*)?"
                + rf"{one}{end}(?!\s*[×*·]|,\s*\d)",
                rf"\b(?:row|list)\s+of\s+{one}{end}(?!\s*[×*·]|,\s*\d)",
                rf"\b(?:length|довжин\w*|באורך)\s*(?:of|is|=|:)?\s*{one}{end}(?!\s*[×*·]|,\s*\d)",
            )
        ]
        remark = r"(?:\s*\([^()\n]{0,60}\))?"
        also = r"(?:and|by|with|×|x|та|і|й|на|ו-?|על)?"
        self._grids = [
            re.compile(rf"{one}\s+{first}\b{remark}[\s,]*{also}\s*(?P<other>{symbol}|\d+)\s+{second}\b", re.IGNORECASE)
            for first, second in ((ROWS, COLUMNS), (COLUMNS, ROWS))
        ]  # fmt: skip
        self._entries = re.compile(rf"(?<![\w.,×*·])(?P<dim>{symbol}|\d+)\s+{_ENTRIES}\b", re.IGNORECASE)
        self._bare = re.compile(rf"(?<![\w.,]){one}{end}(?![,:]\d)", re.IGNORECASE)

    def shapes(self, text: Level) -> list[Written]:
        """In the order of the text; none inside another, none that is a factor of a product."""
        found: list[Written] = []
        masked = text.text
        taken = bytearray(len(masked))  # 1 where a shape stands
        for reader in (self._rows_and_columns, self._crossed, self._bracketed, self._as_vectors, self._listed, self._counted):
            for one in list(reader(masked)):
                if taken.find(1, one.start, one.end) < 0:
                    taken[one.start : one.end] = b"\1" * (one.end - one.start)
                    found.append(one)
        kept = [one for one in found if self._stands_alone(one, masked)]
        return sorted(kept, key=lambda one: one.start)

    def bare(self, text: str, start: int, end: int) -> Written | None:
        """The only number or symbol of a stretch of text: a shape where one is spoken of ("the shape of b_h is 50")."""
        match = self._bare.match(text, start, end)
        return Written(match.start(), match.end(), (self._dim(match["dim"]),), "bare") if match else None

    def _crossed(self, text: str) -> Iterator[Written]:
        for chain, split in zip(self._chains, self._splits, strict=True):
            for match in chain.finditer(text):
                first = match.end("set") if match["set"] else match.start()
                spelt = split.findall(text[first : match.end()])
                dims = tuple(self._dim(one) for one in spelt)
                named = any(_folded(one) in self._not_dims and _folded(one) not in self._keys for one in spelt)
                if not named and _is_shape(dims):
                    yield Written(match.start(), match.end(), dims)

    def _bracketed(self, text: str) -> Iterator[Written]:
        for match in re.finditer(r"[(\[]([^()\[\]\n]{1,80})[)\]]", text):
            inner = match[1].rstrip()
            parts = inner.rstrip(",;").split(";" if ";" in inner else ",")
            if len(parts) == 1 and match[0][0] == "[" and all(map(self._is_dim, inner.split())):
                parts = inner.split()  # MATLAB's [10 50]
            elements = [self._element.fullmatch(part) for part in parts]
            if not all(elements):
                continue
            dims = tuple(self._dim(one[1] or one[2] or one[3]) for one in elements if one)
            single = len(dims) == 1 and not inner.endswith(",")
            before = text[max(0, match.start() - 40) : match.start()]
            called = _CALLED.search(before)
            maker = called and _MAKERS.search(called[1])
            if single and not maker and not (dims and isinstance(dims[0], int)):
                continue
            if not _is_shape(dims) or dims == (self._keys.get("-1"), 1):
                continue
            if called and text[match.start() - 1] not in " \n" and not maker and not self._is_name(called[1]):
                continue
            made = _MADE.search(before)
            start = match.start() - (len(made[0]) if made else 0)
            yield Written(start, match.end(), dims, "bare" if single and not maker else "dimensions")

    def _as_vectors(self, text: str) -> Iterator[Written]:
        for pattern in self._vectors:
            for match in pattern.finditer(text):
                yield Written(match.start(), match.end(), (self._dim(match["dim"]),), "vector")

    def _rows_and_columns(self, text: str) -> Iterator[Written]:
        for order, pattern in zip((1, -1), self._grids, strict=True):
            for match in pattern.finditer(text):
                yield Written(match.start(), match.end(), (self._dim(match["dim"]), self._dim(match["other"]))[::order])

    def _listed(self, text: str) -> Iterator[Written]:
        for match in self._list.finditer(text):
            yield Written(match.start(), match.end(), tuple(int(one) for one in re.findall(r"\d+", match[0])), "bare")

    def _counted(self, text: str) -> Iterator[Written]:
        """ "b_h has 50 entries"."""
        for match in self._entries.finditer(text):
            yield Written(match.start(), match.end(), (self._dim(match["dim"]),), "bare")

    def _stands_alone(self, one: Written, text: str) -> bool:
        if one.kind == "vector":
            return True
        before, after = text[max(0, one.start - 12) : one.start], text[one.end : one.end + 40]
        if _JOINED_BEFORE.search(before) and not re.search(r"(?:R\s*\^\s*[(\[]*|(?:^|\n)\s*\*\s*)$", before):
            return False
        counted = one.kind != "bare" and text[one.start] not in "([" and _COUNTED.match(after)
        return not _JOINED_AFTER.match(after) and not counted

    def _is_dim(self, word: str) -> bool:
        return word.isdecimal() or _folded(word) in self._keys

    def _is_name(self, word: str) -> bool:
        return _folded(word) in self._not_dims

    def _dim(self, spelt: str) -> Dim:
        plain = spelt.replace(",", "")
        if plain[:1].isdecimal() and not plain.isdecimal() and (worked := whole_size(plain)) is not None:
            return worked if worked < _LARGEST else "?" + plain
        if plain.isdecimal():
            return int(plain) if not plain.startswith("0") and int(plain) < _LARGEST else "?" + plain
        key = self._keys.get(_folded(spelt))
        return key if key is not None else "?" + spelt


def spelling(name: str) -> str:
    """A pattern for a name: W_h is also W_{h}, Wh and W h; letters that look alike count as one."""
    parts = re.findall(r"[^\W_]+|_|[^\w\s]", name)
    patterns: list[str] = []
    for index, part in enumerate(parts):
        if part == "_":
            patterns.append(r"[ ]?_?[ ]?")
            continue
        if patterns and parts[index - 1] != "_" and part[0].isalnum() and parts[index - 1][-1].isalnum():
            patterns.append(r"[\s_-]+")
        patterns.append({"x": "[xх]", "m": "[mм]"}.get(part.lower(), re.escape(part)))
    return "".join(patterns)


def _is_shape(dims: Sequence[Dim]) -> bool:
    """At least one size or symbol, no zero; "(1)" … "(9)" number a list."""
    return any(isinstance(one, int) or not one.startswith("?") for one in dims) and "?0" not in dims


def _folded(spelt: str) -> str:
    if not spelt.strip("-0123456789"):
        return spelt
    plain = re.sub(r"[\s_-]+", "", spelt.lower())
    return plain.translate(_ALIKE) if len(plain) <= 2 else plain


def _key(name: str) -> Dim:
    return int(name) if name.isdecimal() else name


def shown(dims: Sequence[Dim]) -> str:
    """For sentences: "m×50", "a vector of 50"."""
    spelt = [str(one).lstrip("?") for one in dims]
    return "×".join(spelt) if len(spelt) > 1 else f"a vector of {spelt[0]}"
