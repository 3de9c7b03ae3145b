"""How students write and train their models: what is right is never called wrong, and what is seen is what the script makes."""

from __future__ import annotations

import pytest

from grader.core.checks import architecture, technique
from grader.core.checks.found import Found
from grader.core.checks.model import Model, look
from grader.core.result import Status

GREY = {"input": [[1, 32, 32], [1, 28, 28]]}
ROW = {"input": [20]}


@pytest.mark.parametrize("asked", [{"dropout": 0.2}, {"batch_norm": True, "after": ["conv"]}, {"weight_decay": 0.001}])
def test_models_of_a_training_loop_that_no_variable_keeps(judged, asked: dict[str, object]) -> None:
    judgement = judged(technique, {"model": {}, **asked, **GREY}, "factory_in_a_loop.py")

    assert judgement.status is Status.PASS, judgement


def test_a_training_loop_of_hours_is_read_to_its_end(driven) -> None:
    found = driven(lambda context: look(Model(), context), "factory_in_a_loop.py")

    assert not found.failures
    assert len([one for one in found.things if one.form == "model"]) == 5
    assert len([one for one in found.things if one.form == "optimizer"]) == 5


@pytest.mark.parametrize("asked", [{"dropout": 0.2}, {"batch_norm": True, "after": ["conv"]}])
def test_models_that_the_script_makes_of_a_class_with_arguments_of_its_own(judged, asked: dict[str, object]) -> None:
    judgement = judged(technique, {"model": {"named": ["LeNet5"]}, **asked, **GREY}, "needs_arguments.py")

    assert judgement.status is Status.PASS, judgement


def test_layers_that_are_defined_and_not_used_do_not_count(judged) -> None:
    layers = [{"conv": 6}, {"conv": 16}, {"dense": 120}, {"dense": 84}, {"dense": 10}]
    declaration = {"model": {"named": ["LeNet5"]}, "layers": layers, "parameters": 61706, "input": [1, 32, 32]}

    judgement = judged(architecture, declaration, "needs_arguments.py")

    assert judgement.status is Status.PASS, judgement
    assert "bn1 (BatchNorm2d)" in judgement.remarks[0]


def test_an_option_that_the_rubric_does_not_know_is_not_held_against_anybody(judged) -> None:
    model = {"named": ["Net"]}
    rate = judged(technique, {"model": model, "dropout": 0.2, **ROW}, "has_defaults.py")
    norm = judged(technique, {"model": model, "batch_norm": True, **ROW}, "has_defaults.py")
    known = judged(technique, {"model": {**model, "arguments": [{"conv_drop": 0.5, "normalize": True}]}, "dropout": 0.2, **ROW},
                   "has_defaults.py")  # fmt: skip

    assert rate.unread and "conv_drop" in rate.message
    assert norm.unread and "normalize" in norm.message
    assert known.mistake == "dropout-rate"


def test_dropout_of_ones_own_that_does_not_scale_is_for_a_ta(judged) -> None:
    judgement = judged(technique, {"model": {"named": ["Unscaled"]}, "dropout": 0.2, **ROW}, "has_defaults.py")

    assert judgement.unread and "unusual way" in judgement.message


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [([{}, {"decay": 0.001}], "pass"), ([{}], "unread"), ([{"decay": 0.01, "schedule": False}], "wrong")],
)
def test_a_small_learning_rate_and_the_options_of_an_optimizer(judged, arguments: list, verdict: str) -> None:
    optimizer = {"named": ["make_optimizer"], "arguments": arguments}
    model = {"named": ["Net"]}

    judgement = judged(
        technique, {"model": model, "weight_decay": 0.001, "optimizer": optimizer, **ROW}, "has_defaults.py"
    )

    said = "unread" if judgement.unread else "pass" if judgement.status is Status.PASS else "wrong"
    assert said == verdict, judgement
    assert verdict != "wrong" or "by 0.01" in judgement.message


def test_a_model_written_as_a_class_of_keras(judged) -> None:
    layers = [
        {"conv": 6, "kernel": 5, "activation": "relu", "output": [6, 24, 24]},
        {"pool": "avg", "size": 2},
        {"dense": 10},
    ]
    shape = {"input": [1, 28, 28]}
    model = {"named": ["Net"], "arguments": [{"bn": True, "use_bn": True, "drop": 0.2}, {}]}

    whole = judged(
        architecture,
        {"model": {"named": ["Net"]}, "layers": layers, "parameters": 156 + 8650, **shape},
        "keras_subclass.py",
    )
    assert whole.status is Status.PASS, whole
    for asked in ({"dropout": 0.2}, {"batch_norm": True, "after": ["conv"]}, {"weight_decay": 0.001}):
        judgement = judged(technique, {"model": model, **asked, **shape}, "keras_subclass.py")
        assert judgement.status is Status.PASS, judgement


def test_a_model_of_no_usual_size_is_for_a_ta_unless_the_rubric_says_which(judged) -> None:
    layers = {"layers": [{"dense": 3}]}

    assert judged(architecture, {"model": {"named": ["Unscaled"]}, **layers}, "has_defaults.py").unread
    assert (
        judged(architecture, {"model": {"named": ["Unscaled"]}, **layers, "input": [9]}, "has_defaults.py").status
        is Status.ERROR
    )


