"""Every step under one assumption: right, right given an earlier slip, wrong, or not to be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.core.answers.counts.alternatives import Alternatives
from grader.core.answers.counts.attribution import Mention
from grader.core.answers.counts.declaration import Compiled, Counts, whole
from grader.core.answers.counts.equalities import false_equality
from grader.core.answers.counts.numerals import shown
from grader.core.answers.counts.places import SMALL, by_position, terms_of_sums
from grader.core.computation import Expression

Values = Mapping[str, float]


@dataclass(frozen=True)
class Outcome:
    """One step. used: the mentions that it rests on. follows: right only given an earlier slip."""

    value: bool | None
    reason: str = ""
    used: tuple[Mention, ...] = ()
    follows: bool = False


@dataclass
class Judge:
    """Judges the steps in their order, and remembers what the answer took for those that are wrong.

    own: the answer's values of wrong steps. misread: given values that the answer took otherwise. slipped: by slip, where.
    """

    declared: Counts
    answer: str
    mentions: Sequence[Mention]
    values: Values
    expected: dict[str, int] = field(default_factory=dict)
    own: dict[str, float] = field(default_factory=dict)
    misread: dict[str, float] = field(default_factory=dict)
    slipped: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _accepted: dict[str, list[int]] = field(default_factory=dict)
    _met: set[int] = field(default_factory=set)
    _terms: list[Mention] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)

    def judge(self) -> dict[str, Outcome]:
        self._expect()
        self.mentions = by_position(self.mentions, self._accepted)
        self._terms = list(terms_of_sums(self.declared.compiled, self.mentions, self._accepted))
        right = {name: self._find(name, set(self._accepted[name])) for name in self.expected}
        self._taken = {id(mention) for mentions in right.values() for mention in mentions}
        told = self._met.union(*self._accepted.values())
        alternatives = Alternatives(self.answer, self.mentions, told)
        for name in self.declared.steps:
            offered = self._offered(right.get(name, ()), alternatives)
            self.outcomes[name] = offered or (self._step(name, right[name]) if name in self.expected else Outcome(None))
        return self.outcomes

    def _offered(self, right: Sequence[Mention], alternatives: Alternatives) -> Outcome | None:
        """That the right value is one of several, wherever it stands."""
        others = [alternatives.others(mention) for mention in right]
        if not others or not all(others):
            return None
        return Outcome(None, f"{shown(right[0].result)} stands beside {shown(others[0][0].result)}; which is meant is not said")

    def _expect(self) -> None:
        """The right values of every step, and what is met on the way to them."""
        known = dict(self.values)
        for name, step in self.declared.compiled.items():
            accepted = [value for value in (_count(one, known) for one in step.right) if value is not None]
            if accepted:
                self._accepted[name] = accepted
                self.expected[name] = known[name] = accepted[0]
        inner = (
            value  # a part that is the whole, but for a factor 1, is not only met on the way
            for name, step in self.declared.compiled.items()
            for value in {_count(part, known) for part in step.inner} - set(self._accepted.get(name, ()))
        )
        given = (whole(value) for value in self.values.values())
        self._met = {value for value in (*inner, *given, *range(SMALL + 1)) if value is not None}

    def _step(self, name: str, right: list[Mention]) -> Outcome:
        says = self.declared.steps[name].says
        if right:
            return Outcome(True, f"{shown(self._right_value(name, right))} {says}: right", tuple(right[:2]))
        compiled = self.declared.compiled[name]
        for value, why in self._carried(compiled):
            found = self._find(name, {value})
            if found:
                self.own[name] = value
                return Outcome(True, f"{shown(value)} {says} follows from {why}", tuple(found[:2]), follows=True)
        for found in (self._slip(name, compiled), self._miscalculated(name, compiled), self._claimed(name, compiled)):
            if found is not None:
                return found
        return Outcome(None)

    def _right_value(self, name: str, right: list[Mention]) -> int:
        said = {value for mention in right for value in mention.values}
        return next(value for value in self._accepted[name] if value in said)

    # What belongs to a step

    def _find(self, name: str, wanted: set[int]) -> list[Mention]:
        """Mentions of one of the values: anywhere where it means nothing else, otherwise at the step's own name."""
        common = self._common(name)
        found = [
            mention
            for mention in self._all()
            if any(value in wanted and (mention.owner == name or value not in common) for value in mention.values)
        ]
        return sorted(found, key=lambda mention: (mention.owner != name, -len(mention.chain.members)))

    def _common(self, name: str) -> set[int]:
        """Values that say nothing by themselves: given ones, those met on the way to a step, those of other steps.

        A value that several steps share is clear once it stands there for each of them.
        """
        others = Counter(value for other in self.expected if other != name for value in self._accepted[other])
        for value in set(self._accepted[name]) & set(others):
            if sum(mention.result == value for mention in self.mentions) > others[value]:
                del others[value]
        return self._met | set(others)

    # Slips

    def _carried(self, compiled: Compiled) -> Iterator[tuple[int, str]]:
        known = {**self.values, **self.expected}
        names = {name for expression in compiled.right for name in expression.names}
        own = {name: value for name, value in self.own.items() if name in names}
        misread = {name: value for name, value in self.misread.items() if name in names}
        for changed in (own, misread, own | misread):
            why = ", ".join(self._change(name, value) for name, value in changed.items())
            for expression in compiled.right if changed else ():
                value = _count(expression, {**known, **changed})
                if value is not None:
                    yield value, why

    def _change(self, name: str, value: float) -> str:
        if name in self.own:
            return f"the earlier {shown(value)} {self.declared.steps[name].says}"
        return f"the earlier {shown(value)} in place of {shown(self.values[name])}"

    def _slip(self, name: str, compiled: Compiled) -> Outcome | None:
        says, known = self.declared.steps[name].says, {**self.values, **self.expected}
        for slip, expression in compiled.slips.items():
            value = _count(expression, {**known, **self.own})
            found = [] if value is None else [m for m in self._results(name, value) if m.claims]
            if not found or value is None:
                continue
            self.own[name] = value
            about = slip.replace("-", " ")
            if slip in self.slipped:
                reason = f"{shown(value)} {says} is the same slip as before ({about}), which cost already"
                return Outcome(True, reason, tuple(found[:2]), follows=True)
            self.slipped[slip] = name
            return Outcome(
                False, f"says {shown(value)} {says}, {about}; {shown(self.expected[name])} is right", tuple(found[:2])
            )
        return None

    def _results(self, name: str, value: int) -> list[Mention]:
        """Mentions that end with the value and could be meant for the step."""
        free = value not in {other for step in self.expected if step != name for other in self._accepted[step]}
        return [m for m in self._all() if m.result == value and (m.owner == name or (free and m.owner is None))]

    def _all(self) -> list[Mention]:
        return [*self.mentions, *self._terms]

    def _miscalculated(self, name: str, compiled: Compiled) -> Outcome | None:
        """The right expression, or one that follows from an earlier slip, with a wrong result."""
        wanted = set(self._accepted[name]) | {value for value, _ in self._carried(compiled)}
        common = self._common(name)
        for mention in self.mentions:
            if not mention.chain.is_false or id(mention) in self._taken:
                continue
            hit = next((m.value for m in mention.chain.members if m.value in wanted and not m.bare), None)
            if hit is None or (hit in common and mention.owner != name):
                continue
            self.own[name] = float(mention.result)
            said = "; ".join(false_equality(one, self.answer) for one in mention.chain.equalities if one.holds is False)
            return Outcome(False, f"{self.declared.steps[name].says}: set up right, but {said}", (mention,))
        return None

    def _claimed(self, name: str, compiled: Compiled) -> Outcome | None:
        claim = self._claim(name)
        if claim is None:
            return None
        value, says = claim.result, self.declared.steps[name].says
        if self._may_follow(compiled):
            unread = [part for part in compiled.summands if self.outcomes[part].value is None]
            of = ", ".join(self.declared.steps[part].says for part in unread)
            return Outcome(None, f"says {shown(value)} {says}; it is not clear what the answer takes for {of}")
        taken = self._misreading(compiled, claim)
        if taken:
            self.misread[taken[0]] = taken[1]
        reason = f"says {shown(value)} {says}; {shown(self.expected[name])} is right"
        given = next(self._carried(compiled), None)
        if given is not None:
            reason += f", {shown(given[0])} given {given[1]}"
        if taken:
            reason += f" (it takes {shown(taken[1])} where {shown(self.values[taken[0]])} is right)"
        self.own[name] = float(value)
        false = [m for m in self.mentions if m.owner == name and m.chain.is_false]
        said = [false_equality(one, self.answer) for m in false for one in m.chain.equalities if one.holds is False]
        return Outcome(False, "; ".join((reason, *said)), (claim, *false))

    def _may_follow(self, compiled: Compiled) -> bool:
        """Whether a sum may be right for what the answer adds up: some of it is unread, and there are figures for it."""
        open_ = [m for m in self.mentions if id(m) not in self._taken and m.result > SMALL and m.result not in self._met]
        if all(self.outcomes[part].value is not None for part in compiled.summands):
            return False
        return any(m.owner is None or m.owner in compiled.summands for m in open_)

    def _claim(self, name: str) -> Mention | None:
        """The figure that the answer gives for the step by its name, by its place in a sum, or None."""
        common = self._common(name) | {round(value) for other, value in self.own.items() if other != name}
        candidates = [
            mention
            for mention in self._all()
            if mention.owner == name and mention.claims and id(mention) not in self._taken
            and mention.result not in common and mention.result.denominator == 1
        ]  # fmt: skip
        chosen = next((candidate for candidate in candidates if candidate.near), candidates[-1] if candidates else None)
        while chosen is not None:
            later = [m for m in candidates if m.chain.start > chosen.chain.start and chosen.result in m.chain.numbers]
            if not later:
                break
            chosen = later[0]
        return chosen

    def _misreading(self, compiled: Compiled, claim: Mention) -> tuple[str, int] | None:
        """A given value that the answer took otherwise: (its name, what it took), if that explains the claim."""
        known = {**self.values, **self.expected}
        for given in sorted(compiled.right[0].names & set(self.values)):
            for taken in sorted(claim.chain.numbers):
                changed = {**known, given: float(taken)}
                if taken.denominator == 1 and _count(compiled.right[0], changed) == claim.result:
                    return given, int(taken)
        return None


def _count(expression: Expression, values: Values) -> int | None:
    try:
        found = np.asarray(expression(values))
    except KeyError:  # an earlier step that is no whole number under this assumption
        return None
    return whole(found) if found.ndim == 0 and np.isfinite(found) else None
