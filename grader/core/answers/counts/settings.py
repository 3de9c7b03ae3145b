"""Under which values an answer may have counted: an option of every assumption, and what it chose itself (an image's side)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from grader.core.answers.counts import phrases
from grader.core.answers.counts.attribution import Mention
from grader.core.answers.counts.declaration import Counts, Option, whole
from grader.core.answers.counts.phrases import Named

_MOST_CANDIDATES, _MOST_PRODUCTS, _MOST_TRIED = 24, 400, 3
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Setting:
    """values: of everything that is given, chosen, or set by an option. written: chosen values that stand in the answer.

    places: where the answer states an option of an assumption. met: how many steps' right values stand in the answer.
    """

    options: Mapping[str, str]
    sizes: Mapping[str, int]
    values: Mapping[str, float]
    written: frozenset[str]
    places: Mapping[str, Sequence[Named]]
    met: int = 0

    @property
    def consistent(self) -> bool:
        """Whether the answer states no other option than those that are taken."""
        return all(stated <= {self.options[assumption]} for assumption, stated in self.stated.items())

    @property
    def stated(self) -> Mapping[str, set[str]]:
        return {assumption: {place.name for place in found} for assumption, found in self.places.items()}

    def says(self, option: Option) -> str:
        return _filled(option.says, self.values)


def settings(declared: Counts, answer: str, mentions: Sequence[Mention]) -> list[Setting]:
    """All that are worth judging under, the usual one first."""
    numbers = {int(it) for it in re.findall(r"(?<![\d.,])\d{1,6}(?![\d]|[.,]\d)", phrases.level(answer))}
    said = {
        member.value for mention in mentions for member in mention.chain.members if member.value is not None
    } | {mention.result for mention in mentions}
    usual, *others = _sizes(declared, numbers)
    least = _most_met(declared, usual, said)
    met = sorted(((_most_met(declared, sizes, said), at) for at, sizes in enumerate(others)), key=lambda one: (-one[0], one[1]))
    better = [others[at] for count, at in met[:_MOST_TRIED] if count > least]
    return [setting for sizes in (usual, *better) for setting in _under(declared, answer, numbers, said, sizes)]


def _most_met(declared: Counts, sizes: Mapping[str, int], said: Collection[Fraction]) -> int:
    return max(_met(declared, values, said) for _, values in _values(declared, sizes)) if declared.chosen else 0


def _values(declared: Counts, sizes: Mapping[str, int]) -> Iterator[tuple[Mapping[str, str], dict[str, float]]]:
    """For every combination of options: (the options, all values)."""
    given = {**declared.values, **sizes}
    for options in declared.combinations:
        set_by = (option_values(declared.assumptions[assumption][option], given) for assumption, option in options.items())
        yield options, {**given, **{name: value for one in set_by for name, value in one.items()}}


def _sizes(declared: Counts, numbers: set[int]) -> Iterator[dict[str, int]]:
    """Every choice of chosen values; the usual one first."""
    candidates = []
    for chosen in declared.chosen.values():
        found = sorted(number for number in numbers if chosen.least <= number <= chosen.most and number != chosen.usual)
        candidates.append([chosen.usual, *found[-_MOST_CANDIDATES:]])
    for values in itertools.islice(itertools.product(*candidates), _MOST_PRODUCTS):
        yield dict(zip(declared.chosen, values, strict=True))


def _under(
    declared: Counts, answer: str, numbers: Collection[int], said: Collection[Fraction], sizes: Mapping[str, int]
) -> Iterator[Setting]:
    given = {**declared.values, **sizes}
    written = frozenset(name for name, size in sizes.items() if size in numbers or size == 1)  # a factor 1 is left out
    places = {
        assumption: phrases.find(answer, {
            name: tuple(_filled(words, {**given, **option_values(option, given)}) for words in option.words)
            for name, option in options.items()
        })
        for assumption, options in declared.assumptions.items()
    }  # fmt: skip
    for options, values in _values(declared, sizes):
        yield Setting(options, sizes, values, written, places, _met(declared, values, said) if declared.chosen else 0)


def option_values(option: Option, given: Mapping[str, float]) -> dict[str, float]:
    return {name: float(np.asarray(expression(given))) for name, expression in option.compiled.items()}


def _met(declared: Counts, values: Mapping[str, float], said: Collection[Fraction]) -> int:
    known = dict(values)
    met = 0
    for name, step in declared.compiled.items():
        found = [whole(np.asarray(expression(known))) for expression in step.right if expression.names <= set(known)]
        met += any(value in said for value in found if value is not None)
        if found and found[0] is not None:
            known[name] = found[0]
    return met


def _filled(text: str, values: Mapping[str, float]) -> str:
    """`{out}` replaced by its number; what is no value stays."""
    return _PLACE.sub(lambda match: f"{values[match[1]]:g}" if match[1] in values else match[0], text)
