"""Results in reports: read, possible, held against what the saved weights give, and claims against the noise."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from grader.core.checks.kind import Context
from grader.core.checks.reported import KIND, Reported
from grader.core.result import Status
from grader.core.submission import Answer, Submission
from grader.core.verdict import Judgement
from grader.datasets import load_image_set
from worker.trusted.checks import drive
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import Session, open_session

EPOCHS = {
    "answer": "epochs",
    "rows": {"25": {"named": ["25 epochs", 25]}, "40": {"named": ["40 epochs", 40]}},
    "columns": {"test": {"named": ["test acc*"]}, "loss": {"named": ["test loss"], "is": "loss", "required": False}},
    "claims": {"longer": {
        "between": ["25", "40"], "better": [["more epochs", "better | кращ*"], ["більше епох", "кращ*"]],
        "worse": [["more epochs", "worse"]], "same": [["no significant difference"]],
    }},
}  # fmt: skip
SEED = """25 epochs:

```
test loss, test acc: [1.0578675, 0.5714285969734192]
```
40 epochs:

```
test loss, test acc: [0.9749, 0.5885714292526245]
```
"""


def judged(text: str, declared: dict = EPOCHS, **files: bytes) -> Judgement:
    answers = {"epochs": Answer("epochs", text, "report")} if text else {}
    context = Context(None, "core", 0, submission=Submission(files, answers))
    return drive(KIND.run(Reported.model_validate(declared), context), None)


def test_complete_and_possible_results_pass() -> None:
    judgement = judged(SEED)

    assert judgement.status is Status.PASS and judgement.credit == 1 and not judgement.remarks
    assert judgement.exhibits[0].rows[0][:3] == ("25", "test", "57.14 %")


@pytest.mark.parametrize(
    "claim", ["We see that more epochs are better.", "Як видно, більше епох дає кращий результат."]
)
def test_a_claim_within_the_noise_is_remarked_and_costs_nothing(claim: str) -> None:
    judgement = judged(SEED + claim)

    assert judgement.status is Status.PASS
    assert (
        "within the noise" in judgement.remarks[0] and "with n=175 differ by 1.7 ± 5.3 points" in judgement.remarks[0]
    )


def test_a_claim_of_no_difference_agrees_with_the_noise() -> None:
    judgement = judged(SEED + "There was no significant difference.")

    assert judgement.status is Status.PASS and not judgement.remarks


@pytest.mark.parametrize("claim", ["So more epochs are worse.", "There is no significant difference."])
def test_a_claim_against_the_numbers_is_wrong(claim: str) -> None:
    judgement = judged(SEED.replace("0.5885714292526245", "0.8857142925262451") + claim)

    assert judgement.status is Status.FAIL and judgement.credit == pytest.approx(2 / 3)
    assert "does not go with the numbers" in judgement.message


def test_a_claim_that_says_both_is_none() -> None:
    text = (
        SEED.replace("0.5885714292526245", "0.8857142925262451") + "More epochs are worse. Or more epochs are better."
    )

    assert judged(text).status is Status.PASS


def test_an_impossible_accuracy_is_wrong() -> None:
    judgement = judged(SEED.replace("0.5714285969734192", "157.1"))

    assert judgement.status is Status.FAIL and "between 0 and 100 %" in judgement.message and judgement.credit == 0.5


def test_a_negative_loss_is_wrong() -> None:
    judgement = judged(SEED.replace("[0.9749,", "[-0.9749,"))

    assert judgement.status is Status.FAIL and "not possible" in judgement.message


def test_a_run_that_is_not_reported_is_missing() -> None:
    judgement = judged(SEED[: SEED.index("40 epochs")])

    assert (
        judgement.status is Status.FAIL
        and judgement.credit == 0.5
        and "40 epochs, test acc: missing" in judgement.message
    )


def test_a_run_under_a_name_that_nobody_knows_is_for_a_ta() -> None:
    assert judged("| run | test acc |\n|---|---|\n| 25 epochs | 0.57 |\n| the long one | 0.58 |").unread


@pytest.mark.parametrize(
    "text",
    [
        "With 25 epochs the test accuracy was 0.69.\nWith 40 of them it was 0.70.",
        "The test accuracy after 25 epochs was 0.69.\n\nGoing on to 40 gave us 0.70.",
        "Test accuracy for 25 epochs: 0.69\nTest accuracy for the longer run: 0.70",
        "25 epochs: test loss, test acc: [0.81, 0.69]\nlonger, [4, 0]: test loss, test acc: [0.79, 0.70]",
        "25 epochs: test accuracy 69 %\nand then we trained the same net for longer, up to 40, which gave 70 %",
    ],
)
def test_a_figure_in_prose_that_was_not_understood_may_be_the_missing_one(text: str) -> None:
    judgement = judged(text)
    assert judgement.unread, judgement.message


def test_1_74_beside_fractions_is_for_a_ta() -> None:
    judgement = judged(SEED.replace("0.5885714292526245", "1.7429"))
    assert judgement.unread and "1.7429 beside fractions of 1" in judgement.message


def test_two_different_figures_for_one_cell_are_for_a_ta() -> None:
    judgement = judged("| run | test acc |\n|---|---|\n| 25 | 0.57 |\n| 40 | 0.58 |\n| 40 | 0.61 |")

    assert judgement.unread and "several figures" in judgement.message


def test_words_without_results_are_for_a_ta() -> None:
    assert judged("The model trained well.").unread


def test_a_document_that_only_people_read_is_for_a_ta() -> None:
    assert judged("", **{"report.pdf": b"%PDF-1.4"}).unread


def test_no_report_at_all() -> None:
    assert judged("", **{"net.py": b""}).status is Status.MISSING


def test_results_printed_in_a_notebook() -> None:
    output = {"output_type": "stream", "text": ["25 epochs\n", "test loss, test acc: [1.0, 0.57]\n"]}
    cells = [
        {"cell_type": "code", "source": "", "outputs": [output]},
        {"cell_type": "markdown", "source": "40: test acc 0.6"},
    ]

    assert judged("", **{"hw.ipynb": json.dumps({"cells": cells}).encode()}).status is Status.PASS


@pytest.mark.parametrize("broken", [b"{", b"[]", b'{"cells": 3}', b'{"cells": [{"outputs": [1]}]}', b"[" * 100_000])
def test_a_broken_notebook_holds_no_results(broken: bytes) -> None:
    assert judged("", **{"hw.ipynb": broken}).unread


# --- against saved weights, in the sandbox ---------------------------------------------------------------------------

IMAGES = load_image_set("digits", None)
NET = """
from torch import nn

