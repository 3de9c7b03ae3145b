"""Answers in many students' notations: what is right is never called wrong, nor what is wrong right."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from grader.core.answers.formulas import Formulas, read
from grader.pack import load_pack

HERE = Path(__file__).resolve().parent
PACKS = {"bn-gradients": "dl_hw1", "mlp-output": "dl_hw1", "parameter-formulas": "nn_hw4"}
VALUES = {"right": True, "wrong": False, "unread": None}


def labelled(name: str) -> list[dict]:
    return YAML(typ="safe").load((HERE / f"{name}.yaml").read_text())


@cache
def declared(question: str) -> Formulas:
    formulas = load_pack(PACKS[question]).rubric.question(question).formulas
    assert formulas is not None
    return formulas


def expected(answer: dict) -> dict[str, bool | None]:
    return {name: value for label, value in VALUES.items() for name in answer.get(label, ())}


@pytest.mark.parametrize("name", ["right", "wrong"])
def test_every_formula_gets_its_verdict(name, without_names):
    problems = []
    for answer in labelled(name):
        found = read(declared(answer["question"]), answer["text"])
        wanted = expected(answer)
        problems += [
            f"{formula} is {one.value}, not {wanted.get(formula)}: {one.reason}\n  {answer['text']}"
            for formula, one in found.items()
            if one.value is not wanted.get(formula)
        ]
        assert all(quote in answer["text"] for one in found.values() for quote in one.quotes)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("name", "label"), [("right", "right"), ("wrong", "wrong")])
def test_there_are_enough_of_each_and_few_are_unread(name, label):
    counted = Counter(one for answer in labelled(name) for one in VALUES for _ in answer.get(one, ()))
    assert len(labelled(name)) >= 100
    assert counted[label] >= 120
    assert counted["unread"] <= 0.2 * counted[label]


def test_the_example_of_the_document_is_valid():
    text = (HERE.parents[3] / "docs" / "kinds" / "formulas.md").read_text().split("```")[1].removeprefix("yaml\n")
    formulas = Formulas.model_validate(YAML(typ="safe").load(text)["formulas"])
    used = {key for one in formulas.of.values() for key in one.model_fields_set} | formulas.model_fields_set
    used |= {key for one in formulas.inputs.values() for key in one.model_fields_set}
    known = {*Formulas.model_fields, *type(formulas.of["dense"]).model_fields, *type(formulas.inputs["x"]).model_fields}
    assert used == known, "the example shows every key"
    found = read(formulas, "FC = n_in * n_out + n_out, dL/dgamma = sum_i dy_i xhat_i")
    assert found["dense"].value is True
    assert found["by-gamma"].value is True
    assert read(formulas, "FC = n_in * n_out + bias")["dense"].value is None
