"""Which file is meant: by its own name first, by the most telling pattern first, whatever its case and its separators."""

from __future__ import annotations

import pytest

from grader.core.checks.weight_files import find_weights, first_fitting, weights_in
from grader.core.result import Status


@pytest.mark.parametrize(
    ("paths", "patterns", "found"),
    [
        (["LeNet Batch-Norm.PT"], ["*batch*norm*"], ["LeNet Batch-Norm.PT"]),
        (["models/batch_norm/best.pth", "models/base/best.pth"], ["*batch*norm*"], ["models/batch_norm/best.pth"]),
        (["base/dropout.pt", "other/baseline.pt"], ["*base*"], ["other/baseline.pt"]),
        (["bn.pt", "batchnorm.pt"], ["*batch*norm*", "*bn*"], ["batchnorm.pt"]),
        (["wd.pt"], ["wd"], ["wd.pt"]),
        (["model.weights.h5"], ["model"], ["model.weights.h5"]),
        (["a.pt"], ["*b*"], []),
    ],
)
def test_names(paths: list[str], patterns: list[str], found: list[str]) -> None:
    assert first_fitting(paths, patterns) == found


def test_only_saved_weights_count_those_on_top_first() -> None:
    assert weights_in(["deep/er/a.pt", "b.keras", "net.py", "c.SAFETENSORS"]) == [
        "b.keras",
        "c.SAFETENSORS",
        "deep/er/a.pt",
    ]


def test_none_handed_in_is_missing_and_an_unclear_name_is_for_a_ta() -> None:
    assert find_weights(["*base*"], [], ["net.py"]).status is Status.MISSING
    assert find_weights(["*base*"], ["*drop*"], ["dropout.pt"]).status is Status.MISSING
    assert find_weights(["*base*"], ["*drop*"], ["dropout.pt", "model_1.pt"]).unread


def test_what_may_be_saved_weights_of_another_form_is_not_missing() -> None:
    assert find_weights(["*base*"], [], ["base.pth.tar"]) == ["base.pth.tar"]
    assert find_weights(["*base*"], ["*drop*"], ["base.pkl", "dropout.pt"]).unread
    assert find_weights(["*base*"], [], ["base.py", "base_log.csv", "base.png", "runs/base"]).status is Status.MISSING
