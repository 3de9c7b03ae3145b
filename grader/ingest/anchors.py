"""Where questions stand in a document, and what stands after each: prompt and answer, in every layout that we know.

The answer is in the question's cell below an answer heading, below the prompt without one, or in the next cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from grader.ingest.headings import (
    CONTENTS,
    Heading,
    answer_heading,
    clean,
    heading_level,
    plain_heading,
    question_heading,
)
from grader.ingest.notebook import Cell

_FENCE = re.compile(r"^\s*(```|~~~)")
_OPTION = re.compile(r"^\s*(?:\d{1,2}|[a-zA-Z])[.)]\s+|^\s*[-*+]\s+")
_UNDERLINE = re.compile(r"^\s*(=|-){3,}\s*$")
_CODE_CELL = re.compile(r"^\s*(?:In|Out)?\s?\[\s?(?:\d{1,4}|\*|)\s?\]:")
_PANEL = re.compile(r"^[\s#>*]{0,12}\d{1,2}\s+\S.{0,120}?\s\d{1,3}(?:\.\d{1,2})?\s*/\s*\d{1,3}(?:\.\d{1,2})?\W*$")
_PANEL_LINE = re.compile(r"^\W{0,12}\d{1,3}(?:\.\d{1,2})?\s?(?:pts?|points?)\b")


@dataclass(frozen=True)
class Piece:
    """A cell, or a part of one that begins with a question's heading. `section` is the nearest title above; `first` and
    `end` are its lines in the cell, from 0, the last one excluded."""

    cell: Cell
    heading: Heading | None
    lines: tuple[str, ...]
    section: str = ""
    first: int = 0
    end: int = 0
    ending: bool = False  # it begins with what ends an answer in a text without cells


@dataclass(frozen=True)
class Anchor:
    """A question found in a document. An answer heading separates `prompt` from `answer`; without one, `own` is what
    the question's cell holds, prompt and perhaps answer, and `answer` is from the cells after it. In a document without
    cells it stands in the lines `first` to `end` (from 0, the last one excluded)."""

    heading: Heading
    cell: int
    section: str
    prompt: str
    answer: str
    own: str = ""
    first: int = 0
    end: int = 0


def pieces_of(
    cells: Sequence[Cell],
    titles: Callable[[str], str | None],
    flat: bool = False,
    is_section: Callable[[str], bool] = lambda label: False,
) -> list[Piece]:
    """Cells, cut where a question begins. `titles(label)` gives a question id for a heading that a rubric names.

    In a `flat` document (one text, no cells) a title of the question's level, a section's name on a line of its own, a
    notebook's next cell and a graded export's panel end an answer; in a notebook a large heading in the question's own
    cell is the student's. A flat cell's number is that of its first line (from 1) in the document.
    """
    pieces: list[Piece] = []
    section = ""
    for cell in cells:
        all_lines = cell.text.split("\n")
        if cell.kind == "code":
            pieces.append(Piece(cell, None, tuple(all_lines), section))
            continue
        heading, lines, fenced, above, first, ending = None, [], False, section, 0, False
        for i, line in enumerate(all_lines):
            fenced ^= bool(_FENCE.match(line))
            found = None if fenced else _question(line, titles)
            title = None if fenced or found else _title(line)
            ended = _ending(all_lines, i, fenced, is_section) if flat and not found and not title else None
            title = title or ended
            if found or ended or (title and flat and heading and title[0] <= heading.level):
                pieces.append(Piece(cell, heading, tuple(lines), above, first, i, ending))
                heading, lines, above, first, ending = found, [], section, i, ended is not None
            if title and (heading is None or title[0] < heading.level):
                section = title[1]
            rest = found.rest if found else line
            lines += [rest] if rest or not found else []
        pieces.append(Piece(cell, heading, tuple(lines), above, first, len(all_lines), ending))
    return [piece for piece in pieces if piece.heading or _written(piece.lines)]


def _title(line: str) -> tuple[int, str] | None:
    """(level, label) of a heading that begins no answer."""
    level = heading_level(line)
    return (level, plain_heading(line).label) if level and not answer_heading(line) else None


def _ending(lines: Sequence[str], i: int, fenced: bool, is_section: Callable[[str], bool]) -> tuple[int, str] | None:
    """What ends an answer in a text without cells, as a title: the panel of a graded export, which its rubric lines
    follow, a notebook's code cell, or a section's name."""
    line = lines[i]
    if CONTENTS.search(line):
        return None
    if fenced:
        following = next((below for below in lines[i + 1 : i + 3] if below.strip()), "")
        return (1, "") if _FENCE.match(line) and _CODE_CELL.match(following) else None
    if _CODE_CELL.match(line):
        return 1, ""
    if _PANEL.match(line) and any(_PANEL_LINE.match(below) for below in lines[i + 1 : i + 6]):
        return 1, ""
    if len(line) <= 60 and line.strip() and not answer_heading(line) and is_section(label := plain_heading(line).label):
        return 1, label
    return None


def _question(line: str, titles: Callable[[str], str | None]) -> Heading | None:
    if not line.strip() or CONTENTS.search(line):
        return None
    if heading := question_heading(line):
        return heading
    heading = plain_heading(line)
    return heading if heading.label and titles(heading.label) else None


def mark_bare_prompts(pieces: Sequence[Piece], asks: Callable[[str], str | None], answered: bool = True) -> list[Piece]:
    """The pieces, with prompts that stand without a question's heading marked as questions. With `answered`, only those
    that an answer heading follows: a student may well repeat a question in an answer."""
    marked = list(pieces)
    for i, piece in enumerate(pieces):
        if piece.heading or piece.cell.kind == "code" or (i and _is_heading_alone(pieces[i - 1])):
            continue
        before, after = _split_at_answer(piece.lines)
        if answered and after is None and not (i + 1 < len(pieces) and _begins_with_answer(pieces[i + 1])):
            continue
        if asks("\n".join(before)):
            marked[i] = replace(piece, heading=Heading(3, "", ""))
    return marked


def _is_heading_alone(piece: Piece) -> bool:
    return piece.heading is not None and not _written(piece.lines)


def anchors_of(pieces: Sequence[Piece]) -> list[Anchor]:
    """Every piece that begins a question, with its prompt and what may be its answer."""
    starts = [i for i, piece in enumerate(pieces) if piece.heading] + [len(pieces)]
    return [_anchor(pieces[start:end]) for start, end in pairwise(starts)]


def _anchor(pieces: Sequence[Piece]) -> Anchor:
    """The question that the first piece begins; the others are what follows, up to the next question."""
    first, following = pieces[0], list(pieces[1:])
    heading = first.heading or Heading(7, "", "")
    before, after = _split_at_answer(first.lines)
    alone = after is None and not _written(before) and following and following[0].cell.kind != "code"
    if alone and not _begins_with_answer(following[0]):  # the prompt is in the cell below its heading
        before, after = _split_at_answer(following.pop(0).lines)
    prompt = "\n".join(before).strip()
    own = clean("\n".join(after)) if after is not None else ""
    headed, more = _following(following, begun=bool(own), headed=after is not None)
    answer = "\n\n".join(part for part in (own, more) if part)
    own = "" if after is not None or headed else prompt
    start, last = first.cell.number - 1, pieces[-1]
    end = last.cell.number - 1 + last.end
    return Anchor(heading, first.cell.number, first.section, prompt, answer, own, start + first.first, end)


def _following(pieces: Sequence[Piece], begun: bool, headed: bool) -> tuple[bool, str]:
    """(whether an answer heading stood there, the answer's text) in the cells after a question."""
    parts: list[str] = []
    for piece in pieces:
        text = "\n".join(piece.lines)
        if not text.strip():
            continue
        if piece.cell.kind == "code":
            if not (begun or parts) and (comment := _comment(piece.lines)):
                parts.append(comment)
            break
        before, after = _split_at_answer(piece.lines)
        if after is not None and not headed:
            headed, parts = True, [clean("\n".join(after))]  # what stood before was the rest of the prompt
        elif after is not None and not _written(before):
            parts.append(clean("\n".join(after)))
        elif piece.ending or _begins_section(piece, begun or any(parts)):
            break
        else:
            parts.append(clean(text))
    return headed, "\n\n".join(part for part in parts if part)


def _begins_section(piece: Piece, begun: bool) -> bool:
    """Whether a cell opens with a title of the notebook's, not of the student's answer."""
    lines = [line for line in piece.lines if line.strip()]
    if len(lines) > 1 and _UNDERLINE.match(lines[1]) and not lines[0].lstrip().startswith(("-", "*", "|")):
        return True
    level = heading_level(lines[0])
    return level is not None and (begun or level <= 2)


def _split_at_answer(lines: Sequence[str]) -> tuple[Sequence[str], list[str] | None]:
    fenced = False
    for i, line in enumerate(lines):
        fenced ^= bool(_FENCE.match(line))
        if not fenced and line.strip() and (heading := answer_heading(line)):
            return lines[:i], [heading.rest, *lines[i + 1 :]]
    return lines, None


def answer_below(text: str) -> str:
    """What stands below an answer's heading; all of it without one."""
    before, after = _split_at_answer(text.split("\n"))
    return clean("\n".join(before if after is None else after))


def _begins_with_answer(piece: Piece) -> bool:
    before, after = _split_at_answer(piece.lines)
    return after is not None and not _written(before)


def _written(lines: Sequence[str]) -> bool:
    return any(c.isalnum() for line in lines for c in line)


def _comment(lines: Sequence[str]) -> str:
    """The text of a code cell that holds nothing but comments or one string; "" for code."""
    written = [line.strip() for line in lines if line.strip()]
    if all(line.startswith("#") for line in written):
        return clean("\n".join(line.lstrip("# ") for line in written))
    text = "\n".join(written)
    for quote in ('"""', "'''"):
        if text.startswith(quote) and text.endswith(quote) and text.count(quote) == 2:
            return clean(text[3:-3])
    return ""


def without_prompt(
    own: str, resemblance: Callable[[str], float], copied: Callable[[str], bool], least: int = 1
) -> str:
    """What a student wrote below a prompt in its own cell, without an answer heading; "" if there is the prompt only.

    A block belongs to the prompt if two thirds of its words are the prompt's, if it ends with a question mark near the
    beginning, or if it is the list of options that follows. At least `least` blocks are taken for the prompt. Where
    nothing would be left, the last ones that only share its words, and are not `copied` from it, are the answer.
    """
    lines = own.split("\n")
    starts, blocks = zip(*(_blocks(lines) or [(0, "")]), strict=True)
    end = prompt = 0
    for i, block in enumerate(blocks):
        likeness = 0.2 if i + 1 < len(blocks) else 0.4  # a list with nothing below it may be the answer itself
        options = bool(_OPTION.match(block)) and i == end and resemblance(block) >= likeness
        asks = block.rstrip(" *_").endswith(("?", "？", "؟")) and i <= end + 2
        if resemblance(block) >= 0.65 or options or asks:
            end = i + 1
            prompt = end if options or asks or copied(block) else prompt
    if end == len(blocks):
        end = prompt
    rest = starts[max(end, least)] if max(end, least) < len(starts) else len(lines)
    return clean("\n".join(lines[rest:]))


def _blocks(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Paragraphs, with the number of their first line; a list directly below a paragraph is a block of its own, and a
    question ends its line's block."""
    blocks: list[tuple[int, list[str]]] = [(0, [])]
    fenced = False
    for i, line in enumerate(lines):
        fence = bool(_FENCE.match(line))
        previous = blocks[-1][1][-1] if blocks[-1][1] else ""
        if not fenced and (
            not line.strip()
            or previous.rstrip(" *_").endswith(("?", "？"))
            or bool(_OPTION.match(line)) != bool(_OPTION.match(previous or line))
        ):
            blocks.append((i, []))
        fenced ^= fence
        if line.strip():
            blocks[-1][1].append(line)
    return [(start, "\n".join(block)) for start, block in blocks if block]
