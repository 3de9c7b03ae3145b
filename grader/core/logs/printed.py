"""What a training printed: Keras' progress, and lines of one's own such as "Epoch 5: val loss 0.41, train acc 88.1"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.core.logs.column import MAX_POINTS, Column, column, words
from grader.core.logs.naming import METRIC_WORDS, SET_WORDS, meanings

MAX_LINES = 100_000
MAX_LINE = 4000
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
EPOCH = re.compile(
    r"(?:\bepochs?|\bep\b|эпоха|епоха|אפוק|אפוקה)['\"]?\s*(?:n[o°.]*|#|number)?\s*[:=#\[(]?\s*(\d{1,6})"
    r"|^\s*\[\s*(\d{1,6})\s*[/,]\s*\d+\s*\]",
    re.IGNORECASE,
)
TOKEN = re.compile(r"(?P<word>[^\W\d_]+)|(?P<number>[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?)")
OF_ALL = re.compile(r"\d+\s*/\s*\d+\s*\(\s*(\d+(?:\.\d+)?)\s*%\s*\)")
"""9123/10000 (91.23%)"""
RIGHT = re.compile(
    r"\b(?:correct|right|accuracy|acc)\b\s*[:=]?\s*(\d{1,9})\s*/\s*(\d{2,9})\b|\bgot\s+(\d{1,9})\s*/\s*(\d{2,9})\s+correct\b",
    re.IGNORECASE,
)
"""Correct 9123/10000."""
BARE = re.compile(r"\s*[:=]\s*")
PROGRESS = re.compile(r"^\s*(\d+)/(\d+)\b")


def read_printed(text: str, source: str) -> list[Column]:
    """Columns over the epochs that the lines name; a new run begins where the epochs begin again."""
    found: dict[str, list[tuple[float, float]]] = {}
    after: dict[str, list[tuple[float, float]]] = {}
    headings: list[str] = []
    columns: list[Column] = []
    epoch: int | None = None
    closed, total, part, inline = False, None, "", False

    label = ""  # what was said before the run's first epoch

    def finish() -> None:
        most = max((len({x for x, _ in pairs}) for pairs in found.values()), default=0)
        again = {name: pairs for name, pairs in after.items() if name not in found and len(pairs) >= max(2, most / 2)}
        for name, pairs in {**found, **again}.items():
            columns.extend(column(source, name, pairs, (label,) if label else (), "epoch"))
        found.clear()
        after.clear()

    for line in shown_lines(text):
        named = EPOCH.search(line)
        if named:
            number = int(named[1] or named[2])
            if epoch is None or number < epoch:
                finish()
                label = " ".join(headings[-3:])
            if number != epoch:
                headings.clear()
            if number != epoch:
                closed, total, part = False, None, ""
            epoch = number
            figures, part = _figures(line[: named.start()] + " " + line[named.end() :], part)
            inline = bool(figures)
            _add(found, epoch, figures, over=True)
            continue
        if epoch is None:
            headings.append(line[:200])
            continue
        progress = PROGRESS.match(line)
        if progress is None:
            if inline or closed:  # behind the epoch's own numbers: more of it, a result, or the next run's name
                headings.append(line[:200])
                if inline:
                    _add(after, epoch, [one for one in _figures(line, "")[0] if " " in one[0]], over=True)
                continue
            figures, part = _figures(line, part)
            if not figures:
                headings.append(line[:200])
            _add(found, epoch, figures, over=False)
            continue
        closed = closed or (total is not None and progress[2] != total)  # another bar than that of the training
        if closed:
            continue
        total = progress[2]
        figures, part = _figures(line, "")
        _add(found, epoch, figures, over=True)
        closed = any(set(words(name)) & SET_WORDS["validation"] for name, _ in figures)
    finish()
    return columns


def _add(
    found: dict[str, list[tuple[float, float]]], epoch: int, figures: list[tuple[str, float]], *, over: bool
) -> None:
    """over: a number that the epoch has already is replaced."""
    for name, value in figures:
        points = found.setdefault(name, [])
        if points and points[-1][0] == epoch and not over:
            continue
        if len(points) < MAX_POINTS:
            points.append((float(epoch), value))


def shown_lines(text: str) -> Iterator[str]:
    """As a terminal shows them in the end: what was written over counts by its last state."""
    for count, line in enumerate(text.split("\n")):
        if count >= MAX_LINES:
            return
        line = ANSI.sub("", line[-20 * MAX_LINE :]).replace("\x08", "\r").rstrip("\r")
        shown = RIGHT.sub(_share, OF_ALL.sub(r"\1", line.rpartition("\r")[2][:MAX_LINE]))
        if shown.strip():
            yield shown


def _share(counted: re.Match[str]) -> str:
    right, count = (int(one) for one in counted.groups() if one is not None)
    return f"accuracy {right / count:.6f}" if count > 0 and right <= count else counted[0]


def _figures(line: str, part: str) -> tuple[list[tuple[str, float]], str]:
    """(name, value) of each number that a metric's name stands before, where "train loss 0.4, acc 88 %" has train loss and
    train acc; and the set that a line without numbers announces ("Test error:") for the next one."""
    metric = ""
    found: dict[str, float] = {}
    behind = 0
    for token in TOKEN.finditer(line):
        between, behind = line[behind : token.start()], token.end()
        word = (token["word"] or "").lower()
        if word:
            said = meanings(word)
            part = next((name for name in SET_WORDS if name in said), part)
            metric = next((name for name in METRIC_WORDS if name in said), metric)
        elif metric:
            name = f"{part} {metric}".strip()
            if name in found:
                name = metric if metric not in found else ""
            if name:
                found[name] = float(token["number"])
            metric = ""
        elif part and "." in token["number"] and BARE.fullmatch(between):  # "Train: 91.2%", of a metric that nobody names
            found.setdefault(f"{part} value", float(token["number"]))
    return list(found.items()), "" if found else part
