"""A rubric panel while its lines are read: items, loose ticks, point adjustments, a grader's comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grader.ingest.gradescope.export import PointAdjustment
from grader.ingest.gradescope.items import ItemLine, read_item
from grader.ingest.gradescope.lines import TICK

_MAX_LABEL_LINES = 8
_COMMENT = re.compile(r"^(?:💬|🗨|\U000f0188|comments?\s*:)\s*", re.I)


@dataclass(frozen=True)
class PanelItem:
    """`label` is given by lines: what is really the label's, and not text that follows, is settled by comparison.

    dashes: before the points; a list's own dash is often printed beside the sign of a ticked item only.
    """

    points: float
    sign: str
    label: tuple[str, ...]
    ticked: bool
    dashes: int = 1


@dataclass
class Reading:
    """A panel while its lines are read."""

    loose: list[int]
    items: list[PanelItem] = field(default_factory=list)
    adjustments: list[PointAdjustment] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    last: str = ""  # item, adjustment or comment: what the next line may continue

    @property
    def ticked(self) -> bool:
        return bool(self.loose) or any(item.ticked for item in self.items)

    def take(self, text: str, following: Sequence[str], blank: bool) -> int:
        """How many lines from `text` on belong to the panel; `blank`: a blank line stands above."""
        if text == TICK:
            self.loose.append(len(self.items))
            return 1
        item, used = read_item(text), 1
        if item is None and following and re.fullmatch(r"[✓+*•\s-]*[-+✓]\s*[\d.,\s]+", text):
            item, used = read_item(f"{text} {following[0]}"), 2
        if item:
            self._add(item)
            return used
        if match := _COMMENT.match(text):
            return self.comment(text[match.end() :].strip())
        return int(not blank and self._continue(text))

    def comment(self, text: str) -> int:
        """Keeps a grader's words, as the adjustment's above if that has none yet; the number of lines taken."""
        if self.last == "adjustment" and not self.adjustments[-1].comment:
            return int(self._continue(text))
        self.comments.append(text)
        self.last = "comment"
        return 1

    def _add(self, item: ItemLine) -> None:
        if item.adjustment:
            self.adjustments.append(PointAdjustment(-item.points if item.sign == "-" else item.points, item.label))
            self.last = "adjustment"
        else:
            self.items.append(PanelItem(item.points, item.sign, (item.label,), item.ticked, item.dashes))
            self.last = "item"

    def _continue(self, text: str) -> bool:
        if self.last == "item" and len(self.items[-1].label) < _MAX_LABEL_LINES:
            if text.startswith(TICK):
                self.loose.append(len(self.items))
                text = text.lstrip(f"{TICK} ")
            item = self.items[-1]
            self.items[-1] = replace(item, label=(*item.label, text))
        elif self.last == "adjustment":
            adjustment = self.adjustments[-1]
            self.adjustments[-1] = replace(adjustment, comment=f"{adjustment.comment} {text}".strip())
        elif self.last == "comment":
            self.comments[-1] = f"{self.comments[-1]} {text}".strip()
        else:
            return False
        return True
