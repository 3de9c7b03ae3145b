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
from grader.core.answers.shapes.links import Link, Links, is_word
from grader.core.answers.shapes.naming import Name, Naming, groups
from grader.core.answers.shapes.notation import Dim, Notation, Written
from grader.core.answers.shapes.order import InOrder
from grader.core.answers.shapes.words import (
    AND,
    BEFORE_NAME,
    CORRECTING,
    DENYING,
    EQUATING,
    LINKING,
    OPERATING,
    TOGETHER,
)

_LOOSE = 10  # words between a name and its shape, where they are not linking ones
_APART = 300  # characters: what stands further from a name is not said of it
_BRACKETS = re.compile(r"[)\]]*")
_CLOSED = re.compile(r"\s*(?:[.;,)\]?!]|\n|$)")  # behind a number that is no part of a phrase
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


_COMMENT = re.compile(r"[^\S\n]*=[^\S\n]*[^#\n=]+#[^\S\n]*")
_ENDS = re.compile(r"[^\S\n]*(?:\n|$)")


class Claims:
    """All claims of one text outside of tables."""

    def __init__(self, text: Level, notation: Notation, naming: Naming) -> None:
        self._text = text.text
        self._notation = notation
        written = notation.shapes(text)
        self._written = [one for one in written if not _DENIED.search(self._text[max(0, one.start - 40) : one.start])]
        self._at = {one.start: one for one in self._written}
        self.names = naming.names(self._text, written)
        denied = {one.start: one for one in written if one.start not in self._at}
        self._links = Links(self._text, notation, self.names, self._at, denied)
        self._shapes, self._named = InOrder(self._written), InOrder(self.names)

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
        for one in self._commented(used):
            firm.append(one)
        claimed = {one.thing for one in firm}
        firm += [one for one in self._behind(used) if one.thing not in claimed]
        claimed = {one.thing for one in firm}
        return firm + [one for one in self._near(used) if one.thing not in claimed]

    def _of_group(self, group: Sequence[Name]) -> Iterator[tuple[Claim, Written]]:
        if len({name.thing for name in group}) > 1:
            yield from self._respectively(group)
            return
        name = group[-1]
        if name.stands in ("factor", "argument"):
            return
        link = self._links.of(name)
        if link is None or self._is_ambiguous(name, link):
            return
        if name.stands == "annotated" and self._text[name.end : link.shape.start].strip() not in ("(", "[", ""):
            return
        first = link.shape
        if first.kind == "bare" and not link.shape_word and not (link.explicit and self._is_list(first)):
            yield self._claim(name, first, firm=False), first
            return
        listed = self._listed(first)
        several = self._names_before(name, len(listed))
        if several:
            yield from ((self._claim(one, shape), shape) for one, shape in zip(several, listed, strict=True))
            return
        for shape in listed if len(listed) > 1 else self._chain(first):
            yield self._claim(name, shape), shape

    def _names_before(self, last: Name, count: int) -> Sequence[Name]:
        """ "W_h, and the shape of its bias b_h? (10, 50) and (50,)": the names that as many shapes are given for; empty where
        they are not found. What is listed is then said of nobody: one shape of several may be right."""
        before = self._named.before(last.start)
        if count != 2 or before is None or before.thing == last.thing or before.stands != "alone":
            return ()
        between = self._text[before.end : last.start]
        linked = all(word in LINKING or word in AND for word in re.findall(r"[^\W\d_]+", between.lower()))
        return (before, last) if linked and len(between) < _APART and re.fullmatch(r"[\w\s,'’]*", between) else ()

    def _is_list(self, shape: Written) -> bool:
        """`b_o: [10]` is a shape in an answer that writes `W_o: [50, 10]`."""
        brackets = [one for one in self._written if len(one.dims) > 1 and self._text[one.start] == "["]
        return bool(brackets) and self._text[shape.start] == "["

    def _respectively(self, group: Sequence[Name]) -> Iterator[tuple[Claim, Written]]:
        """ "X, W_h and b_h are m×10, 10×50 and 50"; as many shapes as names, or nothing is read."""
        link = self._links.of(group[-1])
        if link is None or any(name.stands in ("factor", "argument") for name in group):
            return
        listed = self._listed(link.shape)
        if len(listed) == len(group):
            yield from ((self._claim(name, shape), shape) for name, shape in zip(group, listed, strict=True))

    def _listed(self, first: Written) -> list[Written]:
        """The shape, and those that follow it with nothing but a comma or "and" between."""
        listed = [first]
        while True:
            after = _BRACKETS.match(self._text, listed[-1].end)
            between = TOGETHER.match(self._text, after.end() if after else listed[-1].end)
            if between is None:
                return listed
            start = between.end() + (self._text[between.end() : between.end() + 1] in ("(", "["))
            shape = self._at.get(between.end()) or self._at.get(start)
            bare = None if shape else self._notation.bare(self._text, between.end(), len(self._text))
            closed = bare and (_CLOSED.match(self._text, bare.end) or TOGETHER.match(self._text, bare.end))
            if bare and closed and not is_word(bare, self._text):
                shape = bare
            if shape is None:
                return listed
            listed.append(shape)

    def _chain(self, first: Written) -> Iterator[Written]:
        """The shape, and those that are said to be the same, or offered in its place; a correction replaces it."""
        kept = [first]
        while True:
            following = self._shapes.behind(kept[-1].end)
            if following and EQUATING.fullmatch(self._text, kept[-1].end, min(following.start, kept[-1].end + _APART)):
                kept.append(following)
                continue
            later = self._corrected(kept[-1])
            if later is None:
                return iter(kept)
            kept = [later]

    def _corrected(self, shape: Written) -> Written | None:
        following = self._shapes.behind(shape.end)
        if following is None or following.start - shape.end > _APART or self._named.between(shape.end, following.start):
            return None
        between = re.findall(r"[^\W\d_]+", self._text[shape.end : following.start].lower())
        return following if len(between) <= 5 and CORRECTING & set(between) else None

    def _is_ambiguous(self, name: Name, link: Link) -> bool:
        """The shape could as well belong to the name behind it, or this name to the shape before it."""
        bracketed = re.search(r"[(\[]\s*$", self._text[: link.shape.start]) or self._text[link.shape.start] in "(["
        if link.explicit or link.shape_word or (link.plain and bracketed):
            return False
        if link.plain and self._is_beside(self._shapes.before(name.start), name.start):
            return True
        following = self._named.behind(link.shape.end)
        return following is not None and following.thing != name.thing and self._leads_to(link.shape, following)

    def _is_beside(self, before: Written | Name | None, place: int) -> bool:
        """Whether nothing but blanks lies between."""
        return before is not None and not self._text[before.end : place].strip()

    def _commented(self, used: set[int]) -> Iterator[Claim]:
        """ `Y = relu(H @ W_o + b_o)  # (m, 3)`: a comment that is nothing but a shape is the shape of what is assigned."""
        for name in self.names:
            if self._text[: name.start].rpartition("\n")[2].strip():
                continue
            between = _COMMENT.match(self._text, name.end)
            shape = self._at.get(between.end()) if between else None
            if shape is None or not _ENDS.match(self._text, shape.end) or shape.start in used:
                continue
            used.add(shape.start)
            yield self._claim(name, shape)

    def _behind(self, used: set[int]) -> Iterator[Claim]:
        """ "the m×10 matrix X", "(10, 50) for W_h": the name stands behind."""
        for shape in self._written:
            following = self._named.behind(shape.end)
            if shape.start in used or following is None or following.stands != "alone":
                continue
            plain = not self._text[shape.end : following.start].strip(" )]")
            if shape.kind == "bare":  # "64, 128, 128, 256 and 256 filters"
                if len(shape.dims) > 1 and plain:
                    yield self._claim(following, shape, firm=False)
                continue
            if plain and self._is_beside(self._named.before(shape.start), shape.start):
                continue  # "X m×10 W_h 10×50": whose they are is anyone's guess
            if self._leads_to(shape, following):
                used.add(shape.start)
                yield self._claim(following, shape)

    def _leads_to(self, shape: Written, name: Name) -> bool:
        if name.start - shape.end > _APART:
            return False
        between = self._text[shape.end : name.start]
        found = re.findall(r"[^\W\d_]+", between.lower())
        if not found and "\n" in between:
            return False  # a column of names and shapes
        return bool(re.fullmatch(r"[)\]]?[^\S\n]+[\w\"'-][\w\s\"'-]*|[)\]]?[^\S\n]+", between)) and all(
            word in BEFORE_NAME for word in found
        )

    def _near(self, used: set[int]) -> Iterator[Claim]:
        """The first shape after a name in its sentence. Not firm: it may only show that the answer is right."""
        listed = {
            name for group in groups(self.names, self._text) if len({one.thing for one in group}) > 1 for name in group
        }
        for name in self.names:
            if name.stands != "alone" or name in listed:
                continue
            shape = self._shapes.behind(name.end)
            if shape is None or shape.start in used or shape.kind == "bare" or shape.start - name.end > _APART:
                continue
            between = self._text[name.end : shape.start]
            others = any(other.thing != name.thing for other in self._named.between(name.end, shape.start))
            found = re.findall(r"[^\W\d_]+", between.lower())
            if others or len(found) > _LOOSE or re.search(r"\.\s|[;·×*@+]|\n\s*\n|(?<=\S)=", between):
                continue
            if "\n" in between and self._is_beside(self._named.before(name.start), name.start):
                continue  # a column of names, then one of shapes
            if not (OPERATING | DENYING) & set(found):
                yield from (self._claim(name, one, firm=False) for one in self._chain(shape))

    def _claim(self, name: Name, shape: Written, firm: bool = True) -> Claim:
        dims = shape.dims[::-1] if name.transposed else shape.dims
        return Claim(
            name.thing, dims, min(name.start, shape.start), max(name.end, shape.end), firm, shape.kind == "bare"
        )
