"""The pack `dl_hw1` proves itself: its rules on labelled answers, and its samples through the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.answers.labelled import prove_answers
from grader.pack import labelled_answers, load_pack
from worker.trusted.prove import check_sample, lint, sample_folders
from worker.trusted.sandbox.backend import default_backend

PACK = load_pack("dl_hw1")
SAMPLES = sample_folders(PACK)


def test_right_and_wrong_samples_in_both_languages_of_the_homework() -> None:
    assert {folder.name for folder in SAMPLES} == {"right", "mistakes", "hebrew", "hebrew-mistakes"}
    assert lint(PACK) == []


def test_no_rule_suggests_against_a_labelled_answer() -> None:
    labelled = labelled_answers(PACK)
    written = {question.id for question in PACK.rubric.questions if question.items}

    assert prove_answers(PACK.rubric, labelled).problems == ()
    for language in ("en", "he"):
        assert {one.question for one in labelled if one.language == language and not one.applied} == written
        assert {one.question for one in labelled if one.language == language and one.applied} == written


@pytest.mark.parametrize("folder", SAMPLES, ids=[folder.name for folder in SAMPLES])
def test_a_sample_gets_what_it_must(folder: Path) -> None:
    assert check_sample(PACK, folder, default_backend()) == []
