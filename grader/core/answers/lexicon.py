"""Where the forms of terms occur in a text: exact words, stems (`satur*`), phrases, gaps (`..`), and small misspellings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.core.answers.text import Text

GAP = ".."
_GAP_WORDS = 3  # the most words that `..` stands for
_FUZZY_LENGTH = 7  # shorter words have too many neighbours: "decay" and "delay"
_HEBREW_PREFIXES = "והבלמשכ"  # and, the, in, to, from, that, as: written as part of the next word
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=(?!e[+-]?\d)[^\W\d_])")
_FORM_SYMBOLS = re.compile(r"([<>=≈≠→∞|+%×])")


@dataclass(frozen=True, slots=True)
class Span:
    """Words `first` up to, not including, `last`."""

    first: int
    last: int

    def overlaps(self, other: Span) -> bool:
        return self.first < other.last and other.first < self.last

    def within(self, other: Span) -> bool:
        return other.first <= self.first and self.last <= other.last and self != other

    def __len__(self) -> int:
        return self.last - self.first


class Lexicon:
    """Forms of many names, looked up in one pass. `forms`: name → phrases as the glossary writes them."""

    def __init__(self, forms: Mapping[str, Iterable[str]]) -> None:
        self._starting: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for name, phrases in forms.items():
            for phrase in phrases:
                for atoms in _spellings(phrase):
                    self._starting.setdefault(atoms[0], []).append((name, atoms))
        atoms_used = {atom for found in self._starting.values() for _, atoms in found for atom in atoms} - {GAP}
        self._exact = frozenset(atom for atom in atoms_used if not atom.endswith("*"))
        self._stems = frozenset(atom[:-1] for atom in atoms_used if atom.endswith("*"))
        self._near = _neighbourhood(self._exact | self._stems)
        self._known: dict[str, frozenset[str]] = {}

    def find(self, text: Text) -> dict[str, list[Span]]:
        """Occurrences by name, in order; of overlapping ones of one name the longest."""
        atoms = [self._atoms(word.text) for word in text.words]
        found: dict[str, list[Span]] = {}
        for first, here in enumerate(atoms):
            for atom in here:
                for name, form in self._starting.get(atom, ()):
                    last = _match(form, first, atoms, text)
                    if last:
                        found.setdefault(name, []).append(Span(first, last))
        return {name: _longest(spans) for name, spans in found.items()}

    def knows(self, word: str) -> bool:
        return bool(self._atoms(word))

    def _atoms(self, word: str) -> frozenset[str]:
        """The words and stems of the forms that `word` can stand for."""
        known = self._known.get(word)
        if known is None:
            known = frozenset(self._lookup(word))
            if len(self._known) < 20_000:  # students invent words; memory stays bounded
                self._known[word] = known
        return known

    def _lookup(self, word: str) -> Iterator[str]:
        exact = list(itertools.chain.from_iterable(self._plain(variant) for variant in _variants(word)))
        yield from exact or self._misspelt(word)

    def _plain(self, word: str) -> Iterator[str]:
        if word in self._exact:
            yield word
        for length in range(2, len(word) + 1):
            if word[:length] in self._stems:
                yield word[:length] + "*"

    def _misspelt(self, word: str) -> Iterator[str]:
        if len(word) < _FUZZY_LENGTH or not word.isalpha():
            return
        for variant in _deletions(word):
            for candidate in self._near.get(variant, ()):
                if candidate in self._exact and candidate[0] == word[0] and _one_edit(word, candidate):
                    yield candidate
        for length in range(_FUZZY_LENGTH - 1, min(len(word), 14) + 1):
            for variant in _deletions(word[:length]):
                for stem in self._near.get(variant, ()):
                    if stem in self._stems and stem[0] == word[0] and _one_edit(word[:length], stem):
                        yield stem + "*"


def _match(form: tuple[str, ...], first: int, atoms: list[frozenset[str]], text: Text) -> int | None:
    """One past the last word of `form` when it starts at `first`, in one sentence."""
    sentence, position, at, gap = text.words[first].sentence, first, 0, 0
    while at < len(form):
        if form[at] == GAP:
            gap, at = _GAP_WORDS, at + 1
            continue
        if position >= len(atoms) or text.words[position].sentence != sentence:
            return None
        if form[at] in atoms[position]:
            at, gap = at + 1, 0
        elif gap:
            gap -= 1
        else:
            return None
        position += 1
    return position


def _longest(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda span: (-len(span), span.first)):
        if taken.isdisjoint(range(span.first, span.last)):
            kept.append(span)
            taken.update(range(span.first, span.last))
    return sorted(kept, key=lambda span: span.first)


def _spellings(phrase: str) -> Iterator[tuple[str, ...]]:
    """The phrase's words as a text's are parted ("l2" is "l 2"); "mini-batch" is also "minibatch" and "mini batch"."""
    pieces = _LETTER_DIGIT.sub(" ", _FORM_SYMBOLS.sub(r" \1 ", phrase.lower().replace("’", "'"))).split()
    choices = [
        [(piece,)] if "-" not in piece.strip("-") else [tuple(piece.split("-")), (piece.replace("-", ""),)]
        for piece in pieces
    ]
    for chosen in itertools.product(*choices):
        yield tuple(itertools.chain.from_iterable(chosen))


def _variants(word: str) -> Iterator[str]:
    yield word
    if "\u0590" <= word[0] <= "\u05ff":
        for length in (1, 2, 3):
            if len(word) > length + 1 and all(letter in _HEBREW_PREFIXES for letter in word[:length]):
                yield word[length:]


def _neighbourhood(words: Iterable[str]) -> dict[str, list[str]]:
    """Words by what is left of them after one deletion: how one-edit neighbours find each other."""
    near: dict[str, list[str]] = {}
    for word in words:
        if len(word) >= _FUZZY_LENGTH - 1 and word.isalpha():
            for variant in _deletions(word):
                near.setdefault(variant, []).append(word)
    return near


def _deletions(word: str) -> set[str]:
    return {word} | {word[:index] + word[index + 1 :] for index in range(len(word))}


def _one_edit(a: str, b: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours turns `a` into `b`."""
    start = next((index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    return (
        rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or rest_a[1:] == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )
