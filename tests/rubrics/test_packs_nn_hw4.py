"""The pack nn_hw4 as `grader rubric test` proves it: four samples in the real sandbox, and every labelled answer."""

from __future__ import annotations

from collections import Counter

from typer.testing import CliRunner

from grader.cli import app
from grader.pack import labelled_answers, load_pack

PACK = load_pack("nn_hw4")
WRITTEN = [question for question in PACK.rubric.questions if question.items]


def test_the_pack_is_proven() -> None:
    result = CliRunner().invoke(app, ["rubric", "test", "nn_hw4"])

    assert result.exit_code == 0, result.output
    for sample in ("right", "right-uk", "mistakes", "mistakes-uk"):
        assert f"sample {sample}: as expected" in result.output


def test_every_written_question_has_right_and_wrong_answers_in_english_and_in_ukrainian() -> None:
    counted = Counter((one.question, one.language, bool(one.applied)) for one in labelled_answers(PACK))

    assert len(WRITTEN) == 9
    for question in WRITTEN:
        for language in ("en", "uk"):
            assert counted[question.id, language, False] and counted[question.id, language, True], question.id
