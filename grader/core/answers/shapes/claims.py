"""Which shape an answer claims for which thing.

A shape is given to a name when only linking words and signs stand between them ("shape(W_h) = 10×50", "X has the dimensions
m×10", "the 10×50 matrix W_h"); such a claim is firm. What stands near, but less clearly, may show that an answer is right,
never that it is wrong. Shapes under a formula, or with a product between, belong to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.core.answers.shapes.level import Level
from grader.core.answers.shapes.naming import Name, Naming, groups
from grader.core.answers.shapes.notation import Dim, Notation, Written
from grader.core.answers.shapes.words import (
    BEFORE_NAME,
    CORRECTING,
    DENYING,
    EQUATING,
    LINKING,
    OPERATING,
    SHAPE,
    TOGETHER,
)

_FAR, _LOOSE = 160, 10  # characters from a name to its shape; words, where they are not linking ones
_TOKEN = re.compile(r"(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)|(?P<line>[ \t]*\n\s*)|(?P<space>[ \t]+)|(?P<sign>.)")
_SIGNS = frozenset(":=∈→⇒-–—~\"'()[]|><,.״")
_EXPLICIT = frozenset(":=∈")
_BUT = frozenset("but rather it its it's а але но но это אלא".split())
_DENIED = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(DENYING))})\s+(?:[^\W\d_]+\s+){{0,2}}[(\[]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """`dims` is said of `thing` at `start` … `end`; `firm` when it can be meant of nothing else; `number`: a
    mere number."""

    thing: str
    dims: tuple[Dim, ...]
    start: int
    end: int
    firm: bool = True
    number: bool = False


@dataclass(frozen=True, slots=True)
class _Link:
    """What a name is linked to: the shape, and how clearly. shape_word: a shape is spoken of; plain: nothing is between."""

    shape: Written
    explicit: bool
    shape_word: bool
    plain: bool


class Claims:
    """All claims of one text outside of tables."""

    def __init__(self, text: Level, notation: Notation, naming: Naming) -> None:
        self._text = text.text
        self._notation = notation
        written = notation.shapes(text)
        self._written = [one for one in written if not _DENIED.search(self._text[max(0, one.start - 40) : one.start])]
        self._denied = {one.start: one for one in written if one not in self._written}
        self._at = {one.start: one for one in self._written}
        self.names = naming.names(self._text, written)
        self._starts = {name.start: name for name in self.names}

    @property
    def unnamed(self) -> list[Written]:
        return self._written

    def claims(self) -> list[Claim]:
        firm: list[Claim] = []
        used: set[int] = set()
        for group in groups(self.names, self._text):
            for claim, shape in self._of_group(group):
                firm.append(claim)
                used.add(shape.start)
        claimed = {one.thing for one in firm}
        firm += [one for one in self._behind(used) if one.thing not in claimed]
        claimed = {one.thing for one in firm}
        return firm + [one for one in self._near(used) if one.thing not in claimed]

    def _of_group(self, group: Sequence[Name]) -> Iterator[tuple[Claim, Written]]:
        if len({name.thing for name in group}) > 1:
            yield from self._respectively(group)
            return
        name = group[-1]
        if name.stands == "factor":
            return
        link = self._linked(name)
        if link is None or self._is_ambiguous(name, link):
            return
        if name.stands == "annotated" and self._text[name.end : link.shape.start].strip() not in ("(", "[", ""):
            return
        first = link.shape
        if first.kind == "bare" and not link.shape_word:
            yield self._claim(name, first, firm=False), first
            return
        chain = list(self._chain(first))
        for shape in chain:
            yield self._claim(name, shape), shape

    def _respectively(self, group: Sequence[Name]) -> Iterator[tuple[Claim, Written]]:
        """ "X, W_h and b_h are m×10, 10×50 and 50"; as many shapes as names, or nothing is read."""
        link = self._linked(group[-1])
        if link is None or any(name.stands == "factor" for name in group):
            return
        listed, position = [link.shape], link.shape.end
        while True:
            after = re.compile(r"[)\]]*").match(self._text, position)
            between = TOGETHER.match(self._text, after.end() if after else position)
            if between is None:
                break
            start = between.end() + (self._text[between.end() : between.end() + 1] in ("(", "["))
            shape = (
                self._at.get(between.end())
                or self._at.get(start)
                or self._notation.bare(self._text, between.end(), len(self._text))
            )
            if shape is None:
                break
            listed.append(shape)
            position = shape.end
        if len(listed) == len(group):
            yield from ((self._claim(name, shape), shape) for name, shape in zip(group, listed, strict=True))

    def _linked(self, name: Name) -> _Link | None:
        """The shape that a name is linked to by nothing but linking words and signs."""
        position, limit = name.end, min(len(self._text), name.end + _FAR)
        explicit = shape_word = _wrapped(self._text, name)
        denied, comma, plain = False, False, True
        while position < limit:
            if position in self._at:
                return None if denied or comma else _Link(self._at[position], explicit, shape_word, plain)
            if position in self._starts and self._starts[position].thing != name.thing:
                return None
            if position in self._denied:
                position, denied = self._denied[position].end, False
                continue
            bare = self._notation.bare(self._text, position, len(self._text))
            if bare and self._text[position - 1] in " :=([-–—" and (explicit or shape_word) and not _is_word(bare, self._text):
                return None if denied or comma or self._is_counted(bare) else _Link(bare, explicit, shape_word, plain)
            match = _TOKEN.match(self._text, position)
            if match is None:
                return None
            token = match.group()
            if match["word"]:
                word = token.lower().replace("’", "'")
                if word in DENYING:
                    denied = True
                elif word in SHAPE:
                    shape_word, comma = True, False
                elif word in LINKING:
                    comma = False
                elif word not in _BUT:
                    return None
                plain = False
            elif match["line"]:
                if not explicit and (plain or token.count("\n") > 1):
                    return None
            elif match["sign"]:
                if token not in _SIGNS or (token == "." and not self._is_member(position)):
                    return None
                if token == "(" and (closing := self._parenthesis(position)):
                    position, plain = closing, False
                    continue
                explicit |= token in _EXPLICIT
                comma = token == ","
                plain &= token in "()[]"
            position = match.end()
        return None

    def _chain(self, first: Written) -> Iterator[Written]:
        """The shape, and those that are said to be the same; a correction replaces it."""
        kept = [first]
        while True:
            between = EQUATING.match(self._text, kept[-1].end)
            if between and between.end() in self._at:
                kept.append(self._at[between.end()])
                continue
            later = self._corrected(kept[-1])
            if later is None:
                return iter(kept)
            kept = [later]

    def _corrected(self, shape: Written) -> Written | None:
        following = next((one for one in self._written if one.start >= shape.end), None)
        if following is None or any(shape.end <= name.start < following.start for name in self.names):
            return None
        between = re.findall(r"[^\W\d_]+", self._text[shape.end : following.start].lower())
        return following if len(between) <= 5 and CORRECTING & set(between) else None

    def _is_ambiguous(self, name: Name, link: _Link) -> bool:
        """The shape could as well belong to the name behind it, or this name to the shape before it."""
        if link.explicit or link.shape_word:
            return False
        if link.plain:
            before = next((one for one in self._written if one.end <= name.start and not self._text[one.end : name.start].strip()), None)
            if before is not None and self._text[link.shape.start - 1] not in "([":
                return True
        following = next((one for one in self.names if one.start >= link.shape.end), None)
        return following is not None and following.thing != name.thing and self._leads_to(link.shape, following)

    def _behind(self, used: set[int]) -> Iterator[Claim]:
        """ "the m×10 matrix X", "(10, 50) for W_h": the name stands behind."""
        for shape in self._written:
            following = next((one for one in self.names if one.start >= shape.end), None)
            if shape.start in used or shape.kind == "bare" or following is None or following.stands != "alone":
                continue
            if self._leads_to(shape, following):
                used.add(shape.start)
                yield self._claim(following, shape)

    def _leads_to(self, shape: Written, name: Name) -> bool:
        between = self._text[shape.end : name.start]
        found = re.findall(r"[^\W\d_]+", between.lower())
        return bool(re.fullmatch(r"[)\]]?[^\S\n][\w\s\"'-]*", between)) and all(word in BEFORE_NAME for word in found)

    def _near(self, used: set[int]) -> Iterator[Claim]:
        """The first shape after a name in its sentence. Not firm: it may only show that the answer is right."""
        for name in self.names:
            if name.stands != "alone":
                continue
            shape = next((one for one in self._written if one.start >= name.end), None)
            if shape is None or shape.start in used or shape.kind == "bare":
                continue
            between = self._text[name.end : shape.start]
            others = any(name.end <= other.start < shape.start and other.thing != name.thing for other in self.names)
            found = re.findall(r"[^\W\d_]+", between.lower())
            if others or len(found) > _LOOSE or re.search(r"\.\s|[;·×*@+]|\n\s*\n|(?<=\S)=", between):
                continue
            if not (OPERATING | DENYING) & set(found):
                yield self._claim(name, shape, firm=False)

    def _claim(self, name: Name, shape: Written, firm: bool = True) -> Claim:
        dims = shape.dims[::-1] if name.transposed else shape.dims
        return Claim(name.thing, dims, min(name.start, shape.start), max(name.end, shape.end), firm, shape.kind == "bare")

    def _parenthesis(self, position: int) -> int | None:
        """The end of a remark in brackets without a shape or a name: "b_h (the bias of the hidden layer) = 50"."""
        closing = self._text.find(")", position, position + 80)
        if closing < 0 or "\n" in self._text[position:closing]:
            return None
        inner = range(position, closing)
        if any(at in inner for at in (*self._at, *self._denied)) or any(char.isdigit() for char in self._text[position:closing]):
            return None
        return closing + 1

    def _is_member(self, position: int) -> bool:
        """The dot of `X.shape`, of "i.e." and of "dim."."""
        return re.match(r"\.(?:shape|size|dim|e\b|\s*$)", self._text[position : position + 6]) is not None or bool(
            re.search(r"\b(?:i\.e|dim|i)$", self._text[max(0, position - 4) : position])
        )

    def _is_counted(self, bare: Written) -> bool:
        """A number that goes on, or counts something, is no shape: "W_h: 500 weights", "b_h = 50 + 3"."""
        return re.match(r"\s*(?:[)\]]*\s*[×*·/+^%@,]\s*[\w(]|x\s*\d|-\s*\d|\.\d|(?:param|weight|value|ваг|парам|משקול|פרמטר)\w*)", self._text[bare.end : bare.end + 12]) is not None  # fmt: skip


def _wrapped(text: str, name: Name) -> bool:
    """Whether a word for a shape stands right before: "shape(X)", "the size of X"."""
    before = re.findall(r"[^\W\d_]+", text[max(0, name.start - 30) : name.start].split("\n")[-1].lower())[-3:]
    return any(word in SHAPE for word in before)


def _is_word(bare: Written, text: str) -> bool:
    """Symbols that are spelt as words are read in shapes only."""
    return not text[bare.start : bare.end].isdecimal()
