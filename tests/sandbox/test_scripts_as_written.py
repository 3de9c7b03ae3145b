"""Training scripts as different students write them: right ones reach their points, wrong ones none, and what cannot be said
costs nothing. What a script prints about itself counts for nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.core.checks.kind import Budget, Context
from grader.core.checks.training import Training, run
from grader.core.checks.watched import Trace, take
from grader.core.result import Status
from grader.core.submission import Submission
from grader.datasets import load_image_set
from worker.trusted.checks import drive
from worker.trusted.sandbox.backend import MB, Limits
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import open_session

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "scripts"
FLAT = (CORPUS / "right" / "flat_with_figures.py").read_text()
NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# Training"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install torch\n", "undefined_name"]},
        *({"cell_type": "code", "source": part} for part in FLAT.split("\nimport matplotlib")[:1]),
        {"cell_type": "code", "source": "import matplotlib" + FLAT.partition("\nimport matplotlib")[2]},
    ],
}
HUNGRY = """import torch
x = [torch.ones(64 << 20) for _ in range(40)]
torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 0.1).step()
"""
FILES = {path.name: path.read_bytes() for path in sorted(CORPUS.rglob("*.*"))}
FILES |= {"notebook.ipynb": json.dumps(NOTEBOOK).encode(), "hungry.py": HUNGRY.encode()}


def names(part):
    return sorted(path.name for path in (CORPUS / part).glob("*.py"))


@pytest.fixture(scope="module")
def images():
    return load_image_set("digits", None)


@pytest.fixture(scope="module")
def train(tmp_path_factory, images):
    """`train("flat.py", …)` in one sandbox for all."""
    folder = tmp_path_factory.mktemp("code")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    sessions = []

    def judge(script, limits=None, seconds=100, **more):
        if limits is not None or not sessions or not sessions[-1].alive:
            sessions.append(open_session(Bubblewrap(), folder, torch=True, **({"limits": limits} if limits else {})))
        declared = {"full_at": 0.5, "zero_at": 0.25, "every": 0.2, "budget": Budget(seconds=seconds)} | more
        declaration = Training(script=(script,), dataset="digits", **declared)
        context = Context(None, "core", 3, data=images, submission=Submission(FILES, {}))
        return drive(run(declaration, context), sessions[-1])

    yield judge
    for session in sessions:
        session.close()


@pytest.mark.parametrize("script", [*names("right"), "notebook.ipynb"])
def test_a_right_script_gets_its_points(train, script):
    judgement = train(script)
    assert judgement.status is Status.PASS and judgement.credit == 1, judgement


@pytest.mark.parametrize("script", names("wrong"))
def test_a_wrong_one_gets_none_whatever_it_prints(train, script):
    judgement = train(script)
    assert not judgement.unread and judgement.credit == 0, judgement


@pytest.mark.parametrize("script", names("unread"))
def test_what_nobody_can_say_is_for_a_ta_with_the_reason(train, script):
    judgement = train(script)
    assert judgement.unread and judgement.credit is None, judgement
    assert FILES[script].decode().partition("\n")[0].removeprefix("# expected: ") in judgement.message, judgement


def test_only_nets_with_the_layers_that_are_asked_for_count(train):
    """A dense net learns, a convolution that is a function of its own weights does not."""
    assert train("by_layers.py").credit == 1
    assert train("by_layers.py", layers=["conv"]).credit == 0
    judgement = train("by_layers.py", layers=["norm"])
    assert judgement.unread and "none with a normalization was seen" in judgement.message


def test_the_budget_without_the_gpu_that_the_course_gives_costs_nothing(train):
    judgement = train("eighty_epochs_slow.py", budget=Budget(seconds=2, device="gpu"), full_at=1.0)
    assert judgement.unread and "gives it a GPU, there was none" in judgement.message, judgement
    ordinary = train("eighty_epochs_slow.py", seconds=2, full_at=1.0)
    assert "GPU" not in ordinary.message


def test_more_memory_than_the_budget_has_is_said(train):
    judgement = train("hungry.py", limits=Limits(wall=100, memory=2048 * MB), budget=Budget(seconds=60, memory_mb=2048))
    assert judgement.unread and "more than the 2048 MB of memory" in judgement.message, judgement


def test_claims_have_no_more_guesses_than_ways(images):
    labels, trace = images.y_hidden, Trace(0)
    guesses = [[digit] * len(labels) for digit in range(10)]
    take({"looks": [{"labels": guesses, "step": 1}], "steps": 1}, trace, labels, 4)
    assert not trace.seen
    take({"looks": [{"labels": guesses[:4], "step": 1}], "steps": 1}, trace, labels, 4)
    assert len(trace.seen) == 1
