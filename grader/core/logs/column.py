"""What every reader of logs gives: columns of numbers over epochs, with all the words that say what they are."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Literal

MAX_POINTS = 20_000
MAX_COLUMNS = 400
"""Of one file: a log of this homework has far fewer."""

X = Literal["epoch", "step", "row"]


@dataclass(frozen=True)
class Column:
    """`values` over `x`, finite and of equal length. source: the file (and cell) it stands in. name: its own words, such as a
    header. labels: words around it, nearest first: the file's name, a cell's heading. counted: what x is: "epoch" as logged,
    "step" of an optimizer, or the "row" (from 1), where nothing is said."""

    source: str
    name: str
    x: tuple[float, ...]
    values: tuple[float, ...]
    labels: tuple[str, ...] = ()
    counted: X = "row"

    @property
    def epochs(self) -> int:
        """How many epochs it covers at most: counting from 0 or from 1, which is not to be seen where the first are left out, and
        also where only every fifth was logged, up to the next that would have been."""
        if not self.x:
            return 0
        step = min((b - a for a, b in pairwise(self.x)), default=1.0)
        unseen = max(0.0, step - max(self.x[0], 1))
        from_zero = self.x[0] == 0 or self.x[0] > max(step, 1)
        return int(self.x[-1] + from_zero + unseen)


def column(
    source: str, name: str, pairs: Iterable[tuple[float, float]], labels: tuple[str, ...] = (), counted: X = "row"
) -> list[Column]:
    """The columns in `pairs` of (x, value): where x goes back, another run begins; of equal x the last counts."""
    known = [(x, y) for x, y in islice(pairs, MAX_POINTS) if math.isfinite(x) and math.isfinite(y) and abs(x) < 1e12]
    if any(x != int(x) for x, _ in known):  # no count, whatever it is called
        return [Column(source, name, *map(tuple, zip(*known, strict=True)), labels, counted)]
    runs: list[dict[float, float]] = [{}]
    highest = -math.inf
    for x, value in known:
        if x < highest and len(runs) < MAX_COLUMNS:
            runs.append({})
        highest = x
        runs[-1][x] = value
    return [Column(source, name, tuple(run), tuple(run.values()), labels, counted) for run in runs if run]


def labelled(columns: Iterable[Column], *labels: str) -> list[Column]:
    """With more words around them, farther away than those that they have."""
    return [replace(one, labels=(*one.labels, *(label for label in labels if label))) for one in columns]


_WORD = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words(text: str) -> tuple[str, ...]:
    """Lower-case words: `valAcc`, `val_acc` and "Val acc:" are ("val", "acc")."""
    return tuple(word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text[:2000])))


def number(text: str) -> float | None:
    """A number as logs have it: "0.91", "88.1%", "0,91" (a decimal comma), "1e-3". Not finite: None."""
    text = text.strip().rstrip("%").strip()
    if "," in text and "." not in text and text.count(",") == 1:
        text = text.replace(",", ".")
    if not text or len(text) > 40 or text[0] not in "+-.0123456789":
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
