"""The pack cs231n_a2_pytorch: a notebook with five nets that all are called `model`, each judged where it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.core.answers.labelled import prove_answers
from grader.core.result import Status
from grader.ingest.submission import read_submission
from grader.pack import labelled_answers, load_pack
from worker.trusted.grade import grade
from worker.trusted.prove import check_sample, lint, sample_folders
from worker.trusted.sandbox.backend import default_backend

PACK = load_pack("cs231n_a2_pytorch")
SAMPLES = {folder.name: folder for folder in sample_folders(PACK)}
NETS = frozenset({"barebones-net", "module-net", "sequential-net"})


@pytest.mark.parametrize("name", ["right", "mistakes"])
def test_a_sample_gets_what_it_must(name: str) -> None:
    assert check_sample(PACK, SAMPLES[name], default_backend()) == []


def test_the_rules_agree_with_the_labels() -> None:
    assert lint(PACK) == []
    assert prove_answers(PACK.rubric, labelled_answers(PACK)).problems == ()


def nets_of(book: dict, folder: Path) -> dict[str, set[Status]]:
    """What the three questions about the three-layer net get."""
    (folder / "PyTorch.ipynb").write_text(json.dumps(book))
    submission = read_submission(folder, PACK.rubric.code.layout, ())
    result = grade(submission, PACK, backend=default_backend(), variables={"dataset": "digits-colour"}, only=NETS)
    return {one.id: {check.status for check in one.checks} for one in result.questions if one.id in NETS}


def test_a_notebook_that_counts_on_fifty_thousand_images_is_read_all_the_same(tmp_path: Path) -> None:
    text = (SAMPLES["right"] / "PyTorch.ipynb").read_text()
    published = text.replace("len(images) - held_back", "49000").replace("len(images)", "50000")

    assert text != published and nets_of(json.loads(published), tmp_path) == {net: {Status.PASS} for net in NETS}


@pytest.mark.parametrize("dropped", ["class ThreeLayerConvNet", "def three_layer_convnet", "channel_1, channel_2 = 32, 16"])
def test_no_net_is_judged_in_the_place_of_another(dropped: str, tmp_path: Path) -> None:
    book = json.loads((SAMPLES["right"] / "PyTorch.ipynb").read_text())
    book["cells"] = [cell for cell in book["cells"] if dropped not in "".join(cell["source"])]

    nets = nets_of(book, tmp_path)

    lost = {"class": "module-net", "def": "barebones-net"}.get(dropped.split()[0], "sequential-net")
    assert {name for name, statuses in nets.items() if statuses != {Status.PASS}} == {lost}
