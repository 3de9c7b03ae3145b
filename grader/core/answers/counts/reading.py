"""An answer's counts: the assumption that they rest on, a finding for every step, and the equalities that do not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.core.answers.counts import phrases
from grader.core.answers.counts.attribution import Mention, attribute
from grader.core.answers.counts.chains import read_chains
from grader.core.answers.counts.declaration import EQUALITIES, Counts
from grader.core.answers.counts.equalities import false_equality
from grader.core.answers.counts.judgement import Judge, Outcome
from grader.core.answers.counts.numerals import shown
from grader.core.answers.counts.settings import Setting, option_values, settings
from grader.core.answers.counts.tokens import read_tokens
from grader.core.answers.finding import Finding

_EXACT = 0.95
_QUOTES, _QUOTE_LENGTH = 3, 240


@dataclass(frozen=True)
class Judged:
    """What the steps come to in one setting. expected: the right value of every step."""

    setting: Setting
    outcomes: Mapping[str, Outcome]
    expected: Mapping[str, int]

    @property
    def chosen(self) -> Mapping[str, str]:
        return self.setting.options

    @property
    def score(self) -> tuple[int, int, int, int]:
        right = [outcome for outcome in self.outcomes.values() if outcome.value]
        said = sum(option in self.setting.stated[assumption] for assumption, option in self.chosen.items())
        return sum(not outcome.follows for outcome in right), len(right), self.setting.met, said


def read(declared: Counts, answer: str) -> Mapping[str, Finding]:
    """By name: true when it is right, false when it is wrong, unread otherwise. Never raises for what an answer holds.

    Steps are true when right, or right given an earlier slip. An assumption is false when the counts rest on another one
    than the answer states. `equalities` is false when one does not hold that has not cost a step already.
    """
    mentions = _mentions(declared, answer)
    every = [_judged(declared, answer, mentions, setting) for setting in settings(declared, answer, mentions)]
    meant = _consistent(declared, every)
    best = max(meant, key=lambda judged: judged.score)  # of equals the first: the usual options
    findings = {name: _step(name, best, meant, _remark(name, best, every, declared), answer) for name in declared.steps}
    if doubt := _unchosen(declared, best):
        findings = {name: Finding(None, reason=doubt) if it.value is False else it for name, it in findings.items()}
    for assumption, found in best.setting.places.items():
        quotes = tuple(answer[place.start : place.end] for place in found)
        findings[assumption] = _assumption(assumption, best, declared, best.setting.stated[assumption], quotes)
    findings[EQUALITIES] = _equalities(answer, mentions, best.outcomes)
    return findings


def _mentions(declared: Counts, answer: str) -> list[Mention]:
    names = phrases.find(answer, {name: step.named for name, step in declared.steps.items()})
    chains = read_chains(read_tokens(answer, [(named.start, named.end) for named in names]))
    sums = {name for name, compiled in declared.compiled.items() if compiled.summands}
    return attribute(answer, chains, names, phrases.find(answer, {"unit": declared.units}), sums)


def _judged(declared: Counts, answer: str, mentions: Sequence[Mention], setting: Setting) -> Judged:
    judge = Judge(declared, answer, mentions, setting.values)
    return Judged(setting, judge.judge(), judge.expected)


def _consistent(declared: Counts, every: list[Judged]) -> list[Judged]:
    """Of a value that the answer chose only those settings that do not contradict what it states, if one of them explains a count:
    24·24·7 may be "no padding" on 30x30, or be counted for 24x24."""
    usual = {name: chosen.usual for name, chosen in declared.chosen.items()}
    kept = [one for one in every if one.setting.sizes == usual or one.setting.consistent]
    return kept if any(one.score[0] for one in kept) else every


def _unchosen(declared: Counts, best: Judged) -> str:
    """Why nothing is wrong: the answer counts for something else than the usual value, and nothing says for what."""
    open_ = [declared.chosen[name].says for name in declared.chosen if name not in best.setting.written]
    if not open_ or any(outcome.value and not outcome.follows for outcome in best.outcomes.values()):
        return ""
    return f"the answer does not say what it takes for {' and '.join(open_)}"


def _step(name: str, best: Judged, every: Sequence[Judged], remark: str, answer: str) -> Finding:
    outcome = best.outcomes[name]
    quotes = tuple(dict.fromkeys(_quote(mention, answer) for mention in outcome.used))[:_QUOTES]
    if outcome.value is None:
        return Finding(None, reason=outcome.reason)
    if outcome.value is False and any(one.outcomes[name].value and not one.outcomes[name].follows for one in every):
        other = next(one.outcomes[name] for one in every if one.outcomes[name].value and not one.outcomes[name].follows)
        used = tuple(_quote(mention, answer) for mention in other.used)[:_QUOTES]
        return Finding(None, used, f"{other.reason}, but not under the assumption of the other counts{remark}")
    return Finding(outcome.value, quotes, outcome.reason + remark, _EXACT)


def _quote(mention: Mention, answer: str) -> str:
    return answer[mention.chain.start : mention.chain.end][:_QUOTE_LENGTH]


def _remark(name: str, best: Judged, every: Sequence[Judged], declared: Counts) -> str:
    """The assumptions that decide this step's value, and why they were taken."""
    said = [
        f"; judged with {best.setting.values[it]:g} for {chosen.says}, as its counts imply"
        for it, chosen in declared.chosen.items()
        if best.setting.values[it] != chosen.usual
    ]
    for assumption, option in best.chosen.items():
        others = [one for one in every if one.chosen[assumption] != option and one.setting.sizes == best.setting.sizes]
        if all(one.expected.get(name) == best.expected.get(name) for one in others):
            continue
        if option in best.setting.stated[assumption]:
            why = "as the answer says"
        elif _implying(assumption, best, every):
            why = "as its counts imply"
        else:
            why = "since the answer does not say otherwise"
        said.append(f"; judged with {best.setting.says(declared.assumptions[assumption][option])}, {why}")
    return "".join(said)


