"""Where an answer names an option of the question: "2", "(2)", "option two", "the second one", or the option's own words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grader.core.answers.declaration import Choices
from grader.core.answers.evaluate import inside
from grader.core.answers.lexicon import Span
from grader.core.answers.statements import Pattern, occurrences, pattern
from grader.core.answers.terms import Mentions

ORDINALS = ("first", "second", "third", "fourth", "fifth")
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_AFTER_ORDINAL = frozenset(
    {
        "one",
        "option",
        "choice",
        "step",
        "method",
        "preprocessing",
        "case",
        "answer",
        "item",
        "technique",
        "transformation",
        "bullet",
        "point",
        "statement",
        "alternative",
        "approach",
        "operation",
        "scenario",
        "situation",
    }
)
_AFTER_THE_ORDINAL = frozenset({"is", "was", "and", "or", "for", "like", "as", "to", "corresponds", "resembles", "matches"})
_MEASURES = frozenset(
    {
        "g",
        "axis",
        "order",
        "say",
        "only",
        "just",
        "example",
        "sum",
        "sums",
        "summing",
        "total",
        "totals",
        "totalling",
        "summed",
        "add",
        "adds",
        "equal",
        "equals",
        "mean",
        "variance",
        "var",
        "std",
        "deviation",
        "value",
        "values",
        "size",
        "dimension",
        "dim",
        "p",
        "n",
        "d",
        "x",
        "probability",
        "ratio",
        "epoch",
        "epochs",
        "factor",
        "0",
        "≈",
        "<",
        ">",
        "-",
        "+",
        "×",
        "∞",
    }
)
_COUNTED = frozenset(
    {
        "layers",
        "%",
        "feature",
        "features",
        "dimension",
        "dimensions",
        "pixel",
        "pixels",
        "channel",
        "channels",
        "x",
        "×",
        "+",
        "epoch",
        "epochs",
        "times",
    }
)
_COORDINATE = re.compile(r"\s*,\s*[-−±]\s?\d")
_AFTER_COORDINATE = re.compile(r"[-−±]\Z|[-−±]\s?\d\s*,\s*\Z")
_SUMMING = ("sum", "add", "scale", "scaling", "equal", "range", "between", "set", "binar", "mean", "varian")
_AFTER_SUMMING = frozenset({"to", "is", "=", "of", "and", "or"})


@dataclass(frozen=True, slots=True)
class Named:
    """An option named at `span`; `by_number` unless its own words were used."""

    option: str
    span: Span
    by_number: bool


@dataclass(frozen=True, slots=True)
class CompiledChoices:
    declared: Choices
    numbers: dict[int, str]
    phrases: dict[str, tuple[Pattern, ...]]


def compile_choices(declared: Choices) -> CompiledChoices:
    numbers = {option.number: name for name, option in declared.options.items() if option.number is not None}
    phrases = {name: tuple(pattern(one) for one in option.phrases) for name, option in declared.options.items()}
    return CompiledChoices(declared, numbers, phrases)


def named_options(choices: CompiledChoices, mentions: Mentions, subjects: Collection[str] = ()) -> list[Named]:
    """Every mention in the order of the text; an option's number and its words side by side count once.

    Where the options are subjects that the text names, a bare number is a value: "the derivative is 1".
    """
    found = list(_by_number(choices, mentions))
    standing = _standing(found, mentions)
    by_words = any(occurrences(one, mentions) for option in subjects for one in choices.phrases.get(option, ()))
    marked = len({one.option for one in standing if _is_marked(one.span.first, mentions)}) > 1
    if by_words:
        found = standing
    elif marked:  # who writes "(2)" and "(3)" means other things by bare digits, but for "so I would say 2."
        found = [one for one in found if one in standing or _ends_sentence(one.span.last, mentions)]
    for option, patterns in choices.phrases.items():
        for one in () if marked else patterns:
            found += [Named(option, span, False) for span in occurrences(one, mentions)]
    kept: list[Named] = []
    for one in sorted(found, key=lambda one: (one.span.first, not one.by_number)):
        same = next((o for o in kept if o.option == one.option and _one_mention(o, one, mentions)), None)
        if same is None:
            kept.append(one)
    return kept


def _one_mention(left: Named, right: Named, mentions: Mentions) -> bool:
    """A phrase beside its own number, or overlapping phrases of one option."""
    near = right.span.first - left.span.last <= 3 and not right.by_number
    return inside(right.span, left.span) or left.span.overlaps(right.span) or (near and left.by_number)


def _by_number(choices: CompiledChoices, mentions: Mentions) -> Iterator[Named]:
    words = mentions.text.words
    after_label = {span.last for span in mentions.cue("option")}
    roles = frozenset(word for words in choices.declared.roles.values() for word in words)
    for index, word in enumerate(words):
        number = _number_at(index, mentions, after_label, roles)
        option = choices.numbers.get(number) if number is not None else None
        if option:
            yield Named(option, Span(index, index + 1), True)
        elif word.text in ORDINALS and _is_ordinal(index, mentions):
            option = choices.numbers.get(ORDINALS.index(word.text) + 1)
            if option:
                yield Named(option, Span(index, index + 1), True)
    for position, ordinal in enumerate(ORDINALS, start=1):
        for span in mentions.cue(f"{ordinal}-option"):
            if position in choices.numbers:
                yield Named(choices.numbers[position], span, True)


def _number_at(index: int, mentions: Mentions, after_label: set[int], roles: frozenset[str]) -> int | None:
    words = mentions.text.words
    word = words[index]
    labelled = index in after_label or word.before.rstrip().endswith("#")
    if word.text in _NUMBER_WORDS:
        return _NUMBER_WORDS[word.text] if labelled else None
    if not word.text.isdigit() or len(word.text) > 2:
        return None
    enclosed = word.before.endswith(("(", "[", "#")) and (
        index + 1 == len(words) or words[index + 1].before[:1] in ")]"
    )
    if labelled or enclosed or _starts_line(word.before, index):
        return int(word.text)
    return None if _is_measure(index, mentions, roles) else int(word.text)


def _stands_out(index: int, mentions: Mentions) -> bool:
    """ "(2)", "option 2", or a number that begins a line."""
    words = mentions.text.words
    following = words[index + 1].before if index + 1 < len(words) else "."
    labelled = any(span.last == index for span in mentions.cue("option"))
    enclosed = words[index].before.endswith("(") and following.startswith(")")
    return labelled or enclosed or (_starts_line(words[index].before, index) and following[:1] in (".", ")", ":", "]"))


def _standing(found: list[Named], mentions: Mentions) -> list[Named]:
    """Numbers that stand out, and those joined to one of them: "options 1 and 2"."""
    words = mentions.text.words
    kept: list[Named] = []
    for one in found:
        joined = kept and one.span.first - kept[-1].span.last <= 1
        between = [word.text for word in words[kept[-1].span.last : one.span.first]] if joined else []
        comma = joined and not set(",/&+").isdisjoint(words[one.span.first].before)
        if _stands_out(one.span.first, mentions) or comma or (between and between[0] in ("and", "or", "+")):
            kept.append(one)
    return kept


def _ends_sentence(index: int, mentions: Mentions) -> bool:
    words = mentions.text.words
    return index == len(words) or words[index].sentence != words[index - 1].sentence


def _is_marked(index: int, mentions: Mentions) -> bool:
    """ "(2)" or "option 2"."""
    return mentions.text.words[index].before.endswith("(") or any(s.last == index for s in mentions.cue("option"))


def _starts_line(before: str, index: int) -> bool:
    return (index == 0 or "\n" in before) and not before.rstrip(" (").endswith(",")


def _is_measure(index: int, mentions: Mentions, roles: frozenset[str]) -> bool:
    """A number that counts or measures: "sums up to 1", "0 or 1", "5 layers", "with 3 features".

    Words of `roles` are not counted: "2 layer" answers "which is like layer normalization".
    """
    words = mentions.text.words
    here = words[index]
    following = words[index + 1] if index + 1 < len(words) else None
    if following and (following.sentence != here.sentence or following.before.strip() or "\n" in following.before):
        following = None
    if _in_formula(here.start, here.end, mentions.text.original):
        return True
    glued = index > 0 and here.before == ""  # "norm5"
    if glued or (following and following.text in _COUNTED - roles):
        return True
    recent = [word.text for word in words[max(0, index - 3) : index] if word.sentence == here.sentence]
    if "0" in recent or (following and following.text == "0"):
        return True
    if not recent:
        return False
    summed = any(word.startswith(_SUMMING) for word in recent) and recent[-1] in _AFTER_SUMMING
    if recent[-2:] in (["would", "say"], ["i'd", "say"]):
        return False
    return recent[-1] in _MEASURES or (summed and recent[-1] != "by")


def _in_formula(start: int, end: int, original: str) -> bool:
    """Whether a digit is part of a formula: "1/N", "x^2", "(1, -1)", or between dollar signs."""
    if _COORDINATE.match(original, end) or _AFTER_COORDINATE.search(original, max(0, start - 6), start):
        return True
    around = original[max(0, start - 1) : start] + original[end : end + 1]
    return any(mark in "/^_*\\{}|" for mark in around) or original.count("$", 0, start) % 2 == 1


def _is_ordinal(index: int, mentions: Mentions) -> bool:
    words = mentions.text.words
    following = words[index + 1] if index + 1 < len(words) else None
    the = index > 0 and words[index - 1].text == "the"
    if following is None or following.sentence != words[index].sentence:
        return the
    return following.text in _AFTER_ORDINAL or (
        the and (following.text in _AFTER_THE_ORDINAL or "," in following.before)
    )
