"""A question's declarations, compiled once; reading an answer gives its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from grader.core.answers import choice, comparisons, doubt, number, options, statements
from grader.core.answers.evaluate import Evaluator, quotes
from grader.core.answers.exact import read_exact
from grader.core.answers.expression import CHOICE
from grader.core.answers.finding import Finding
from grader.core.answers.glossary import cues, merged
from grader.core.answers.lexicon import Span
from grader.core.answers.names import used_words
from grader.core.answers.subjects import Subjects
from grader.core.answers.terms import Mentions, Terms, wanted
from grader.core.answers.text import read_text

if TYPE_CHECKING:
    from grader.core.rubric import Question


@dataclass(frozen=True)
class AnswerReading:
    """doubt: why a machine should not judge the answer's prose, exact_doubt: its figures and formulas; empty when it may."""

    evaluator: Evaluator
    doubt: str
    exact_doubt: str


class Reader:
    def __init__(self, question: Question) -> None:
        self.question = question
        self.patterns = {
            name: tuple(statements.pattern(one) for one in statement.any)
            for name, statement in question.statements.items()
        }
        self.choices = options.compile_choices(question.choices) if question.choices else None
        glossary = merged(question.glossary)
        self.terms = Terms(glossary, used_words(question, question.items), cues())
        prompt = question.answer.prompt if question.answer else ""
        small = (word for words in cues()["function"].values() for word in words)
        self.expected = frozenset(word.text for word in read_text(prompt).words) | frozenset(small)
        self.doubts = doubt.Doubts(question, glossary)

    def read(self, answer: str) -> AnswerReading:
        mentions = self.terms.read(answer)
        facts = Facts(self, mentions, read_exact(self.question, answer))
        doubt = self.doubts.about(answer, mentions, self.terms.lexicon)
        return AnswerReading(Evaluator(facts), doubt, self.doubts.about_honesty(answer, mentions))


class Facts:
    """What one answer says; each statement is looked for when it is first asked for."""

    def __init__(self, reader: Reader, mentions: Mentions, exact: Mapping[str, Finding]) -> None:
        self.reader = reader
        self.mentions = mentions
        self.exact = exact
        self.expected = reader.expected
        self._spans: dict[str, list[Span]] = {}

    @cached_property
    def subjects(self) -> Subjects:
        by_number = [(one.span, one.option) for one in self._named_options if one.by_number]
        question = self.reader.question
        return Subjects(question.subjects, self.mentions, by_number, question.about)

    @cached_property
    def _named_options(self) -> list[options.Named]:
        if self.reader.choices is None:
            return []
        return options.named_options(self.reader.choices, self.mentions, self.reader.question.subjects)

    def occurrences(self, name: str) -> list[Span]:
        """Where a subject of the question, or a term, is named; a subject that is an option perhaps only by its number."""
        if name in self.reader.question.subjects:
            numbers = options.named_options(self.reader.choices, self.mentions) if self.reader.choices else []
            return self.subjects.named(name) + [one.span for one in numbers if one.option == name]
        return [occurrence.span for occurrence in self.mentions.of(wanted("~" + name))]

    def spans(self, name: str) -> list[Span]:
        """Where a statement is made; "choice" stands for the options that are named."""
        if name == CHOICE:
            return [one.span for one in self._named_options]
        if name not in self._spans:
            statement, patterns = self.reader.question.statements[name], self.reader.patterns[name]
            found = statements.find(statement, patterns, self.mentions, self.subjects)
            compared = statement.compares and comparisons.find(statement.compares, self.mentions, self.subjects)
            self._spans[name] = found + (compared or [])
        return self._spans[name]

    def named(self, name: str) -> Finding:
        question = self.reader.question
        if name in self.exact:
            return self.exact[name]
        if name in question.numbers:
            return number.find(question.numbers[name], self.mentions)
        spans = self.spans(name)
        if not spans:
            return Finding(False)
        return Finding(True, quotes(spans[:3], self.mentions), f"says {question.statements[name].says}")

    @cached_property
    def _choice(self) -> choice.ChoiceReading:
        assert self.reader.choices is not None, "checked when the rubric is parsed"
        return choice.read(self.reader.choices, self._named_options, self.mentions)

    def chosen(self, asked: tuple[str, ...], role: str | None) -> Finding:
        return choice.finding(self._choice, asked, role, self.mentions)