class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(784, 10))
"""


def weights(ridge: float) -> bytes:
    """A linear classifier of the digits in closed form; the larger `ridge`, the worse."""
    x = np.c_[IMAGES.x_train.reshape(len(IMAGES.x_train), -1) / 255, np.ones(len(IMAGES.x_train))]
    w = np.linalg.solve(x.T @ x + ridge * np.eye(785), x.T @ (2 * np.eye(10)[IMAGES.y_train] - 1))
    buffer = io.BytesIO()
    state = {"1.weight": torch.tensor(w[:-1].T.copy()).float(), "1.bias": torch.tensor(w[-1]).float()}
    torch.save(state, buffer)
    return buffer.getvalue()


def accuracy(data: bytes, x: np.ndarray, y: np.ndarray) -> float:
    state = torch.load(io.BytesIO(data))
    scores = torch.tensor(x.reshape(len(x), -1) / 255).float() @ state["1.weight"].T + state["1.bias"]
    return float((scores.argmax(1).numpy() == y).mean())


FILES = {"baseline.pt": weights(5.0), "dropout.pt": weights(2e5), "net.py": NET.encode(), "train.py": b"x = images / 255"}
TRUE = {
    name: [
        accuracy(FILES[f"{name}.pt"], x, y)
        for x, y in ((IMAGES.x_hidden, IMAGES.y_hidden), (IMAGES.x_train, IMAGES.y_train))
    ]
    for name in ("baseline", "dropout")
}
RUNS = {
    "dataset": "digits",
    "model": {"named": ["Net"]},
    "rows": {
        "baseline": {"named": ["~baseline", "בסיס"], "file": ["*base*"], "others": ["*drop*"]},
        "dropout": {"named": ["dropout", "дропаут"], "file": ["*drop*"], "others": ["*base*"]},
    },
    "columns": {
        "test": {"named": ["test", "דיוק מבחן", "точність на тесті"]},
        "train": {"named": ["train", "דיוק אימון", "точність на навчанні"], "on": "train"},
    },
    "claims": {"best": {"between": ["baseline", "dropout"], "better": [["$dropout", "best | המקסימלי | найкращ*"]]}},
}


def table(header: str, rows: dict[str, list[float]], claim: str = "") -> str:
    lines = [f"| {name} | " + " | ".join(f"{value:.1%}" for value in values) + " |" for name, values in rows.items()]
    return "\n".join([header, "|---|---|---|", *lines, "", claim])


HEADER = "| run | test | train |"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    code = tmp_path_factory.mktemp("handed-in")
    for name, data in FILES.items():
        (code / name).write_bytes(data)
    with open_session(Bubblewrap(), code, torch=True) as opened:
        yield opened


def measured(session: Session, text: str, files: dict[str, bytes] = FILES, **declared: object) -> Judgement:
    files = {**files, "report.md": text.encode()} if text else files
    context = Context(None, "core", 3, data=IMAGES, submission=Submission(files, {}))
    return drive(KIND.run(Reported.model_validate({**RUNS, **declared}), context), session)


@pytest.mark.parametrize(
    "text",
    [
        table(HEADER, TRUE),
        "# דוח\n\n" + table("| שיטה | דיוק מבחן | דיוק אימון |", {"בסיס": TRUE["baseline"], "Dropout": TRUE["dropout"]}),
        "# Звіт\n\n"
        + table("| модель | точність на тесті | точність на навчанні |", {"Baseline": TRUE["baseline"], "Дропаут": TRUE["dropout"]})
        .replace(".", ","),
    ],
    ids=["english", "hebrew", "ukrainian"],
)  # fmt: skip
def test_a_table_that_agrees(session: Session, text: str) -> None:
    judgement = measured(session, text)

    assert judgement.status is Status.PASS, judgement.message
    assert "4 reported accuracies agree" in judgement.message and not judgement.exhibits[0].wrong


def test_a_table_that_overstates(session: Session) -> None:
    judgement = measured(session, table(HEADER, {"baseline": TRUE["baseline"], "dropout": [0.99, TRUE["dropout"][1]]}))

    assert judgement.status is Status.FAIL and judgement.credit == 0.75
    assert "99.00 % reported" in judgement.message and "n=397" in judgement.message
    assert len(judgement.exhibits[0].wrong) == 1


def test_a_training_accuracy_that_is_a_running_mean_costs_nothing(session: Session) -> None:
    low = {name: [values[0], values[1] - 0.1] for name, values in TRUE.items()}
    judgement = measured(session, table(HEADER, low))

    assert judgement.status is Status.PASS and any("the mean over an epoch" in remark for remark in judgement.remarks)


def test_a_training_accuracy_that_overstates_is_wrong(session: Session) -> None:
    rows = {"baseline": TRUE["baseline"], "dropout": [TRUE["dropout"][0], 0.999]}

    assert measured(session, table(HEADER, rows)).credit == 0.75


@pytest.mark.parametrize(
    ("figures", "unread"), [("(0.9,), (0.9,)", True), ("(0.0,), (1.0,)", False), ("(0.1307,), (0.3081,)", True)]
)
def test_images_prepared_as_nobody_declared_are_for_a_ta(session: Session, figures: str, unread: bool) -> None:
    files = {**FILES, "net.py": f"{NET}\nhow = transforms.Normalize({figures})\n".encode()}
    text = table(HEADER, {"baseline": TRUE["baseline"], "dropout": [0.99, TRUE["dropout"][1]]})

    assert measured(session, text, files).unread is unread


def test_images_prepared_in_another_known_way_than_the_best(session: Session) -> None:
    way = {"flatten": True, "mean": 2.0, "std": 0.5}
    other = accuracy(FILES["dropout.pt"], (IMAGES.x_hidden.astype(float) - 255 * 2.0) / 0.5, IMAGES.y_hidden)
    rows = {**TRUE, "dropout": [other, TRUE["dropout"][1]]}

    assert other < TRUE["dropout"][0] - 0.06
    assert measured(session, table(HEADER, rows)).status is Status.FAIL
    known = measured(session, table(HEADER, rows), inputs=[{}, way])
    assert known.unread and "it agrees with images" in known.message


def test_sampling_error_is_allowed_for(session: Session) -> None:
    near = {name: [values[0] + 0.02, values[1]] for name, values in TRUE.items()}

    assert measured(session, table(HEADER, near)).status is Status.PASS


def test_a_claim_against_what_was_measured(session: Session) -> None:
    judgement = measured(session, table(HEADER, TRUE, "The best is dropout."))

    assert TRUE["dropout"][0] < TRUE["baseline"][0] - 0.04
    assert judgement.status is Status.FAIL and judgement.credit == 0.8 and "the same images" in judgement.message


def test_a_run_without_saved_weights_is_named_and_not_counted(session: Session) -> None:
    files = {name: data for name, data in FILES.items() if name != "dropout.pt"}

    judgement = measured(session, table(HEADER, TRUE), files)

    assert judgement.status is Status.PASS
    assert any("dropout was not compared" in remark for remark in judgement.remarks)


def test_nothing_to_compare_with_is_for_a_ta(session: Session) -> None:
    assert measured(session, table(HEADER, TRUE), {"net.py": FILES["net.py"]}).unread

    judgement = measured(session, table(HEADER, {**TRUE, "dropout": [1.186, 0.9]}), {"net.py": FILES["net.py"]})
    assert judgement.unread and "118.60 % is no accuracy" in judgement.message


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"rows": {"a": {"named": ["a"], "file": ["*"]}}, "dataset": None}, "dataset"),
        ({"claims": {"x": {"between": ["a", "b"], "better": [["x"]]}}}, "none of the rows"),
        ({"claims": {"x": {"between": ["baseline", "dropout"], "better": [["$nonsense"]]}}}, "unknown term"),
        ({"columns": {"l": {"named": ["loss"], "is": "loss"}}}, "an accuracy"),
    ],
)
def test_what_a_pack_may_not_declare(declared: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Reported.model_validate({**RUNS, **declared})


@pytest.mark.parametrize(
    "line",
    ["Dropout (20%) reached the top test accuracy.", "Training with dropout took 80 epochs.",
     "The dropout run improves the test accuracy by 1.1 %."],
)  # fmt: skip
def test_a_number_in_prose_is_never_a_reason_to_deduct(session: Session, line: str) -> None:
    assert measured(session, line).unread
    assert measured(session, f"{table(HEADER, TRUE)}\n\n{line}").status is Status.PASS


def as_html(rows: dict[str, list[float]]) -> str:
    cells = [["", "Technique", "Test acc [%]", "Train acc [%]"]]
    cells += [
        [str(index), name, *(f"{100 * value:.2f}" for value in values)]
        for index, (name, values) in enumerate(rows.items())
    ]
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    return f"<div><style>td {{ color: red }}</style><table border='1'>{body}</table></div>"


@pytest.mark.parametrize("place", ["report.html", "report.md"])
def test_a_table_in_html(session: Session, place: str) -> None:
    def of(rows: dict[str, list[float]]) -> Judgement:
        return measured(session, "", {**FILES, place: f"Results:\n\n{as_html(rows)}".encode()})

    assert of(TRUE).status is Status.PASS
    wrong = of({**TRUE, "dropout": [0.99, TRUE["dropout"][1]]})
    assert wrong.status is Status.FAIL and wrong.credit == 0.75


def test_results_below_the_headings_and_comments_of_a_notebook() -> None:
    def printed(source: str, loss: float, accuracy: float) -> dict[str, object]:
        text = [f"test loss, test acc: [{loss}, {accuracy}]\n"]
        return {"cell_type": "code", "source": source, "outputs": [{"output_type": "stream", "text": text}]}

    cells = [
        {"cell_type": "markdown", "source": "## Task 3: 25 epochs"},
        printed("print(model.evaluate(x, y))", 1.05, 0.571),
        printed("# 40 epochs\nprint(model.evaluate(x, y))", 0.97, 0.589),
    ]
    judgement = judged("", EPOCHS, **{"hw.ipynb": json.dumps({"cells": cells}).encode()})

    assert judgement.status is Status.PASS, judgement
    assert [row[2] for row in judgement.exhibits[0].rows if row[1] == "test"] == ["57.10 %", "58.90 %"]


def test_a_data_frame_in_a_notebook() -> None:
    shown = {"text/html": [as_html({"25 epochs": [0.57, 0.6], "40 epochs": [0.58, 0.7]})], "text/plain": ["..."]}
    cells = [{"cell_type": "code", "outputs": [{"output_type": "execute_result", "data": shown}]}]
    judgement = judged("", EPOCHS, **{"hw.ipynb": json.dumps({"cells": cells}).encode()})

    assert judgement.status is Status.PASS
    assert [row[:3] for row in judgement.exhibits[0].rows] == [("25", "test", "57.00 %"), ("40", "test", "58.00 %")]
