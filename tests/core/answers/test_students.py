"""Answers as different students would write them: what is right is never called wrong, and what is wrong never right.

`students/QUESTION.yaml` says of every answer what is wrong in it, and what stays unread, so that a TA decides.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from grader.core.answers import counts, graph, shapes
from grader.pack import load_pack

HERE = Path(__file__).parent / "students"
PACKS = {"mlp_shapes": "dl_hw1", "cnn_parameters": "dl_hw1", "cheaper_kernel": "cv_hw", "graph": "cv_hw"}
REMARKS = {"padding", "equalities"}
"""They cost nothing, and may be false beside a wrong count; in a right answer they never are."""


def answers():
    for name, pack in PACKS.items():
        question = load_pack(pack).rubric.question(name.replace("_", "-"))
        for number, answer in enumerate(YAML(typ="safe").load((HERE / f"{name}.yaml").read_text())):
            yield pytest.param(question, answer, id=f"{name}-{number}")


def findings(question, text):
    if question.shapes:
        return shapes.read(question.shapes, text)
    if question.counts:
        return counts.read(question.counts, text)
    found = graph.read(question.graph, text)
    return {name: one for name, one in found.items() if name.startswith(("value-", "gradient-"))}


@pytest.mark.parametrize(("question", "answer"), list(answers()))
def test_every_finding_is_as_labelled(question, answer):
    found = findings(question, answer["text"])
    wrong, unread = set(answer.get("wrong", ())), set(answer.get("unread", ()))
    assert {name for name, one in found.items() if one.value is False} - REMARKS == wrong - unread
    assert {name for name, one in found.items() if one.value is None} - {"padding"} == unread
    assert all(quote in answer["text"] for one in found.values() for quote in one.quotes)
    if not wrong:
        assert all(found[name].value is not False for name in REMARKS & set(found))


def test_the_lists_hold_enough_of_both():
    given = [param.values[1] for param in answers()]
    assert sum("wrong" not in one for one in given) >= 80 and sum("wrong" in one for one in given) >= 60
    assert {one["language"] for one in given} == {"en", "he", "uk"}
