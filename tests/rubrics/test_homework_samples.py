"""The packs of the seeds are whole: right and wrong samples (`test_packs_*.py` grade them), rules that agree with their labels."""

from __future__ import annotations

import pytest

from grader.core.answers.labelled import prove_answers
from grader.pack import labelled_answers, load_pack
from worker.trusted.prove import lint, sample_folders

PACKS = ("nn_hw4", "cv_hw")  # dl_hw1: test_packs_dl_hw1.py


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_has_right_and_wrong_samples_and_its_rules_agree_with_its_labels(pack: str) -> None:
    loaded = load_pack(pack)
    names = {folder.name for folder in sample_folders(loaded)}

    assert any(name.startswith("right") for name in names) and "mistakes" in names
    assert lint(loaded) == []
    assert prove_answers(loaded.rubric, labelled_answers(loaded)).problems == ()
