"""Saved weights in the real sandbox: what fits is evaluated, and what does not fit is said."""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import torch
from safetensors.torch import save as safetensors_bytes

from grader.core.checks.checkpoint import KIND, Checkpoint
from grader.core.checks.kind import Context
from grader.core.result import Status
from grader.core.submission import Submission
from grader.core.verdict import Judgement
from grader.datasets import load_image_set
from worker.trusted.checks import drive
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import Session, open_session

os.environ["KERAS_BACKEND"] = "torch"  # read when Keras is imported, below
IMAGES = load_image_set("digits", None)

NET = """
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, normalize=False):
        super().__init__()
        self.fc = nn.Linear(784, 10)
        self.norm = nn.BatchNorm1d(10) if normalize else None

    def forward(self, x):
        x = self.fc(x.flatten(1))
        return x if self.norm is None else self.norm(x)


class Noisy(Net):
    def forward(self, x):
        return F.dropout(super().forward(x), 0.5)


class Crowd(Net):
    def forward(self, x):
        scores = super().forward(x)
        return scores - scores.mean(0, keepdim=True)


class Many(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 12)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""

KERAS = """
import keras
from keras import layers

model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dropout(0.5), layers.Dense(10)])
lazy = keras.Sequential([layers.Flatten(), layers.Dropout(0.5), layers.Dense(10)])
"""


def least_squares() -> dict[str, torch.Tensor]:
    """A linear classifier of digits in closed form, for pixels divided by 255."""
    x = np.c_[IMAGES.x_train.reshape(len(IMAGES.x_train), -1) / 255, np.ones(len(IMAGES.x_train))]
    w = np.linalg.solve(x.T @ x + 5 * np.eye(785), x.T @ (2 * np.eye(10)[IMAGES.y_train] - 1))
    return {
        "fc.weight": torch.tensor(w[:-1].T.copy(), dtype=torch.float32),
        "fc.bias": torch.tensor(w[-1], dtype=torch.float32),
    }


WEIGHTS = least_squares()
MEAN, STD = float(IMAGES.x_train.mean()) / 255, float(IMAGES.x_train.std()) / 255
STANDARDIZED = {
    "fc.weight": WEIGHTS["fc.weight"] * STD,
    "fc.bias": WEIGHTS["fc.bias"] + MEAN * WEIGHTS["fc.weight"].sum(1),
}
"""Likewise, for pixels minus their mean, divided by their standard deviation."""


def saved(thing: object, **options: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(thing, buffer, **options)
    return buffer.getvalue()


def whole_model() -> bytes:
    """As a notebook saves it: its class stands in `__main__`."""
    names: dict[str, object] = {"__name__": "__main__"}
    exec(NET, names)
    main, before = sys.modules["__main__"], vars(sys.modules["__main__"]).get("Net")
    main.Net = names["Net"]
    try:
        net = names["Net"]()
        net.load_state_dict(WEIGHTS)
        return saved(net)
    finally:
        if before is None:
            del main.Net


def torch_script() -> bytes:
    net = torch.nn.Module()
    net.fc = torch.nn.Linear(784, 10)
    net.load_state_dict(WEIGHTS)
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(net), buffer)
    return buffer.getvalue()


def keras_files() -> tuple[bytes, ...]:
    """The model of KERAS with WEIGHTS, as `save_weights` and as `save` write it, which knows two formats."""
    import keras

    model = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(10)]
    )
    model.layers[-1].set_weights([WEIGHTS["fc.weight"].T.numpy(), WEIGHTS["fc.bias"].numpy()])
    return (
        written(model.save_weights, "k.weights.h5"),
        written(model.save, "k.keras"),
        written(model.save, "k.h5"),
    )


def written(save: Callable[[str], None], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        save(str(path))
        return path.read_bytes()


GOOD = saved(WEIGHTS)
WITH_NORM = {**WEIGHTS, "norm.weight": torch.ones(10), "norm.bias": torch.zeros(10),
             "norm.running_mean": torch.zeros(10), "norm.running_var": torch.ones(10)}  # fmt: skip
KERAS_WEIGHTS, KERAS_MODEL, KERAS_OLD_MODEL = keras_files()

FITS = {
    "plain.pt": GOOD,
    "half.pth": saved({name: tensor.half() for name, tensor in WEIGHTS.items()}),
    "bfloat.pt": saved({name: tensor.bfloat16() for name, tensor in WEIGHTS.items()}),
    "nested.pt": saved(
        {"epoch": 3, "acc": np.float64(0.9), "model_state_dict": WEIGHTS, "optimizer_state_dict": {"state": {}}}
    ),
    "parallel.pt": saved({f"module.{name}": tensor for name, tensor in WEIGHTS.items()}),
    "compiled.pt": saved({f"_orig_mod.model.{name}": tensor for name, tensor in WEIGHTS.items()}),
    "old-format.pt": saved(WEIGHTS, _use_new_zipfile_serialization=False),
    "tensors.safetensors": safetensors_bytes(WEIGHTS),
    "whole.pt": whole_model(),
    "script.pt": torch_script(),
    "settings.pt": saved({"args": argparse.Namespace(lr=0.1), "net": WEIGHTS}),
}

OTHERS = {
    "transposed.pt": saved({"fc.weight": WEIGHTS["fc.weight"].T, "fc.bias": WEIGHTS["fc.bias"]}),
    "lacking.pt": saved({"fc.weight": WEIGHTS["fc.weight"]}),
    "nan.pt": saved({**WEIGHTS, "fc.bias": torch.full((10,), float("nan"))}),
    "norm.pt": saved(WITH_NORM),
    "many.pt": saved({"fc.weight": torch.zeros(12, 784), "fc.bias": torch.zeros(12)}),
    "standardized.pt": saved(STANDARDIZED),
    "untrained.pt": saved({name: torch.zeros_like(tensor) for name, tensor in WEIGHTS.items()}),
    "k.weights.h5": KERAS_WEIGHTS,
    "k.keras": KERAS_MODEL,
    "k.h5": KERAS_OLD_MODEL,
    "net.py": NET.encode(),
    "train.py": b"x = images / 255\n",
    "keras_net.py": KERAS.encode(),
}  # fmt: skip
FILES = FITS | OTHERS


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    code = tmp_path_factory.mktemp("handed-in")
    for name, data in FILES.items():
        (code / name).write_bytes(data)
    with open_session(Bubblewrap(), code, torch=True) as opened:
        yield opened


def judged(
    session: Session, file: str, net: str = "Net", arguments: tuple = ({},), also: Mapping[str, bytes] = MappingProxyType({}),
    **declared: object,
) -> Judgement:  # fmt: skip
    code = "keras_net.py" if net in ("model", "lazy") else "net.py"
    declaration = Checkpoint.model_validate(
        {"file": [file], "model": {"named": [net], "files": [code], "arguments": arguments}, "dataset": "digits",
         "full_at": {"digits": 0.9}, "zero_at": {"digits": 0.5}, **declared}
    )  # fmt: skip
    context = Context(None, "core", 7, data=IMAGES, submission=Submission({**FILES, **also}, {}))
    judgement = drive(KIND.run(declaration, context), session)
    assert session.alive and (judgement.status is not Status.OURS or judgement.unread)
    return judgement


@pytest.mark.parametrize("file", FITS)
def test_every_usual_way_to_save_is_read(session: Session, file: str) -> None:
    judgement = judged(session, file)

    assert judgement.status is Status.PASS, judgement.message
    assert "of 397 hidden images of digits" in judgement.message and "standard error" in judgement.message
    assert any("whole pickled model" in remark for remark in judgement.remarks) == (file == "whole.pt")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("transposed.pt", "fc.weight is (784, 10) in the file, (10, 784) in the model"),
        ("lacking.pt", "the file has no fc.bias"),
    ],
)
def test_what_does_not_fit_is_named(session: Session, file: str, words: str) -> None:
    judgement = judged(session, file, arguments=({}, {"normalize": False}))

    assert judgement.status is Status.FAIL and judgement.credit == 0
    assert words in judgement.message and "Net in net.py" in judgement.message
    assert judgement.exhibits[0].header == ("tensor", "in the file", "in the model")


def test_a_misfit_counts_only_when_the_rubric_knows_the_arguments(session: Session) -> None:
    judgement = judged(session, "transposed.pt")

    assert judgement.unread and "normalize" in judgement.message


def test_the_arguments_are_those_that_the_weights_fit(session: Session) -> None:
    judgement = judged(session, "norm.pt", arguments=({}, {"normalize": True}))

    assert judgement.status is Status.PASS and not judgement.remarks


def test_weights_without_a_place_are_remarked(session: Session) -> None:
    assert any("norm.weight" in remark for remark in judged(session, "norm.pt").remarks)


def test_weights_that_the_model_has_no_place_for_may_be_what_is_missing(session: Session) -> None:
    judgement = judged(session, "norm.pt", full_at={"digits": 1.0}, zero_at={"digits": 0.8})

    assert judgement.unread and "holds more than the model" in judgement.message


def test_diverged_weights_hit_nothing(session: Session) -> None:
    judgement = judged(session, "nan.pt")

    assert judgement.status is Status.FAIL and judgement.credit == 0
    assert any("fc.bias" in remark and "diverged" in remark for remark in judgement.remarks)


def test_untrained_weights_earn_nothing(session: Session) -> None:
    judgement = judged(session, "untrained.pt")

    assert judgement.status is Status.FAIL and judgement.credit == 0


def test_credit_lies_between_the_cut_offs(session: Session) -> None:
    judgement = judged(session, "plain.pt", full_at={"digits": 1.0}, zero_at={"digits": 0.8})

    assert judgement.status is Status.FAIL and 0 < judgement.credit < 1


@pytest.mark.parametrize(("net", "words"), [("Noisy", "dropout is still on"), ("Crowd", "depend on the other images")])
def test_evaluation_mode_is_checked(session: Session, net: str, words: str) -> None:
    judgement = judged(session, "plain.pt", net, evaluation=0.5)

    assert words in judgement.message and judgement.status is Status.FAIL and 0 < judgement.credit <= 0.5


def test_the_best_way_to_prepare_the_images_counts(session: Session) -> None:
    judgement = judged(session, "plain.pt", inputs=[{"mean": 0.9, "std": 0.02}, {"scale": 255}])

    assert judgement.status is Status.PASS and "images divided by 255" in judgement.message


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"transforms.Normalize((0.9,), (0.1,))", "“transforms.Normalize((0.9,), (0.1,))”"),
        (b"x = 1 - x / 255", "“1 - x / 255”"),
        (b"", "no source that was handed in shows how images are prepared"),
    ],
)
def test_images_prepared_as_nobody_declared_are_for_a_ta(session: Session, source: bytes, words: str) -> None:
    judgement = judged(session, "untrained.pt", also={"train.py": source})

    assert judgement.unread and words in judgement.message


def test_images_standardized_by_their_own_mean_are_known(session: Session) -> None:
    judgement = judged(session, "standardized.pt")

    assert judgement.status is Status.PASS and "mean 0.2" in judgement.message


def test_images_that_no_net_takes_are_nobodys_mistake(session: Session) -> None:
    judgement = judged(session, "plain.pt", inputs=[{"size": 32}])

    assert judgement.unread and "padded to 32×32" in judgement.message


def test_the_number_of_classes_is_named(session: Session) -> None:
    assert "12 scores per image" in judged(session, "many.pt", "Many").message


@pytest.mark.parametrize(
    ("file", "net"), [("k.weights.h5", "model"), ("k.weights.h5", "lazy"), ("k.keras", "model"), ("k.h5", "model")]
)
def test_keras_weights_and_whole_models(session: Session, file: str, net: str) -> None:
    judgement = judged(session, file, net)

    assert judgement.status is Status.PASS, judgement.message


def test_weights_of_the_other_framework(session: Session) -> None:
    assert "weights of Keras" in judged(session, "k.weights.h5").message
    assert "weights of torch" in judged(session, "plain.pt", "model").message


def test_no_such_file_among_others_is_for_a_ta(session: Session) -> None:
    assert judged(session, "*weight_decay*").unread


def test_no_such_file_when_all_others_are_accounted_for(session: Session) -> None:
    judgement = judged(session, "*weight_decay*", others=["*"])

    assert judgement.status is Status.MISSING and "weight_decay" in judgement.message


def test_of_several_files_the_best_counts(session: Session) -> None:
    declaration = Checkpoint.model_validate(
        {"file": ["[up]*"], "model": {"named": ["Net"], "files": ["net.py"]}, "dataset": "digits",
         "full_at": {"digits": 0.9}, "zero_at": {"digits": 0.5}}
    )  # fmt: skip
    files = {name: FILES[name] for name in ("untrained.pt", "plain.pt", "net.py")}
    context = Context(None, "core", 7, data=IMAGES, submission=Submission(files, {}))

    judgement = drive(KIND.run(declaration, context), session)

    assert judgement.status is Status.PASS and "untrained.pt" in judgement.remarks[-1]


def test_cut_offs_of_a_data_set_that_the_rubric_does_not_know(session: Session) -> None:
    assert judged(session, "plain.pt", full_at={"mnist": 0.9}, zero_at={"mnist": 0.5}).unread
