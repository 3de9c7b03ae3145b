"""What an answer's formulas are worth, each with the words that say so and a sentence for the TA and the student."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader.core.answers.finding import Finding
from grader.core.answers.formulas.chains import chains, is_words
from grader.core.answers.formulas.declaration import Formulas
from grader.core.answers.formulas.definitions import with_definitions
from grader.core.answers.formulas.equations import Chain
from grader.core.answers.formulas.evaluate import Evaluator, Reading
from grader.core.answers.formulas.findings import ON_TRUST, Findings, Judged
from grader.core.answers.formulas.judge import Link, Question, close, judge
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.recovery import is_scattered, is_torn, recovered
from grader.core.answers.formulas.spoken import says_more
from grader.core.answers.formulas.statements import without_aside
from grader.core.answers.formulas.steps import Steps
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token, read_tokens
from grader.core.answers.formulas.tree import Derivative, Named, Node, Unreadable, names

_DENIAL = re.compile(r"\b(?:not|never|no|wrong|incorrect|не|ні|неправильн\w*|неверн\w*|לא|אינו|אינה)\b", re.IGNORECASE)
_MOST_LINKS = 60  # of one answer


def read(declared: Formulas, answer: str) -> Mapping[str, Finding]:
    """By name: true when it is right, false when it is wrong, unread otherwise. Never raises for what an answer holds."""
    try:
        tokens = recovered(read_tokens(answer), declared.table)
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
        self.redefined = frozenset(self._redefined())
        self.scattered = is_scattered(tokens)

    def findings(self) -> dict[str, Finding]:
        by_name: dict[str, list[list[Judged]]] = {name: [] for name in self.declared.names}
        links = 0
        for chain in self.chains:
            question = self._question(chain.left)
            if question is not None and links < _MOST_LINKS:
                links += len(chain.links)
                by_name[question.name].append(list(self._judged(chain, question)))
        given = frozenset(name for name, several in by_name.items() if any(several))
        findings = Findings(self.declared, self.answer, self.table, given)
        found = {name: findings.of(name, several) for name, several in by_name.items()}
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

    def _judged(self, chain: Chain, question: Question) -> Iterator[Judged]:
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
            yield Judged(link, number, self._quote(tokens), tokens)

    def _link(self, tokens: Sequence[Token], question: Question, torn: bool) -> Link:
        link = judge(tokens, question, self.table)
        shorter = without_aside(tokens, self.table) if link.status != "right" else None
        if shorter is not None:
            other = judge(shorter, question, self.table)
            link = other if other.status in ("right", "unread") else link
        if link.status == "right" and not link.closed and link.tree is not None:
            link = self.steps.worked_out(link)
        if link.status in ("wrong", "unbound") and (self.scattered or is_torn(tokens)):
            return Link("unread", remark="its layout seems to be lost in the text")
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
