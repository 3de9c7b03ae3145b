"""Figures that belong to a step by their place: in a list without names, as a term of a sum, as what adds up to a total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.core.answers.counts.attribution import Mention
from grader.core.answers.counts.declaration import Compiled

SMALL = 12  # a number up to here may be anything: a layer's, an exercise's
_MOST_ADDENDS = 18  # figures before a total that are tried

Accepted = Mapping[str, Sequence[int]]
"""The right values of every step, in the order of the steps."""


@dataclass(frozen=True)
class Term(Mention):
    """A figure that is claimed for the step that stands at its place; or a sum, claimed for what adds it up."""

    value: Fraction | None = None

    @property
    def result(self) -> Fraction:
        assert self.value is not None, "only figures that were read are claims"
        return self.value

    @property
    def values(self) -> set[Fraction]:
        return {self.result}


def by_position(mentions: Sequence[Mention], accepted: Accepted) -> Sequence[Mention]:
    """Where nothing is named, and there are as many figures as steps: each is the step's at its place, if most fit."""
    figures = [m for m in mentions if len(m.chain.members) > 1 or m.result > SMALL]
    if any(m.owner for m in mentions) or len(figures) != len(accepted):
        return mentions
    fits = sum(m.result in values for m, values in zip(figures, accepted.values(), strict=True))
    if not fits or 2 * fits < len(accepted):
        return mentions
    return [replace(m, owner=name, near=True, claims=True) for m, name in zip(figures, accepted, strict=True)]


def terms_of_sums(compiled: Mapping[str, Compiled], mentions: Sequence[Mention], accepted: Accepted) -> Iterator[Term]:
    """What the steps that only add up others say of those others."""
    for name, step in compiled.items():
        if step.summands and all(part in accepted for part in step.summands):
            yield from _terms(name, step.summands, mentions, accepted)
            yield from _addends(name, step.summands, mentions, accepted)


def _terms(name: str, names: Sequence[str], mentions: Sequence[Mention], accepted: Accepted) -> Iterator[Term]:
    """`2,800 + 180,300 + 720,400`, where a step adds up three others: its terms are claims for those, in their order."""
    for mention in mentions:
        for member in mention.chain.members:
            said = [value for _, value in mention.chain.terms(member)]
            if len(said) != len(names) or None in said:
                continue
            fits = sum(value in accepted[part] for part, value in zip(names, said, strict=True))
            if mention.owner == name or 2 * fits >= len(names):
                for part, value in zip(names, said, strict=True):
                    yield Term(mention.chain, part, False, True, value)
                if mention.owner != name and not mention.near:
                    yield Term(mention.chain, name, False, True, mention.result)


def _addends(name: str, names: Sequence[str], mentions: Sequence[Mention], accepted: Accepted) -> Iterator[Term]:
    """Figures before a total that add up to it, one for every step that it sums up, in their order.

    Only where the total is not the right one, and where no other figures add up to it.
    """
    totals = [m for m in mentions if m.owner == name and m.claims]
    if not totals or any(m.result in accepted.get(name, ()) for m in totals):
        return
    total = totals[-1]
    before = [m for m in mentions if m.chain.end <= total.chain.start and m.result > SMALL]
    before = [m for m in before if m.owner is None or m.owner in names][-_MOST_ADDENDS:]
    found = list(_adding_up(before, names, total.result))
    if len({tuple(m.result for m in one) for one in found}) == 1:
        yield from (Term(m.chain, part, True, True, m.result) for part, m in zip(names, found[-1], strict=True))


def _adding_up(mentions: Sequence[Mention], names: Sequence[str], total: Fraction) -> Iterator[tuple[Mention, ...]]:
    """Every way to choose one mention for each name, in the order of the text, with this sum; owned ones only for their own."""
    if not names:
        if not total:
            yield ()
        return
    for at, mention in enumerate(mentions[: len(mentions) - len(names) + 1]):
        if mention.result <= total and mention.owner in (None, names[0]):
            for rest in _adding_up(mentions[at + 1 :], names[1:], total - mention.result):
                yield (mention, *rest)
