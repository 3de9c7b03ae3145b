"""`technique`: measured on nets that have it, that have it wrongly, and that write it themselves."""

from __future__ import annotations

import pytest

from grader.core.checks import technique
from grader.core.checks.model import Built
from grader.core.result import Status

INPUT = {"input": [[1, 28, 28], [20]]}
OWN = {"named": ["Net"], "arguments": [{"p": 0.3}]}
UNKNOWN = Built(ref=None, framework="torch", name="Net", file="net.py", defaults=("num_classes", "regularize"))


def test_dropout_of_ones_own(judged) -> None:
    right = judged(technique, {"model": OWN, "dropout": 0.3, **INPUT}, "own_layers.py")
    wrong = judged(technique, {"model": OWN, "dropout": 0.2, **INPUT}, "own_layers.py")

    assert right.status is Status.PASS, right
    assert (wrong.status, wrong.mistake, wrong.credit) == (Status.FAIL, "dropout-rate", 0.0)


def test_dropout_with_p_read_the_other_way(judged) -> None:
    judgement = judged(technique, {"model": {"named": ["LayerNormed"]}, "dropout": 0.2, **INPUT}, "own_layers.py")

    assert judgement.mistake == "dropout-keeps-what-it-should-drop"


def test_no_dropout(judged) -> None:
    judgement = judged(technique, {"model": {}, "dropout": "any", "input": [1, 32, 32]}, "three_mistakes.py")

    assert judgement.mistake == "no-dropout"


def test_a_model_of_another_name_may_be_the_one_that_has_it(judged) -> None:
    judgement = judged(technique, {"model": {"named": ["BatchInEvaluation"]}, "dropout": "any", **INPUT}, "own_layers.py")

    assert judgement.status is Status.PASS and "BatchInEvaluation" not in judgement.message


def test_batch_norm_of_ones_own(judged) -> None:
    judgement = judged(technique, {"model": OWN, "batch_norm": True, **INPUT}, "own_layers.py")
    placed = judged(technique, {"model": OWN, "batch_norm": True, "after": ["dense"], **INPUT}, "own_layers.py")

    assert judgement.status is Status.PASS, judgement
    assert placed.unread  # in force, but where it is cannot be seen


def test_batch_statistics_in_evaluation(judged) -> None:
    judgement = judged(technique, {"model": {"named": ["BatchInEvaluation"]}, "batch_norm": True, **INPUT}, "own_layers.py")

    assert judgement.mistake == "batch-statistics-in-evaluation"


@pytest.mark.parametrize(
    ("seen", "mistake"),
    [
        ({"rows": ("dense", "norm layer")}, "other-normalization"),
        ({"unused": ("bn1 (BatchNorm2d)",)}, "batch-norm-never-called"),
        ({}, "no-batch-norm"),
        ({"companions_in_training": True}, "no-running-statistics"),
    ],
)
def test_batch_norm_that_is_none(seen: dict[str, object], mistake: str) -> None:
    nothing = {"input": (3,), "rows": ("dense",), "unused": (), "follows": False,
               "companions_in_training": False, "companions_in_evaluation": False}  # fmt: skip
    built = Built(ref=None, framework="torch", name="Net", file="net.py")

    assert technique.judge_batch_norm(built, technique.Normalized(**nothing | seen), ()).mistake == mistake


def test_batch_norm_after_each_convolution(judged) -> None:
    declaration = {"model": {}, "batch_norm": True, "after": ["conv"], "input": [1, 32, 32]}
    everywhere = judged(technique, declaration, "three_mistakes.py")
    dense = judged(technique, {**declaration, "after": ["conv", "dense"]}, "three_mistakes.py")

    assert everywhere.status is Status.PASS, everywhere
    assert dense.mistake == "batch-norm-missing-somewhere" and "2 of its dense layers" in dense.message


def test_keras_has_all_three(judged) -> None:
    for asked in ({"dropout": 0.4}, {"batch_norm": True, "after": ["conv"]}, {"weight_decay": 0.01}):
        judgement = judged(technique, {"model": {}, **asked}, "keras_functional.py")
        assert judgement.status is Status.PASS, judgement
    assert judged(technique, {"model": {}, "weight_decay": 0.1}, "keras_functional.py").mistake == "weight-decay-amount"


@pytest.mark.parametrize(
    ("function", "verdict"),
    [
        *(
            (name, "pass")
            for name in ("sgd", "nesterov", "adam", "adamw", "rmsprop", "no_biases", "penalty", "half_penalty")
        ),
        ("nothing", "no-weight-decay"),
        ("too_much", "weight-decay-amount"),
        ("one_layer_only", "weight-decay-amount"),
        ("absolute", "weight-decay-amount"),
        ("neither", "unread"),
    ],
)
def test_weight_decay_of_optimizers_and_penalties(judged, function: str, verdict: str) -> None:
    declaration = {"model": {"named": ["net"]}, "weight_decay": 0.003, "optimizer": {"named": [function]}}

    judgement = judged(technique, declaration, "optimizers.py")

    said = "unread" if judgement.unread else judgement.mistake or judgement.status.value
    assert said == verdict, judgement


def test_optimizers_that_the_script_makes(judged) -> None:
    found = judged(technique, {"model": {}, "weight_decay": 0.003}, "trains_twice.py")
    absent = judged(technique, {"model": {}, "weight_decay": 0.003}, "functional_style.py")

    assert found.status is Status.PASS, found
    assert absent.unread  # a penalty in the loss cannot be excluded


def test_an_option_that_is_not_known_may_switch_it_on() -> None:
    seen = technique.Normalized(
        input=(3,),
        rows=("dense",),
        companions_in_training=False,
        companions_in_evaluation=False,
        follows=False,
        unused=(),
    )
    judgement = technique.judge_batch_norm(UNKNOWN, seen, ())

    assert judgement.unread and "regularize" in judgement.message and "num_classes" not in judgement.message


def test_a_technique_is_exactly_one() -> None:
    with pytest.raises(ValueError, match="exactly one of"):
        technique.Technique.model_validate({"model": {}, "dropout": 0.2, "batch_norm": True})
