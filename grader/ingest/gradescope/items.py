"""One line of a rubric panel: tick, sign, points, label; a question's header with its score."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.ingest.gradescope.lines import TICK

_NUMBER = r"(?:[\dO]+(?:\s?[.,]\s?\d+)?|[.,]\d+)"  # "0. 5", "0,5" and "O.5" are read wrongly by OCR
_POINTS = r"p\s?(?:oin)?ts?\b\.?"
_BOX = re.compile(r"\[\s?\]|[☐□○◯]")
_BULLET = re.compile(r"[•·▪◦*]")
_ITEM = re.compile(rf"({_NUMBER})\s*{_POINTS}\s*:?\s*(.*)$", re.I)
_ADJUSTMENT = re.compile(rf"({_NUMBER})\s*(?:{_POINTS})?\s*point adjustment\b\s*(.*)$", re.I)
_PAIR = rf"(?P<score>-?\s?{_NUMBER})\s*/\s*(?P<max>{_NUMBER})\s*(?:{_POINTS})?"
_HEADER = re.compile(
    r"(?:question\s+)?(?P<number>\d{1,3}(?:\.\d{1,3}){0,3})[.):]?\s+(?:(?P<title>\S.{0,300}?)\s+)?" + _PAIR + "$", re.I
)
_SCORE_ONLY = re.compile(rf"{_PAIR}$", re.I)
_GROUP = re.compile(rf"(?:\d{{1,3}}\s+)?(?P<title>[^\W\d].{{0,200}}?)\s+{_NUMBER}\s*{_POINTS}$", re.I)
_QUESTION = re.compile(r"question\s+(\d{1,3}(?:\.\d{1,3}){0,3})$", re.I)
DEFAULT_LABEL = "Click here to replace this description."  # what an instructor never filled in


@dataclass(frozen=True)
class ItemLine:
    """`points` without sign; `sign` is "+", "-" (which may be a list's dash) or "" where none is printed.

    dashes: 2 where both a list's dash and a sign are printed.
    """

    points: float
    sign: str
    label: str
    ticked: bool
    adjustment: bool = False
    dashes: int = 1


@dataclass(frozen=True)
class Header:
    number: str
    title: str
    score: float
    max_score: float


def read_item(text: str) -> ItemLine | None:
    """A line as a rubric item: `✓ - 0.5 pts Label`, with dashes, ticks and boxes in any order before the points."""
    sign, ticked, marked, dashes = "", False, False, 0
    rest = text
    while rest:
        if rest[0] == TICK:
            ticked, rest = True, rest[1:].lstrip()
        elif rest[0] in "+-":
            sign, rest, dashes = rest[0], rest[1:].lstrip(), dashes + 1
        elif match := _BOX.match(rest) or _BULLET.match(rest):
            marked, rest = True, rest[match.end() :].lstrip()
        else:
            break
    if match := _ADJUSTMENT.match(rest):
        return ItemLine(number(match[1]), sign, match[2].strip(), ticked, adjustment=True)
    match = _ITEM.match(rest)
    if not match or not (sign or ticked or marked or match[2]):
        return None
    label = match[2].strip()
    if label.endswith(TICK):
        label, ticked = label[:-1].strip(), True
    return ItemLine(number(match[1]), sign, label, ticked, dashes=dashes)


def read_header(text: str) -> Header | None:
    """A question's header: `4 Batch Norm - Inline Q1 1 / 2`."""
    match = _HEADER.match(text.lstrip(f"{TICK} "))
    if not match:
        return None
    return Header(match["number"], (match["title"] or "").strip(), number(match["score"]), number(match["max"]))


def read_score(text: str) -> tuple[float, float] | None:
    """A line that holds a score and nothing else: `9 / 16`."""
    match = _SCORE_ONLY.match(text)
    return (number(match["score"]), number(match["max"])) if match else None


def read_question_mark(text: str) -> str | None:
    """The number in `QUESTION 7`, the line above a panel of the summary."""
    match = _QUESTION.match(text.strip(f"{TICK} "))
    return match[1] if match else None


def read_group(text: str) -> str | None:
    """The title in `Proofs 10 pts`, the line above the parts of a question."""
    match = _GROUP.match(text)
    return match["title"].strip() if match else None


def number(text: str) -> float:
    digits = re.sub(r"\s", "", text).replace(",", ".").replace("O", "0").replace("o", "0")
    return float(f"0{digits}" if digits.startswith(".") else digits) + 0.0
