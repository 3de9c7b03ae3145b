"""The pack's samples are what their `expect.yaml` says, judged here by torch and finite differences, without the service.

The right ones run in this process on core and edge cases. Of the faulty ones only what is harmless runs here: nothing of
`hostile`, and nothing that never ends.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from sample_judge import LayerJudge
from sample_nets import NetJudge

SAMPLES = Path(__file__).parents[2] / "rubrics" / "cs231n_a2" / "samples"
NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
STATUSES = {"pass", "fail", "missing", "error", "timeout", "memory", "unread"}
RIGHT = ["right-2021", "right-2018", "right-2016", "loose-files"]
RUN_HERE = [*RIGHT, "many-mistakes"]
ONLY_EDGE_CASES_FAIL = {("many-mistakes", "max_pool_backward_naive")}
NET = "fc-net.loss-and-gradients"


def expectations(sample: str) -> dict:
    return YAML(typ="safe").load((SAMPLES / sample / "expect.yaml").read_text())


def expected_statuses(sample: str, function: str) -> list[str]:
    """What is not listed must pass; the deep net without extras is listed under its own check."""
    expected = expectations(sample)
    entry = expected.get("functions", {}).get(function, {"status": "pass"})
    if function == "FullyConnectedNet":
        entry = expected.get("checks", {}).get(NET, entry)
    return entry["status"] if isinstance(entry["status"], list) else [entry["status"]]


CHECKS = [name for judge in (LayerJudge, NetJudge) for name in vars(judge) if name.startswith("check_")]
JUDGED = sorted(name.removeprefix("check_") for name in CHECKS)


@pytest.mark.parametrize("sample", NAMES)
def test_expectations_are_well_formed(sample):
    expected = expectations(sample)
    assert {"about", "score", "answers"} <= set(expected) <= {"about", "set", "score", "answers", "functions", "checks"}
    assert set(expected.get("functions", {})) <= set(JUDGED)
    for entry in (*expected.get("functions", {}).values(), *expected.get("checks", {}).values()):
        assert {"status"} <= set(entry) <= {"status", "mistake"}
        statuses = entry["status"] if isinstance(entry["status"], list) else [entry["status"]]
        assert set(statuses) <= STATUSES


def test_every_kind_of_sample_is_there():
    assert set(NAMES) == {*RIGHT, "stubs", "many-mistakes", "messy", "hostile"}


def judged(importer, scope, sample, function):
    """The status of one function as far as this process can tell."""
    if not any(hasattr(module, function) for module in importable(importer)):
        return "missing"
    forward = function.replace("backward", "forward").removesuffix("_alt")
    keeps = expectations(sample).get("set", {}).get("dropout_p") != "drop"
    own_forward = forward != function and expected_statuses(sample, forward) == ["fail"]
    judge = NetJudge(importer, scope) if function.endswith("Net") else LayerJudge(importer, scope, keeps, own_forward)
    try:
        getattr(judge, f"check_{function}")()
    except AssertionError:
        return "fail"
    return "pass"


def importable(importer):
    for name in ("layers", "layer_utils", "optim", "classifiers.fc_net", "classifiers.cnn"):
        with contextlib.suppress(ModuleNotFoundError):
            yield importer(f"cs231n.{name}")


def absent(sample, function):
    """Editions from 2020 on have no TwoLayerNet here; nothing in the pack asks for it."""
    return function == "TwoLayerNet" and sample in ("right-2021", "loose-files")


CASES = [(s, f) for s in RUN_HERE for f in JUDGED if not absent(s, f)]


@pytest.mark.parametrize(("sample", "function"), CASES)
def test_core_cases_end_as_expected(sample_course, sample, function):
    assert judged(sample_course(sample), "core", sample, function) in expected_statuses(sample, function)


@pytest.mark.parametrize(("sample", "function"), [case for case in CASES if case[0] in RIGHT])
def test_edge_cases_end_as_expected(sample_course, sample, function):
    assert judged(sample_course(sample), "edge", sample, function) in expected_statuses(sample, function)


@pytest.mark.parametrize(("sample", "function"), sorted(ONLY_EDGE_CASES_FAIL))
def test_mistakes_that_only_edge_cases_show(sample_course, sample, function):
    importer = sample_course(sample)
    assert judged(importer, "core", sample, function) == "pass"
    assert judged(importer, "edge", sample, function) == "fail"


def inline_questions(path):
    cells = json.loads(path.read_text())["cells"]
    return sum(line.startswith("## Inline Question") for cell in cells for line in "".join(cell["source"]).splitlines())


@pytest.mark.parametrize("folder", ["right-2021/assignment2", "stubs/assignment2"])
def test_notebooks_ask_all_ten_questions(folder):
    counts = {path.stem: inline_questions(path) for path in (SAMPLES / folder).glob("*.ipynb")}
    assert counts == {"FullyConnectedNets": 3, "BatchNormalization": 4, "Dropout": 3}


def test_the_stubs_do_nothing(sample_course):
    layers = sample_course("stubs")("cs231n.layers")
    assert layers.affine_forward(np.ones((2, 3)), np.ones((3, 4)), np.ones(4))[0] is None
    assert layers.conv_backward_naive(None, None) == (None, None, None)


def test_the_messy_one_is_messy():
    code = next((SAMPLES / "messy").rglob("layers.py")).read_text()
    assert "def layernorm_backward" not in code
    assert "raise NotImplementedError" in code
    with pytest.raises(SyntaxError, match="print"):
        compile(next((SAMPLES / "messy").rglob("cnn.py")).read_text(), "cnn.py", "exec")
