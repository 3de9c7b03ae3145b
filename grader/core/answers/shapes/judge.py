"""The verdict on every shape that was asked for: right, wrong, or unread with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.core.answers.finding import Finding
from grader.core.answers.shapes import numbered, tables
from grader.core.answers.shapes.claims import Claim, Claims
from grader.core.answers.shapes.declaration import Form, Shapes
from grader.core.answers.shapes.fit import fit
from grader.core.answers.shapes.level import Level, level
from grader.core.answers.shapes.naming import shows
from grader.core.answers.shapes.notation import Dim, shown

_FIRM, _LIKELY = 0.95, 0.8
_QUOTE = 240


@dataclass(frozen=True)
class _Verdict:
    """What the claims about one thing come to under one convention. concrete: numbers that stand for symbols. firm: said of it
    for certain; otherwise it is never wrong."""

    value: bool | None
    reason: str = ""
    concrete: tuple[tuple[str, int], ...] = ()
    firm: bool = True


@dataclass(frozen=True)
class _Case:
    """One convention's verdicts. shown: the answer says that it means it, or need not say so."""

    convention: str | None
    shown: bool
    verdicts: Mapping[str, _Verdict] = field(default_factory=dict)

    @property
    def misfits(self) -> tuple[int, int]:
        """Fewer right ones first, then more wrong ones."""
        values = [one.value for one in self.verdicts.values()]
        return -values.count(True), values.count(False)


def read(declared: Shapes, answer: str) -> Mapping[str, Finding]:
    """By name: true when it is right, false when it is wrong, unread otherwise. Never raises for what an answer says."""
    text = level(answer)
    claimed = _claims(declared, text)
    if not claimed:
        return {name: Finding(None, reason=f"no shape was found for {name}") for name in declared.names}
    verdicts = _verdicts(declared, claimed, text)
    return {
        name: _finding(verdicts[name], claimed[name], text)
        if name in claimed
        else Finding(None, reason=f"no shape was found for {name}")
        for name in declared.names
    }


def _claims(declared: Shapes, text: Level) -> dict[str, list[Claim]]:
    notation, naming = declared.notation, declared.naming
    prose, found = tables.without_tables(text)
    reading = Claims(prose, notation, naming)
    claimed = [*reading.claims(), *tables.claims(text, found, notation, naming)]
    claimed = [claim for claim in claimed if len(claim.dims) >= declared.of[claim.thing].least]
    for name, thing in declared.of.items():
        if thing.each and not any(claim.thing == name for claim in claimed):
            claimed += numbered.claims(text.text, name, thing.each, thing.named, len(thing.is_))
    if not claimed and declared.about and all(name.thing == declared.about for name in reading.names):
        shapes = [one for one in reading.unnamed if len(one.dims) >= declared.of[declared.about].least]
        firm = len({one.dims for one in shapes}) == 1 and not reading.names
        claimed = [Claim(declared.about, one.dims, one.start, one.end, firm and one.kind != "bare") for one in shapes]
    grouped: dict[str, list[Claim]] = {}
    for claim in claimed:
        grouped.setdefault(claim.thing, []).append(claim)
    return grouped


def _verdicts(declared: Shapes, claimed: Mapping[str, list[Claim]], text: Level) -> Mapping[str, _Verdict]:
    """Under the convention that explains most; one that is not shown counts only where no other one is."""
    own_shown = any(shows(product, text.text) for product in declared.shown_by)
    own = _case(declared, None, True, claimed)
    cases = [own]
    other_shown = False
    for name, convention in declared.conventions.items():
        seen = any(shows(product, text.text) for product in convention.shown_by)
        other_shown |= seen
        if seen or not convention.shown_by or not own_shown:
            cases.append(_case(declared, name, seen or not convention.shown_by, claimed))
    best = _best(cases)
    if not best.shown and other_shown:
        best = _best([case for case in cases if case.shown])
    if best.convention is None:
        return _with_sizes(best.verdicts, declared, claimed)
    remark = declared.conventions[best.convention].remark
    if best.shown:
        marked = {
            name: replace(one, reason=_joined(remark, one.reason))
            if one.value and name in declared.conventions[best.convention].of
            else one
            for name, one in best.verdicts.items()
        }
        return _with_sizes(marked, declared, claimed)
    open_ = {name: _open(one, own.verdicts[name], remark) for name, one in best.verdicts.items()}
    return _with_sizes(open_, declared, claimed)


