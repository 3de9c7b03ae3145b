"""Which net of a notebook counts for `training`: those below a heading; looks are handed over by hand, without a process."""

from __future__ import annotations

import json

import numpy as np
import pytest

from grader.core.checks.images import ImageSet
from grader.core.checks.kind import Context
from grader.core.checks.sections import cell_below
from grader.core.checks.training import Training, run
from grader.core.observation import Outcome, Reply
from grader.core.result import Status
from grader.core.submission import Submission
from grader.core.verdict import Judgement

LABELS = np.arange(1000) % 10
IMAGES = ImageSet("digits", np.zeros((1000, 2, 2), np.uint8), LABELS, np.zeros((1000, 2, 2), np.uint8), LABELS, 10)
CELLS = [("markdown", "# Part IV. Sequential"), ("code", "optimizer.step()"), ("markdown", "# Part V. Open-ended"), ("code", "")]


def notebook(*cells: tuple[str, str]) -> bytes:
    return json.dumps({"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells]}).encode()


def look(net: int, cell: int | None, accuracy: float) -> dict[str, object]:
    labels = np.where(np.arange(1000) < 1000 * accuracy, LABELS, (LABELS + 1) % 10)
    return {"net": net, "cell": cell, "labels": labels[None], "step": 10, "seconds": 1.0, "worked": 1.0}


def judged(
    file: str, content: bytes, *turns: list[dict[str, object]], error: dict[str, object] | None = None
) -> tuple[Judgement, int]:
    """The verdict when the sandbox tells of these looks, turn by turn; and how many turns were asked for."""
    declaration = Training(dataset="digits", full_at=0.7, zero_at=0.4, section=("part v", "open-ended"))
    check = run(declaration, Context(None, "core", 0, data=IMAGES, submission=Submission({file: content}, {})))
    left, asked, request = list(turns), 0, next(check)
    while True:
        values: tuple[object, ...] = ()
        target = getattr(request, "target", "")
        if target.endswith("start"):
            values = (True,)
        elif target.endswith("next"):
            asked += 1
            looks = left.pop(0)
            values = ({"looks": looks, "ended": not left, "error": error, "cell": 2 if error else None, "steps": 10, "notes": []},)
        try:
            request = check.send(Reply(Outcome.OK, values, seconds=1.0))
        except StopIteration as ended:
            return ended.value, asked


def test_another_net_of_the_notebook_earns_nothing_and_ends_nothing() -> None:
    judgement, asked = judged("a.ipynb", notebook(*CELLS), [look(0, 2, 0.9)], [look(1, 4, 0.3)], [look(0, 2, 0.9), look(1, 4, 0.4)])

    assert judgement.status is Status.FAIL and judgement.credit == 0 and asked == 3


def test_the_net_below_the_heading_counts_and_ends_the_run() -> None:
    judgement, asked = judged("a.ipynb", notebook(*CELLS), [look(0, 2, 0.1)], [look(1, 4, 0.75)], [])

    assert judgement.status is Status.PASS and asked == 2


@pytest.mark.parametrize("error", [None, {"type": "ValueError", "message": "x"}])
def test_nothing_trained_below_the_heading_is_for_a_ta(error) -> None:
    judgement, _ = judged("a.ipynb", notebook(*CELLS), [look(0, 2, 0.9)], error=error)

    assert judgement.unread and "below the heading (part v or open-ended)" in judgement.message


@pytest.mark.parametrize(("file", "content"), [("a.py", b"optimizer.step()"), ("a.ipynb", notebook(*CELLS[:2]))])
def test_without_a_heading_one_net_is_judged_and_several_are_for_a_ta(file: str, content: bytes) -> None:
    one, _ = judged(file, content, [look(0, None, 0.55)], [look(0, None, 0.55)])
    several, asked = judged(file, content, [look(0, None, 0.9)], [look(1, None, 0.2)])

    assert one.status is Status.FAIL and one.credit == pytest.approx(0.5)
    assert several.unread and "says which is meant" in several.message and asked == 2


def test_headings_are_lines_of_markdown() -> None:
    contents = ("markdown", "Contents:\n1. Part V, open-ended")
    comment = ("code", "# Part V")

    assert cell_below(notebook(contents, comment, ("markdown", "text\n ## PART V. A net")), ("part v",)) == 3
    assert cell_below(notebook(contents, comment), ("part v",)) is None
    assert cell_below(b'{"worksheets": [{"cells": [{"cell_type": "heading", "source": "Part V"}]}]}', ("part v",)) == 1
    number = b'{"cells": [{"cell_type": "markdown", "source": [1]}]}'
    for broken in (b"", b"[]", b'{"cells": 3}', b'{"cells": [3]}', number, b"x = 1"):
        assert cell_below(broken, ("part v",)) is None
