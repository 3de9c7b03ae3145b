"""Suggestions on labelled answers: the corpus, the marked seed, and facts of our own."""

import importlib.util
import sys
from pathlib import Path

import pytest

from grader.core.answers.suggest import suggest, suggested_score
from grader.core.submission import Answer
from grader.ingest.gradescope.file import read_export_file

SEED = Path(__file__).resolve().parents[4] / "shared" / "seeds"
TICKED = {
    "bn-inline-1": {"no-justification"}, "bn-inline-2": {"justification"}, "bn-inline-3": {"picked-1-or-4"},
    "bn-inline-4": {"not-2"}, "dropout-inline-1": {"test-time-missing"}, "dropout-inline-2": {"explanation"},
    "dropout-inline-3": {"incorrect"},
}  # fmt: skip
OWN_WORDS = {
    "fc-inline-1": (
        "Sigmoid: its gradient is zero where the units are saturated.\nReLU: zero gradient if the input "
        "is below 0.\nLeaky ReLU: no such case."
    ),
    "fc-inline-2": (
        "The net with five layers is the one that is more sensitive to the initial scale, because the "
        "deeper it is the more the weights make the signal vanish."
    ),
    "fc-inline-3": (
        "In AdaGrad the cache sums up dw**2 and becomes big, so the step gets slow. Adam does not have "
        "it because it uses the moving average of RMSprop."
    ),
    "bn-inline-1": "With batchnorm the effect of the weight initialization gets less important.",
    "bn-inline-2": (
        "With a larger batch the batchnorm net trains faster. With batch size 5 it is worse than no "
        "norm."
    ),
    "bn-inline-3": "LN: 1 and 2. BN: 3.",
    "bn-inline-4": (
        "Option 3: with strong regularization the weights shrink to zero, and so layer norm has little "
        "to do."
    ),
    "dropout-inline-1": (
        "Without dividing by p the mean of the output is p times the mean of the input, while dropout "
        "wants to keep it the same."
    ),
    "dropout-inline-2": "With dropout the training accuracy is better but not the validation accuracy.",
    "dropout-inline-3": "Against overfitting we should lower p, so that fewer nodes are kept.",
}  # fmt: skip


def measure(corpus):
    spec = importlib.util.spec_from_file_location("measure", corpus / "measure.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure"] = module
    spec.loader.exec_module(module)
    return module


def contradicts(question, text):
    ticked = TICKED.get(question.id, set())
    items = suggest(question, Answer(question.id, text, "test"))
    return [item.id for item in items if item.suggested == ("clear" if item.id in ticked else "deduct")]


def decided(question, text):
    return all(item.suggested != "unknown" for item in suggest(question, Answer(question.id, text, "test")))


@pytest.mark.parametrize("question", OWN_WORDS)
def test_what_the_marked_homework_says_in_other_words(pack, question):
    assert contradicts(pack.question(question), OWN_WORDS[question]) == []


def test_most_of_it_is_decided(pack):
    assert sum(decided(pack.question(question), text) for question, text in OWN_WORDS.items()) >= 8


@pytest.mark.seeds
def test_the_marked_seed_is_never_contradicted(pack):
    if not SEED.is_dir():
        pytest.skip("the seed documents are not beside the repository")
    export = read_export_file(
        next(SEED.glob("001_*.txt")).read_bytes()
    )  # its own tests prove that it finds ten answers
    in_order = sorted(export.questions, key=lambda question: int(question.number))
    written = [question for question in pack.questions if question.items]
    answers = {question.id: found.answer for question, found in zip(written, in_order, strict=True)}
    assert [contradicts(question, answers[question.id]) for question in written] == [[]] * 10
    assert sum(decided(question, answers[question.id]) for question in written) >= 8


def test_figures_on_the_development_set(pack, corpus):
    module = measure(corpus)
    entries = [entry for entry in module.read(corpus / "development.yaml") if entry["language"] == "en"]
    total = sum(
        (module.tally(question, [e for e in entries if e["question"] == question.id]) for question in pack.questions),
        module.Tally(),
    )
    assert total.answers >= 240
    assert total.decided >= 0.84 * total.answers
    assert total.right >= 0.97 * total.decided
    assert total.wrong_deductions <= 0.005 * total.items


def test_other_languages_get_no_wrong_deductions(pack, corpus):
    module = measure(corpus)
    entries = [entry for entry in module.read(corpus / "development.yaml") if entry["language"] != "en"]
    assert len({entry["language"] for entry in entries}) == 3
    total = sum(
        (module.tally(question, [e for e in entries if e["question"] == question.id]) for question in pack.questions),
        module.Tally(),
    )
    assert total.wrong_deductions <= 0.03 * total.items


def test_nothing_is_ever_applied(pack, corpus):
    for entry in measure(corpus).read(corpus / "development.yaml"):
        question = pack.question(entry["question"])
        items = suggest(question, Answer(question.id, entry["text"], "test"))
        assert [item.id for item in items] == [item.id for item in question.items]
        assert not any(item.applied for item in items)
        assert all(quote in entry["text"] for item in items for quote in item.evidence)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, {"no-answer": "deduct", "page": "unknown"}),
        (Answer("q", "", "form"), {"no-answer": "deduct", "page": "unknown"}),
        (Answer("q", "", "hw.pdf", "unselected", "hw.pdf"), {"no-answer": "unknown", "page": "deduct"}),
        (Answer("q", "BN 3, LN 2", "hw.pdf", "found", "hw.pdf", (3,)), {"no-answer": "clear", "page": "clear"}),
    ],
)
def test_how_an_answer_arrived(pack, answer, expected):
    items = {item.id: item.suggested for item in suggest(pack.question("bn-inline-3"), answer)}
    assert {key: items[key] for key in expected} == expected
    if answer is None or not answer.text:
        assert items["bn-not-3"] == "unknown"


def test_the_score_of_a_suggestion(pack):
    question = pack.question("bn-inline-3")
    score = lambda text: suggested_score(question, suggest(question, Answer("q", text, "test")))  # noqa: E731
    assert score("1 and 2 is layer norm. 3 is batch norm.") == 2
    assert score("BN: 3, LN: 2") == 3
    assert score("BN 1, LN 4") == 0
    assert score("batch norm or layer norm") is None
