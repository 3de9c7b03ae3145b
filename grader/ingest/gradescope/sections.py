"""The student's work between the panels: questions of a notebook with their prompts and answers.

Section numbers in the work are the notebook's, not Gradescope's. They tell where an answer ends: 5.2 is followed by 5.3
or 6, with Markdown's `#` or, in the text of a PDF, without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.ingest.gradescope.lines import PAGE_BREAK, TICK
from grader.ingest.headings import answer_heading, clean, heading_level, question_heading

_FENCE = re.compile(r"^\s*(```|~~~)")
_CODE_CELL = re.compile(r"^\s*(?:In\s?|Out\s?)?\[[\d ]{1,4}\]:")
_SECTION = re.compile(r"^[\s#>*]*(\d{1,2}(?:\.\d{1,2}){0,3})[\s*]+(?=\S)")
_TITLE = re.compile(r"^\d{1,2}(?:\.\d{1,2}){0,3}\s+[^\W\d_a-z\"“'(]?[\"“'(]?[^\W\d_]")
_PROBLEM = re.compile(
    r"^[\s#>*_]*(?:problem|exercise|task|question(?=\s\d{1,2}\.\d))\s+(\d{1,2}(?:\.\d{1,2}){0,2})[\s*_.:)-]*([^\n]{0,80})$",
    re.I,
)
_ESCAPED = re.compile(r"\\([_*#%&~<>|`])")
_MATH = re.compile(r"(\$\$.*?\$\$|\$[^$\n]*\$)", re.S)

Number = tuple[int, ...]


@dataclass(frozen=True)
class Section:
    """A question as it stands in the work. `number`: the one in its heading, "3" of "Inline Question 3"."""

    segment: int
    number: str | None
    prompt: str
    answer: str
    heading: str = ""


@dataclass
class _Open:
    """A section while its lines are read."""

    number: str | None
    numbering: Number | None
    level: int
    prompt: list[str] = field(default_factory=list)
    answer: list[str] | None = None
    heading: str = ""
    problem: bool = False  # a heading of the student's, without the question's text below it


def segments_of(lines: Sequence[str], used: set[int], cuts: Sequence[int]) -> list[list[str]]:
    """The lines of the work, cut at every panel: segment n stands before panel n, the last one after all panels."""
    segments: list[list[str]] = []
    start = 0
    for cut in [*cuts, len(lines)]:
        segments.append([lines[i] for i in range(start, max(start, cut)) if i not in used])
        start = cut
    return segments


def sections_of(segment: int, lines: Sequence[str]) -> list[Section]:
    """The questions in one segment, with the text below their answer headings."""
    found: list[_Open] = []
    current: _Open | None = None
    fenced = False
    for line in lines:
        line = re.sub(rf"^\s*{TICK}\s*(?=[#\d`])", "", line)
        if _FENCE.match(line):
            fenced = not fenced
            if current and current.answer is not None and (current.numbering or not fenced) and fenced:
                current = None
            elif current:
                _take(current, line)
            continue
        if fenced or not line.strip() or line == PAGE_BREAK:
            if fenced and current and _CODE_CELL.match(line):
                _drop_fence(current)
                current = None
            elif current:
                _take(current, "" if line == PAGE_BREAK else line)
            continue
        if opened := _opened(line):
            current = opened
            found.append(current)
        elif current and current.answer is None and (heading := answer_heading(line)):
            current.numbering = _numbering(line)
            current.level = min(heading.level, 6) if heading_level(line) else 6
            current.answer = [heading.rest] if heading.rest else []
        elif current and _ends(line, current):
            current = None
        elif current:
            _take(current, line)
    return [_close(segment, section) for section in found]


def _opened(line: str) -> _Open | None:
    """The section that a line begins, if it is a question's heading."""
    if match := _PROBLEM.match(line):
        return _Open(match[1], None, heading_level(line) or 6, problem=True)
    if heading := question_heading(line):
        number = None if heading.number is None else str(heading.number)
        return _Open(
            number, _numbering(line), heading.level, [heading.rest] if heading.rest else [], heading=heading.label
        )
    return None


def _take(section: _Open, line: str) -> None:
    (section.prompt if section.answer is None else section.answer).append(line)


def _drop_fence(section: _Open) -> None:
    """Takes back the fence that turned out to open a code cell."""
    lines = section.prompt if section.answer is None else section.answer
    while lines and not _FENCE.match(lines.pop()):
        pass


def _ends(line: str, section: _Open) -> bool:
    """Whether a line begins something that is not this section's any more."""
    if _CODE_CELL.match(line):
        return True
    if section.answer is None:
        return False  # a prompt may hold headings and numbered lists; the answer's heading ends it
    level = heading_level(line)
    if section.numbering is None:
        return level is not None and level <= section.level
    numbering = _numbering(line)
    if level is not None:
        return numbering is not None or level <= section.level
    plain = len(line) <= 80 and bool(_TITLE.match(line.strip())) and not line.rstrip().endswith((".", ",", ";"))
    return plain and numbering is not None and _follows(numbering, section.numbering)


def _numbering(line: str) -> Number | None:
    """The section number that a line begins with: (5, 2) of `### 5.2 Answer:`."""
    match = _SECTION.match(line)
    return tuple(int(part) for part in match[1].split(".")) if match else None


def _follows(number: Number, last: Number) -> bool:
    """Whether a section number can come next: 5.2 is followed by 5.2.1, 5.3 and 6."""
    return number == (*last, 1) or any(number == (*last[:n], last[n] + 1) for n in range(len(last)))


def _close(segment: int, section: _Open) -> Section:
    prompt = "\n".join(section.prompt).strip()
    if section.answer is None:
        prompt, answer = ("", prompt) if section.problem else _after_question_mark(prompt)
    else:
        answer = "\n".join(section.answer)
    return Section(segment, section.number, prompt, clean(unescaped(answer)), section.heading)


def _after_question_mark(text: str) -> tuple[str, str]:
    """Without an answer heading: what follows the paragraph that asks."""
    blocks = re.split(r"\n\s*\n", text)
    asks = max(
        (i for i, block in enumerate(blocks[:4]) if block.rstrip(" *_").endswith(("?", "؟", "？"))), default=None
    )
    if asks is None:
        return text, ""
    return "\n\n".join(blocks[: asks + 1]), "\n\n".join(blocks[asks + 1 :])


def unescaped(text: str) -> str:
    """Without Markdown's escapes, but for those in formulas: `weight\\_scale` is `weight_scale`."""
    parts = _MATH.split(text)
    return "".join(
        part if part.startswith("$") and i % 2 else _ESCAPED.sub(r"\1", part) for i, part in enumerate(parts)
    )
