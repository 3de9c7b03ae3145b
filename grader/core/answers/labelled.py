"""Answers with the marks that a TA gives them: what a pack proves the rules of its written questions on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from grader.core.answers.suggest import suggest
from grader.core.rubric import Rubric
from grader.core.submission import Answer


class LabelledAnswer(BaseModel):
    """One answer of a pack's `answers.yaml`. `applied`: ids of the items that apply; none for full points."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    text: str
    applied: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Proof:
    """`problems`: where a suggestion contradicts a label, a sentence each. `decided`: answers without an open item."""

    problems: tuple[str, ...]
    decided: int


def prove_answers(rubric: Rubric, labelled: Sequence[LabelledAnswer]) -> Proof:
    """What is suggested for each answer, against its labels. An open item contradicts nothing."""
    problems, decided = [], 0
    for number, answer in enumerate(labelled, 1):
        where = f"answer {number} to {answer.question}"
        try:
            question = rubric.question(answer.question)
        except KeyError:
            problems.append(f"{where}: the rubric has no such question")
            continue
        unknown = set(answer.applied) - {item.id for item in question.items}
        if unknown:
            problems.append(f"{where}: the question has no item {', '.join(sorted(unknown))}")
        items = suggest(question, Answer(question.id, answer.text, "answers.yaml"))
        decided += all(item.suggested != "unknown" for item in items)
        for item in items:
            if item.suggested == ("clear" if item.id in answer.applied else "deduct"):
                quoted = f" ({item.evidence[0]!r})" if item.evidence else ""
                problems.append(f"{where}: {item.id} is suggested {item.suggested}{quoted}, a TA decided otherwise")
    return Proof(tuple(problems), decided)
