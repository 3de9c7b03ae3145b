"""The pack cv_hw: every question right and wrong, in English and Ukrainian, and the graph in every shape of hand-in."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.core.answers.suggest import suggest, suggested_score
from grader.core.result import ItemResult
from grader.core.submission import Answer
from grader.ingest.submission import read_submission
from grader.pack import labelled_answers, load_pack
from worker.trusted.prove import check_sample, sample_folders
from worker.trusted.sandbox.backend import default_backend

PACK = load_pack("cv_hw")
SAMPLES = {folder.name: folder for folder in sample_folders(PACK)}
SLOTS = tuple(question.answer for question in PACK.rubric.questions)
QUESTIONS = [question.id for question in PACK.rubric.questions]
LABELLED = labelled_answers(PACK)
RIGHT = {"x": (2, -0.74), "y": (-1, 1.4799), "z": (3, 0.74), "w": (0.5, 0.235), "a": (-2, 0.74), "b": (3, 0.74),
         "c": (1, 0.74), "d": (0.5, 0.235), "e": (-0.5, -0.235), "g": (0.6065, -0.3875), "h": (1.6065, -0.3875),
         "f": (0.6225, 1)}  # fmt: skip


def suggested(question: str, answer: Answer | None) -> tuple[ItemResult, ...]:
    return suggest(PACK.rubric.question(question), answer)


def deducted(items: tuple[ItemResult, ...]) -> set[str]:
    """Ids of the items that cost something; remarks of 0 points left out."""
    return {item.id for item in items if item.suggested == "deduct" and item.points}


def handed_in(sample: str, question: str) -> Answer | None:
    return read_submission(SAMPLES[sample], None, SLOTS).answers.get(question)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gets_what_it_must(name: str) -> None:
    assert check_sample(PACK, SAMPLES[name], default_backend()) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_right_and_wrong_in_english_and_ukrainian(question: str) -> None:
    for sample in ("right-en", "right-uk"):
        items = suggested(question, handed_in(sample, question))
        assert {item.suggested for item in items} == {"clear"}
        assert suggested_score(PACK.rubric.question(question), items) == PACK.rubric.question(question).points
    for sample in ("mistakes", "mistakes-en"):
        assert deducted(suggested(question, handed_in(sample, question)))
    kinds = {(answer.language, bool(answer.applied)) for answer in LABELLED if answer.question == question}
    assert kinds == {("en", False), ("en", True), ("uk", False), ("uk", True)}


def test_the_graph_reads_alike_in_a_notebook_and_as_json() -> None:
    notebook, data = (handed_in(sample, "graph") for sample in ("right-en", "right-uk"))
    assert "| y | -1 | 1.4799 |" in notebook.text and notebook.source.startswith("homework.ipynb")
    assert json.loads(data.text)["y"] == {"value": -1, "gradient": 1.4799} and data.source == "answers.json"
    assert suggested("graph", notebook) == suggested("graph", data)


@pytest.mark.parametrize("shape", ["table", "json"])
def test_one_wrong_number_costs_one_item_wherever_it_stands(shape: str) -> None:
    """Everything else is right: from the true values, or from the wrong one."""
    for node, numbers in RIGHT.items():
        for at in (0, 1):
            if (at == 0 and node in "xyzw") or (at == 1 and node == "f"):
                continue
            changed = tuple(-number if index == at else number for index, number in enumerate(numbers))
            text = written(RIGHT | {node: changed}, shape)
            assert deducted(suggested("graph", Answer("graph", text, "test"))) == {"slip"}, (node, at)


def written(numbers: dict[str, tuple[float, float]], shape: str) -> str:
    if shape == "json":
        return json.dumps({name: {"value": value, "gradient": gradient} for name, (value, gradient) in numbers.items()})
    rows = [f"| {name} | {value} | {gradient} |" for name, (value, gradient) in numbers.items()]
    return "\n".join(["| вузол | значення | градієнт |", "| --- | --- | --- |", *rows])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Padding 'same'. Plain: 20*20*49 = 19600. Separable: 2*20*20*7 = 5600.", "clear clear unknown"),
        ("Без паддінгу: звичайна згортка 14·14·49 = 9604, роздільна 14·20·7 + 14·14·7 = 3332 множень.", "clear clear unknown"),
        ("Padding 'same', output 20x20. Plain: 9604. Separable: 2*20*20*7 = 5600.", "unknown clear unknown"),
        ("Звичайна згортка: 20·20·49 = 19600 множень. Роздільна згортка: 6500 множень.", "clear deduct unknown"),
        ("Plain: 20*20*7*7 = 18600. Separable: 5600. Three 3x3: 3*20*20*9 = 10800.", "deduct clear clear"),
        ("Plain: 20*20*49 = 19600. Separable: 5600. 5x5, then 3x3: 20*20*25 + 20*20*9 = 14600.", "clear clear deduct"),
        ("Plain: 20*20*49 = 19600. Separable: 5600. Mine needs 4,400 multiplications.", "clear clear unknown"),
    ],
)  # fmt: skip
def test_counts_are_graded_under_the_padding_that_the_answer_states(text: str, said: str) -> None:
    """A count that holds for the other padding, and one for a design that the pack does not know, are for a TA to look at."""
    items = suggested("cheaper-kernel", Answer("cheaper-kernel", text, "test"))
    assert " ".join(item.suggested for item in items[:3]) == said


def test_zipped_and_checked_from_the_command_line(tmp_path: Path) -> None:
    archive = tmp_path / "домашнє.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("homework.md", "answers.json"):
            file.write(SAMPLES["right-uk"] / name, f"моя робота/{name}")
    done = CliRunner().invoke(app, ["check", str(archive), "--pack", "cv_hw", "--json"])
    result = json.loads(done.stdout)
    assert [question["id"] for question in result["questions"]] == QUESTIONS
    for question in result["questions"]:
        assert question["status"] == "needs_review"
        assert {item["suggested"] for item in question["items"]} == {"clear"}
