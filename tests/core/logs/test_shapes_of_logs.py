"""Logs in the shapes in which students hand them in (`tests/corpus/logs`): what is right is called right, what is wrong is
called wrong, and what is not understood is for a TA."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.checks.curves import Curves, run
from grader.core.checks.kind import Context
from grader.core.submission import Answer, Submission

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "logs"
ONE = {"parts": {"present": 2, "axes": 1, "epochs": 1, "overfitting": 1}}
FOUR = {
    "runs": {
        "baseline": {"named": ["base", "vanilla", "plain", "original", "none", "no regularization", "no reg", "ללא רגולריזציה"]},
        "batch norm": {"named": ["bn", "batch normalization", "batchnorm", "נרמול אצווה"]},
        "dropout": {"named": ["drop", "דרופאאוט"]},
        "weight decay": {"named": ["wd", "l2", "decay", "דעיכת משקולות"]},
    },
    "metrics": {"accuracy": {}, "loss": {"of": []}},
    "parts": {"present": 2, "axes": 1, "epochs": 1},
}


def hand_ins(group):
    """One of each folder: (what it must be called, folder)."""
    return [
        pytest.param(expected.name, folder, id=f"{expected.name}-{folder.name}")
        for expected in sorted((CORPUS / group).iterdir())
        for folder in sorted(expected.iterdir())
    ]


def called(folder, declared):
    """"right", "wrong" or "open", and why."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    answers = {"discussion": Answer("discussion", "No word.", "form")}
    context = Context(None, "core", 0, submission=Submission(files, answers))
    with pytest.raises(StopIteration) as ended:
        next(run(Curves(report="discussion", epochs=80, **declared), context))
    judgement = ended.value.value
    return ("open" if judgement.unread else "right" if judgement.credit >= 1 - 1e-9 else "wrong"), judgement.message


@pytest.mark.parametrize(("expected", "folder"), hand_ins("one"))
def test_one_run(expected, folder):
    found, why = called(folder, ONE)
    assert found == expected, why


@pytest.mark.parametrize(("expected", "folder"), hand_ins("four"))
def test_four_runs(expected, folder):
    found, why = called(folder, FOUR)
    assert found == expected, why
