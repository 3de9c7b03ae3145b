"""The one edit that would mend a wrong formula: its exponent, sign, factor, index, hat, a sum or a term too few or too many."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from grader.core.answers.formulas.edits import Edit, edits
from grader.core.answers.formulas.evaluate import Memo
from grader.core.answers.formulas.judge import Link, equality
from grader.core.answers.formulas.tree import names

MOST = 1_200
"""Edits of one formula that are tried: a quarter of a second."""


@dataclass(frozen=True)
class Slip:
    """kind: the class of the edit. said: what should be, in words."""

    kind: str
    said: str


_GENERIC = {
    "exponent": "an exponent is wrong", "sign": "a sign is wrong", "factor": "a constant factor is wrong",
    "missing": "a factor is missing", "extra": "a factor does not belong", "index": "an index is wrong",
    "symbol": "one symbol stands for another", "sum": "a sum is missing or does not belong", "term": "a term is missing or wrong",
    "division": "a division and a multiplication are exchanged", "function": "a function is missing or does not belong",
}  # fmt: skip


def find(link: Link, most: int = MOST) -> tuple[Slip | None, int]:
    """The slip, where exactly one class of edits mends `link` on all data; one without words where several do; None where
    none does. Also the number of edits that were tried.
    """
    assert link.tree is not None and link.question is not None
    found: list[Edit] = []
    seen = {link.tree}
    memo = Memo(link.tree)
    for edit in islice(edits(link.tree, link.question), most):
        before = len(seen)
        seen.add(edit.tree)
        is_new = len(seen) > before
        if is_new and equality(edit.tree, link.question, link.reading, frozenset(), memo=memo)[0] == "right":
            found.append(edit)
    used = names(link.tree)
    plain = [edit for edit in found if not edit.derivative]
    found = (
        [edit for edit in plain if names(edit.tree) <= used] or plain or found
    )  # what brings in no symbol is simpler
    kinds = {edit.kind for edit in found}
    if len(kinds) != 1:
        return (Slip("", "") if kinds else None), len(seen)
    ((said, count),) = Counter(edit.said for edit in found).most_common(1)
    (kind,) = kinds
    return Slip(kind, said if 2 * count > len(found) else _GENERIC[kind]), len(seen)