def _best(cases: Sequence[_Case]) -> _Case:
    """The one that explains most; of equals the question's own, then one that the answer shows."""
    return min(cases, key=lambda case: (case.misfits, case.convention is not None, not case.shown))


def _open(other: _Verdict, own: _Verdict, remark: str) -> _Verdict:
    """Both verdicts of an answer that fits another convention better, but does not say that it means it."""
    if own.value == other.value:
        return own
    return _Verdict(None, f"right only if this is meant: {remark}")


def _case(declared: Shapes, convention: str | None, seen: bool, claimed: Mapping[str, list[Claim]]) -> _Case:
    forms = declared.forms(convention)
    return _Case(convention, seen, {name: _judged(claims, forms[name]) for name, claims in claimed.items()})


def _judged(claims: Sequence[Claim], form: Form) -> _Verdict:
    """Firm claims decide; without any, a likely one may show that it is right."""
    firm = [claim for claim in claims if claim.firm]
    fits = [(claim, fit(claim.dims, form, claim.number)) for claim in firm or claims]
    known = [(claim, one) for claim, one in fits if one.value is not None]
    if not known:
        return _Verdict(None, fits[0][1].remark)
    said = list(dict.fromkeys(claim.dims for claim, _ in known))
    if all(one.value for _, one in known):
        remarks = [one.remark for _, one in known if one.remark] if not any(not one.remark for _, one in known) else []
        concrete = tuple(pair for _, one in known for pair in one.concrete)
        return _Verdict(True, "; ".join(dict.fromkeys(remarks)), concrete, bool(firm))
    if len(said) > 1:
        return _Verdict(None, f"different shapes are given: {', '.join(map(shown, said))}")
    if not firm:
        return _Verdict(None, f"it is not clear whether {shown(said[0])} is said of it")
    return _Verdict(False, f"given as {shown(said[0])}; it is {shown(form.is_)}")


def _with_sizes(
    verdicts: Mapping[str, _Verdict], declared: Shapes, claimed: Mapping[str, list[Claim]]
) -> Mapping[str, _Verdict]:
    """A number may stand for a symbol when it does so throughout, and cannot be taken for one of the question's sizes."""
    stands: dict[str, set[tuple[str, int]]] = {}
    for name, one in verdicts.items():
        for symbol, size in one.concrete if one.value else ():
            stands.setdefault(symbol, set()).add((name, size))
    spelt = {dim for name, one in verdicts.items() if one.value for claim in claimed[name] for dim in claim.dims}
    return {
        name: _with_size(one, stands, spelt, _sizes(declared)) if one.value else one for name, one in verdicts.items()
    }


def _with_size(
    one: _Verdict, stands: Mapping[str, set[tuple[str, int]]], spelt: set[Dim], known: frozenset[int]
) -> _Verdict:
    for symbol, size in one.concrete:
        if symbol in spelt and size in known:
            return _Verdict(False if one.firm else None, f"{size} stands where {symbol} belongs")
        if symbol in spelt or len({other for _, other in stands[symbol]}) > 1:
            return _Verdict(None, f"{size} stands for {symbol} here, but not elsewhere")
        if size in known and len(stands[symbol]) == 1:
            return _Verdict(None, f"{size} stands where {symbol} belongs")
    said = (f"{size} stands for {symbol}" for symbol, size in dict.fromkeys(one.concrete))
    return _Verdict(True, _joined(one.reason, *said))


def _sizes(declared: Shapes) -> frozenset[int]:
    return frozenset(dim for thing in declared.of.values() for dim in thing.is_ if isinstance(dim, int))


def _joined(*parts: str) -> str:
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _finding(verdict: _Verdict, claims: Sequence[Claim], text: Level) -> Finding:
    firm = [claim for claim in claims if claim.firm] or list(claims)
    quotes = tuple(dict.fromkeys(_quoted(claim, text) for claim in firm[:3]))
    return Finding(verdict.value, quotes, verdict.reason, _FIRM if firm[0].firm else _LIKELY)


def _quoted(claim: Claim, text: Level) -> str:
    """Verbatim, with the bracket that closes it."""
    end = claim.end + (text.text[claim.end : claim.end + 1] in (")", "]"))
    return text.quote(claim.start, end)[:_QUOTE].strip()