def _implying(assumption: str, best: Judged, every: Sequence[Judged]) -> list[str]:
    """The steps that are right under the option that was taken, and under no other."""
    others = [one for one in every if one.chosen[assumption] != best.chosen[assumption]]
    return [
        name
        for name, outcome in best.outcomes.items()
        if outcome.value and not outcome.follows and not any(one.outcomes[name].value for one in others)
    ]


def _assumption(assumption: str, best: Judged, declared: Counts, stated: set[str], quotes: tuple[str, ...]) -> Finding:
    options, chosen = declared.assumptions[assumption], best.chosen[assumption]
    every = [name for name, outcome in best.outcomes.items() if outcome.value]
    if not stated and not every:
        return Finding(None)
    if stated and chosen not in stated:
        says = " or ".join(_says(declared, best, assumption, option) for option in options if option in stated)
        right = [name for name in every if not best.outcomes[name].follows] or every
        counts = ", ".join(shown(best.expected[name]) for name in right[:2])
        reason = f"the answer speaks of {says}, but counts {counts}, which holds for {best.setting.says(options[chosen])}"
        return Finding(False, quotes[:_QUOTES], reason, _EXACT)
    return Finding(True, quotes[:_QUOTES], f"judged with {best.setting.says(options[chosen])}", _EXACT)


def _says(declared: Counts, best: Judged, assumption: str, option: str) -> str:
    """Of an option that was not taken: with its own values."""
    taken = declared.assumptions[assumption][option]
    return replace(best.setting, values={**best.setting.values, **option_values(taken, best.setting.values)}).says(taken)


def _equalities(answer: str, mentions: Sequence[Mention], outcomes: Mapping[str, Outcome]) -> Finding:
    """False when one does not hold, but for those of a wrong step. None when there is not even a number."""
    wrong = {name for name, outcome in outcomes.items() if outcome.value is False}
    used = [mention.chain for name in wrong for mention in outcomes[name].used]
    inputs = {number for chain in used for number in chain.numbers}
    paid = [
        m
        for m in mentions
        if any(m.chain.start == chain.start for chain in used) or (m.owner in wrong and (m.near or m.result in inputs))
    ]
    false = [m for m in mentions if m.chain.is_false and m not in paid]
    if false:
        said = "; ".join(
            dict.fromkeys(
                false_equality(one, answer) for m in false for one in m.chain.equalities if one.holds is False
            )
        )
        return Finding(False, tuple(_quote(mention, answer) for mention in false[:_QUOTES]), said, _EXACT)
    if not mentions:
        return Finding(None)
    paid_for = any(mention.chain.is_false for mention in paid)
    reason = "what does not hold has cost a step already" if paid_for else "every equality holds"
    return Finding(True, reason=reason, confidence=_EXACT)
