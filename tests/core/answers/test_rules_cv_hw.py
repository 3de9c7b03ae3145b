"""The pack cv_hw's written questions: its own labelled answers, and those of the seed document, mostly Ukrainian."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from grader.core.answers.labelled import prove_answers
from grader.core.answers.suggest import suggest, suggested_score
from grader.ingest.answers import find_answers
from grader.pack import labelled_answers, load_pack

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"
PACK = load_pack("cv_hw")
QUESTIONS = ("bn-idea", "without-normalization", "dropout-notation", "dropout-at-test")


def labels(corpus: Path) -> dict[str, list[str]]:
    entries = YAML(typ="safe").load((corpus / "seeds.yaml").read_text(encoding="utf-8"))
    return {entry["question"]: entry["applied"] for entry in entries if entry["seed"] == "004"}


def test_no_suggestion_contradicts_a_label_and_most_are_decided() -> None:
    labelled = labelled_answers(PACK)
    proof = prove_answers(PACK.rubric, labelled)
    assert not proof.problems
    assert proof.decided >= 0.8 * len(labelled)
    for question in QUESTIONS:
        own = [answer for answer in labelled if answer.question == question]
        assert len(own) >= 6 and {answer.language for answer in own} == {"en", "uk"}
        assert {bool(answer.applied) for answer in own} == {True, False}


def test_labels_name_items_of_the_rubric(corpus: Path) -> None:
    for question, applied in labels(corpus).items():
        assert set(applied) <= {item.id for item in PACK.rubric.question(question).items}


@pytest.mark.seeds
@pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository")
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_seed_s_answers(corpus: Path, name: str) -> None:
    [seed] = SEEDS.glob("004_*.txt")
    slots = tuple(PACK.rubric.question(question).answer for question in QUESTIONS)
    answers, _ = find_answers({"homework.txt": seed.read_bytes()}, slots)
    question = PACK.rubric.question(name)
    items = suggest(question, answers.get(name))
    assert {item.id for item in items if item.suggested == "deduct"} == set(labels(corpus)[name])
    if name == "dropout-notation":
        assert name not in answers
    else:
        assert suggested_score(question, items) == question.points
