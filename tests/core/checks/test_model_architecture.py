"""`architecture`: what a model computes with, against what was asked for, in torch's styles and in Keras'."""

from __future__ import annotations

import pytest

from grader.core.checks import architecture
from grader.core.result import Status

ANY = ["tanh", "relu"]
LENET = {
    "input": [1, 32, 32],
    "parameters": 61706,
    "layers": [
        {"conv": 6, "kernel": 5, "activation": ANY, "output": [6, 28, 28]},
        {"pool": "any", "size": 2, "output": [6, 14, 14]},
        {"conv": 16, "kernel": 5, "padding": "valid", "activation": ANY},
        {"pool": "any", "size": [2, 2]},
        {"conv": 120, "kernel": 5, "activation": ANY, "or": [{"dense": 120, "activation": ANY}]},
        {"dense": 84, "activation": ANY},
        {"dense": 10, "activation": "softmax"},
    ],
}


@pytest.mark.parametrize("file", ["functional_style.py", "sequential_style.py"])
def test_lenet_in_both_styles_of_torch(judged, file: str) -> None:
    declaration = {"model": {"arguments": [{"num_classes": 10}]}, **LENET}

    judgement = judged(architecture, declaration, file)

    assert judgement.status is Status.PASS, judgement
    assert [row[3] for row in judgement.exhibits[0].rows] == [""] * 8


def test_what_differs_stands_in_the_table(judged) -> None:
    judgement = judged(architecture, {"model": {}, **LENET}, "three_mistakes.py")

    table = judgement.exhibits[0]
    differing = [row[3] for row in table.rows]
    assert judgement.status is Status.FAIL
    assert differing == ["", "", "filters", "", "missing", "", "", "number"]
    assert judgement.credit == pytest.approx(5 / 8)
    assert table.wrong == (2, 4, 7)
    assert "spare (Linear)" in judgement.remarks[0]


def test_weights_of_layers_and_parameters(judged) -> None:
    weighted = {"model": {}, **LENET, "weights": {"layers": 3, "parameters": 1}}

    assert judged(architecture, weighted, "three_mistakes.py").credit == pytest.approx(3 / 4 * 5 / 7)


def test_strict_counts_layers_that_were_not_asked_for(judged) -> None:
    layers = [{"conv": 6}, {"conv": 32}, {"dense": 84}, {"dense": 10}]
    lenient = {"model": {}, "input": [1, 32, 32], "layers": layers}

    assert judged(architecture, lenient, "three_mistakes.py").status is Status.PASS
    strict = judged(architecture, {**lenient, "strict": True}, "three_mistakes.py")
    assert [row[3] for row in strict.exhibits[0].rows].count("extra") == 5  # two norms, two pools, flatten


@pytest.mark.parametrize(
    ("name", "shape", "layers", "parameters"),
    [
        ("RowRNN", [28, 28], [{"other": ["rnn_tanh", "SimpleRNN"], "output": [28, 64]}, {"dense": 10}], 6016 + 650),
        ("keras_lstm", None, [{"other": "LSTM", "output": [16]}, {"dense": 10}], 4 * 16 * (28 + 16 + 1) + 170),
        ("Upscaler", [8, 4, 4], [{"other": "conv_transpose2d", "activation": "relu", "output": [4, 8, 8]}, {"conv": 1}], 132 + 37),
    ],
)  # fmt: skip
def test_layers_of_other_kinds_are_declared_by_name(judged, name: str, shape, layers, parameters: int) -> None:
    declaration = {"model": {"named": [name]}, "input": shape, "layers": layers, "parameters": parameters}

    assert judged(architecture, declaration, "recurrent.py").status is Status.PASS
    declaration["layers"] = [{"other": "gru"}, *layers[1:]]
    judgement = judged(architecture, declaration, "recurrent.py")
    assert judgement.status is Status.FAIL and [row[3] for row in judgement.exhibits[0].rows] == ["name", "", ""]


def test_the_model_of_a_notebook_that_fits_best(judged) -> None:
    layers = [
        {"conv": 16, "kernel": 3, "activation": "relu", "output": [16, 30, 30]},
        {"conv": 32, "activation": "relu"},
        {"pool": "max", "size": 2, "output": [32, 14, 14]},
        {"conv": 64, "activation": "relu"},
        {"pool": "max"},
        {"dropout": 0.25},
        {"dense": 10, "activation": ["softmax"]},
    ]
    judgement = judged(architecture, {"model": {}, "layers": layers}, "keras_notebook.ipynb")

    assert judgement.status is Status.PASS, judgement
    assert "cell 4" in judgement.message and "logits" in judgement.remarks[0]


