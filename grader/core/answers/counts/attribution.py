"""Which step a figure of the answer belongs to: by the names around it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.core.answers.counts.equalities import Chain, is_scaled, is_size
from grader.core.answers.counts.phrases import Named

_SEGMENT = re.compile(r"\n|\\\\|[.;!?](?=\s|$)")
_DENIED = re.compile(
    r"(?:\b(?:not|rather than|instead of|never|не|ні|замість)|n['’]t|(?<![^\W_])(?:לא|ולא|במקום|אינו|אין))"
    r"\s+\$?(?:[^\W\d_]+\s+){0,2}\$?$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|nearly|almost|over|under|близько|приблизно|майже|десь)|בערך|כ-|בקירוב)\s*\$?$",
    re.IGNORECASE,
)
_ENDS = re.compile(  # what may follow a bare count: nothing, or a word that begins something else
    r"[\s*$_}\]]*(?:$|[^\w\s]|\n|(?:and|for|in|while|versus|vs|but|so|when|with|to|і|й|та|а|для|в|у|проти|при)\b|ו|ב|ל|לעומת)",
    re.IGNORECASE,
)
_OR = re.compile(r"\s*(?:,?\s*(?:or|або|чи|או)\s+|/\s*)\$?\s*", re.IGNORECASE)
_ADJACENT = 4  # words between a name and its number: "layer 1 has exactly 2,800"
_UNIT_REACH = 24  # characters from a number to its unit: "2,800 trainable parameters"


@dataclass(frozen=True)
class Mention:
    """A chain, or a lone number, and whose it is. near: named in its own sentence or line, not only further up.

    claims: it is said to be a count: it has an equality sign, is worked out, has a unit, or stands right at its name.
    """

    chain: Chain
    owner: str | None = None
    near: bool = False
    claims: bool = False

    @property
    def result(self) -> Fraction:
        found = self.chain.result
        assert found is not None and found.value is not None, "a chain has a member that was read"
        return found.value

    @property
    def values(self) -> set[Fraction]:
        """What it says without contradicting itself: of a false chain only what it ends with."""
        if self.chain.is_false:
            return {self.result}
        return {member.value for member in self.chain.members if member.value is not None}


def attribute(
    text: str, chains: Iterable[Chain], names: list[Named], units: list[Named], sums: Collection[str]
) -> list[Mention]:
    """Mentions in the order of the text, without those that are denied or offered as one of several.

    sums: steps that only add up others.
    """
    mentions = [Mention(chain) for chain in sorted(chains, key=lambda chain: chain.start) if not _denied(text, chain)]
    mentions = _without_alternatives(text, mentions)
    inner = [
        named for named in names if not any(m.chain.start < named.start and named.end < m.chain.end for m in mentions)
    ]
    bounds = [0, *(match.end() for match in _SEGMENT.finditer(text)), len(text) + 1]
    attributed = []
    for index, mention in enumerate(mentions):
        start = max(bound for bound in bounds if bound <= mention.chain.start)
        end = min((bound for bound in bounds if bound > mention.chain.start), default=len(text))
        before = [m for m in mentions[:index] if m.chain.start >= start]
        owner, near, distance = _owner(text, mention, inner, start, end, before, sums)
        unit = _has_unit(text, mention.chain, units)
        adjacent = near and distance <= _ADJACENT and bool(_ENDS.match(text, mention.chain.end))
        claims = _is_exact(text, mention.chain) and (len(mention.chain.members) > 1 or unit or adjacent)
        attributed.append(replace(mention, owner=owner, near=near, claims=claims))
    return attributed


def _owner(
    text: str, mention: Mention, names: list[Named], start: int, end: int, before: list[Mention], sums: Collection[str]
) -> tuple[str | None, bool, int]:
    """(the step, whether it is named in the same segment, words between)."""
    here = [named for named in names if start <= named.start and named.end <= end]
    first_figure = next((m.chain.start for m in before if not _is_mere_size(m.chain)), mention.chain.start)
    names_lead = any(named.end <= first_figure for named in here)
    left = max((m.chain.end for m in before), default=start)
    if names_lead or not here:
        preceding = [named for named in here if left <= named.start and named.end <= mention.chain.start]
        if not preceding and before:
            preceding = [named for named in here if named.end <= left][-1:]
            return (preceding[0].name, True, 99) if preceding else (None, False, 99)
        if preceding:
            chosen = _one_of(preceding, sums)
            return (chosen.name, True, _words(text[chosen.end : mention.chain.start])) if chosen else (None, False, 99)
        above = [named for named in names if named.end <= start]
        return (above[-1].name, False, 99) if above else (None, False, 99)
    following = [named for named in here if named.start >= mention.chain.end]
    return (
        (following[0].name, True, _words(text[mention.chain.end : following[0].start]))
        if following
        else (None, False, 99)
    )


def _one_of(named: list[Named], sums: Collection[str]) -> Named | None:
    """ "Layer 2 in total": layer 2. "The sum of layers 1, 2 and 3": the sum. Two steps and no sum: open."""
    parts = {one.name for one in named if one.name not in sums}
    whole = [one for one in named if one.name in sums]
    if len(parts) == 1:
        return next(one for one in reversed(named) if one.name in parts)
    return whole[-1] if whole else None


def _words(text: str) -> int:
    return len(re.findall(r"[^\W\d_]+", text))


def _has_unit(text: str, chain: Chain, units: list[Named]) -> bool:
    result = chain.result
    end = result.end if result else chain.end
    return any(
        0 <= unit.start - end <= _UNIT_REACH and not re.search(r"[\d.,;:\n]", text[end : unit.start]) for unit in units
    )


def _is_exact(text: str, chain: Chain) -> bool:
    """Whether it can be a count: it is not rounded, not "about", and no mere size such as 200x300x3."""
    scaled = any(is_scaled(member.node) for member in chain.members)
    about = _ABOUT.search(text[max(0, chain.start - 20) : chain.start])
    return not (chain.approximate or _is_mere_size(chain) or scaled or about)


def _is_mere_size(chain: Chain) -> bool:
    """ "20x20": an image's, not a count."""
    return len(chain.members) == 1 and not chain.members[0].bare and is_size(chain.members[0].node)


def _denied(text: str, chain: Chain) -> bool:
    return len(chain.members) == 1 and bool(_DENIED.search(text[max(0, chain.start - 40) : chain.start]))


def _without_alternatives(text: str, mentions: list[Mention]) -> list[Mention]:
    """ "2,700 or 2,800" claims neither."""
    weighed: set[int] = set()
    for index in range(len(mentions) - 1):
        one, other = mentions[index].chain, mentions[index + 1].chain
        if len(one.members) == len(other.members) == 1 and _OR.fullmatch(text[one.end : max(one.end, other.start)]):
            weighed |= {index, index + 1}
    return [mention for index, mention in enumerate(mentions) if index not in weighed]
