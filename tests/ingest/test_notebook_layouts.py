"""Every layout of a notebook's written answers that students are known to use, in all combinations that make sense.

A notebook of three questions is generated for each; every answer must come out exactly, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest

from grader.ingest.answers import find_answers

HEADINGS = (
    "## Inline Question {n}:", "## Inline Question {n}", "# Inline question {n}: ", "**Inline Question {n}**",
    "**Inline Question #{n}:**", "### Question {n}.", "<a id='q'></a>\n## Inline Question {n}:", "Inline Question {n}:",
    "# Question:", "# Inline question:", "",
)  # fmt: skip
ANSWER_HEADINGS = (
    "## Answer:", "# Answer", "**Answer:**", "**Your Answer:**", r"$\color{blue}{\textit Your Answer:}$",
    "<font color='red'>Answer:</font>", "*Your answer*:", "Answer:", "**My Answer**", "",
)  # fmt: skip
PLACES = ("same cell", "same line", "next cell", "heading and answer in the next cell", "two cells")
PLACEHOLDERS = ("", "above", "around", "in bold above")
INNER = ("", "heading", "large heading")
PROMPTS = {
    "original": (
        "What happens if the values passed through inverse dropout are not divided by p?",
        "Compare the validation and training accuracies with and without dropout. What do they say about dropout as a regularizer?",
        "If the hidden layers are made smaller, how should the keep probability p of dropout be modified, if at all?",
    ),
    "translated": (
        "若不将 inverse dropout 层中的值除以 p，会发生什么？为什么？",
        "Порівняйте точність на валідації та на тренуванні. Що це каже про регуляризацію?",
        "אם מקטינים את השכבות הנסתרות, כיצד יש לשנות את ההסתברות?",
    ),
}  # fmt: skip
ANSWERS = (
    "The activations get smaller by p while training.\n\nAt test time they are larger than anything seen before.",
    "Навчальна точність нижча, а валідаційна вища: dropout діє як регуляризація.",
    "Keep it, or raise it: the capacity shrank already.\n- fewer units\n- less to drop",
)


@dataclass(frozen=True)
class LayoutOfAnswers:
    heading: str
    answer_heading: str
    place: str
    placeholder: str
    inner: str
    prompt: str

    @property
    def possible(self) -> bool:
        """Whether a reader could tell question and answer at all, and a student would write so."""
        headed = bool(self.answer_heading)
        if self.place in ("same line", "heading and answer in the next cell") and not headed:
            return False
        if self.place == "same line" and (
            self.inner or not self.answer_heading.rstrip("*$ ").endswith((":", "}", "*"))
        ):
            return False
        if self.placeholder == "around" and (self.inner or self.place == "two cells"):
            return False
        if self.inner and (self.place == "two cells" or (self.place != "same cell" and not headed)):
            return False  # a cell that begins with a heading looks like the notebook's next section
        if self.prompt == "translated":
            return headed and "{n}" in self.heading  # else nothing says which question it is
        return headed or bool(self.heading)

    def answer(self, text: str) -> str:
        """The student's own words, as they must come out."""
        if self.inner == "heading":
            return f"### First\n{text}\n\n### Then\nNothing more."
        if self.inner == "large heading":
            return f"{text}\n\n# Conclusion\nNothing more."
        return text

    def written(self, text: str) -> str:
        """The answer with the placeholder that was left in."""
        text = self.answer(text)
        if self.placeholder == "above":
            return f"[FILL THIS IN]\n\n{text}"
        if self.placeholder == "in bold above":
            return f"**[FILL THIS IN]**\n{text}"
        return f"[FILL THIS IN: {text}]" if self.placeholder == "around" else text

    def cells(self, n: int) -> Iterator[tuple[str, str]]:
        yield "code", f"# run {n}\nprint('x')"
        prompt, text = PROMPTS[self.prompt][n - 1], self.written(ANSWERS[n - 1])
        question = "\n".join(part for part in (self.heading.format(n=n), prompt) if part)
        headed = f"{self.answer_heading}\n" if self.answer_heading else ""
        match self.place:
            case "same cell":
                yield "markdown", f"{question}\n\n{headed}{text}"
            case "same line":
                yield "markdown", f"{question}\n\n{self.answer_heading} {text}"
            case "next cell":
                yield "markdown", f"{question}\n\n{headed}".strip()
                yield "markdown", text
            case "heading and answer in the next cell":
                yield "markdown", question
                yield "markdown", f"{headed}{text}"
            case "two cells":
                first, _, second = text.partition("\n\n")
                yield "markdown", f"{question}\n\n{headed}{first}".strip()
                yield from [("markdown", second)] if second else []
        yield "code", "plot()"
        yield "markdown", f"## Section {'ABC'[n - 1]}\nThe course's own words about what comes next."


def layouts() -> list[LayoutOfAnswers]:
    every = product(HEADINGS, ANSWER_HEADINGS, PLACES, PLACEHOLDERS, INNER, PROMPTS)
    return [layout for layout in (LayoutOfAnswers(*choice) for choice in every) if layout.possible]


def wrong_with(layout: LayoutOfAnswers, notebook, slots) -> str | None:
    cells = [("markdown", "# Dropout\nIn this notebook you train with dropout.")]
    for n in (1, 2, 3):
        cells += layout.cells(n)
    answers, _ = find_answers({"Dropout.ipynb": notebook(*cells)}, slots)
    found = {question: answer.text for question, answer in answers.items()}
    expected = {f"dropout-inline-{n}": layout.answer(ANSWERS[n - 1]) for n in (1, 2, 3)}
    return None if found == expected else f"{layout}\n  found {found}"


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_layout(heading: str, notebook, slots) -> None:
    mine = [layout for layout in layouts() if layout.heading == heading]
    wrong = [report for layout in mine if (report := wrong_with(layout, notebook, slots))]
    assert not wrong, f"{len(wrong)} of {len(mine)} layouts:\n" + "\n".join(wrong[:5])


def test_there_are_many_layouts() -> None:
    assert len(layouts()) > 6000


@pytest.mark.parametrize(
    "placeholder", ["[FILL THIS IN]", "**[FILL THIS IN]**", "*Write your answer here*", "TODO", ""]
)
@pytest.mark.parametrize("answer_heading", ANSWER_HEADINGS)
def test_a_placeholder_alone_is_no_answer(placeholder: str, answer_heading: str, notebook, slots) -> None:
    cells = [("markdown", f"## Inline Question {n}:\n{PROMPTS['original'][n - 1]}\n\n{answer_heading}\n{placeholder}")
             for n in (1, 2, 3)]  # fmt: skip
    answers, remarks = find_answers({"Dropout.ipynb": notebook(*cells)}, slots)
    assert answers == {} and "dropout-inline-3" in remarks[-1]
