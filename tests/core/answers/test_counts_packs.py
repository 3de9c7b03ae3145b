"""The counting questions of dl_hw1 and cv_hw: labelled answers, torch's own counts, and the answers of the seed documents."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from grader.core.answers.counts import read
from grader.core.answers.finding import Finding
from grader.core.answers.labelled import prove_answers
from grader.core.answers.suggest import suggest
from grader.core.submission import Answer
from grader.ingest.answers import find_answers
from grader.pack import labelled_answers, load_pack

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"
QUESTIONS = {"dl_hw1": "cnn-parameters", "cv_hw": "cheaper-kernel"}
LANGUAGES = {"dl_hw1": {"en", "he"}, "cv_hw": {"en", "uk"}}
OPEN = {"cv_hw": {"discussion", "proposal-count"}, "dl_hw1": set()}
"""What a TA decides: what is written about a design, and a design that the pack does not know."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_labelled_answers_are_decided_as_labelled(name: str) -> None:
    pack = load_pack(name)
    question = pack.rubric.question(QUESTIONS[name])
    own = [answer for answer in labelled_answers(pack) if answer.question == question.id]
    assert not prove_answers(pack.rubric, own).problems
    assert {answer.language for answer in own} == LANGUAGES[name] and len(own) >= 8
    for answer in own:
        items = suggest(question, Answer(question.id, answer.text, "test"))
        assert {item.id for item in items if item.suggested == "deduct"} == set(answer.applied), answer.text
        assert {item.id for item in items if item.suggested == "unknown"} <= OPEN[name], answer.text


def findings(name: str, answer: str) -> dict[str, Finding]:
    counts = load_pack(name).rubric.question(QUESTIONS[name]).counts
    assert counts is not None
    return dict(read(counts, answer))


def test_the_net_s_figures_are_torch_s() -> None:
    layers = [torch.nn.Conv2d(a, b, 3, stride=2, device="meta") for a, b in ((3, 100), (100, 200), (200, 400))]
    sizes = [sum(parameter.numel() for parameter in layer.parameters()) for layer in layers]
    found = findings("dl_hw1", " + ".join(map(str, sizes)) + f" = {sum(sizes)}")
    assert all(finding.value for finding in found.values())


@pytest.mark.parametrize(
    ("padding", "designs"),
    [
        (True, [[(7, 7)], [(7, 1), (1, 7)], [(3, 1), (1, 3), (5, 1), (1, 5), (7, 1), (1, 7)]]),
        (False, [[(7, 7)], [(7, 1), (1, 7)], [(3, 1), (1, 3), (5, 1), (1, 5), (7, 1), (1, 7)]]),
        (False, [[(7, 7)], [(1, 7), (7, 1)], [(7, 1), (1, 7), (5, 1), (1, 5), (3, 1), (1, 3)]]),
        (True, [[(7, 7)], [(7, 1), (1, 7)], [(3, 3)] * 3]),
        (False, [[(7, 7)], [(7, 1), (1, 7)], [(3, 3)] * 3]),
        (False, [[(7, 7)], [(7, 1), (1, 7)], [(3, 1), (1, 3)] * 3]),
        (False, [[(7, 7)], [(7, 1), (1, 7)], [(5, 5), (3, 3)]]),
        (False, [[(7, 7)], [(7, 1), (1, 7)], [(3, 3), (5, 5)]]),
    ],
)
def test_the_kernels_figures_are_those_of_torch_s_outputs(padding: bool, designs: list[list[tuple[int, int]]]) -> None:
    figures = [multiplications(design, padding) for design in designs]
    found = findings("cv_hw", "Plain: {}. Separable: {}. My own design: {}.".format(*figures))
    assert all(finding.value for finding in found.values()), figures


@pytest.mark.parametrize("padding", [True, False])
@pytest.mark.parametrize(("side", "channels"), [(32, 1), (28, 1), (64, 3), (224, 3), (100, 1), (12, 1)])
def test_the_image_may_have_any_size(side: int, channels: int, padding: bool) -> None:
    designs = [[(7, 7)], [(7, 1), (1, 7)], [(3, 3)] * 3]
    plain, separable, own = (multiplications(design, padding, side, channels) for design in designs)
    text = f"On {side}x{side}x{channels}: Plain: {{}} multiplications. Separable: {{}} multiplications. Mine: {{}}."
    found = findings("cv_hw", text.format(plain, separable, own))
    assert all(finding.value for finding in found.values()), text
    assert f"judged with {side} for the image's side" in found["plain"].reason
    slipped = findings("cv_hw", text.format(plain, separable + 100, own))
    assert (slipped["plain"].value, slipped["separable"].value) == (True, False)


def multiplications(design: list[tuple[int, int]], padding: bool, side: int = 20, channels: int = 1) -> int:
    """One multiplication for every output and every weight, of kernels one after the other, each channel by itself."""
    image, count = torch.empty(1, channels, side, side, device="meta"), 0
    for kernel in design:
        convolution = torch.nn.Conv2d(
            channels, channels, kernel, padding="same" if padding else "valid", groups=channels, device="meta"
        )
        image = convolution(image)
        count += image.numel() * kernel[0] * kernel[1]
    return count


@pytest.fixture(scope="module")
def seed_answers() -> dict[str, str]:
    answers = {}
    for name, number in (("dl_hw1", "002"), ("cv_hw", "004")):
        [seed] = SEEDS.glob(f"{number}_*.txt")
        slots = tuple(question.answer for question in load_pack(name).rubric.questions if question.answer)
        answers[name] = find_answers({"homework.txt": seed.read_bytes()}, slots)[0][QUESTIONS[name]].text
    return answers


@pytest.mark.seeds
@pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository")
def test_the_seed_s_parameters_are_all_right(seed_answers: dict[str, str]) -> None:
    found = findings("dl_hw1", seed_answers["dl_hw1"])
    assert {name: finding.value for name, finding in found.items()} == dict.fromkeys(found, True)
    assert found["l2"].quotes[0] == r"901 \times 200 = 180,200"


@pytest.mark.seeds
@pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository")
def test_the_seed_s_multiplications_are_right_for_same_padding(seed_answers: dict[str, str]) -> None:
    found = findings("cv_hw", seed_answers["cv_hw"])
    assert [found[name].value for name in ("plain", "separable", "proposal", "equalities")] == [True] * 4
    assert "19,600" in found["plain"].reason and "'same' padding" in found["plain"].reason
    assert found["proposal"].quotes[0].endswith("= 12000")
    assert found["padding"].value is False  # it gives 14x14 as the size of what it counts for 20x20


@pytest.mark.seeds
@pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository")
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_seed_loses_a_point(seed_answers: dict[str, str], name: str) -> None:
    question = load_pack(name).rubric.question(QUESTIONS[name])
    items = suggest(question, Answer(question.id, seed_answers[name], "test"))
    assert all(item.points == 0 for item in items if item.suggested == "deduct")
    assert {item.id for item in items if item.suggested == "unknown"} <= {"discussion"}
