"""What the rubric's declarations say about one answer: clear, deduct or unknown for every item, with the words that show it.

Credit may be filled in from a suggestion; a deduction never is. Nothing here sets `applied`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.core.answers import doubt
from grader.core.answers.evaluate import Evaluator
from grader.core.answers.exact import exact_names
from grader.core.answers.expression import Expression, names
from grader.core.answers.finding import Finding
from grader.core.answers.reader import Reader
from grader.core.result import ItemResult
from grader.core.score import question_score
from grader.core.submission import Answer

if TYPE_CHECKING:
    from grader.core.rubric import Item, Question

PLACE, EXACT, SAID, NOT_SAID = 0.99, 0.95, 0.9, 0.8
"""Confidence: how the answer arrived; an exact reading (choice, number); a statement that was found; one that was not."""

LONGEST = 10_000
"""Characters. Reading takes time with the square of the length; nobody answers an inline question at more length."""

_READERS: OrderedDict[int, tuple[Question, Reader]] = OrderedDict()
_KEPT = 256  # questions of a few packs; older ones are compiled again


def suggest(question: Question, answer: Answer | None) -> tuple[ItemResult, ...]:
    """One result per item of `question`, in its order. Never raises for what an answer contains."""
    if answer is None or answer.place == "unselected" or doubt.is_blank(answer.text):
        return tuple(_unanswered(item, answer) for item in question.items)
    if len(answer.text) > LONGEST:
        return tuple(
            _result(item, "unknown", Finding(None, reason="the answer is too long")) for item in question.items
        )
    reader = _reader(question)
    reading = reader.read(answer.text)
    exact = frozenset(exact_names(question))
    return tuple(
        _result(item, "unknown", Finding(None, reason=why))
        if (why := reading.exact_doubt if _is_exact(item, exact) else reading.doubt)
        else _suggest_item(item, reading.evaluator, answer)
        for item in question.items
    )


def _is_exact(item: Item, exact: frozenset[str]) -> bool:
    """Whether the item rests on figures and formulas only, which need no language; where they are asked for, an answer of
    nothing else is an answer."""
    if item.when == "unanswered":
        return bool(exact)
    expressions = [part for part in (item.clear, item.deduct, item.when) if part is not None and part != "unanswered"]
    return bool(expressions) and all(names(part) and names(part) <= exact for part in expressions)


def suggested_score(question: Question, items: Sequence[ItemResult]) -> float | None:
    """The question's points if every suggestion were followed; None while an item is unknown."""
    if any(item.suggested == "unknown" for item in items):
        return None
    applied = [item.points for item in items if item.suggested == "deduct"]
    return question_score(question.points, applied, scoring=question.scoring)


def _reader(question: Question) -> Reader:
    """The compiled declarations of a question, kept by identity: questions are immutable but not hashable."""
    kept = _READERS.get(id(question))
    if kept is None or kept[0] is not question:
        kept = _READERS[id(question)] = (question, Reader(question))
        while len(_READERS) > _KEPT:
            _READERS.popitem(last=False)
    return kept[1]


def _suggest_item(item: Item, evaluator: Evaluator, answer: Answer) -> ItemResult:
    if item.evidence:
        return _result(item, "clear", Finding(True, reason="the answer was found", confidence=PLACE))
    if item.when == "unanswered":
        return _result(item, "clear", Finding(True, reason="there is an answer", confidence=PLACE))
    if item.when is not None:
        found = evaluator.evaluate(item.when)
        suggested = {True: "deduct", False: "clear", None: "unknown"}[found.value]
        return _result(item, suggested, found)
    clear, deduct = (_evaluate(evaluator, part) for part in (item.clear, item.deduct))
    if clear.value and deduct.value:
        return _result(item, "unknown", Finding(None, clear.quotes + deduct.quotes, "the answer says both"))
    if clear.value:
        return _result(item, "clear", clear)
    if deduct.value:
        return _result(item, "deduct", deduct)
    return _result(item, "unknown", Finding(None))


def _evaluate(evaluator: Evaluator, expression: Expression | None) -> Finding:
    return Finding(None) if expression is None else evaluator.evaluate(expression)


def _unanswered(item: Item, answer: Answer | None) -> ItemResult:
    if item.evidence and answer is not None and answer.place == "unselected":
        return _result(item, "deduct", Finding(True, reason="no page was assigned to the question", confidence=PLACE))
    if item.when == "unanswered" and (answer is None or answer.place != "unselected"):
        return _result(item, "deduct", Finding(True, reason="there is no answer", confidence=PLACE))
    return _result(item, "unknown", Finding(None))


def _result(item: Item, suggested: str, found: Finding) -> ItemResult:
    return ItemResult(
        id=item.id,
        label=item.label,
        points=item.points,
        suggested=suggested,
        confidence=found.confidence if suggested != "unknown" else None,
        evidence=found.quotes,
        reason=found.reason,
    )