def test_keras_functional_with_norm_and_global_pooling(judged) -> None:
    layers = [
        {"conv": 8, "kernel": 3, "stride": 2, "padding": "same", "activation": "relu", "output": [8, 14, 14]},
        {"norm": "batch"},
        {"pool": "max", "size": 2},
        {"pool": "avg", "output": [8]},
        {"dense": 10, "activation": "softmax"},
    ]
    judgement = judged(architecture, {"model": {}, "layers": layers, "parameters": 72 + 90}, "keras_functional.py")

    assert judgement.status is Status.PASS, judgement


def test_a_saved_keras_model_needs_no_code(judged) -> None:
    layers = [{"conv": 2, "kernel": 3, "output": [2, 6, 6]}, {"dense": 3, "activation": "softmax"}]

    judgement = judged(architecture, {"model": {}, "layers": layers, "parameters": 20 + 219}, "saved.keras")

    assert judgement.status is Status.PASS, judgement
    assert "saved.keras" in judgement.message


FUNCTION = {
    "input": [3, 8, 8],
    "layers": [
        {"conv": 4, "kernel": 3, "padding": "same", "activation": "relu", "output": [4, 8, 8]},
        {"dense": 5, "activation": "none", "output": [5]},
    ],
    "parameters": 108 + 4 + 1280 + 5,
}
WEIGHTS = [[4, 3, 3, 3], [4], [256, 5], [5]]


@pytest.mark.parametrize("name", ["with_mm", "with_linear", "with_addmm", "with_at"])
def test_a_function_of_an_input_and_weights_is_a_net(judged, name: str) -> None:
    judgement = judged(architecture, {"model": {"named": [name], "weights": WEIGHTS}, **FUNCTION}, "functions.py")

    assert judgement.status is Status.PASS, judgement
    assert f"{name} in functions.py" in judgement.message


def test_a_weight_that_a_function_leaves_unused_is_none_of_its_parameters(judged) -> None:
    judgement = judged(architecture, {"model": {"named": ["without_bias"], "weights": WEIGHTS}, **FUNCTION}, "functions.py")

    assert judgement.status is Status.FAIL and judgement.exhibits[0].rows[-1][2:] == ("1,393", "number")
    assert "weights.1 (Weight)" in judgement.remarks[0]


def test_a_function_that_is_not_written_is_an_error_of_its_own(judged) -> None:
    judgement = judged(architecture, {"model": {"named": ["not_written"], "weights": WEIGHTS}, **FUNCTION}, "functions.py")

    assert judgement.status in (Status.FAIL, Status.ERROR) and not judgement.unread and not judgement.credit


def test_names_of_layers_prove_nothing(judged) -> None:
    judgement = judged(architecture, {"model": {"named": ["LeNet5"]}, **LENET}, "forged.py")

    assert judgement.status is Status.FAIL
    assert [row[2] for row in judgement.exhibits[0].rows[:6]] == ["—"] * 6


def test_a_report_that_contradicts_itself_is_for_a_ta(judged, nets) -> None:
    judgement = judged(architecture, {"model": {"named": ["LeNet5"]}, **LENET}, "lying.py")

    assert judgement.unread and "156 parameters together, the model 61,706" in judgement.message
    nets.close()  # nothing more can be believed in there; this test stands last but for those that need no sandbox


def test_activations_of_ones_own_are_not_wrong() -> None:
    row = {"kind": "dense", "units": 3, "inputs": 4, "bias": True, "output": [3]}
    anatomy = architecture.Anatomy.model_validate(
        {
            "rows": [row, {"kind": "step", "name": "where", "output": [3]}],
            "input": [4],
            "parameters": {"total": 15, "trainable": 15, "unseen": 0},
        }
    )
    declaration = architecture.Architecture.model_validate(
        {"model": {}, "layers": [{"dense": 3, "activation": "relu"}]}
    )
    built = architecture.Built(ref=None, framework="torch", name="Net", file="a.py")

    assert architecture.judge(declaration, built, anatomy).unread


def test_a_layer_is_exactly_one_kind() -> None:
    with pytest.raises(ValueError, match="exactly one of conv, dense"):
        architecture.Layer.model_validate({"conv": 3, "dense": 4})
