"""One question made of the given declarations, and what is suggested for a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.core.answers.suggest import suggest
from grader.core.result import ItemResult
from grader.core.rubric import Question, Rubric
from grader.core.rubric_file import parse_rubric
from grader.core.submission import Answer
from grader.pack import load_pack

Ask = Callable[[str], dict[str, ItemResult]]


@pytest.fixture(scope="session")
def pack() -> Rubric:
    return load_pack("cs231n_a2").rubric


@pytest.fixture
def ask_of() -> Callable[[Question], Ask]:
    """`ask_of(question)(text)`: the items by id."""

    def bind(question: Question) -> Ask:
        return lambda text: {item.id: item for item in suggest(question, Answer(question.id, text, "test"))}

    return bind


@pytest.fixture
def question_of() -> Callable[[str], Question]:
    """A question with the given YAML lines under it, indented by four."""

    def build(declarations: str, items: str = "[{id: said, points: -1, label: Not said, clear: said}]") -> Question:
        text = (
            "assignment: a\ntitle: A\nquestions:\n  - id: q\n    title: Q\n    points: 1\n    scoring: deduct\n"
            f"    items: {items}\n{declarations}"
        )
        return parse_rubric(text).questions[0]

    return build


@pytest.fixture(scope="session")
def corpus() -> Path:
    return Path(__file__).parents[2] / "corpus" / "answers"
