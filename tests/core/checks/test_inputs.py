"""Preparations of images that a submission writes and the rubric does not know."""

from __future__ import annotations

import pytest

from grader.core.checks.inputs import Preprocessing, undeclared_normalization

DECLARED = [Preprocessing(), Preprocessing(mean=0.5, std=0.5), Preprocessing(mean=(0.49, 0.48, 0.45), std=(0.25, 0.24, 0.26))]


@pytest.mark.parametrize(
    "source",
    [
        "T.Normalize((0.5,), (0.5,))",
        "transforms.Normalize(mean=[0.5, 0.5, 0.5], std=[.5, .5, .5])",
        "Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))",
        "Normalize(0, 1)",
        "x = (x - 0.9) / 0.1",
        "layers.LayerNormalize(7)",
        "",
    ],
)
def test_known_or_not_written(source: str) -> None:
    assert undeclared_normalization({"train.py": source.encode()}, DECLARED) == ""


@pytest.mark.parametrize(
    "source",
    [
        "T.Normalize((0.1307,), (0.3081,))",
        "transforms.Normalize(mean, std)",
        "transforms.Normalize(mean=[0.7,\n 0.456, 0.406], std=[0.5, 0.5, 0.5])",
    ],
)
def test_unknown(source: str) -> None:
    assert undeclared_normalization({"hw.ipynb": source.encode()}, DECLARED) == " ".join(source.partition(".")[2].split())


def test_only_sources_are_read_and_long_ones_in_no_time() -> None:
    assert undeclared_normalization({"report.md": b"Normalize((0.1,), (0.2,))"}, DECLARED) == ""
    assert undeclared_normalization({"a.py": b"Normalize(" * 100_000, "b.py": b"Normalize" + b"(" * 100_000}, DECLARED) == ""
