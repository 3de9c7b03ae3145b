"""Logs as tools and students write them become the same curves; whatever else lies in a file raises nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.logs.column import number, words
from grader.core.logs.read import read_logs
from grader.core.logs.selection import select

METRICS = {"accuracy": ("accuracy",), "loss": ("loss",)}
RUNS = {"baseline": ("baseline", "base"), "dropout": ("dropout", "drop"), "bn": ("bn", "batch norm")}

KERAS2 = """Epoch 1/2
\r 1/10 [==>...........] - ETA: 1s - loss: 2.9 - accuracy: 0.1\r10/10 [==============] - 1s 9ms/step - loss: 1.5 - accuracy: 0.4 - \
val_loss: 1.25 - val_accuracy: 0.5
Epoch 2/2
10/10 [==============================] - 0s 4ms/step - loss: 1.0 - accuracy: 0.75 - val_loss: 1.125 - val_accuracy: 0.625
4/4 [==============================] - 0s 1ms/step - loss: 9.0 - accuracy: 0.1
test loss, test acc: [9.0, 0.1]
"""
KERAS3 = """Epoch 1/2\n\x1b[1m1/3\x1b[0m \x1b[32m━━━\x1b[0m\x1b[37m━━\x1b[0m \x1b[1m0s\x1b[0m 9ms/step - accuracy: 0.1 - loss: 2.9\
\x08\x08\x08\x08\r\x1b[1m3/3\x1b[0m \x1b[32m━━━\x1b[0m \x1b[1m0s\x1b[0m 12ms/step - accuracy: 0.4 - loss: 1.5 - val_accuracy: 0.5 \
- val_loss: 1.25\nEpoch 2/2\n\x1b[1m3/3\x1b[0m \x1b[32m━━━━\x1b[0m \x1b[1m0s\x1b[0m 4ms/step - accuracy: 0.75 - loss: 1.0 - \
val_accuracy: 0.625 - val_loss: 1.125\n\
\x1b[1m7/7\x1b[0m \x1b[32m━━━\x1b[0m \x1b[1m0s\x1b[0m 1ms/step - accuracy: 0.1 - loss: 9.0\n"""
OWN = """using cpu
Epoch 1: train loss 1.5, train acc 0.4, val loss 1.25, val acc 0.5
Epoch 2: train loss 1.0, train acc 0.75, val loss 1.125, val acc 0.625
Final test accuracy: 0.61
"""
SECTIONS = """Epoch 1
-------------------------------
Train loss: 1.5
Train accuracy: 0.4
Validation Error:
 Accuracy: 0.5, Avg loss: 1.25
Epoch 2
-------------------------------
Train loss: 1.0
Train accuracy: 0.75
Validation Error:
 Accuracy: 0.625, Avg loss: 1.125
Done!
"""
CSV = "epoch,train_loss,trainAcc,val_loss,Val Acc,time\n1,1.5,0.4,1.25,0.5,3\n2,1.0,0.75,1.125,0.625,3\n"
SEMICOLON = CSV.replace(",", ";").replace("0.4", "0,4").replace("1.5", "1,5")
LONG = "\n".join(
    ["epoch\tphase\tmetric\tvalue"]
    + [
        f"{epoch}\t{phase}\t{metric}\t{value}"
        for epoch, rows in ((1, (1.5, 0.4, 1.25, 0.5)), (2, (1.0, 0.75, 1.125, 0.625)))
        for (phase, metric), value in zip(
            (("train", "loss"), ("train", "acc"), ("val", "loss"), ("val", "acc")), rows, strict=True
        )
    ]
)
LIGHTNING = "epoch,step,train_loss,train_acc,val_loss,val_acc\n1,9,,,1.25,0.5\n1,9,1.5,0.4,,\n2,19,,,1.125,0.625\n2,19,1.0,0.75,,\n"
HISTORY = {"loss": [1.5, 1.0], "accuracy": [0.4, 0.75], "val_loss": [1.25, 1.125], "val_accuracy": [0.5, 0.625]}
RECORDS = [
    {"epoch": 1, "train": {"loss": 1.5, "acc": 0.4}, "val": {"loss": 1.25, "acc": 0.5}},
    {"epoch": 2, "train": {"loss": 1.0, "acc": 0.75}, "val": {"loss": 1.125, "acc": 0.625}},
]
HEBREW = "epoch,אימון דיוק,אימון הפסד,ולידציה דיוק,ולידציה הפסד\n1,0.4,1.5,0.5,1.25\n2,0.75,1.0,0.625,1.125\n"
UKRAINIAN = "Епоха 1: втрати тренування 1.5, точність тренування 0.4, втрати валідація 1.25, точність валідація 0.5\n"
WANTED = {
    ("loss", "train"): (1.5, 1.0), ("accuracy", "train"): (0.4, 0.75), ("loss", "validation"): (1.25, 1.125),
    ("accuracy", "validation"): (0.5, 0.625),
}  # fmt: skip


def notebook(*cells):
    outputs = [
        {"cell_type": "code", "source": source, "outputs": [{"output_type": "stream", "text": text.splitlines(True)}]}
        for source, text in cells
    ]
    return json.dumps({"cells": outputs, "nbformat": 4}).encode()


def curves(files, runs=None):
    chosen = select(read_logs(files).columns, runs or {}, METRICS)
    return {
        (one.metric, one.part) if not runs else (one.run, one.metric, one.part): one.column for one in chosen.curves
    }


def events(folder):
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for epoch, rows in enumerate(zip(*WANTED.values(), strict=True), 1):
            for (metric, part), value in zip(WANTED, rows, strict=True):
                writer.add_scalar(f"{metric.title()}/{part}", value, epoch)
            writer.add_text("note", "x" * 3000, epoch)
    return next(folder.iterdir()).read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.csv", CSV), ("log.csv", SEMICOLON), ("log.tsv", LONG), ("metrics.csv", LIGHTNING), ("log.csv", HEBREW),
        ("history.json", json.dumps(HISTORY)), ("log.json", json.dumps(RECORDS)),
        ("log.jsonl", "\n".join(map(json.dumps, RECORDS))), ("out.txt", KERAS2), ("out.log", KERAS3), ("out.txt", OWN),
        ("out.txt", SECTIONS), ("hw.ipynb", notebook(("model.fit(x, y)", KERAS3)).decode()),
    ],
)  # fmt: skip
def test_the_same_curves_from_every_form(name, content):
    found = curves({name: content.encode()})
    assert {key: one.values for key, one in found.items() if len(one.x) == 2} == WANTED
    assert {key: one.x for key, one in found.items()} == dict.fromkeys(WANTED, (1.0, 2.0))


def test_tensorboard(tmp_path):
    data = events(tmp_path)
    found = curves({"runs/events.out.tfevents.1.host": data})
    assert {key: one.values for key, one in found.items()} == {key: pytest.approx(one) for key, one in WANTED.items()}
    cut = curves({"runs/events.out.tfevents.1.host": data[:-7]})
    assert cut.keys() == WANTED.keys(), "a file that was cut off is read as far as it goes"


def test_ukrainian_prints():
    found = curves({"out.txt": (UKRAINIAN + UKRAINIAN.replace("1:", "2:")).encode()})
    assert {key: one.values[0] for key, one in found.items()} == {key: values[0] for key, values in WANTED.items()}


def test_runs_are_told_apart_by_whatever_names_them():
    wide = "epoch,baseline_train_acc,baseline_val_acc,dropout_train_acc,dropout_val_acc\n1,.1,.2,.3,.4\n2,.5,.6,.7,.8\n"
    expected = {
        ("baseline", "accuracy", "train"): (0.1, 0.5), ("baseline", "accuracy", "validation"): (0.2, 0.6),
        ("dropout", "accuracy", "train"): (0.3, 0.7), ("dropout", "accuracy", "validation"): (0.4, 0.8),
    }  # fmt: skip
    nested = {
        "Baseline": {"acc": [0.1, 0.5], "val_acc": [0.2, 0.6]},
        "with dropout": {"acc": [0.3, 0.7], "val_acc": [0.4, 0.8]},
    }
    prints = "Training baseline\nEpoch 1 train acc .1 val acc .2\nEpoch 2 train acc .5 val acc .6\n"
    prints += "Training dropout\nEpoch 1 train acc .3 val acc .4\nEpoch 2 train acc .7 val acc .8\n"
    forms = (
        {"log.csv": wide},
        {"logs/base.csv": "train_acc,val_acc\n.1,.2\n.5,.6\n", "logs/drop.csv": "train_acc,val_acc\n.3,.4\n.7,.8\n"},
        {"all.json": json.dumps(nested)},
        {"out.txt": prints},
    )
    for files in forms:
        found = curves({path: text.encode() for path, text in files.items()}, RUNS)
        assert {key: one.values for key, one in found.items()} == expected, files


def test_without_dropout_is_not_dropout():
    files = {"no_dropout.csv": b"train_acc,val_acc\n.1,.2\n.5,.6\n", "bn.csv": b"train_acc,val_acc\n.3,.4\n.7,.8\n"}
    assert {run for run, *_ in curves(files, RUNS)} == {"bn"}


def test_the_epochs_of_a_column():
    every_fifth = "epoch,train_acc\n" + "".join(f"{epoch},0.5\n" for epoch in range(5, 81, 5))
    from_zero = "epoch,train_acc\n" + "".join(f"{epoch},0.5\n" for epoch in range(80))
    silent = "train_acc,x\n" + "0.5,1\n" * 80
    tail = "epoch,train_acc\n" + "".join(f"{epoch},0.5\n" for epoch in range(75, 80))  # of a frame that counts from 0
    for text in (every_fifth, from_zero, silent, tail):
        assert next(iter(curves({"a.csv": text.encode()}).values())).epochs == 80


def test_a_file_for_each_epoch_is_no_lack_of_logs():
    files = {f"logs/{epoch}.json": b'{"train_acc": 0.51, "val_acc": 0.48}' for epoch in range(20)}
    assert len(read_logs(files).unread) == 20
    assert not read_logs({"config.json": b'{"lr": 0.01, "momentum": 0.9}', "a.py": b"x = 0.5\n" * 20}).unread


FILES = ("a.csv", "a.json", "a.ipynb", "events.out.tfevents.1", "a.txt")


@given(
    st.sampled_from(FILES),
    st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
)
def test_no_bytes_raise(name, data):
    read_logs({name: data})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5)
    | st.dictionaries(st.sampled_from(["loss", "epoch", "cells", "a"]), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@given(JSON, st.sampled_from(["a.json", "a.ipynb"]))
def test_no_json_raises(value, name):
    read_logs({name: json.dumps(value).encode()})


@pytest.mark.parametrize(
    "name, text",
    [
        ("a.txt", "{{1, 2}, {3, 4}}"),
        ("a.txt", "{[1]: 2}"),
        ("a.txt", "{'loss': [0x" + "f" * 6000 + ", 1, 2]}"),
        ("a.txt", "{0x" + "f" * 6000 + ": [1, 2]}"),
        ("a.json", "[[" + "9" * 400 + ", 1.0], [" + "9" * 400 + ", 2.0]]"),
    ],
)
def test_what_looks_like_a_literal_raises_nothing(name, text):
    assert read_logs({name: text.encode()}).columns == ()


def test_hostile_files_cost_little():
    deep = b"[" * 100_000
    wide = (",".join(f"loss{i}" for i in range(50_000)) + "\n" + ",".join("1" for _ in range(50_000))).encode()
    huge = b"\xff" * 7 + b"\x7f" + b"\0" * 4 + b"x" * 100
    line = b"epoch 1 loss " + b"9" * 1_000_000
    logs = read_logs(
        {"a.json": deep, "b.csv": wide, "events.out.tfevents.9": huge, "c.txt": line, "d.csv": b"," * 10**6}
    )
    assert len(logs.columns) <= 2000


@given(st.text(max_size=40))
def test_words_and_numbers_never_raise(text):
    assert all(word == word.lower() for word in words(text)) or True
    number(text)


def test_numbers():
    cases = {
        "0.91": 0.91,
        "88.1%": 88.1,
        "0,91": 0.91,
        "1e-3": 1e-3,
        "-2": -2.0,
        "nan": None,
        "inf": None,
        "x": None,
        "": None,
    }
    assert {text: number(text) for text in cases} == cases
