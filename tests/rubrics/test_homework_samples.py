"""The samples of the seeds' packs get, through the sandbox, exactly what their `expect.yaml` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.answers.labelled import prove_answers
from grader.pack import labelled_answers, load_pack
from worker.trusted.prove import check_sample, lint, sample_folders
from worker.trusted.sandbox.backend import default_backend

PACKS = ("dl_hw1", "nn_hw4", "cv_hw")
PROVEN_ELSEWHERE = {"dl_hw1", "nn_hw4"}  # test_packs_*.py
SAMPLES = [(pack, folder) for pack in PACKS if pack not in PROVEN_ELSEWHERE for folder in sample_folders(load_pack(pack))]


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_has_right_and_wrong_samples_and_its_rules_agree_with_its_labels(pack: str) -> None:
    loaded = load_pack(pack)
    names = {folder.name for folder in sample_folders(loaded)}

    assert any(name.startswith("right") for name in names) and "mistakes" in names
    assert lint(loaded) == []
    assert prove_answers(loaded.rubric, labelled_answers(loaded)).problems == ()


@pytest.mark.parametrize(("pack", "folder"), SAMPLES, ids=[f"{pack}-{folder.name}" for pack, folder in SAMPLES])
def test_a_sample_gets_what_it_must(pack: str, folder: Path) -> None:
    assert check_sample(load_pack(pack), folder, default_backend()) == []
