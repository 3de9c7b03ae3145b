"""The answers of the seed documents, exactly, as text and as a printed PDF. Here are the numbers of their lines only."""

from __future__ import annotations

import re
from functools import cache
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
    "004": {
        "bn-idea": (22, 22), "without-normalization": (23, 23), "dropout-at-test": (24, 24), "cheaper-kernel": (39, 68),
    },
}  # fmt: skip
PACKS = {"000": "cs231n_a2", "001": "cs231n_a2", "002": "dl_hw1", "003": "nn_hw4", "004": "cv_hw"}

NUMBERED = {
    "002": {
        "mlp-shapes": (11, 40, ""), "mlp-output": (42, 44, "e. "), "cnn-parameters": (46, 77, "2.) "),
        "bn-gradients": (79, 112, "3) "), "discussion": (171, 171, ""),
    },
    "003": {
        "activation": (17, 21, ""), "epochs": (28, 42, ""), "mini-batches": (46, 62, ""), "batch-norm": (66, 80, ""),
        "cnn-layers": (86, 86, "*How many layers does it have?* "),
        "cnn-filters": (88, 88, "*How many filters in each layer?* "),
        "cnn-vs-fc": (90, 96, "*Would the number of parameters be similar to a fully connected NN?* "),
        "parameter-formulas": (90, 96, "*Would the number of parameters be similar to a fully connected NN?* "),
        "regularization": (98, 98, "*Is this specific NN performing regularization?* "),
    },
}  # fmt: skip
"""First and last line, and what of them is the question's own number or words. The text is compared with every sign."""


def seed(number: str) -> str:
    [path] = SEEDS.glob(f"{number}_*.txt")
    return path.read_text()


def expected(number: str) -> dict[str, str]:
    lines = seed(number).split("\n")
    return {question: "\n".join(lines[first - 1 : last]) for question, (first, last) in LINES[number].items()}


def slots(number: str) -> tuple[AnswerSlot, ...]:
    return tuple(question.answer for question in load_pack(PACKS[number]).rubric.questions if question.answer)


def bare(text: str) -> str:
    """What is left of a text whatever it was printed with: no markup, no formulas, no list numbers."""
    text = re.sub(r"\$[^$]*\$|https?:\S+", " ", text)
    return re.sub(r"[\W_]+", "", re.sub(r"^\s*(?:\d\.|-)\s", "", re.sub(r"\d\^", "", text), flags=re.M))


@pytest.mark.parametrize("number", LINES)
def test_as_text(number: str) -> None:
    answers, _ = find_answers({"homework.txt": seed(number).encode()}, slots(number))
    found = {question: bare(answer.text) for question, answer in answers.items() if question != "graph"}  # a picture
    assert found == {question: bare(re.sub(r"^- 2\.\d ", "", text)) for question, text in expected(number).items()}


@pytest.mark.parametrize(
    ("number", "question"), [(number, question) for number, questions in NUMBERED.items() for question in questions]
)
def test_below_its_number(number: str, question: str, answers_of) -> None:
    first, last, own = NUMBERED[number][question]
    lines = "\n".join(seed(number).split("\n")[first - 1 : last])
    assert own in lines
    assert answers_of(number)[question].text.split() == lines.replace(own, "", 1).split()


@pytest.fixture(scope="module")
def answers_of():
    return cache(lambda number: find_answers({"homework.md": seed(number).encode()}, slots(number))[0])


@pytest.mark.parametrize("number", ["000", "001"])
def test_as_a_printed_pdf(number: str, printed) -> None:
    html = MarkdownIt().render(seed(number))
    page = f'<meta charset="utf-8"><body style="font: 11pt DejaVu Sans">{html}'
    data = printed(page, display_header_footer=True, margin={"top": "2cm", "bottom": "2cm"})
    answers, _ = find_answers({"homework.pdf": data}, slots(number))
    found = {question: bare(answer.text) for question, answer in answers.items() if answer.place == "found"}
    assert found == {question: bare(text) for question, text in expected(number).items()}
