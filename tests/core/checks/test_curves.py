"""The kind `curves`: each part judged from the numbers; what is not certain goes to a TA and costs nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from grader.core.checks.curves import Curves, run
from grader.core.checks.kind import Context
from grader.core.exhibit import Plot, Table
from grader.core.logs.overfitting import overfits, pointed_out
from grader.core.result import Status
from grader.core.submission import Answer, Submission
from grader.ingest.submission import read_submission

RUNS = {"baseline": {"named": ["base"]}, "dropout": {"named": ["drop"]}}
PARTS = {"present": 2, "axes": 1, "epochs": 1, "overfitting": 1}


def history(count=80, overfit=False, seed=0, first=1):
    """A log with noise: epoch, loss and accuracy on training and validation images."""
    random, epochs = np.random.default_rng(seed), np.arange(count)
    train = 0.15 + 2 * np.exp(-epochs / 12)
    other = 0.4 + 1.8 * np.exp(-epochs / 10) + (0.006 * np.maximum(epochs - 20, 0) if overfit else 0)
    rows = ["epoch,train_loss,val_loss,train_acc,val_acc"]
    for epoch, a, b in zip(epochs, train, other + random.normal(0, 0.01, count), strict=True):
        rows.append(f"{epoch + first},{a:.4f},{b:.4f},{0.97 - a / 4:.4f},{0.95 - b / 4:.4f}")
    return "\n".join(rows).encode()


def judged(files, answer="", **declared):
    declaration = Curves(**{"runs": RUNS, "epochs": 80, "parts": PARTS, "report": "discussion"} | declared)
    answers = {"discussion": Answer("discussion", answer, "form")} if answer else {}
    context = Context(None, "core", 0, submission=Submission(files, answers))
    with pytest.raises(StopIteration) as ended:
        next(run(declaration, context))
    return ended.value.value


def both(**options):
    return {"base.csv": history(**options), "logs/drop.csv": history(**options, seed=1)}


def test_everything_right():
    judgement = judged(both())
    assert judgement.status is Status.PASS and judgement.credit == 1, judgement
    plots = [one for one in judgement.exhibits if isinstance(one, Plot)]
    assert [plot.y_label for plot in plots] == ["accuracy", "loss"]
    assert {one.name for one in plots[0].series} == {
        "baseline, train", "baseline, validation", "dropout, train", "dropout, validation",
    }  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "The baseline overfits after 20 epochs.", "מודל הבסיס סובל מהתאמת יתר אחרי 20 אפוקים.",
        "Базова модель перенавчається після 20 епохи.", "Without dropout nothing works.\n\nWe see over-fitting from epoch 20 on.",
    ],
)  # fmt: skip
def test_overfitting_that_is_pointed_out(said):
    judgement = judged(both(overfit=True), said)
    assert judgement.status is Status.PASS, judgement


@pytest.mark.parametrize("said", ["", "The curves look good.", "There is no overfitting.", "אין כאן התאמת יתר."])
def test_overfitting_without_a_word_is_for_a_ta_and_costs_nothing(said):
    judgement = judged(both(overfit=True), said)
    assert judgement.unread and "rises again" in judgement.message and judgement.exhibits


def test_too_few_epochs_cost_their_part():
    judgement = judged({"base.csv": history(), "drop.csv": history(40)})
    assert judgement.status is Status.FAIL and "dropout 40" in judgement.message
    assert judgement.credit == pytest.approx(1 - 0.5 / 5)
    stopped = judged({"base.csv": history(), "drop.csv": history(40)}, "Dropout was stopped early, by early stopping.")
    assert stopped.unread


def test_a_script_that_stops_early_is_for_a_ta():
    script = b"callbacks = [keras.callbacks.EarlyStopping(patience=5)]"
    assert judged(both(count=40)).status is Status.FAIL
    assert judged(both(count=40) | {"train.py": script}).unread


def test_epochs_from_zero_are_as_many():
    assert judged(both(first=0)).status is Status.PASS


def test_a_missing_run_costs_its_share_and_a_picture_of_it_does_not():
    judgement = judged({"base.csv": history()})
    assert judgement.status is Status.FAIL and "dropout" in judgement.message
    assert judgement.credit == pytest.approx(1 - 2 / 5 * 0.5)
    assert judged({"base.csv": history(), "dropout.png": b"\x89PNG"}).unread
    assert judged({"base.csv": history(), "dropout.pkl": b"\x80"}).unread
    assert judged({"base.csv": history(), "history.pkl": b"\x80"}).unread


def test_a_file_of_another_run_holds_no_missing_curve():
    judgement = judged({"base.csv": history(), "baseline.pt": b"PK"}, parts={"present": 1})
    assert judgement.status is Status.FAIL and judgement.credit == 0.5 and "baseline.pt" not in judgement.message


def test_pictures_alone_are_for_a_ta_and_nothing_at_all_is_missing():
    cell = {"cell_type": "code", "source": "plt.plot(x)", "outputs": [{"data": {"image/png": "AAAA"}}]}
    notebook = json.dumps({"cells": [cell, cell]}).encode()
    judgement = judged({"hw.ipynb": notebook})
    assert judgement.unread and "2 pictures" in judgement.message
    nothing = judged({"train.py": b"x = 1"})
    assert nothing.status is Status.MISSING and nothing.credit == 0


def test_swapped_columns_are_named():
    text = "train_loss,epoch,train_acc,val_acc,val_loss\n" + "".join(
        f"{i},{0.9**i:.4f},0.5,0.4,{0.9**i:.4f}\n" for i in range(1, 81)
    )
    judgement = judged({"log.csv": text.encode()}, runs={}, parts={"axes": 1})
    assert judgement.status is Status.FAIL and "changed places" in judgement.message
    header, _, rest = history().partition(b"\n")
    exchanged = header.replace(b"loss", b"x").replace(b"acc", b"loss").replace(b"x", b"acc") + b"\n" + rest
    judgement = judged({"log.csv": exchanged}, runs={}, parts={"axes": 1})
    assert judgement.status is Status.FAIL and "accuracy and loss have changed places" in judgement.message


def test_impossible_values_are_for_a_ta():
    text = "epoch,acc,val_acc\n" + "".join(f"{i},{i * 10},0.5\n" for i in range(1, 81))
    assert judged({"log.csv": text.encode()}, runs={}, parts={"axes": 1}).unread


def test_keras_history_of_one_run():
    values = {"loss": [2.0 * 0.9**i for i in range(40)], "val_loss": [2.0 * 0.9**i + 0.1 for i in range(40)]}
    values |= {
        "accuracy": [1 - 0.5 * 0.9**i for i in range(40)],
        "val_accuracy": [0.9 - 0.5 * 0.9**i for i in range(40)],
    }
    judgement = judged({"history.json": json.dumps(values).encode()}, runs={}, epochs=40)
    assert judgement.status is Status.PASS, judgement


def test_a_run_by_elimination():
    files = {"base.csv": history(), "history.csv": history(seed=3)}
    judgement = judged(files)
    assert judgement.status is Status.PASS and any("the only one without a log" in one for one in judgement.remarks)


def test_percent_is_an_accuracy_too():
    text = "epoch,train acc,val acc\n" + "".join(f"{i},{50 + i / 2},{40 + i / 2}\n" for i in range(1, 81))
    metrics = {"accuracy": {}}
    assert (
        judged({"a.csv": text.encode()}, runs={}, metrics=metrics, parts={"present": 1, "axes": 1}).status
        is Status.PASS
    )


def test_the_table_says_what_each_part_earned():
    table = judged({"base.csv": history(), "drop.csv": history(40)}).exhibits[-1]
    assert isinstance(table, Table) and [row[0] for row in table.rows] == list(PARTS) and table.wrong == (2,)


def test_strict_declarations():
    with pytest.raises(ValueError, match="knows train"):
        Curves(metrics={"loss": {"of": ["holdout"]}})
    with pytest.raises(ValueError, match="worth"):
        Curves(parts={"axes": 0})


@pytest.mark.parametrize("seed", range(20))
def test_overfitting_is_seen_and_noise_is_not(seed):
    random, epochs = np.random.default_rng(seed), np.arange(60)
    train = 2 * np.exp(-epochs / 15) + random.normal(0, 0.01, 60)
    flat = 0.5 + 1.5 * np.exp(-epochs / 8) + random.normal(0, 0.03, 60)
    assert overfits(train, flat) is False
    assert overfits(train, flat + 0.012 * np.maximum(epochs - 20, 0)) is True
    assert overfits(train[:5], flat[:5]) is None


def test_what_is_said():
    assert pointed_out("We see overfitting.") and not pointed_out("We do not see overfitting.")
    assert not pointed_out("The loss falls.") and pointed_out("No surprise there. The net overfits.")


@pytest.mark.parametrize("said", ["It converges, see Figure 1.", "![accuracy](curves.png)", "Як видно, рис. 2 показує збіжність."])
def test_a_graph_that_was_lost_on_the_way_is_for_a_ta(said):
    assert judged({}, said).unread
    assert judged({}, "It converges.").status is Status.MISSING


@pytest.mark.parametrize("name", ["log.csv", "loss.csv"])
@pytest.mark.parametrize(
    ("header", "known"),
    [("epoch,train mse,val", True), ("epoch,mse,val_mse", True), ("epoch,train,val", False), ("epoch,a,b", False)],
)
def test_a_metric_of_ones_own(name, header, known):
    rows = "\n".join(f"{epoch},{1 / epoch:.3f},{1.2 / epoch:.3f}" for epoch in range(1, 11))
    declared = {"runs": {}, "metrics": {"mse": {}}, "epochs": 1, "parts": {"present": 1}, "report": None}
    judgement = judged({name: f"{header}\n{rows}".encode()}, **declared)
    assert judgement.unread is not known and (judgement.status is Status.PASS) is known


def test_arrays_that_were_not_taken_in_may_hold_the_numbers(tmp_path):
    (tmp_path / "train.py").write_text("print(1)")
    files = read_submission(tmp_path)
    np.save(tmp_path / "train_acc.npy", np.zeros(80))
    with_arrays = read_submission(tmp_path)
    verdicts = []
    for submission in (files, with_arrays):
        with pytest.raises(StopIteration) as ended:
            next(run(Curves(epochs=80), Context(None, "core", 0, submission=submission)))
        verdicts.append(ended.value.value)
    assert verdicts[0].status is Status.MISSING
    assert verdicts[1].unread and "train_acc.npy" in verdicts[1].message


@pytest.mark.parametrize(("more", "unread"), [(" score {:.3f} / {:.3f}", True), ("", False)])
def test_a_missing_curve_may_be_in_numbers_that_nobody_understood(more, unread):
    lines = [f"Epoch {epoch}: train acc 0.{epoch:02d}" + more.format(0.5, 0.6) for epoch in range(1, 81)]
    declared = {"runs": {}, "metrics": {"accuracy": {}}, "parts": {"present": 1}, "report": None}
    judgement = judged({"log.txt": "\n".join(lines).encode()}, **declared)
    assert judgement.unread is unread and ("beside those that were understood" in judgement.message) is unread
