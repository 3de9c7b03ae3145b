"""The pack nn_hw4, as `grader rubric test` proves it: its samples in the real sandbox, its labelled answers, its questions."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.core.answers.suggest import suggest
from grader.core.submission import Answer
from grader.pack import labelled_answers, load_pack
from worker.trusted.prove import check_sample, sample_folders
from worker.trusted.sandbox.backend import default_backend

PACK = load_pack("nn_hw4")
SAMPLES = {folder.name: folder for folder in sample_folders(PACK)}
WRITTEN = [question for question in PACK.rubric.questions if question.items]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gets_what_it_must(name: str) -> None:
    assert check_sample(PACK, SAMPLES[name], default_backend()) == []


def test_there_are_right_and_wrong_samples_in_english_and_in_ukrainian() -> None:
    assert set(SAMPLES) == {"right", "right-uk", "mistakes", "mistakes-uk"}


def test_every_written_question_has_right_and_wrong_answers_in_english_and_in_ukrainian() -> None:
    counted = Counter((one.question, one.language, bool(one.applied)) for one in labelled_answers(PACK))

    assert len(WRITTEN) == 9
    for question in WRITTEN:
        for language in ("en", "uk"):
            assert counted[question.id, language, False] and counted[question.id, language, True], question.id


@pytest.mark.parametrize(
    ("question", "item", "text"),
    [
        ("activation", "sigmoid-wrong", "Сигмоїда ніколи не насичується. У ReLU від'ємні входи не дають градієнта."),
        ("activation", "relu-wrong", "ReLU saturates for large positive inputs. Sigmoid vanishes at both ends."),
        ("mini-batches", "noise", "Mini-batches are noisier than SGD. They run in parallel on the GPU."),
        ("mini-batches", "noise", "У стохастичного спуску менше шуму, ніж у міні-батчів."),
        ("batch-norm", "what", "Вона випадково вимикає нейрони, щоб прискорити навчання."),
        ("cnn-vs-fc", "direction", "У CNN параметрів більше, ніж у повнозв'язної, хоча ваги спільні."),
        ("cnn-vs-fc", "reason", "A fully connected network has more, because it does not use pooling and dropout."),
        ("regularization", "l2", "Регуляризації в мережі немає."),
    ],
)
def test_a_wrong_answer_is_seen_and_nothing_else_is_deducted(question: str, item: str, text: str) -> None:
    items = suggest(PACK.rubric.question(question), Answer(question, text, "test"))
    deducted = {one.id for one in items if one.suggested == "deduct"}

    assert item in deducted and deducted <= {item, "dropout"}
