"""A pack's labelled answers prove its rules: contradictions are found, open items are none."""

from __future__ import annotations

import pytest

from grader.core.answers.labelled import LabelledAnswer, prove_answers
from grader.pack import labelled_answers, load_pack

PACK = load_pack("cs231n_a2")
RIGHT = "Batch normalization is (3), layer normalization is (2)."


def one(**changes):
    return prove_answers(PACK.rubric, [LabelledAnswer(**{"question": "bn-inline-3", "text": RIGHT} | changes)])


def test_the_pack_holds_what_it_promises():
    labelled = labelled_answers(PACK)
    proof = prove_answers(PACK.rubric, labelled)
    assert not proof.problems
    assert proof.decided >= 0.9 * len(labelled) and len(labelled) >= 60


def test_a_contradiction_is_named():
    assert one().problems == () and one().decided == 1
    problems = one(applied=("ln-not-2",)).problems
    assert len(problems) == 1 and "ln-not-2 is suggested clear" in problems[0]


def test_unknown_names_are_said():
    assert "no such question" in one(question="essay").problems[0]
    assert "no item typo" in one(applied=("typo",)).problems[0]


@pytest.mark.parametrize("text", ["- {question: a}", "- {question: a, text: b, point: 1}", "3", "- [", "a: ["])
def test_a_broken_file_is_named(tmp_path, text):
    (tmp_path / "rubric.yaml").write_text((PACK.folder / "rubric.yaml").read_text())
    (tmp_path / "answers.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"answers\.yaml"):
        labelled_answers(load_pack(str(tmp_path)))