def test_what_could_not_be_made_may_be_the_model_that_was_meant() -> None:
    names = {"file": "a.py", "line": 3, "names": (), "error": "NameError", "message": "data"}
    thing = {
        "name": "train",
        "form": "function",
        "framework": "",
        "file": "a.py",
        "line": 1,
        "parameters": (),
        "required": (),
        "parts": (),
    }

    def unmade(**details: object) -> object:
        return Found.model_validate({"things": [thing], "failures": [{**names, **details}]}).unmade

    assert unmade(uses=("train", "data")) and unmade(defines=True)
    assert unmade(uses=("data", "plt")) is None


@pytest.mark.parametrize("asked", [{"dropout": 0.2}, {"batch_norm": True}, {"weight_decay": 0.001}])
def test_every_choice_on_the_command_line_makes_its_net(judged, asked: dict[str, object]) -> None:
    judgement = judged(technique, {"model": {}, **asked, "input": [1, 28, 28]}, "command_line.py")

    assert judgement.status is Status.PASS, judgement


def test_data_sets_are_split_as_if_they_were_whole(driven) -> None:
    found: Found = driven(lambda context: look(Model(), context), "command_line.py")

    assert not found.failures
    assert len([one for one in found.things if one.form == "optimizer"]) == 4  # three techniques and one switch


def test_options_of_a_function_that_makes_models_are_held_against_nobody(judged) -> None:
    judgement = judged(technique, {"model": {}, "dropout": 0.2, **ROW}, "factory.py")
    known = {"model": {"named": ["make"], "arguments": [{"kind": "plain"}]}, "dropout": 0.2, **ROW}

    assert judgement.unread and "make in factory.py" in judgement.message and "(kind)" in judgement.message
    assert judged(technique, known, "factory.py").mistake == "no-dropout"


@pytest.mark.parametrize(
    ("name", "activations", "right"),
    [("first", ["relu", "relu"], True), ("second", ["sigmoid", "leaky_relu"], True), ("first", ["tanh", "relu"], False),
     ("in_place", ["relu", "relu"], True), ("late", ["relu", "relu"], False)],
)  # fmt: skip
@pytest.mark.parametrize("padding", [[2, 1], ["same", "same"]])
def test_padding_and_activations_in_words_of_ones_own(judged, name: str, activations: list, padding: list, right: bool) -> None:
    layers = [
        {"conv": filters, "kernel": kernel, "padding": amount, "activation": activation}
        for filters, kernel, amount, activation in zip((6, 4), (5, 3), padding, activations, strict=True)
    ]
    model = {"named": [name], "weights": [[6, 3, 5, 5], [6], [4, 6, 3, 3], [4]]}

    judgement = judged(architecture, {"model": model, "layers": layers, "input": [3, 12, 12]}, "written_out.py")

    assert judgement.status is (Status.PASS if right else Status.FAIL), judgement


@pytest.mark.parametrize(("name", "mistake"), [("LeNet5", "dropout-keeps-what-it-should-drop"), ("LeNet5Tuned", None)])
def test_what_the_script_makes_counts_and_not_what_the_rubric_could_make_of_it(judged, name: str, mistake: str | None) -> None:
    model = {"named": [name], "arguments": [{"p": 0.2}, {}]}

    assert judged(technique, {"model": model, "dropout": 0.2, **ROW}, "keeps_too_little.py").mistake == mistake


@pytest.mark.parametrize("file", ["first_word.py", "in_a_list.py"])
def test_a_word_of_the_command_line_and_nets_in_a_list(judged, file: str) -> None:
    judgement = judged(technique, {"model": {"named": ["Net"]}, "dropout": 0.2, **ROW}, file)

    assert judgement.status is Status.PASS, judgement


@pytest.mark.parametrize(("units", "right"), [(10, True), (9, False)])
def test_a_dense_layer_as_a_sum_of_products(judged, units: int, right: bool) -> None:
    model = {"named": ["summed"], "weights": [[432, 10], [10]]}
    declaration = {"model": model, "layers": [{"dense": units}], "input": [3, 12, 12]}

    assert (judged(architecture, declaration, "written_out.py").status is Status.PASS) is right


def test_reading_a_script_leaves_no_nan_in_its_nets(judged) -> None:
    judgement = judged(technique, {"model": {}, "batch_norm": True, "after": ["conv"], "input": [1, 28, 28]}, "standardized.py")

    assert judgement.status is Status.PASS, judgement


@pytest.mark.parametrize(("activation", "right"), [("relu", True), ("none", False)])
def test_an_activation_behind_a_product_is_sure(judged, activation: str, right: bool) -> None:
    model = {"named": ["rectified"], "weights": [[432, 10], [10]]}
    declaration = {"model": model, "layers": [{"dense": 10, "activation": activation}], "input": [3, 12, 12]}

    assert judged(architecture, declaration, "written_out.py").status is (Status.PASS if right else Status.FAIL)
