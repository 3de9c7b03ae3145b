"""Where the rubric panels stand in an export, and what is printed in each.

A panel is a header (number, title, score) and the items below it. The summary prints each once below `QUESTION n`; the
pages print it again beside the work. Lines that no panel uses are the student's work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.ingest.gradescope.export import PointAdjustment
from grader.ingest.gradescope.items import (
    Header,
    read_group,
    read_header,
    read_item,
    read_question_mark,
    read_score,
)
from grader.ingest.gradescope.lines import PAGE_BREAK, TICK, bare
from grader.ingest.gradescope.panel_lines import PanelItem, Reading

_MAX_ITEMS = 100  # in one panel
_MAX_PANELS = 1000
_MAX_TITLE = 120  # characters
_MAX_COMMENT_LINES = 14
_LOOK_AHEAD = 3  # lines that a header may be broken over
_TOTAL = re.compile(r"^total points?\b\s*:?\s*(.*)$", re.I)
_STRUCTURE = re.compile(r"^\s*(?:#{1,6}\s|```|~~~|\[\d+\]:|In \[)")


@dataclass(frozen=True)
class Panel:
    """One printing of a question's rubric. `loose`: ticks on no item's line, each as the index of the item after it.

    summary: whether it stands in the summary; `start`, `end`: its lines.
    """

    number: str
    title: str
    score: float
    max_score: float
    items: tuple[PanelItem, ...]
    summary: bool
    start: int
    end: int
    loose: tuple[int, ...] = ()
    adjustments: tuple[PointAdjustment, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass
class Printed:
    """Everything that is printed around the student's work. `used`: the lines that it takes."""

    panels: list[Panel] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    totals: list[tuple[float, float]] = field(default_factory=list)
    said_total: bool = False
    used: set[int] = field(default_factory=set)


def is_structure(line: str, below: str = "") -> bool:
    """Whether a line belongs to the export's own structure; `below` is the next one, where a header's score may be."""
    text = bare(line)
    return bool(
        not text
        or line == PAGE_BREAK
        or TICK in text[:4]
        or read_item(text)
        or read_header(text)
        or read_score(text)  # page numbers too, which are told from the total by the questions' sum
        or read_question_mark(text)
        or _TOTAL.match(text)
        or (read_score(bare(below)) and read_header(f"{text} {bare(below)}"))
        or re.search(r"\banswer\W*$|\bquestion\W*\d*\W*$", text, re.I)
    )


def find_panels(lines: Sequence[str]) -> Printed:
    """Every panel, group title and total in `lines`."""
    texts = [bare(line) for line in lines]
    printed = Printed()
    marked: str | None = None  # the number of the `QUESTION n` that the next panels stand below
    below: set[str] = set()  # the panels that do so far
    i = 0
    while i < len(lines) and len(printed.panels) < _MAX_PANELS:
        text = texts[i]
        if (question := read_question_mark(text)) and _leads_to_panel(texts, lines, i, question):
            marked, below = question, set()
            printed.used.add(i)
            i += 1
        elif found := _header_at(texts, i, marked):
            header, after = found
            # Below one `QUESTION n` stands question n, or its parts, once: what follows is the first page's.
            if marked and (not _belongs(header.number, marked) or header.number in below):
                marked = None
            below.add(header.number)
            panel = _panel(header, texts, lines, i, after, marked is not None)
            printed.panels.append(panel)
            printed.used.update(range(i, panel.end))
            i = panel.end
        elif marked and (title := read_group(text)):
            printed.groups[marked] = title
            printed.used.add(i)
            i += 1
        else:
            if text and text != TICK and not _total(text, i, printed):
                marked = None
            i += 1
    printed.used.update(_bare_headers(texts, printed))
    return _without_groups(printed)


def _bare_headers(texts: Sequence[str], printed: Printed) -> list[int]:
    """Lines that repeat a panel's header, score and all, without its items: no words of the student's."""
    known = {Header(panel.number, panel.title, panel.score, panel.max_score) for panel in printed.panels}
    return [i for i, text in enumerate(texts) if i not in printed.used and text and read_header(text) in known]


def _belongs(number: str, question: str) -> bool:
    return number == question or number.startswith(f"{question}.")


def _total(text: str, i: int, printed: Printed) -> bool:
    """Notes `TOTAL POINTS` and scores that stand alone, which may be far from it; the reader chooses."""
    match = _TOTAL.match(text)
    score = read_score(match[1] if match else text)
    if match:
        printed.said_total = True
    if score:
        printed.totals.append(score)
    if match or score:
        printed.used.add(i)
    return bool(match or score)


