"""Finding in a text what is called by one of several names: runs and columns of a table of results."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

Names = Mapping[str, Sequence[str]]
"""By name, what it is called; the words of a call-name follow each other, `*` at the end of a word stands for any ending. One
after `~` counts only where no other name is called: "LeNet-5" is the plain net, "LeNet-5 + dropout" is not."""

Call = tuple[int, str, int, int]
"""(length in characters, name, start, end) of a call-name in a text."""

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_DENIED = frozenset(["no", "without", "w/o", "non", "not", "ללא", "בלי", "без", "არ", "გარეშე"])


def name_in(text: str, names: Names) -> str | None:
    """Which one of `names` the text calls; a call-name inside a longer one does not count. None for none, and for several."""
    for weak in (False, True):
        some = {name: [call for call in given if call.startswith("~") is weak] for name, given in names.items()}
        found = {name for _, name, *_ in longest(calls(text, some))}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def calls(text: str, names: Names) -> list[Call]:
    """Where the text calls one of `names` and does not deny it ("no batch normalization")."""
    words = [(match.group().casefold(), match.start(), match.end()) for match in _WORD.finditer(text)]
    return list(_all_calls(words, names))


def _all_calls(words: Sequence[tuple[str, int, int]], names: Names) -> Iterator[Call]:
    for name, calls in names.items():
        for call in calls:
            wanted = re.findall(
                r"(?:\d+(?:[.,]\d+)*|[^\W\d_]+)\*?", unicodedata.normalize("NFKC", str(call)).casefold()
            )
            for first in range(len(words)):
                last = _matches(words, first, wanted)
                if last is not None and not (first and words[first - 1][0] in _DENIED and wanted[0] not in _DENIED):
                    yield sum(len(word) for word in wanted), name, words[first][1], words[last][2]


def _matches(words: Sequence[tuple[str, int, int]], first: int, wanted: Sequence[str]) -> int | None:
    """The last word of the call-name that begins at word `first`; words may be written together ("batchnorm")."""
    if not wanted:
        return None
    joined = "".join(wanted)
    if words[first][0] == joined or (joined.endswith("*") and words[first][0].startswith(joined[:-1])):
        return first
    for offset, word in enumerate(wanted):
        if first + offset >= len(words):
            return None
        here = words[first + offset][0]
        if here != word and not (word.endswith("*") and here.startswith(word[:-1])):
            return None
    return first + len(wanted) - 1


def longest(calls: Sequence[Call]) -> list[Call]:
    """Without those that lie inside, or overlap, a longer one."""
    kept: list[Call] = []
    for one in sorted(calls, key=lambda call: -call[0]):
        if not any(one[2] < other[3] and other[2] < one[3] for other in kept):
            kept.append(one)
    return kept


def within(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)
