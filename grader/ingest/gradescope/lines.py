"""The lines of an export: one spelling for blanks, minus signs and ticks; running heads and page numbers taken out."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence

PAGE_BREAK = "\f"
TICK = "✓"

_MAX_CHARACTERS = 5_000_000
_MAX_LINES = 60_000  # of 300 pages, three times over
_MAX_LINE = 5_000  # characters: longer lines are no text that somebody reads
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff]")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_TICKS = re.compile(r"[✔✅☑√🗸🗹\uf00c]|\[\s?[xX✓]\s?\]|\$?\\checkmark\$?")
_MINUS = re.compile(r"[−–—‐‑‒﹣－]")
_PAGE = re.compile(
    r"[\s*_(-]*page\s+\d+(?:\s*(?:of|/)\s*\d+)?[\s*_)-]*$|\s*(?:no )?questions? assigned to the following pages?\b",
    re.I,
)
_BOLD = re.compile(r"\*\*|__")
_HASHES = re.compile(r"^[\s>]*#{1,6}(?=\s)")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")


class TooLong(ValueError):
    """More text than any export has."""


def lines_of(pages: Sequence[str]) -> list[str]:
    """The pages' lines, with a line `PAGE_BREAK` between pages. Raises TooLong."""
    if sum(map(len, pages)) > _MAX_CHARACTERS:
        raise TooLong(f"The document has more than {_MAX_CHARACTERS:,} characters.")
    lines: list[str] = []
    for page in "\f".join(pages).replace("\r\n", "\n").replace("\r", "\n").split("\f"):
        lines += [PAGE_BREAK] if lines else []
        lines += [_plain(line)[:_MAX_LINE] for line in page.split("\n")]
    if len(lines) > _MAX_LINES:
        raise TooLong(f"The document has more than {_MAX_LINES:,} lines.")
    return lines


def _plain(line: str) -> str:
    line = _LIGATURE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), line)
    return _INVISIBLE.sub("", line).replace("\0", "").replace("\u00a0", " ").rstrip()


def bare(line: str) -> str:
    """A line without Markdown's decoration, with one spelling of ticks and minus signs: what panels are read from."""
    line = _TICKS.sub(TICK, line)
    line = _MINUS.sub("-", line)
    line = _HASHES.sub("", line)
    line = _BOLD.sub("", line).replace("`", "").replace("\\_", "_").replace("\\#", "#").replace("\\-", "-")
    return _BLANKS.sub(" ", line).strip()


def without_furniture(lines: Sequence[str], keep: Callable[[str, str], bool]) -> list[str]:
    """The lines without running heads, footers and page numbers: short lines that stand alone and come again (figures
    aside) in three or more different surroundings. A page that is printed twice repeats its surroundings too, so its
    lines stay.

    keep(line, next written line): whether a line is a part of the export's own structure, which repeats as well.
    """
    written = [i for i, line in enumerate(lines) if line.strip() and line != PAGE_BREAK]
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    where: dict[str, list[int]] = defaultdict(list)
    for before, i, after in zip([None, *written], written, [*written[1:], None], strict=False):
        line = lines[i].strip()
        above = lines[before].strip() if before is not None else ""
        below = lines[after].strip() if after is not None else ""
        if len(line) > 120 or keep(line, below) or not _stands_alone(lines, i):
            continue
        key = re.sub(r"\d+", "0", line)
        if _announces(above) and not any(c.isalpha() for c in key):
            continue  # an answer may well be a bare number
        where[key].append(i)
        if not _announces(above):  # nor does it count how often "I don't know" is an answer
            seen[key].add((above, below))
    out = {i for key, found in where.items() if len(seen[key]) >= 3 and _may_run(key) for i in found}
    return ["" if i in out or _PAGE.match(line) else line for i, line in enumerate(lines)]


def _stands_alone(lines: Sequence[str], i: int) -> bool:
    """Whether line i is a paragraph, or begins or ends a page: the parts of a broken line do neither."""
    above = lines[i - 1] if i else PAGE_BREAK
    below = lines[i + 1] if i + 1 < len(lines) else PAGE_BREAK
    return PAGE_BREAK in (above, below) or not (above.strip() or below.strip())


def _announces(line: str) -> bool:
    """Whether what stands below is an answer, however short and however often it is given."""
    return bool(re.search(r"answer\W*$", line, re.I))


def _may_run(key: str) -> bool:
    """Whether a repeated line can be a running head: a list's line or code repeats in answers and programs as well."""
    return key == "- 0 -" or (not re.match(r"[-+|`)\]}]|\* |\d+[.)]", key) and any(c.isalnum() for c in key))
