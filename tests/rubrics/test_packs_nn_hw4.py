"""The pack nn_hw4, as `grader rubric test` proves it: its samples in the real sandbox, its labelled answers, its questions."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.core.answers.suggest import suggest
from grader.core.checks.kind import Context
from grader.core.checks.reported import KIND as REPORTED
from grader.core.result import Status
from grader.core.submission import Answer, Submission
from grader.core.verdict import Judgement
from grader.ingest.answers import find_answers
from grader.pack import labelled_answers, load_pack
from worker.trusted.checks import drive
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


def with_another_activation(task: str) -> Judgement:
    """The verdict on a report whose base model hit 118 of 175 images, and that says this in its second task."""
    question = PACK.rubric.question("reported-activation")
    report = f"Task 1:\n\ntest loss, test acc: [0.8251, 0.6742857]\n\nTask 2:\n\n{task}\n\nTask 3:\n\nMore epochs help.\n"
    files = {"homework.md": report.encode()}
    slots = [question.answer for question in PACK.rubric.questions if question.answer]
    context = Context(None, "core", 0, submission=Submission(files, find_answers(files, slots)[0]))
    return drive(REPORTED.run(question.checks[0].declaration, context), None)


@pytest.mark.parametrize("run", ["Sigmoid:\n\n", "With another activation function (ELU): ", "Сигмоїда: ", "tanh: "])
def test_results_with_another_activation_are_read_under_their_task(run: str) -> None:
    judgement = with_another_activation(f"{run}test loss, test acc: [0.9012, 0.6228571]")

    assert judgement.status is Status.PASS, judgement
    accuracies = [(row[0], row[2]) for row in judgement.exhibits[0].rows if row[1] == "test"]
    assert accuracies == [("other", "62.29 %"), ("base", "67.43 %")]


def test_another_activation_that_is_called_better_against_its_numbers() -> None:
    figures = "Sigmoid: test loss, test acc: [1.9012, 0.4228571]\n\n"

    assert with_another_activation(figures + "Sigmoid gave worse results.").status is Status.PASS
    wrong = with_another_activation(figures + "Sigmoid gave better results than ReLU.")
    assert wrong.status is Status.FAIL and "does not go with the numbers" in wrong.message


def test_another_activation_without_a_number_is_missing_unless_a_number_bears_a_name_of_its_own() -> None:
    assert with_another_activation("We expected more of the sigmoid model, but it was worse.").status is Status.FAIL
    assert with_another_activation("Run B: test loss, test acc: [0.9012, 0.6228571]").unread
