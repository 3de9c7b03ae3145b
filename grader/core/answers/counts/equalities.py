"""Which equalities of a chain hold. False is only what is surely meant as an equality and holds in no reading."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.core.answers.counts import numerals
from grader.core.answers.counts.arithmetic import Node, Number, Operation, Torn, Unread, evaluate, factors, parts, terms
from grader.core.answers.counts.numerals import Notation

_LABELLED = 10  # times: nobody is as wrong as that about a size
_SIZE = 150  # up to here `7x7 = 7x1 + 1x7` may speak of kernels, not of numbers


@dataclass(frozen=True, slots=True)
class Member:
    """One side of an equality. value: None when it could not be read."""

    node: Node
    value: Fraction | None
    start: int
    end: int

    @property
    def bare(self) -> bool:
        return isinstance(self.node, Number)


@dataclass(frozen=True, slots=True)
class Equality:
    """Two neighbours of a chain, read on both sides. holds: None when it is false but perhaps no claim of equality."""

    left: Member
    right: Member
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Chain:
    """One member (a number, a product) or several that are said to be equal. equalities: those that could be verified."""

    members: tuple[Member, ...]
    equalities: tuple[Equality, ...]
    notation: Notation
    approximate: bool
    start: int
    end: int

    @property
    def result(self) -> Member | None:
        return next((member for member in reversed(self.members) if member.value is not None), None)

    @property
    def is_false(self) -> bool:
        return any(equality.holds is False for equality in self.equalities)

    @property
    def numbers(self) -> set[Fraction]:
        """Every number that stands in it."""
        below = [part for member in self.members if member.value is not None for part in parts(member.node)]
        found = {evaluate(part, self.notation) for part in below if isinstance(part, Number)}
        return {number for number in found if number is not None}

    def terms(self, member: Member) -> list[tuple[Node, Fraction | None]]:
        return [(term, evaluate(term, self.notation)) for term in terms(member.node)]


@dataclass(frozen=True, slots=True)
class Side:
    """A member before it is evaluated. node: None when it cannot be read. units: words stand between its numbers."""

    node: Node | None
    start: int
    end: int
    units: bool = False


def verified(sides: list[Side], links: list[str], sure: bool, label: bool) -> Chain | None:
    notations = list(_notations([side.node for side in sides if side.node is not None]))
    read = [(_members(sides, notation, label), notation) for notation in notations]
    checked = [(members, list(_pairs(members, links)), notation) for members, notation in read]
    members, pairs, notation = max(checked, key=lambda one: (sum(same for *_, same in one[1]), not _is_negative(one[0])))
    ever = {at for _, found, _ in checked for at, *_, same in found if same}
    equalities = []
    for at, left, right, link, same in pairs:
        accused = not same and at not in ever and link != "≈" and sure and _is_claim(left, right, link)
        accused &= not (_runs_on(left, right) and sides[at + 1].units) and not (not at and _is_heading(left, right))
        equalities.append(Equality(left, right, True if same else (False if accused else None)))
    confirmed = {id(side) for one in equalities if one.holds for side in (one.left, one.right)}
    members = [
        member
        if not _is_torn(member.node) or id(member) in confirmed
        else Member(member.node, None, member.start, member.end)
        for member in members
    ]
    if label:
        members = members[1:]
    if not any(member.value is not None for member in members):
        return None
    return Chain(tuple(members), tuple(equalities), notation, "≈" in links, sides[0].start, sides[-1].end)


def _members(sides: list[Side], notation: Notation, label: bool) -> list[Member]:
    members = []
    for at, side in enumerate(sides):
        unread = side.node is None or (label and not at)
        value = None if unread or side.node is None else evaluate(side.node, notation, first=not at)
        members.append(Member(side.node or Unread(), value, side.start, side.end))
    return members


def _pairs(members: list[Member], links: list[str]) -> Iterator[tuple[int, Member, Member, str, bool]]:
    for at, (left, right) in enumerate(itertools.pairwise(members)):
        if left.value is not None and right.value is not None:
            yield at, left, right, links[at], _same(left, right)


def _same(left: Member, right: Member) -> bool:
    """Equal, or one of them is the other as it is rounded: 20/3 = 6.67, (20 - 7)/2 + 1 = 7, 19.6k."""
    assert left.value is not None and right.value is not None
    apart = abs(left.value - right.value)
    if not apart:
        return True
    for one, other in ((left, right), (right, left)):
        if not isinstance(one.node, Number):
            continue
        text = one.node.token.text
        decimals = len(text.rpartition("." if "." in text else ",")[2]) if one.value.denominator != 1 else 0
        if one.node.scale > 1:
            decimals = len(text.rpartition(".")[2]) if "." in text else 0
            return apart <= Fraction(one.node.scale, 2 * 10**decimals)
        if decimals and apart <= Fraction(1, 2 * 10**decimals):
            return True
        if other.value.denominator != 1 and one.value.denominator == 1 and apart < 1:
            return True
    return False


def _is_negative(members: Sequence[Member]) -> bool:
    """ "3x3 - 10800": a dash, since nothing that is counted is negative."""
    return any(member.value is not None and member.value < 0 for member in members)


def _runs_on(left: Member, right: Member) -> bool:
    """ "3*3*3 = 27 weights + 1 bias = 28": two statements in one breath."""
    first = terms(right.node)[0]
    return isinstance(first, Number) and evaluate(first, Notation()) == left.value


def _is_heading(left: Member, right: Member) -> bool:
    """ "7x7 = 196 outputs * 49" and "7x7 = 19,600" speak of a kernel that is called 7x7."""
    assert left.value is not None and right.value is not None, "both sides were read"
    called = not left.bare and is_size(left.node) and left.value <= _SIZE
    return called and right.value > _LABELLED * left.value


def _is_claim(left: Member, right: Member, link: str) -> bool:
    """Whether a false equality is surely meant as one: sizes (`7x7 = 7x1 + 1x7`) and torn products are not."""
    if _is_torn(left.node) or _is_torn(right.node) or is_scaled(left.node) or is_scaled(right.node):
        return False
    if min(left.value, right.value) < 0:
        return False
    largest = max(left.value, right.value)
    if link == "is":
        return right.bare and largest > _SIZE
    if left.bare or right.bare:
        return True
    return largest > _SIZE and not (is_size(left.node) and is_size(right.node))


def is_size(node: Node) -> bool:
    """Sums of short products written with x throughout."""
    signs = {part.sign for part in parts(node) if isinstance(part, Operation)}
    return signs <= {"x", "+"} and all(len(factors(term)) <= 3 for term in terms(node))


def is_scaled(node: Node) -> bool:
    """ "19.6k": rounded; and K may be a letter that stands for something."""
    return any(isinstance(part, Number) and part.scale > 1 for part in parts(node))


def _is_torn(node: Node | None) -> bool:
    return node is not None and any(isinstance(part, Torn) for part in parts(node))


def _notations(nodes: list[Node]) -> Iterator[Notation]:
    """Every way to read the members; the first is the usual one."""
    below = [part for node in nodes for part in parts(node)]
    open_ = {numerals.ambiguous(part.token.text) for part in below if isinstance(part, Number)}
    longest = max((len(part.parts) for part in below if isinstance(part, Torn)), default=0)
    dashes = any(isinstance(part, Operation) and part.sign == "-" and part.spaced for part in below)
    for point, comma, blank, dash in itertools.product(
        *((True, False) if sign in open_ else (True,) for sign in ("point", "comma", "blank")),
        (False, True) if dashes else (False,),
    ):
        for torn in itertools.product(("power", "times", "sign"), repeat=min(longest, 3)):
            yield Notation(point, comma, blank, dash, torn)


def false_equality(equality: Equality, answer: str) -> str:
    """The answer says 901·200 = 180,300; 901·200 is 180,200."""
    left, right = equality.left, equality.right
    said, of = (left, right) if left.bare and not right.bare else (right, left)
    says = f"the answer says {_quoted(answer, left)} = {_quoted(answer, right)}"
    assert left.value is not None and right.value is not None and of.value is not None, "both sides were read"
    if not said.bare:
        return f"{says}; these are {numerals.shown(left.value)} and {numerals.shown(right.value)}"
    return f"{says}; {_quoted(answer, of)} is {numerals.shown(of.value)}"


def _quoted(answer: str, member: Member) -> str:
    return " ".join(answer[member.start : member.end].split())
