"""Which answers say the same in the same words, and which look alike. For sorting and grouping only: nothing here sees
what an answer means, so a decision may be carried over to an answer with the same `duplicate_key`, and to no other."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

CUT = 0.7  # mean cosine distance from which on two groups stay apart; chosen on marked answers
_LONGEST = 4000  # characters compared; what is longer is grouped by its beginning

_TAGS = {"<super>": " ^", "<sub>": " _", "<fraction>": " "}  # ² is not 2, and 1½ is not 11/2
_SAME = str.maketrans("’‘ʼ‛“”„«»×−–‒‐‑⁄", "''''\"\"\"\"\"*-----/")
_ANSWER_WORD = (
    r"(?:(?:your|my|our|the)\s+)?(?:answer|ans)\b|(?:התשובה|תשובה|(?:ваша\s+)?відповідь|(?:ваш\s+)?ответ|პასუხი|答案|回答|答|답변|답)"
)
_DRESS = r"[ \t*_$}\]]*+"
_PREFIX = re.compile(
    rf"^(?:\\color\{{\w+\}}|\\text[a-z]+|\W|_)*+(?:{_ANSWER_WORD}){_DRESS}(?:[::]{_DRESS}|\n|\Z)"
)
_MARKUP = (
    (re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-*+•][ \t]+(?=[^\W\d_]{2}))", re.MULTILINE), ""),  # headings, bullets
    (re.compile(r"^[ \t]*(\w{1,2})\)", re.MULTILINE), r"\1 "),  # 2) is 2
    (re.compile(r"```[a-z0-9]*$|`|\$", re.MULTILINE), ""),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])(.{1,400}?)(?<=[^\s*])\1(?![\w*])"), r" \2 "),  # **so**, but not 2*3
    (re.compile(r"(?<![\w])(_{1,3})(?=[^\s_])(.{1,400}?)(?<=[^\s_])\1(?!\w)"), r" \2 "),  # _so_, but not x_i
    (re.compile(r"(?<!\w)'([^'\n]*)'(?!\w)"), r" \1 "),  # 'quoted', but not don't and not f'
    (re.compile(r"\(\s*+(\w++)\s*+\)"), r" \1 "),  # (2) is 2
)
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|\.\d+|[^\W\d_]+(?:'[^\W\d_]+)*'?|!(?=[=\w])|[^\s\w!]|_|\w")
_PUNCTUATION = frozenset('.,;:?"…·—。,、،؛؟״׳')
_BARE = frozenset("-_*/'")  # alone they are no answer
_PICTURE = re.compile(r"!\[|<img\b|data:image/", re.IGNORECASE)


@dataclass(frozen=True)
class Grouping:
    """groups: the group of each text, from 0, the largest first, the unanswered last. order: the texts' indices, one
    group after another, similar texts side by side."""

    groups: tuple[int, ...]
    order: tuple[int, ...]


def duplicate_key(text: str) -> str:
    """The same for texts that differ only in case, blanks, punctuation, Markdown, typographic variants and an "Answer:" in front.

    Every word, number, option letter and mathematical sign counts. All empty answers have the same key.
    """
    return hashlib.sha256("\n".join(_tokens(text)).encode()).hexdigest()[:32]


def is_empty(text: str) -> bool:
    """Whether nothing is said: no word, number or sign of meaning."""
    return not _tokens(text)


def shows_picture(text: str) -> bool:
    """Whether part of the answer is a picture, which no key can compare."""
    return _PICTURE.search(text) is not None


def group(texts: Sequence[str]) -> Grouping:
    """Groups of similar texts: character n-grams weighted by rarity, average linkage, cut at `CUT`.

    Texts with the same `duplicate_key` are in one group; the unanswered are a group of their own.
    """
    keys = [duplicate_key(text) for text in texts]
    first: dict[str, int] = {}
    for index, key in enumerate(keys):
        first.setdefault(key, index)
    empty = {key for key, index in first.items() if is_empty(texts[index])}
    distinct = [key for key in first if key not in empty]
    labels, places = _clusters([texts[first[key]] for key in distinct])
    label = dict(zip(distinct, labels, strict=True)) | dict.fromkeys(empty, -1)
    place = dict(zip(distinct, places, strict=True)) | dict.fromkeys(empty, 0)
    number = _numbered([label[key] for key in keys], [place[key] for key in keys])
    groups = tuple(number[label[key]] for key in keys)
    order = sorted(range(len(texts)), key=lambda index: (groups[index], place[keys[index]], index))
    return Grouping(groups, tuple(order))


def _tokens(text: str) -> list[str]:
    level = _PREFIX.sub("", _levelled(text), count=1)
    level = reduce(lambda left, rule: rule[0].sub(rule[1], left), _MARKUP, level)
    tokens = [token for token in _TOKEN.findall(level) if token not in _PUNCTUATION]
    return [] if _BARE.issuperset(tokens) else tokens


def _levelled(text: str) -> str:
    """Case-folded, without compatibility variants and invisible characters; superscripts and fractions stay apart."""
    if not text.isascii():
        text = "".join(_plain(character) for character in text.translate(_SAME))
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        return text.translate(_SAME)
    return text.lower()


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) == "Cf":
        return ""
    return _TAGS.get(unicodedata.decomposition(character).partition(" ")[0], "") + character


def _clusters(texts: list[str]) -> tuple[list[int], list[int]]:
    """A label for each text, and its place among all when neighbours are alike."""
    if len(texts) < 2:
        return [0] * len(texts), list(range(len(texts)))
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    tree = linkage(squareform(_distances(texts), checks=False), method="average")
    places = [0] * len(texts)
    for place, leaf in enumerate(leaves_list(tree)):
        places[leaf] = place
    return fcluster(tree, CUT, criterion="distance").tolist(), places


def _distances(texts: list[str]) -> Any:
    """Cosine distances, shape (n, n), zeros on the diagonal."""
    import numpy as np
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    begun = [" ".join(_tokens(text[:_LONGEST])) for text in texts]
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, lowercase=False)
    words = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True, lowercase=False)
    rows = hstack([letters.fit_transform(begun), words.fit_transform(begun)]).tocsr() / np.sqrt(2)
    distances = np.clip(1.0 - (rows @ rows.T).toarray(), 0.0, None)
    np.fill_diagonal(distances, 0.0)
    return distances


def _numbered(labels: Sequence[int], places: Sequence[int]) -> dict[int, int]:
    """Group numbers: the largest first, those of equal size in order of place, the unanswered (label -1) last."""
    sizes = Counter(labels)
    start: dict[int, int] = defaultdict(lambda: len(places))
    for label, place in zip(labels, places, strict=True):
        start[label] = min(start[label], place)
    ranked = sorted(sizes, key=lambda label: (label == -1, -sizes[label], start[label]))
    return {label: number for number, label in enumerate(ranked)}
