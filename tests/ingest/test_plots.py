"""The pictures beside an answer: plotted before the question, pasted into the answer; nobody else's."""

from __future__ import annotations

import base64
import json

import pytest

from grader.core.submission import Answer
from grader.ingest.answers import find_answers
from grader.ingest.plots import MAX_PLOTS, plots_of

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def picture(name: str, mime: str = "image/png") -> dict[str, str]:
    magic = PNG if mime == "image/png" else JPEG
    return {mime: base64.b64encode(magic + name.encode() + b"\0" * 20).decode()}


def code(*bundles: dict[str, object]) -> dict[str, object]:
    outputs = [{"output_type": "display_data", "data": bundle, "metadata": {}} for bundle in bundles]
    return {"cell_type": "code", "source": "plt.show()", "outputs": outputs, "metadata": {}, "execution_count": 1}


def markdown(text: str, **attachments: dict[str, str]) -> dict[str, object]:
    return {"cell_type": "markdown", "source": text, "metadata": {}, "attachments": attachments}


def notebook_of(*cells: dict[str, object]) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


FIRST = "## Inline Question 1:\nWhat if values of inverse dropout are not divided by p?\n\n## Answer:\nless"
SECOND = "## Inline Question 2:\nCompare accuracies with and without dropout as a regularizer.\n\n## Answer:\nhelps"


@pytest.fixture
def files() -> dict[str, bytes]:
    return {
        "Dropout.ipynb": notebook_of(
            code(picture("before all")),
            markdown(FIRST),
            code(picture("loss"), {"text/plain": "x"}),
            markdown("### Experiment"),
            code(picture("accuracy", "image/jpeg")),
            markdown(SECOND),
            markdown("![mine](attachment:a.png)", **{"a.png": picture("pasted")}),
            code(picture("next section")),
        )
    }


def names(files: dict[str, bytes], answer: Answer) -> list[str]:
    return [plot.data.strip(b"\0").removeprefix(PNG).removeprefix(JPEG).decode() for plot in plots_of(files, answer)]


def test_from_the_question_before_to_the_end_of_the_answer(files, slots) -> None:
    answers, _ = find_answers(files, slots)
    assert names(files, answers["dropout-inline-2"]) == ["loss", "accuracy", "pasted"]
    assert names(files, answers["dropout-inline-1"]) == ["before all"]
    plots = plots_of(files, answers["dropout-inline-2"])
    assert [(plot.mime, plot.cell) for plot in plots] == [("image/png", 3), ("image/jpeg", 5), ("image/png", 7)]


def test_a_picture_in_the_text_itself(slots) -> None:
    inline = "![](data:image/png;base64," + picture("inline")["image/png"] + ")"
    files = {"Dropout.ipynb": notebook_of(markdown(f"{FIRST}\n{inline}"))}
    answer = find_answers(files, slots)[0]["dropout-inline-1"]
    assert names(files, answer) == ["inline"] and "base64" not in answer.text


def test_nbformat_3(slots) -> None:
    cell = {
        "cell_type": "code",
        "input": "plot()",
        "outputs": [{"output_type": "display_data", "png": picture("old")["image/png"]}],
    }
    sheet = {"cells": [cell, {"cell_type": "markdown", "source": FIRST}]}
    files = {"Dropout.ipynb": json.dumps({"worksheets": [sheet], "nbformat": 3, "nbformat_minor": 0}).encode()}
    assert names(files, find_answers(files, slots)[0]["dropout-inline-1"]) == ["old"]


@pytest.mark.parametrize(
    "bundle",
    [
        {"image/png": base64.b64encode(b"<svg onload=alert(1)>").decode()},
        {"image/svg+xml": "<svg/>"},
        {"image/png": "not base64 at all!"},
        {"image/png": 7},
        {"image/png": base64.b64encode(PNG + b"\0" * (5 << 20)).decode()},
        [],
    ],
)
def test_what_is_no_picture_or_too_large(bundle, slots) -> None:
    files = {"Dropout.ipynb": notebook_of(code(bundle), markdown(FIRST))}
    assert plots_of(files, find_answers(files, slots)[0]["dropout-inline-1"]) == ()


def test_the_last_ones_of_too_many(slots) -> None:
    files = {"Dropout.ipynb": notebook_of(*(code(picture(str(n))) for n in range(40)), markdown(FIRST))}
    answer = find_answers(files, slots)[0]["dropout-inline-1"]
    assert names(files, answer) == [str(n) for n in range(40 - MAX_PLOTS, 40)]


def test_cells_that_were_pointed_at(files) -> None:
    assert names(files, Answer("q", "x", "Dropout.ipynb, cells 4, 5")) == ["loss", "accuracy"]


@pytest.mark.parametrize(
    "source", ["form", "answers.txt", "a2.pdf, page 3", "Other.ipynb, cell 2", "Dropout.ipynb, cell 99"]
)
def test_no_plots_elsewhere(files, source: str) -> None:
    assert plots_of(files, Answer("q", "x", source)) == ()


def test_a_notebook_that_cannot_be_read() -> None:
    assert plots_of({"a.ipynb": b"{"}, Answer("q", "x", "a.ipynb, cell 1")) == ()
