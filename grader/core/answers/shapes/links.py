"""From a name to the shape that is said of it, over nothing but linking words and signs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.core.answers.shapes.naming import Name
from grader.core.answers.shapes.notation import Notation, Written
from grader.core.answers.shapes.words import DENYING, LINKING, is_shape_word, words

_FAR = 160  # characters from a name to its shape
_TOKEN = re.compile(r"(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)|(?P<line>[ \t]*\n\s*)|(?P<space>[ \t]+)|(?P<sign>.)")
_SIGNS = frozenset(":=∈→⇒-–—~\"'()[]|><,.״#?")
_EXPLICIT = frozenset(":=∈~")
_BEING = words("is are has have є має הוא היא არის")  # a mere number behind them may be meant as a shape
_BUT = words("but rather it its it's а але но это אלא")
_COUNTED = re.compile(
    r"\s*(?:[)\]]*\s*[×*·/+^%@]\s*[\w(]|x\s*\d|,\s*\d|-\s*\d|\.\d|(?:param|weight|value|ваг|парам|משקול|פרמטר)\w*)"
)


@dataclass(frozen=True, slots=True)
class Link:
    """What a name is linked to: the shape, and how clearly. shape_word: a shape is spoken of; plain: nothing is between."""

    shape: Written
    explicit: bool
    shape_word: bool
    plain: bool


class Links:
    """at: the shapes by their place. denied: those that are said not to be it; they are stepped over."""

    def __init__(
        self,
        text: str,
        notation: Notation,
        names: Sequence[Name],
        at: Mapping[int, Written],
        denied: Mapping[int, Written],
    ) -> None:
        self._text, self._notation, self._at, self._denied = text, notation, at, denied
        self._starts = {name.start: name for name in names}

    def of(self, name: Name) -> Link | None:
        """The shape that a name is linked to by nothing but linking words and signs."""
        position, limit = name.end, min(len(self._text), name.end + _FAR)
        explicit = shape_word = _wrapped(self._text, name)
        denied, comma, plain, stated = False, False, True, False
        while position < limit:
            if position in self._at:
                return None if denied or comma else Link(self._at[position], explicit, shape_word, plain)
            if position in self._starts and self._starts[position].thing != name.thing:
                return None
            if position in self._denied:
                position, denied = self._denied[position].end, False
                continue
            bare = self._notation.bare(self._text, position, len(self._text))
            if (
                bare
                and self._text[position - 1] in " :=([-–—"
                and (explicit or shape_word or stated)
                and not is_word(bare, self._text)
            ):
                return None if denied or comma or self._is_counted(bare) else Link(bare, explicit, shape_word, plain)
            match = _TOKEN.match(self._text, position)
            if match is None:
                return None
            token = match.group()
            if match["word"]:
                word = token.lower().replace("’", "'")
                if word in DENYING:
                    denied = True
                elif is_shape_word(word):
                    shape_word, comma = True, False
                elif word in LINKING:
                    comma = False
                elif word not in _BUT:
                    return None
                stated |= word in _BEING
                plain = False
            elif match["line"]:
                if not explicit and (plain or token.count("\n") > 1):
                    return None
            elif match["sign"]:
                if token not in _SIGNS or (token == "." and not self._is_member(position)):
                    return None
                if token == "(" and (closing := self._parenthesis(position)):
                    position, plain = closing, False
                    continue
                if token == "?":
                    if not self._asks(name):
                        return None
                    explicit = shape_word = True
                explicit |= token in _EXPLICIT or (token in "-–—" and self._leads_line(name, position))
                stated |= token in "-–—" and self._text[position - 1] == " " == self._text[position + 1 : position + 2]
                comma = token == ","
                plain &= token in "()[]"
            position = match.end()
        return None

    def _parenthesis(self, position: int) -> int | None:
        """The end of a remark in brackets without a shape or a name: "b_h (the bias of the hidden layer) = 50"."""
        closing = self._text.find(")", position, position + 80)
        if closing < 0 or "\n" in self._text[position:closing]:
            return None
        inner = range(position, closing)
        if any(at in inner for at in (*self._at, *self._denied)) or any(
            char.isdigit() for char in self._text[position:closing]
        ):
            return None
        return closing + 1

    def _asks(self, name: Name) -> bool:
        """Whether the question that ends behind a name is about shapes: "What is the shape of the bias b_h?"."""
        asked = re.split(r"[.?!\n]", self._text[max(0, name.start - _FAR) : name.start])[-1]
        return any(is_shape_word(word) for word in re.findall(r"[^\W\d_]+", asked.lower()))

    def _leads_line(self, name: Name, position: int) -> bool:
        """ "b_h - 50 (one for each unit)": a dash behind what its line begins with, and no minus."""
        before = self._text[: name.start].rpartition("\n")[2]
        return not before.strip(" -*•") and self._text[position - 1 : position + 2] in (" - ", " – ", " — ")

    def _is_member(self, position: int) -> bool:
        """The dot of `X.shape`, of "i.e." and of "dim."."""
        return re.match(r"\.(?:shape|size|dim|e\b|\s*$)", self._text[position : position + 6]) is not None or bool(
            re.search(r"\b(?:i\.e|dim|i)$", self._text[max(0, position - 4) : position])
        )

    def _is_counted(self, bare: Written) -> bool:
        """A number that goes on, or counts something, is no shape: "W_h: 500 weights", "b_h = 50 + 3"."""
        return _COUNTED.match(self._text[bare.end : bare.end + 12]) is not None


def _wrapped(text: str, name: Name) -> bool:
    """Whether a word for a shape stands right before: "shape(X)", "the size of X"."""
    before = re.findall(r"[^\W\d_]+", text[max(0, name.start - 30) : name.start].split("\n")[-1].lower())[-3:]
    return any(is_shape_word(word) for word in before)


def is_word(bare: Written, text: str) -> bool:
    """Symbols that are spelt as words are read in shapes only."""
    return not text[bare.start : bare.end].isdecimal()
