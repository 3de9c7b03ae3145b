"""The numbers of a graph under the names that items use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.core.answers.finding import Finding
from grader.core.answers.graph.cells import GRADIENT, VALUE, Cell, cell_name
from grader.core.answers.graph.judgement import CONFIDENCE, Judged

_SHOWN_QUOTES = 4


def findings(judged: Mapping[Cell, Judged]) -> dict[str, Finding]:
    """By the names that items use."""
    found = {cell_name(cell): it.finding for cell, it in judged.items()}
    for kind in (VALUE, GRADIENT):
        found[f"{kind}s"] = _all([it.finding for cell, it in judged.items() if cell.kind == kind])
    wrong = [it.finding for it in judged.values() if it.finding.value is False]
    unread = sum(it.finding.value is None for it in judged.values())
    quotes = tuple(dict.fromkeys(quote for it in wrong for quote in it.quotes))[:_SHOWN_QUOTES]
    reason = "; ".join(it.reason for it in wrong)
    fewer = f"{len(wrong)} of {len(judged)} numbers {'is' if len(wrong) == 1 else 'are'} wrong" if wrong else "no number is wrong"
    for count in range(1, len(judged) + 1):
        if len(wrong) >= count:
            found[f"slips-{count}"] = Finding(True, quotes, reason, CONFIDENCE)
        elif len(wrong) + unread >= count:
            found[f"slips-{count}"] = Finding(None, quotes, f"{unread} of {len(judged)} numbers were not read")
        else:
            found[f"slips-{count}"] = Finding(False, (), fewer, CONFIDENCE)
    return found


def _all(parts: Sequence[Finding]) -> Finding:
    if wrong := [it for it in parts if it.value is False]:
        quotes = tuple(dict.fromkeys(quote for it in wrong for quote in it.quotes))[:_SHOWN_QUOTES]
        return Finding(False, quotes, "; ".join(it.reason for it in wrong), CONFIDENCE)
    if unread := [it for it in parts if it.value is None]:
        return Finding(None, reason=f"{len(unread)} of {len(parts)} were not read")
    return Finding(True, reason="all are right, each from the numbers before it", confidence=CONFIDENCE)
