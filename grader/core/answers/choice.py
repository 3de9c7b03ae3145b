"""Which options an answer chooses: for each role ("3 is batch norm"), or just chosen or rejected ("2, since …; 1 is fine")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from grader.core.answers.evaluate import quotes
from grader.core.answers.finding import Finding
from grader.core.answers.lexicon import Span
from grader.core.answers.options import CompiledChoices, Named
from grader.core.answers.polarity import affirmed
from grader.core.answers.terms import Mentions, Occurrence, wanted
from grader.core.answers.weighing import names_everything, weighs

_DENIED_NEAR = 2  # "not option 2"
_ADDING = frozenset({"also", "maybe", "too", "perhaps", "both", "either", "possibly", "could", "might", "similarly"})
_TOO_MANY = 3  # options for one role: a list of all, no choice
CHOSEN = ""  # the only role of choices that declare none


@dataclass(frozen=True, slots=True)
class ChoiceReading:
    """chosen: (role, option) → where. unread: options that are named, but it is not clear what for.

    roles_named: roles that occur in the text, chosen for or not.
    """

    chosen: Mapping[tuple[str, str], Span]
    unread: Mapping[str, Span]
    roles_named: frozenset[str]

    def options(self, role: str | None) -> set[str]:
        return {option for key, option in self.chosen if role is None or key == role}


def finding(reading: ChoiceReading, options: Iterable[str], role: str | None, mentions: Mentions) -> Finding:
    """Whether one of `options` is chosen, for `role` or for any."""
    asked = set(options)
    hits = [span for (key, option), span in reading.chosen.items() if option in asked and role in (None, key)]
    if hits:
        names = ", ".join(sorted(asked & reading.options(role)))
        said = f"chooses {names}" + (f" for {role}" if role else "")
        return Finding(True, quotes(hits, mentions), said, 0.95)
    open_role = role is not None and role in reading.roles_named and not reading.options(role)
    if not reading.chosen or asked & set(reading.unread) or open_role:
        return Finding(None)
    return Finding(False, quotes(reading.chosen.values(), mentions), "chooses " + _listed(reading), 0.95)


def _listed(reading: ChoiceReading) -> str:
    return ", ".join(f"{option} for {role}" if role else option for role, option in reading.chosen)


def read(choices: CompiledChoices, named: list[Named], mentions: Mentions) -> ChoiceReading:
    if names_everything(named, choices.declared.options, mentions):
        return _unread(named)
    if choices.declared.roles:
        return _for_roles(choices, named, mentions)
    return _plain(choices, named, mentions)


def _unread(named: Iterable[Named], roles: Iterable[str] = ()) -> ChoiceReading:
    return ChoiceReading({}, {one.option: one.span for one in named}, frozenset(roles))


# --- with roles: "1 and 2 is layer norm. 3 is batch norm"


@dataclass(frozen=True, slots=True)
class Event:
    """An option or a role, in the order of the text."""

    span: Span
    option: str | None
    role: str | None
    denied: bool
    by_number: bool = True


def _for_roles(choices: CompiledChoices, named: list[Named], mentions: Mentions) -> ChoiceReading:
    events = _with_former_and_latter(sorted(_events(choices, named, mentions), key=_place), mentions)
    pairs: list[tuple[Event, Event]] = []
    heading: list[Event] = []
    rejected: set[str | None] = set()
    for _, group in groupby(events, key=lambda event: mentions.text.words[event.span.first].sentence):
        sentence = list(group)
        roles = [event for event in sentence if event.role]
        if weighs(sentence[0].span, mentions):
            continue
        given = {role.role for option, role in pairs if not option.denied and not role.denied}
        if roles and given.issuperset(event.role for event in roles) and _rejects(sentence, mentions):
            continue  # "1 is closer to it, too, but …, so it is not 1": unread, once the role has its option
        if not roles and _rejects(sentence, mentions):
            rejected |= {event.option for event in sentence}
        elif not roles and heading:
            pairs += [(option, heading[-1]) for option in sentence]
        elif len(roles) == len(sentence) and len({role.role for role in roles}) == 1:
            heading = roles
            continue
        else:
            pairs += _pairs(sentence, mentions)
        heading = []
    chosen: dict[tuple[str, str], Span] = {}
    numbered = {role.role for option, role in pairs if option.by_number and not option.denied and not role.denied}
    for option, role in pairs:
        if role.role in numbered and not option.by_number:
            continue  # "2 is layer norm, it works per image": words of an option that only describe
        if not option.denied and not role.denied:
            chosen.setdefault((role.role or "", option.option or ""), _around(option.span, role.span))
    roles_named = frozenset(event.role for event in events if event.role)
    if _is_scattered(chosen):
        return _unread(named, roles_named)
    read = {event.option for event, _ in pairs} | {event.option for event in events if event.denied} | rejected
    unread = {e.option: e.span for e in events if e.option and e.by_number and e.option not in read}
    if {role for role, _ in chosen} == set(choices.declared.roles):  # all is answered; what else is named is discussed
        unread = {option: span for option, span in unread.items() if _is_added(span, events, mentions)}
    return ChoiceReading(chosen, unread, roles_named)


def _is_scattered(chosen: Iterable[tuple[str, str]]) -> bool:
    """Whether an option is given for two roles, or most of the options for one: a list, no choice."""
    pairs = list(chosen)
    per_option, per_role = Counter(option for _, option in pairs), Counter(role for role, _ in pairs)
    return max(per_option.values(), default=0) > 1 or max(per_role.values(), default=0) >= _TOO_MANY


def _place(event: Event) -> int:
    return event.span.first


def _with_former_and_latter(events: list[Event], mentions: Mentions) -> list[Event]:
    """ "Former" and "latter" as the last two options that were named, or the last two roles where they meet an option."""
    added: list[Event] = []
    for index, word in enumerate(mentions.text.words):
        if word.text not in ("former", "latter"):
            continue
        before = [event for event in events if event.span.first < index]
        beside = [event for event in events if mentions.clause[event.span.first] == mentions.clause[index]]
        roles = any(event.role for event in beside)
        if not beside or (roles and any(event.option for event in beside)):
            continue
        meant = [event for event in before if event not in beside and (event.option is not None) == roles]
        last_two = _last_two(meant)
        if len(last_two) == 2:
            named = last_two[0] if word.text == "former" else last_two[1]
            added.append(replace(named, span=Span(index, index + 1)))
    return sorted([*events, *added], key=_place)


def _last_two(events: list[Event]) -> list[Event]:
    """The last two that differ, in the order of the text."""
    last = events[-1:]
    other = [event for event in events if last and (event.option, event.role) != (last[0].option, last[0].role)][-1:]
    return [*other, *last]


def _rejects(sentence: list[Event], mentions: Mentions) -> bool:
    """ "1 and 4: neither", "4 does nothing of that kind"."""
    here = mentions.text.words[sentence[0].span.first].sentence
    return any(mentions.text.words[cue.span.first].sentence == here for cue in mentions.denied)


def _is_added(span: Span, events: list[Event], mentions: Mentions) -> bool:
    """Whether an option may be meant as one more choice: beside a role, or with "also", "maybe", "too"."""
    sentence = mentions.text.words[span.first].sentence
    words = {word.text for word in mentions.text.words if word.sentence == sentence}
    return bool(words & _ADDING) or any(
        event.role and mentions.text.words[event.span.first].sentence == sentence for event in events
    )


def _events(choices: CompiledChoices, named: list[Named], mentions: Mentions) -> Iterator[Event]:
    for one in named:
        yield Event(one.span, one.option, None, _denied_near(one.span, mentions), one.by_number)
    for tier in range(max(map(len, choices.declared.roles.values()))):
        roles = [
            Event(occurrence.span, None, role, not affirmed(occurrence.span, mentions.denied))
            for role, words in choices.declared.roles.items()
            for occurrence in (mentions.of(wanted("~" + words[tier])) if tier < len(words) else ())
        ]
        yield from roles
        if roles:
            break


def _pairs(sentence: list[Event], mentions: Mentions) -> list[tuple[Event, Event]]:
    """Options with their roles: in turn over the sentence; else clause by clause, then what is left in turn."""
    whole = _in_turn(sentence)
    if whole:
        return whole
    pairs: list[tuple[Event, Event]] = []
    left: list[Event] = []
    for _, group in groupby(sentence, key=lambda event: mentions.clause[event.span.first]):
        clause = list(group)
        found = _in_turn(clause)
        if found is None or not found:
            left += clause
        else:
            pairs += found
    done = {role.role for _, role in pairs}
    rest = _in_turn([event for event in left if event.role not in done or event.option])
    return pairs + (rest or [])


def _in_turn(events: list[Event]) -> list[tuple[Event, Event]] | None:
    """Pairs for "O R", "R O", "O R O R", "R O R O", "R and R are O and O respectively"; None when it stays open."""
    groups = [list(group) for _, group in groupby(_without_repeats(events), key=lambda event: event.role is None)]
    if len(groups) % 2:
        return None
    pairs: list[tuple[Event, Event]] = []
    for left, right in zip(groups[::2], groups[1::2], strict=True):
        options, roles = (left, right) if left[0].option else (right, left)
        distinct = len({role.role for role in roles})
        if distinct == 1:
            pairs += [(option, roles[0]) for option in options]
        elif distinct == len(options) == len(roles):
            pairs += list(zip(options, roles, strict=True))
        elif all(role.denied for role in roles) or all(option.denied for option in options):
            pairs += [(option, role) for option in options for role in roles]
        else:
            return None
    return pairs


def _without_repeats(events: list[Event]) -> list[Event]:
    """A role or an option that is named again right away, in its own explanation, says nothing new."""
    kept: list[Event] = []
    for event in events:
        recent = [one for one in kept[-2:] if one.role == event.role and one.option == event.option]
        if not recent:
            kept.append(event)
    return kept


def _denied_near(span: Span, mentions: Mentions) -> bool:
    return any(
        cue.span.last <= span.first <= cue.span.last + _DENIED_NEAR and cue.first <= span.first < cue.last
        for cue in mentions.denied
    )


def _around(left: Span, right: Span) -> Span:
    return Span(min(left.first, right.first), max(left.last, right.last))


# --- without roles: "2. With few features the statistics are noisy"


def _plain(choices: CompiledChoices, named: list[Named], mentions: Mentions) -> ChoiceReading:
    verdicts: dict[str, list[tuple[bool | None, Named]]] = {}
    for position, one in enumerate(named):
        following = named[position + 1].span.first if position + 1 < len(named) else len(mentions.clause)
        if weighs(one.span, mentions):
            continue
        verdicts.setdefault(one.option, []).append((_verdict(choices, one, following, mentions), one))
    explicit = any(said for found in verdicts.values() for said, _ in found)
    named_only = [option for option, found in verdicts.items() if {verdict for verdict, _ in found} == {None}]
    weighed = {one.option: one.span for one in named if one.option not in verdicts}
    everything = len(named_only) == len(choices.declared.options)
    chosen: dict[tuple[str, str], Span] = {}
    unread: dict[str, Span] = {} if explicit else weighed
    for option, found in verdicts.items():
        said = {verdict for verdict, _ in found}
        span = next((one.span for verdict, one in found if verdict), found[0][1].span)
        bare = said == {None}
        if {True, False} <= said or (bare and (everything or explicit)):
            unread[option] = span
        elif True in said or bare:
            chosen[CHOSEN, option] = span
    if len(chosen) == len(choices.declared.options):
        return _unread(named)
    return ChoiceReading(chosen, unread, frozenset())


def _verdict(choices: CompiledChoices, one: Named, following: int, mentions: Mentions) -> bool | None:
    """What is said of the option: chosen, rejected, or nothing."""
    if _denied_near(one.span, mentions):
        return False
    good = [o for word in choices.declared.chosen for o in mentions.of(wanted(word))]
    bad = [o for word in choices.declared.rejected for o in mentions.of(wanted(word))]
    for same in (_same_clause, _same_sentence):
        says_good = any(same(one, o, following, mentions) for o in good)
        says_bad = any(same(one, o, following, mentions) for o in bad)
        if says_good != says_bad:
            return says_good
    return None


def _same_clause(one: Named, other: Occurrence, following: int, mentions: Mentions) -> bool:
    return mentions.clause[other.span.first] == mentions.clause[one.span.first]


def _same_sentence(one: Named, other: Occurrence, following: int, mentions: Mentions) -> bool:
    words = mentions.text.words
    same = words[other.span.first].sentence == words[one.span.first].sentence
    return same and other.span.first < following
