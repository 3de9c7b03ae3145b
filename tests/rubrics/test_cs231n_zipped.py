"""A sample handed in as a zip is the same submission as its folder: same files, same answers."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from grader.ingest.code import code_tree
from grader.ingest.submission import read_submission
from grader.pack import load_pack

SAMPLES = Path(__file__).parents[2] / "rubrics" / "cs231n_a2" / "samples"
WITH_CODE = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def rubric():
    return load_pack("cs231n_a2").rubric


@pytest.fixture
def read(rubric):
    slots = tuple(question.answer for question in rubric.questions if question.answer is not None)
    return lambda path: read_submission(path, rubric.code.layout, slots)


@pytest.mark.parametrize("sample", WITH_CODE)
def test_a_zip_reads_as_its_folder_does(read, rubric, sample, tmp_path):
    zipped = tmp_path / f"{sample}.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((SAMPLES / sample).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, Path(sample) / path.relative_to(SAMPLES / sample))
    from_folder, from_zip = read(SAMPLES / sample), read(zipped)
    layout = rubric.code.layout
    assert dict(code_tree(from_zip.files, layout).files) == dict(code_tree(from_folder.files, layout).files)
    assert {name: a.text for name, a in from_zip.answers.items()} == {n: a.text for n, a in from_folder.answers.items()}


def test_all_ten_answers_are_found_whatever_their_layout(read):
    answers = read(SAMPLES / "right-2021").answers
    assert len(answers) == 10
    assert all(len(answer.text) > 100 and "FILL THIS IN" not in answer.text for answer in answers.values())
    assert answers["bn-inline-3"].text.startswith("Batch normalization: (3)")


def test_placeholders_are_no_answers(read):
    assert not read(SAMPLES / "stubs").answers
