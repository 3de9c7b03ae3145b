"""What the judged sides of an answer's equations come to: right, wrong or unread, with the sentence that says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.core.answers.finding import Finding
from grader.core.answers.formulas import slips
from grader.core.answers.formulas.declaration import Formulas
from grader.core.answers.formulas.equations import left_side
from grader.core.answers.formulas.judge import Link, Question, judge_trees
from grader.core.answers.formulas.spoken import names_another_function, speaks_of_sums
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import (
    Add,
    Call,
    Derivative,
    Divide,
    Named,
    Number,
    Product,
    Sum,
    children,
    names,
    nodes,
)
from grader.core.computation import parse_expression

PLAIN, ON_TRUST, WRONG = 0.97, 0.85, 0.95
"""Confidence: right as it stands; right in a reading that takes something on trust; wrong."""
_PLAIN_FIGURES = frozenset({0.0, 0.5, 1.0, 2.0})  # that a formula may hold of itself
_MOST_EDITS = 5_000  # of one answer: about a second


@dataclass
class Judged:
    """One side of an equation, its place in its chain and its words."""

    link: Link
    number: int
    quote: str
    tokens: Sequence[Token]


class Findings:
    """found: the formulas that are asked for and given."""

    def __init__(self, declared: Formulas, answer: str, table: Table, found: Collection[str]) -> None:
        self.declared, self.answer, self.table, self.found = declared, answer, table, found
        self._edits = _MOST_EDITS

    def of(self, name: str, several: Sequence[Sequence[Judged]]) -> Finding:
        """The last side that gives a result decides; what else is wrong is said."""
        title = self.declared.title(name)
        read_chains = [chain for chain in several if chain]
        if not read_chains:
            return Finding(None, reason=f"no formula for {title} was found")
        chain = read_chains[-1]
        if _outcome(chain) == "wrong" and any(_outcome(one) == "right" for one in read_chains[:-1]):
            return Finding(None, (chain[-1].quote,), f"{title}: a right formula and, after it, a wrong one are given")
        results = [one for one in chain if one.link.closed and one.link.status != "unread"]
        last = chain[-1]
        if last.link.status == "unread" and not (last.link.closed is False and results):
            return Finding(
                None, (last.quote,), self._progress(title, chain, f"“{_short(last.quote)}”: {last.link.remark}")
            )
        if not results:
            return Finding(None, (last.quote,), f"{title}: derivatives in it are not worked out")
        result = results[-1]
        if result.link.status != "right" and self._is_merged(chain, result):
            return Finding(None, (result.quote,), f"{title}: it is not clear where the formula before it ends")
        if result.link.status == "right":
            doubt = self._function_in_doubt(result.link)
            if doubt:
                return Finding(None, (result.quote,), f"{title}: {doubt}")
            return self._right(title, result, chain)
        return self._wrong(title, result, chain)

    def _is_merged(self, chain: Sequence[Judged], result: Judged) -> bool:
        """Whether the side before the result, which is not right, ends in the left side of another equation."""
        before = next((one for one in chain if one.number == result.number - 1), None)
        if before is None or before.link.status == "right":
            return False
        if before.link.tree is None:
            return left_side(before.tokens, self.table) is not None
        last = before.link.tree
        while isinstance(last, Add | Product | Sum | Divide):
            last = children(last)[-1]
        asked = {one.gradient for one in self.declared.of.values()} - {None}
        return (isinstance(last, Named) and last.name.startswith("=")) or (
            isinstance(last, Derivative) and last.of.name == self.declared.differentiated and last.wrt.name in asked
        )

    def _right(self, title: str, result: Judged, chain: Sequence[Judged]) -> Finding:
        remarks = [result.link.remark] if result.link.remark else []
        wrong = [one for one in chain if one.link.status in ("wrong", "unbound") and one.link.closed]
        remarks += [f"but its step {one.number} is wrong: {_short(one.quote)}" for one in wrong]
        said = f"{title} is right" + (f" ({'; '.join(remarks)})" if remarks else "")
        return Finding(True, (result.quote,), said, ON_TRUST if remarks else PLAIN)

    def _wrong(self, title: str, result: Judged, chain: Sequence[Judged]) -> Finding:
        hatted = self._without_a_hat(result.link)
        if hatted:
            return Finding(
                None, (result.quote,), f"{title}: it is right for {hatted}; perhaps a hat was lost on the left"
            )
        if self._has_figures(result.link):
            return Finding(None, (result.quote,), f"{title}: figures stand where symbols are asked for")
        slip = self._slip(result.link)
        first = next((one for one in chain if one.link.closed and one.link.status in ("wrong", "unbound")), result)
        if slip is None and first is not result:
            slip = self._slip(first.link)
        if slip and slip.kind == "sum" and speaks_of_sums(self.answer):
            return Finding(None, (result.quote,), f"{title}: {slip.said}, but its words speak of sums")
        if slip is None and result.link.status == "unbound":
            return Finding(None, (result.quote,), f"{title}: an index is neither summed over nor on the left side")
        if slip is None and result.link.free:
            return Finding(None, (result.quote,), f"{title}: indices seem to be lost in it, and no single slip explains it")
        said = slip.said if slip and slip.said else "it does not equal the derivative on random data"
        if not (slip and slip.said) and self.declared.of[result.link.question.name].gradient is None:  # type: ignore[union-attr]
            said = "it does not give the same value on random data"
        before = [one for one in chain if one.number < first.number and one.link.status == "right"]
        where = f"right up to “{_short(before[-1].quote)}”, then wrong" if before else "wrong"
        return Finding(False, (result.quote,), f"{title} is {where}: {said}", WRONG)

    def _without_a_hat(self, link: Link) -> str | None:
        """The formula that is asked for and not found otherwise, whose left side this one has but for the hat."""
        assert link.tree is not None and link.question is not None
        gradient = link.question.gradient
        for name, one in self.declared.of.items():
            if (
                gradient
                and one.gradient
                and name not in self.found
                and self.declared.is_accented(one.gradient, gradient)
            ):
                asked = Question(self.declared, name, link.question.free)
                if judge_trees([link.tree], asked).status == "right":
                    return self.declared.title(name)
        return None

    def _function_in_doubt(self, link: Link) -> str | None:
        """Why a letter for a function (σ, f) may mean another one than is declared."""
        assert link.tree is not None
        applied = {node.function for node in nodes(link.tree) if isinstance(node, Call)} & set(self.declared.functions)
        return next(filter(None, (names_another_function(self.answer, one) for one in sorted(applied))), None)

    def _has_figures(self, link: Link) -> bool:
        """Whether figures stand in place of values that the formula should hold: its numbers may be right."""
        assert link.tree is not None and link.question is not None
        asked = self.declared.of[link.question.name]
        everything = nodes(link.tree)
        figures = {node.value for node in everything if isinstance(node, Number)} - _PLAIN_FIGURES
        used = names(link.tree)
        return bool(asked.equals and figures) and not all(parse_expression(text).names <= used for text in asked.equals)

    def _progress(self, title: str, chain: Sequence[Judged], problem: str) -> str:
        right = [one for one in chain if one.link.status == "right" and one.link.closed]
        return f"{title}: right up to “{_short(right[-1].quote)}”, but {problem}" if right else f"{title}: {problem}"

    def _slip(self, link: Link) -> slips.Slip | None:
        if self._edits <= 0 or link.tree is None:
            return None
        slip, tried = slips.find(link, min(slips.MOST, self._edits))
        self._edits -= tried
        return slip


def _outcome(chain: Sequence[Judged]) -> str:
    """What the last side that gives a result is."""
    return next(
        (one.link.status for one in reversed(chain) if one.link.closed and one.link.status != "unread"), "unread"
    )


def _short(text: str, most: int = 80) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