def _leads_to_panel(texts: Sequence[str], lines: Sequence[str], i: int, question: str) -> bool:
    """Whether `QUESTION n` at line i is the summary's and not a heading in the student's work."""
    written = [j for j in range(i + 1, min(i + 12, len(texts))) if texts[j] and lines[j] != PAGE_BREAK][:3]
    return any(_joined(texts, j, question) or read_group(texts[j]) for j in written)


def _header_at(texts: Sequence[str], i: int, marked: str | None) -> tuple[Header, int] | None:
    """(header, line after it), if a panel begins at line i: items follow, or `QUESTION n` stands above."""
    found = _joined(texts, i, marked)
    if not found:
        return None
    header, after = found
    below = [text for text in texts[after : after + 8] if text and text != PAGE_BREAK][:2]
    listed = any(read_item(text) or text == TICK for text in below) and not read_header(below[0])
    announced = marked is not None and _belongs(header.number, marked)
    return found if listed or announced else None


def _joined(texts: Sequence[str], i: int, marked: str | None) -> tuple[Header, int] | None:
    """(header, line after it) from line i, which may be broken over lines; a score may stand after a blank line.

    Below `QUESTION n` the header's own number may be missing.
    """
    if not texts[i] or read_item(texts[i]):
        return None
    text, j, taken = texts[i], i + 1, 1
    while True:
        header = read_header(text)
        if header is None and marked and not re.match(r"[\d✓]", text):
            header = read_header(f"{marked} {text}")
        if header:
            return header, j
        gap = j
        while j < len(texts) and not texts[j]:
            j += 1
        if j >= len(texts) or taken >= _LOOK_AHEAD or j > gap + 1 or (j > gap and not _may_end(text, texts[j])):
            return None
        if read_item(texts[j]) or read_question_mark(texts[j]) or read_header(texts[j]) or ":" in text[-2:]:
            return None  # this line is no part of a title, and the next one no rest of a header
        if not marked and not re.match(r"[✓\s]*\d", text):
            return None
        text, j, taken = f"{text} {texts[j]}", j + 1, taken + 1


def _may_end(title: str, score: str) -> bool:
    """Whether a score after a blank line belongs to the title above: a page's number stands below sentences too."""
    return read_score(score) is not None and len(title) <= _MAX_TITLE and not title.endswith(".")


def _panel(header: Header, texts: Sequence[str], lines: Sequence[str], start: int, after: int, summary: bool) -> Panel:
    """The panel whose header is at `start`; its items are read from line `after` on."""
    reading = Reading([0] if any(TICK in text for text in texts[start:after]) else [])
    i = end = after
    blank = False
    while i < len(lines) and len(reading.items) < _MAX_ITEMS:
        text = texts[i]
        if not text or lines[i] == PAGE_BREAK:
            blank, i = True, i + 1
            continue
        used = 0 if _starts_anew(texts, lines, i) else reading.take(text, texts[i + 1 : i + 2], blank)
        if not used and summary and _within_summary(texts, lines, i):
            used = reading.comment(text)
        if not used:
            break
        i = end = i + used
        blank = False
    if i < len(lines) and texts[i].startswith(TICK) and not reading.ticked:
        reading.loose.append(len(reading.items))  # a tick that slipped from the last item into the page below
    return Panel(
        header.number, header.title, header.score, header.max_score, tuple(reading.items), summary, start, end,
        tuple(reading.loose), tuple(reading.adjustments), tuple(reading.comments),
    )  # fmt: skip


def _starts_anew(texts: Sequence[str], lines: Sequence[str], i: int) -> bool:
    """Whether line i begins something else than more of this panel."""
    if read_item(texts[i]) or texts[i] == TICK:
        return False
    if read_question_mark(texts[i]) or _TOTAL.match(texts[i]) or _STRUCTURE.match(lines[i]):
        return True
    found = _joined(texts, i, None)
    return bool(found and _header_at(texts, i, None))


def _within_summary(texts: Sequence[str], lines: Sequence[str], i: int) -> bool:
    """Whether line i and a few more are text between two panels of the summary: a grader's comment."""
    for j in range(i, min(i + _MAX_COMMENT_LINES, len(lines))):
        if read_question_mark(texts[j]):
            return j > i
        if _STRUCTURE.match(lines[j]) or lines[j] == PAGE_BREAK:
            return False
    return False


def _without_groups(printed: Printed) -> Printed:
    """A question with parts (7.1, 7.2) is no question of its own: only its title is kept."""
    for panel in printed.panels:
        if any(other.number.startswith(f"{panel.number}.") for other in printed.panels):
            printed.groups.setdefault(panel.number, panel.title)
    printed.panels = [panel for panel in printed.panels if panel.number not in printed.groups]
    return printed
