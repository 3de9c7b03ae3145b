"""Lists that are given one number at a time: "conv1: 64, conv2: 128", `Conv2D(64, 3)` on a line of its own for every layer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.core.answers.shapes.claims import Claim

_SAID = (
    r"(?:\s*\([^()\n]{0,40}\))?\s*(?:[:=→|]|->|-|–|—|\bhas\b|\bwith\b|\buses\b|має|з|יש|עם|בעלת)\s*(?:[^\W\d_]+\s+){0,2}?"
    r"(?P<size>\d+)(?!\d|\s*[x×*.,]\s*\d)"
)


_CLOSED = r"[^\S\n]*(?:[,;.|)\n]|$|\b(?:and|та|і)\b|(?:{})\w*)"


def claims(text: str, thing: str, words: Sequence[str], named: Sequence[str], length: int) -> Iterator[Claim]:
    """The list of `length` numbers that the answer gives by numbering its places with one of `words` ("conv 1 … conv 5"), or as
    first arguments of a call where a word ends in "(". Numbering starts at 0 or 1 and leaves nothing out.

    Firm where nothing but the thing's name (`named`) follows each number: "conv 1: 3 channels in" says something else.
    """
    called = "|".join(re.escape(word) for word in words if word.endswith("("))
    found = list(re.finditer(rf"(?<!\w)(?:{called})\s*(?:\w+\s*=\s*)?(?P<size>\d+)(?!\d)", text)) if called else []
    if len(found) != length:
        numbered = "|".join(r"[\s_-]*".join(map(re.escape, word.split())) for word in words if not word.endswith("("))
        pattern = rf"(?<!\w)(?:{numbered})(?:\s+(?:layer|number|no\.?|номер|מספר))?[\s_#-]*(?P<at>\d{{1,2}})(?!\d){_SAID}"
        found = list(re.finditer(pattern, text, re.IGNORECASE)) if numbered else []
        places = [int(match["at"]) for match in found]
        if len(found) != length or places not in (list(range(1, length + 1)), list(range(length))):
            return
    closed = re.compile(_CLOSED.format("|".join(map(re.escape, named))), re.IGNORECASE)
    firm = all(closed.match(text, match.end()) for match in found)
    yield Claim(thing, tuple(int(match["size"]) for match in found), found[0].start(), found[-1].end(), firm)
