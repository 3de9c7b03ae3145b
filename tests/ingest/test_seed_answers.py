"""The answers of the seed documents, exactly, as text and as a printed PDF. Here are the numbers of their lines only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from grader.core.submission import AnswerSlot
from grader.ingest.answers import find_answers
from grader.pack import load_pack

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
pytestmark = [
    pytest.mark.seeds,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository"),
]

LINES = {
    "000": {
        "fc-inline-2": (29, 29), "fc-inline-3": (42, 42), "bn-inline-1": (50, 52), "bn-inline-2": (58, 58),
        "bn-inline-3": (69, 71), "bn-inline-4": (81, 81), "dropout-inline-1": (89, 89), "dropout-inline-2": (95, 95),
    },
    "001": {
        "fc-inline-1": (157, 159), "fc-inline-2": (209, 209), "fc-inline-3": (247, 247), "bn-inline-1": (310, 310),
        "bn-inline-2": (329, 329), "bn-inline-3": (356, 356), "bn-inline-4": (411, 411), "dropout-inline-1": (454, 454),
        "dropout-inline-2": (483, 483), "dropout-inline-3": (491, 491),
    },
    "004": {"idea": (22, 22), "without": (23, 23), "at-test-time": (24, 24), "kernel": (39, 68)},
}  # fmt: skip
KERNEL = (
    AnswerSlot(question="idea", prompt="What is the main idea of batch normalization?"),
    AnswerSlot(question="without", prompt="Can neural networks be trained without normalization techniques?"),
    AnswerSlot(question="notation", prompt="Dropout p(0.7): is each neuron dropped or kept with a probability of 0.7?"),
    AnswerSlot(
        question="at-test-time",
        prompt="What would you say to an engineer who boasts about using dropout during testing?",
    ),
    AnswerSlot(question="kernel", prompt="Suggest another replacement for the 7x7 kernel with some other design."),
)


def seed(number: str) -> str:
    [path] = SEEDS.glob(f"{number}_*.txt")
    return path.read_text()


def expected(number: str) -> dict[str, str]:
    lines = seed(number).split("\n")
    return {question: "\n".join(lines[first - 1 : last]) for question, (first, last) in LINES[number].items()}


def slots(number: str) -> tuple[AnswerSlot, ...]:
    if number == "004":
        return KERNEL
    return tuple(question.answer for question in load_pack("cs231n_a2").rubric.questions if question.answer)


def bare(text: str) -> str:
    """What is left of a text whatever it was printed with: no markup, no formulas, no list numbers."""
    text = re.sub(r"\$[^$]*\$|https?:\S+", " ", text)
    return re.sub(r"[\W_]+", "", re.sub(r"^\s*(?:\d\.|-)\s", "", re.sub(r"\d\^", "", text), flags=re.M))


@pytest.mark.parametrize("number", LINES)
def test_as_text(number: str) -> None:
    answers, _ = find_answers({"homework.txt": seed(number).encode()}, slots(number))
    found = {question: bare(answer.text) for question, answer in answers.items()}
    assert found == {question: bare(re.sub(r"^- 2\.\d ", "", text)) for question, text in expected(number).items()}


@pytest.mark.parametrize("number", ["000", "001"])
def test_as_a_printed_pdf(number: str, printed) -> None:
    html = MarkdownIt().render(seed(number))
    page = f'<meta charset="utf-8"><body style="font: 11pt DejaVu Sans">{html}'
    data = printed(page, display_header_footer=True, margin={"top": "2cm", "bottom": "2cm"})
    answers, _ = find_answers({"homework.pdf": data}, slots(number))
    found = {question: bare(answer.text) for question, answer in answers.items() if answer.place == "found"}
    assert found == {question: bare(text) for question, text in expected(number).items()}
