"""The written questions of nn_hw4: no rule suggests against a label, and the seed's own answers get no deduction."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from grader.core.answers.labelled import prove_answers
from grader.core.answers.suggest import suggest
from grader.core.submission import Answer
from grader.pack import labelled_answers, load_pack

PACK = load_pack("nn_hw4")
QUESTIONS = (
    "activation", "epochs", "mini-batches", "batch-norm", "cnn-layers", "cnn-filters", "cnn-vs-fc", "regularization",
)  # fmt: skip
LABELLED = [one for one in labelled_answers(PACK) if one.question in QUESTIONS]
SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"


def test_the_labelled_answers_hold():
    proof = prove_answers(PACK.rubric, LABELLED)
    assert not proof.problems
    assert proof.decided >= 0.85 * len(LABELLED)  # many of them were written to be misread


@pytest.mark.parametrize("question", QUESTIONS)
def test_there_are_right_and_wrong_ones_in_several_languages(question):
    here = [one for one in LABELLED if one.question == question]
    languages = Counter(one.language for one in here)
    assert sum(not one.applied for one in here) >= 4 and sum(bool(one.applied) for one in here) >= 3
    assert languages["en"] >= 7 and languages["uk"] + languages["he"] >= 2


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("text", ["", "n/a", "I don't know"])
def test_no_answer_is_the_only_absence_that_costs(question, text):
    items = suggest(PACK.rubric.question(question), Answer(question, text, "test"))
    assert [item.id for item in items if item.suggested == "deduct"] == ["no-answer"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_about_something_else_costs_nothing_without_a_ta(question):
    text = "We trained it for two hours on the cluster and saved the weights to a file, then we plotted the curves."
    assert not any(
        item.suggested == "deduct" for item in suggest(PACK.rubric.question(question), Answer(question, text, "t"))
    )


ENDS = {  # the lines around each answer of the seed
    "activation": ("Task 2[1]:", "Task 3["),
    "epochs": ("Figure 1\n", "25 epochs"),
    "mini-batches": ("Mini-Batches:", "32:"),
    "batch-norm": ("normalization [4]:", "No BATCH"),
    "cnn-layers": ("have?*", "*How many f"),
    "cnn-filters": ("each layer?*", "*Would"),
    "cnn-vs-fc": ("connected NN?*", "**#params"),
    "regularization": ("regularization?*", "Task 2:"),
}


@pytest.mark.seeds
@pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository")
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_seed_gets_no_deduction(question):
    text = next(SEEDS.glob("003_*")).read_text()
    before, after = ENDS[question]
    start = text.index(before) + len(before)
    items = suggest(PACK.rubric.question(question), Answer(question, text[start : text.index(after, start)], "seed"))
    assert {item.suggested for item in items} == {"clear"}
