"""The rubric: what an assignment asks, how each question is checked, and what it is worth. Strict, pure data.

`rubric_file.py` reads it from YAML.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.core.answers.declaration import Glossary, Reading
from grader.core.answers.expression import Expression, When
from grader.core.answers.names import unknown_names
from grader.core.checks import KINDS, Declaration
from grader.core.score import Scoring
from grader.core.submission import AnswerSlot, Layout

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]


Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
"""When students see a check's verdict: never, once the due date has passed, once the marks are published, always."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Variable(_Strict):
    """A choice that the course makes once, such as which convention of dropout's p it teaches."""

    choices: tuple[str, ...]
    default: str
    about: str = ""

    @model_validator(mode="after")
    def _default_is_a_choice(self) -> Variable:
        if self.default not in self.choices:
            raise ValueError(f"default {self.default!r} is not one of {', '.join(self.choices)}")
        return self


class Code(_Strict):
    """Where the students' code lies and which course-provided modules stand beside it.

    layout: the package that is asked for; without one, checks look through everything that was handed in.
    support: the pack's folder of modules that the course gives to students.
    torch: whether the package may use torch (a sandbox with everything that was handed in always may).
    """

    layout: Layout | None = None
    support: str = "support"
    torch: bool = False


class Check(_Strict):
    """One check of one function: exactly one kind, its points for what the assignment asks and for shapes beyond it."""

    id: Identifier
    points: float = Field(ge=0)
    edge_points: float = Field(default=0, ge=0)
    mistakes: dict[str, float] = {}
    visibility: Visibility = "visible"
    kind: str
    declaration: Declaration

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "kind" in data:
            return data
        named = [key for key in data if key in KINDS]
        if len(named) != 1:
            raise ValueError(f"a check has exactly one kind out of {', '.join(sorted(KINDS))}; found {named or 'none'}")
        rest = {key: value for key, value in data.items() if key not in KINDS}
        declaration = KINDS[named[0]].declaration.model_validate(data[named[0]])
        return {**rest, "kind": named[0], "declaration": declaration}

    @model_validator(mode="after")
    def _prices_are_deductions(self) -> Check:
        for mistake, price in self.mistakes.items():
            if not -self.points <= price <= 0:
                raise ValueError(
                    f"mistake {mistake!r} must cost between 0 and {self.points:g} points, as a negative number"
                )
        return self


class Item(_Strict):
    """A rubric item of a written question; `points` is negative for a deduction.

    formerly: ids of items that were merged into this one; it applies wherever one of them was applied.
    """

    id: Identifier
    points: float
    label: str
    group: str | None = None
    evidence: Literal["page", "tagging"] | None = None
    clear: Expression | None = None
    deduct: Expression | None = None
    when: When | None = None
    formerly: tuple[Identifier, ...] = ()


class Question(Reading):
    """A code question has checks, a written one has items and says where its answer is found and how it is read."""

    id: Identifier
    title: str
    points: float = Field(ge=0)
    scoring: Scoring = "add"
    checks: tuple[Check, ...] = ()
    answer: AnswerSlot | None = None
    items: tuple[Item, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _answer_of_this_question(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("answer"), dict):
            return {**data, "answer": {"question": str(data.get("id", "")), **data["answer"]}}
        return data

    @model_validator(mode="after")
    def _adds_up(self) -> Question:
        if bool(self.checks) == bool(self.items):
            raise ValueError(f"question {self.id!r} needs either checks or items")
        if self.checks:
            worth = sum(check.points + check.edge_points for check in self.checks)
            if abs(worth - self.points) > 1e-9:
                raise ValueError(
                    f"question {self.id!r} is worth {self.points:g} points but its checks add up to {worth:g}"
                )
        if self.items and self.scoring == "deduct":
            for item in self.items:
                if not -self.points <= item.points <= 0:
                    raise ValueError(
                        f"item {item.id!r} of {self.id!r} must deduct between 0 and {self.points:g}, not {item.points:g}"
                    )
        _no_duplicates([check.id for check in self.checks] + [item.id for item in self.items], f"question {self.id!r}")
        unknown = unknown_names(self, self.items)
        if unknown:
            raise ValueError(f"unknown {unknown.kind} '{unknown.name}' in question {self.id!r}; {unknown.known}")
        return self


class Rubric(_Strict):
    assignment: Identifier
    title: str
    points: float | None = Field(default=None, ge=0)
    variables: dict[str, Variable] = {}
    code: Code = Code()
    glossary: Glossary = {}
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _glossary_of_every_question(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("glossary"), dict):
            return data
        own = data["glossary"]
        questions = [
            {**question, "glossary": {**own, **question.get("glossary", {})}}
            if isinstance(question, dict) and "items" in question
            else question
            for question in data.get("questions", ())
        ]
        return {**data, "questions": questions}

    @model_validator(mode="after")
    def _consistent(self) -> Rubric:
        _no_duplicates([question.id for question in self.questions], "the rubric")
        if self.points is not None and abs(self.points - self.max_score) > 1e-9:
            raise ValueError(f"points says {self.points:g} but the questions add up to {self.max_score:g}")
        for check in (check for question in self.questions for check in question.checks):
            if KINDS[check.kind].tree == "package" and self.code.layout is None:
                raise ValueError(
                    f"check {check.id!r} is of kind {check.kind}, which calls the students' package: say what it is, as "
                    "`code: {layout: {package: cs231n, files: [layers.py]}}`"
                )
        return self

    @model_validator(mode="after")
    def _answers_of_known_questions(self) -> Rubric:
        asked = {question.id for question in self.questions}
        for question in self.questions:
            for check in question.checks:
                for key in ("answer", "report"):
                    named = getattr(check.declaration, key, None)
                    if isinstance(named, str) and named not in asked:
                        raise ValueError(f"unknown question '{named}' in `{key}` of check {check.id!r} of {question.id!r}")
        return self

    @property
    def max_score(self) -> float:
        return sum(question.points for question in self.questions)

    def question(self, question_id: str) -> Question:
        """Raises KeyError when there is no such question."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def choose(self, given: dict[str, str]) -> dict[str, str]:
        """The value of every variable; raises ValueError for one that is unknown or out of its choices."""
        for name, value in given.items():
            if name not in self.variables:
                known = ", ".join(self.variables) or "none"
                raise ValueError(f"this pack has no variable {name!r}; it has: {known}")
            if value not in self.variables[name].choices:
                raise ValueError(f"{name} must be one of {', '.join(self.variables[name].choices)}, not {value!r}")
        return {name: given.get(name, variable.default) for name, variable in self.variables.items()}


def _no_duplicates(ids: list[str], where: str) -> None:
    seen: set[str] = set()
    for identifier in ids:
        if identifier in seen:
            raise ValueError(f"duplicate id '{identifier}' in {where}")
        seen.add(identifier)
