"""Figures that an answer only offers: the right one stands among others, and nothing says which is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from grader.core.answers.counts.attribution import Mention

_BESIDE = re.compile(r"[^\S\n]*[,;]?[^\S\n]*")


class Alternatives:
    """told: the values that mean something by themselves: every step's, those met on the way, given ones, small numbers."""

    def __init__(self, answer: str, mentions: Sequence[Mention], told: Collection[int]) -> None:
        self._answer, self._mentions, self._told = answer, mentions, told
        self._at = {id(mention): place for place, mention in enumerate(mentions)}
        self._unnamed = not any(mention.owner for mention in mentions)
        self._loose = [mention for mention in mentions if self._is_loose(mention)]

    def others(self, mention: Mention) -> list[Mention]:
        """Figures that may as well be meant: beside a bare figure ("2700, 2800"); anywhere, where nothing is named at all."""
        place = self._at.get(id(mention))
        if place is None or len(mention.chain.members) > 1 or not mention.chain.members[0].bare:
            return []
        if self._unnamed and not mention.claims and self._loose:
            return self._loose
        beside = self._mentions[max(0, place - 1) : place] + self._mentions[place + 1 : place + 2]
        return [other for other in beside if self._is_loose(other) and self._is_beside(mention, other)]

    def _is_loose(self, mention: Mention) -> bool:
        bare = len(mention.chain.members) == 1 and mention.chain.members[0].bare
        return bare and not (self._unnamed and mention.claims) and mention.result not in self._told

    def _is_beside(self, one: Mention, other: Mention) -> bool:
        first, second = sorted((one.chain, other.chain), key=lambda chain: chain.start)
        return first.end < second.start and _BESIDE.fullmatch(self._answer, first.end, second.start) is not None
