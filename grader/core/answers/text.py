"""A student's text as words that remember where they stood, in sentences and clauses.

Case, width, quotes, Markdown and LaTeX are levelled; `start` and `end` of every word point into the original text, so
that evidence can be quoted verbatim.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# What is no part of the prose: comments, tags, images, struck-out text, link targets, styling commands.
_DROPPED = re.compile(
    r"<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>\n]{0,200}>|!\[[^\]\n]*\]\([^)\n]*\)|~~[^~\n]+~~|(?<=\])\([^)\n]*\)|data:\S+|https?://\S+"
    r"|\\(?:color|text(?:it|bf|rm|color)?|math(?:bf|rm|cal|it)?|left|right|begin|end|quad|qquad|displaystyle)(?![a-zA-Z])"
    r"(?:\{(?:blue|red|green|black|align\*?|equation\*?|cases)\})?",
    re.DOTALL,
)
_LATEX = {
    "to": "→", "rightarrow": "→", "longrightarrow": "→", "implies": "→", "approx": "≈", "sim": "≈", "simeq": "≈", "infty": "∞",
    "le": "<", "leq": "<", "ll": "<", "lt": "<", "ge": ">", "geq": ">", "gg": ">", "gt": ">", "neq": "≠", "ne": "≠", "vert": "|",
    "lvert": "|", "rvert": "|", "times": "×", "cdot": "×", "pm": "±", "mp": "±", "partial": "∂", "prime": "'",
}  # fmt: skip
_SYMBOLS = {
    "->": "→", "-->": "→", "=>": "→", "==>": "→", "⇒": "→", "⟶": "→", "⟹": "→", "↦": "→", "<=": "<", ">=": ">", "<<": "<",
    ">>": ">", "≤": "<",
    "≥": ">", "≪": "<", "≫": ">", "~": "≈", "~=": "≈", "≃": "≈", "≅": "≈", "∼": "≈", "!=": "≠", "==": "=", "−": "-", "–": "-",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<latex>\\[a-z]+)"
    r"|(?P<number>(?![1-9],\d(?!\d))\d+(?:[.,]\d+)*(?:e[+-]?\d+)?(?![^\W\d_]))"
    r"|(?P<word>[^\W\d_]+(?:['’ʼ׳״\"][^\W\d_]+)*)"
    r"|(?P<digits>\d+)"
    r"|(?P<symbol>-{1,2}>|={1,2}>|<=|>=|<<|>>|~=|!=|==|[→⇒⟶⟹↦↑↓<>≤≥≪≫≈≃≅∼~=≠∞∂|×±'+%]|[-−–](?=[\d∞x]|\\infty|\s?(?:region|side|part|inf|half)))"
)
_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$|[)\]\"'*_])|(?<=[^\W\d_]{3})[.!?;]+(?=[^\W\d_])|\n\s*\n|[。？！]")
_LIST_LINE = re.compile(r"\n[ \t>]*(?:[-*•–+]\s|\(?\d{1,2}[.):]|\(?[a-z][.)]\s|#)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|etc|eq|fig|approx|resp|incl|ex|cf|w\.r\.t|т\.?\s?д|т\.?\s?е|напр)|(?:^|\n)\s*\(?\d{1,2})$"
)
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": " ", "“": " ", "”": " ", "«": " ", "»": " ", "״": '"', "׳": "'"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number or symbol. `before`: the levelled text between the previous word and this one."""

    text: str
    start: int
    end: int
    before: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Text:
    """`original` and its words; `sentences`: (first, past the last) word of each."""

    original: str
    words: tuple[Word, ...]
    sentences: tuple[tuple[int, int], ...]

    def quote(self, first: int, last: int) -> str:
        """The original text from word `first` to word `last`, both included."""
        return self.original[self.words[first].start : self.words[last].end]


def read_text(original: str) -> Text:
    """Linear in the length of the text."""
    level, origin = _levelled(_without_markup(original))
    ends = _sentence_ends(level)
    words: list[Word] = []
    sentences: list[tuple[int, int]] = []
    first, sentence, position, upcoming = 0, 0, 0, 0
    for match in _TOKEN.finditer(level):
        crossed = upcoming < len(ends) and ends[upcoming] <= match.start()
        while upcoming < len(ends) and ends[upcoming] <= match.start():
            upcoming += 1
        if crossed and len(words) > first:
            sentences.append((first, len(words)))
            first, sentence = len(words), sentence + 1
        text = _word(match)
        if text:
            before = level[position : match.start()]
            words.append(Word(text, origin[match.start()], origin[match.end() - 1] + 1, before, sentence))
            position = match.end()
    if len(words) > first:
        sentences.append((first, len(words)))
    return Text(original, tuple(words), tuple(sentences))


def _word(match: re.Match[str]) -> str:
    found = match.group()
    if match.lastgroup == "latex":
        return _LATEX.get(found[1:], found[1:])
    return _SYMBOLS.get(found, found)


def _without_markup(original: str) -> str:
    """Blanks instead of what is no prose, so that offsets stay."""
    return _DROPPED.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), original)


def _levelled(text: str) -> tuple[str, list[int]]:
    """Case-folded, compatibility-composed text without invisible characters, and each character's place in `text`."""
    if text.isascii():
        return text.lower().translate(_QUOTES), list(range(len(text)))
    level: list[str] = []
    origin: list[int] = []
    for start, cluster in _clusters(text):
        for character in unicodedata.normalize("NFKC", cluster).lower():
            if unicodedata.category(character) != "Cf":
                level.append(character)
                origin.append(start)
    return "".join(level).translate(_QUOTES), origin


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not unicodedata.combining(text[index]):
            if index > start:
                yield start, text[start:index]
            start = index


def _sentence_ends(level: str) -> list[int]:
    ends = [
        match.end()
        for match in _SENTENCE_END.finditer(level)
        if not (match.group() == "." and _ABBREVIATION.search(level[max(0, match.start() - 8) : match.start()]))
    ]
    ends += [match.start() + 1 for match in _LIST_LINE.finditer(level)]
    ends += _line_ends(level)
    return sorted(set(ends))


def _line_ends(level: str) -> Iterator[int]:
    """Ends of lines that are not mere wrapping: the line is short, or the next one is a paragraph of its own."""
    start = 0
    for line in level.split("\n"):
        end = start + len(line)
        if line.strip() and len(line.rstrip()) < 55:
            yield end
        start = end + 1
