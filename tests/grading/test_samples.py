"""Each of the pack's samples gets, through the sandbox, exactly what its `expect.yaml` says."""

import pytest

from grader.pack import load_pack
from worker.trusted.prove import check_sample, sample_folders
from worker.trusted.sandbox.backend import default_backend

PACK = load_pack("cs231n_a2")
FOLDERS = sample_folders(PACK)


def test_there_are_good_and_bad_samples():
    names = {folder.name for folder in FOLDERS}
    assert {"right-2016", "right-2018", "right-2021", "loose-files", "stubs", "many-mistakes", "messy", "hostile"} <= names


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_sample_gets_what_it_must(folder):
    assert check_sample(PACK, folder, default_backend()) == []
