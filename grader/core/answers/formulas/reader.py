"""What an answer's formulas are worth, each with the words that say so and a sentence for the TA and the student."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.core.answers.finding import Finding
from grader.core.answers.formulas import slips
from grader.core.answers.formulas.chains import chains, is_words
from grader.core.answers.formulas.declaration import Formulas
from grader.core.answers.formulas.definitions import with_definitions
from grader.core.answers.formulas.equations import Chain, left_side
from grader.core.answers.formulas.evaluate import Evaluator, Reading
from grader.core.answers.formulas.judge import Link, Question, close, judge, judge_trees
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.spoken import names_another_function, says_more, speaks_of_sums
from grader.core.answers.formulas.statements import without_aside
from grader.core.answers.formulas.steps import Steps
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token, read_tokens
from grader.core.answers.formulas.tree import Call, Derivative, Named, Node, Number, Unreadable, names, nodes
from grader.core.computation import parse_expression

PLAIN, ON_TRUST, WRONG = 0.97, 0.85, 0.95
"""Confidence: right as it stands; right in a reading that takes something on trust; wrong."""
_PLAIN_FIGURES = frozenset({0.0, 0.5, 1.0, 2.0})  # that a formula may hold of itself
_DENIAL = re.compile(r"\b(?:not|never|no|wrong|incorrect|не|ні|неправильн\w*|неверн\w*|לא|אינו|אינה)\b", re.IGNORECASE)
_MOST_LINKS = 60  # of one answer
_MOST_EDITS = 5_000  # of one answer: about a second


@dataclass
class _Judged:
    """One link, its place in its chain and its words."""

    link: Link
    number: int
    quote: str
    tokens: Sequence[Token]


def read(declared: Formulas, answer: str) -> Mapping[str, Finding]:
    """By name: true when it is right, false when it is wrong, unread otherwise. Never raises for what an answer holds."""
    try:
        tokens = read_tokens(answer)
        found = chains(tokens, declared.table)
        table = with_definitions(found, declared.table)
        if table.own:
            found = chains(tokens, table)
    except (ValueError, RecursionError) as error:
        return {name: Finding(None, reason=str(error)) for name in declared.names}
    if sum(len(chain.links) for chain in found) > _MOST_LINKS * 4:
        return {name: Finding(None, reason="the answer holds too many formulas") for name in declared.names}
    return _Answer(declared, answer, tokens, table, found).findings()


class _Answer:
    def __init__(
        self, declared: Formulas, answer: str, tokens: Sequence[Token], table: Table, found: Sequence[Chain]
    ) -> None:
        self.declared, self.answer, self.tokens, self.table = declared, answer, tokens, table
        self.chains = found
        self.steps = Steps(declared, found, table)
        self._edits = _MOST_EDITS
        self.redefined = frozenset(self._redefined())

    def findings(self) -> dict[str, Finding]:
        by_name: dict[str, list[list[_Judged]]] = {name: [] for name in self.declared.names}
        links = 0
        for chain in self.chains:
            question = self._question(chain.left)
            if question is not None and links < _MOST_LINKS:
                links += len(chain.links)
                by_name[question.name].append(list(self._judged(chain, question)))
        self.found = frozenset(name for name, several in by_name.items() if any(several))
        found = {name: self._finding(name, several) for name, several in by_name.items()}
        for name, finding in found.items():
            if finding.value is None and not any(by_name[name]):
                found[name] = self._alone(name) or finding
        return found

    def _question(self, left: Node | None) -> Question | None:
        """What a left side asks for."""
        if isinstance(left, Named):
            name = left.name.removeprefix("=")
            if left.name.startswith("=") and name in self.declared.of:
                return Question(self.declared, name, left.indices)
        if isinstance(left, Derivative) and left.of.name == self.declared.differentiated:
            for name, one in self.declared.of.items():
                if one.gradient == left.wrt.name:
                    return Question(self.declared, name, left.wrt.indices)
        return None

    def _judged(self, chain: Chain, question: Question) -> Iterator[_Judged]:
        links = [
            (place, link)
            for place, link in enumerate(chain.links)
            if not is_words(link, self.table) or (question.gradient and _is_number(link))
        ]
        for number, (place, tokens) in enumerate(links, 1):
            link = self._link(tokens, question, place in chain.torn)
            longer = chain.longer.get(place)
            if longer is not None and link.status != "right":
                other = self._link(longer, question, place in chain.torn)
                if other.status == "right" or link.status in ("wrong", "unbound"):
                    link, tokens = other, longer
            yield _Judged(link, number, self._quote(tokens), tokens)

    def _link(self, tokens: Sequence[Token], question: Question, torn: bool) -> Link:
        link = judge(tokens, question, self.table)
        shorter = without_aside(tokens, self.table) if link.status != "right" else None
        if shorter is not None:
            other = judge(shorter, question, self.table)
            link = other if other.status in ("right", "unread") else link
        if link.status == "right" and not link.closed and link.tree is not None:
            link = self.steps.worked_out(link)
        if link.status in ("wrong", "unbound") and (torn or says_more(self.tokens, tokens[-1].end)):
            return Link("unread", remark="the words after it may belong to it")
        if link.status in ("wrong", "unbound") and link.tree is not None:
            used = names(link.tree)
            if used & self.redefined:
                shown = ", ".join(map(self.declared.shown, sorted(used & self.redefined)))
                return Link("unread", remark=f"the answer gives {shown} a meaning of its own")
        return link

    def _redefined(self) -> Iterator[str]:
        """Declared values that the answer says are something else."""
        for chain in self.chains:
            left = chain.left
            if not isinstance(left, Named) or left.name not in {
                *self.declared.inputs,
                *self.declared.nodes,
                *self.declared.sizes,
            }:
                continue
            given = (
                left.name in self.declared.sizes
                or getattr(self.declared.inputs.get(left.name), "value", None) is not None
            )
            if given and chain.links and _is_number(chain.links[-1]):
                continue  # m = 32, ε = 1e-5
            if chain.links and not is_words(chain.links[-1], self.table) and not self._holds(left, chain.links):
                yield left.name

    def _holds(self, left: Named, links: Sequence[Sequence[Token]]) -> bool:
        trial = self.declared.setting.trials(frozenset())[0]
        evaluator = Evaluator(
            trial, Reading(), self.declared.differentiated, left.indices[0] if left.indices else None, None
        )
        for tokens in links:
            try:
                value = evaluator.value(parse(tokens, self.table))
            except Unreadable:
                continue
            expected = np.asarray(trial.values[left.name])
            if value.array.shape != expected.shape or not close(value.array, expected):
                return False
        return True

    def _quote(self, tokens: Sequence[Token]) -> str:
        return self.answer[tokens[0].start : tokens[-1].end] if tokens else ""

    def _line(self, tokens: Sequence[Token]) -> str:
        """The lines of the answer in which they stand."""
        start = self.answer.rfind("\n", 0, tokens[0].start) + 1
        end = self.answer.find("\n", tokens[-1].end)
        return self.answer[start : end if end >= 0 else None]

    def _finding(self, name: str, several: Sequence[Sequence[_Judged]]) -> Finding:
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

    def _is_merged(self, chain: Sequence[_Judged], result: _Judged) -> bool:
        """Whether the side before the result, which is not understood, ends in the left side of another equation."""
        before = next((one for one in chain if one.number == result.number - 1), None)
        return before is not None and before.link.tree is None and left_side(before.tokens, self.table) is not None

    def _right(self, title: str, result: _Judged, chain: Sequence[_Judged]) -> Finding:
        remarks = [result.link.remark] if result.link.remark else []
        wrong = [one for one in chain if one.link.status in ("wrong", "unbound") and one.link.closed]
        remarks += [f"but its step {one.number} is wrong: {_short(one.quote)}" for one in wrong]
        said = f"{title} is right" + (f" ({'; '.join(remarks)})" if remarks else "")
        return Finding(True, (result.quote,), said, ON_TRUST if remarks else PLAIN)

    def _wrong(self, title: str, result: _Judged, chain: Sequence[_Judged]) -> Finding:
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

    def _progress(self, title: str, chain: Sequence[_Judged], problem: str) -> str:
        right = [one for one in chain if one.link.status == "right" and one.link.closed]
        return f"{title}: right up to “{_short(right[-1].quote)}”, but {problem}" if right else f"{title}: {problem}"

    def _slip(self, link: Link) -> slips.Slip | None:
        if self._edits <= 0 or link.tree is None:
            return None
        slip, tried = slips.find(link, min(slips.MOST, self._edits))
        self._edits -= tried
        return slip

    def _alone(self, name: str) -> Finding | None:
        """A formula without a left side counts where it is right; it is never wrong, since it may be about something else."""
        free = (self.declared.of[name].index or "i",) if self.declared.setting.shape_of(name) else ()
        alone = [link for chain in self.chains if chain.left is None and not chain.name for link in chain.links]
        for tokens in reversed(alone[-12:]):
            if len(tokens) < 3 or _DENIAL.search(self._line(tokens)):
                continue
            link = judge(tokens, Question(self.declared, name, free if len(free) == 1 else ()), self.table)
            if link.status == "right" and link.closed:
                remarks = "; ".join(filter(None, ("its left side is not written", link.remark)))
                return Finding(
                    True, (self._quote(tokens),), f"{self.declared.title(name)} is right ({remarks})", ON_TRUST
                )
        return None


def _is_number(tokens: Sequence[Token]) -> bool:
    return [token.kind for token in tokens if token.text not in ("-", "+")] == ["number"]


def _outcome(chain: Sequence[_Judged]) -> str:
    """What the last side that gives a result is."""
    return next(
        (one.link.status for one in reversed(chain) if one.link.closed and one.link.status != "unread"), "unread"
    )


def _short(text: str, most: int = 80) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
