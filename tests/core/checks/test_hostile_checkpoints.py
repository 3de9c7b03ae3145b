"""Files of weights that do harm to those who open them: in the real sandbox each is a sentence, and nothing more.

What could run here writes a file, which nobody finds; what could eat memory or time is stopped by the reader, and the same
session goes on to judge an honest file.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import struct
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

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
ROOT = Path(__file__).parents[3]

NET = """
import os
import sys

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))


class Liar(Net):
    def forward(self, x):
        import numpy

        def scores(fitted, images, how, batch=256):
            best = numpy.zeros((len(images), 10), numpy.float32)
            best[:, 3] = 1e30
            return best

        sys.modules["_sandbox.checkpoints"].scores = scores
        return super().forward(x)

    def state_dict(self, *args, **kwargs):
        return {}

    def load_state_dict(self, *args, **kwargs):
        self.accuracy = 1.0


class Leaves(Net):
    def forward(self, x):
        os._exit(0)
"""

KERAS = """
import keras

model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
halved = keras.Sequential([
    keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Lambda(lambda x: x / 2), keras.layers.Dense(10)
])
"""


def saved(thing: object, **options: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(thing, buffer, **options)
    return buffer.getvalue()


class Runs:
    """What the pickle does when somebody opens it carelessly."""

    def __init__(self, function: Callable, *args: object) -> None:
        self.call = function, args

    def __reduce__(self) -> tuple:
        return self.call


class Beyond:
    """A tensor that claims more numbers than its storage has."""

    def __reduce__(self) -> tuple:
        storage = torch.zeros(4).untyped_storage()
        typed = torch.storage.TypedStorage(wrap_storage=storage, dtype=torch.float32, _internal=True)
        return torch._utils._rebuild_tensor_v2, (typed, 0, (7840,), (1,), False, OrderedDict())


def nested(depth: int) -> bytes:
    """Dicts within dicts, deeper than a pickler could write them."""
    pickled = b"\x80\x02" + b"}X\x01\0\0\0a" * depth + b"}" + b"s" * depth + b"."
    return archive({"a/data.pkl": pickled, "a/version": b"3\n", "a/byteorder": b"little"})


def laughs() -> dict:
    """Sixty levels, each of which holds the next one twice."""
    level: dict = {}
    for _ in range(60):
        level = {"a": level, "b": level}
    return level


def itself() -> torch.nn.Module:
    module = torch.nn.Module()
    module._modules["a"] = module
    return module


def copies() -> torch.nn.Module:
    """Twenty-five levels of modules, each of which holds the next one twice: 33 million of them."""
    module = torch.nn.Module()
    for _ in range(25):
        outer = torch.nn.Module()
        outer._modules.update(a=module, b=module)
        module = outer
    return module


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}, 2))
        with archive.open("archive/data/0", "w") as entry:
            for _ in range(600):
                entry.write(bytes(1 << 20))
    return buffer.getvalue()


def archive(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in entries.items():
            opened.writestr(name, data)
    return buffer.getvalue()


def overlapping() -> bytes:
    one = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
    header = json.dumps({"a": one, "b": {**one, "data_offsets": [8, 24]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(24)


def written(save: Callable[[str], None], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        save(str(path))
        return path.read_bytes()


def keras_lambda(name: str) -> bytes:
    import keras

    layers = keras.layers
    half = layers.Lambda(lambda x: x / 2)
    return written(keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), half, layers.Dense(10)]).save, name)


def keras_that_asks_for(thing: dict[str, object]) -> bytes:
    """A model of Keras' with something else in the place of an activation."""
    import keras

    data = written(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="relu")]).save, "m.keras")
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        entries = {name: opened.read(name) for name in opened.namelist()}
    config = json.loads(entries["config.json"])
    config["config"]["layers"][1]["config"]["activation"] = thing
    return archive({**entries, "config.json": json.dumps(config).encode()})


def huge_h5() -> bytes:
    """Weights that are four terabytes of nothing when they are read."""
    import h5py
    import keras

    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])

    def save(path: str) -> None:
        model.save_weights(path)
        with h5py.File(path, "r+") as file:
            name = next(name for name in names(file) if name.endswith("vars/0"))
            del file[name]
            file.create_dataset(name, shape=(10**6, 10**6), chunks=(1000, 1000), dtype="f4", compression="gzip")

    def names(file: h5py.File) -> list[str]:
        found: list[str] = []
        file.visit(found.append)
        return found

    return written(save, "huge.weights.h5")


CODE = {"class_name": "__lambda__", "config": {"code": "4wAAAA==", "defaults": None, "closure": None}}
DEEP = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
GOOD = saved({"fc.weight": torch.zeros(10, 784), "fc.bias": torch.zeros(10)})

REFUSED = {
    "corrupt.pt": (GOOD[:200] + bytes(300) + GOOD[500:], "cannot be opened"),
    "cut.pt": (GOOD[: len(GOOD) // 2], "damaged or was cut off"),
    "pickle-bomb.pt": (saved(Runs(os.system, "echo pwned > /tmp/pwned")), "asks to run posix.system"),
    "eval.pt": (saved({"w": torch.zeros(1), "x": Runs(eval, "1/0")}), "asks to run builtins.eval"),
    "plain-pickle.pt": (pickle.dumps(Runs(os.system, "true")), "cannot be opened"),
    "memory.pt": (saved(Runs(bytearray, 10**13)), "more memory"),
    "claims-much.pt": (saved({"fc.weight": torch.zeros(1).expand(10**9)}), "claims tensors of 3,815 MB"),
    "zip-bomb.pt": (bomb(), "unpacks to more than 512 MB"),
    "huge-header.safetensors": (struct.pack("<Q", 4 << 30) + b'{"a":', "header has 4,294,967,296 bytes"),
    "lying.safetensors": (
        struct.pack("<Q", 72) + b'{"a":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}', "cannot be opened"),
    "pointer.pt": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS"),
    "page.pt": (b"<!DOCTYPE html><html><title>Sign in</title>", "web page"),
    "nothing.pt": (b"", "empty"),
    "words.pt": (b"see my drive", "neither a file of torch.save"),
    "list.pt": (saved([1, 2, 3]), "a list, not the weights"),
    "no-tensors.pt": (saved({"acc": 0.9}), "no tensors were found"),
    "sparse.pt": (saved({"fc.weight": torch.eye(4).to_sparse()}), "without plain numbers"),
    "archive.pt": (archive({"readme.txt": b"no weights"}), "without weights"),
    "lambda.keras": (keras_lambda("l.keras"), "code of its own"),
    "broken.h5": (b"\x89HDF\r\n\x1a\n" + bytes(64), "cannot be opened by Keras"),
    "deep.pt": (nested(100_000), "more memory"),
    "laughs.pt": (saved(laughs()), "no tensors were found"),
    "itself.pt": (saved(itself()), "nests modules too deeply"),
    "copies.pt": (saved(copies()), "nests modules too deeply"),
    "beyond.pt": (saved({"fc.weight": Beyond()}), "cannot be opened"),
    "script.pt": (
        archive({"a/constants.pkl": b"\x80\x02).", "a/data.pkl": pickle.dumps(Runs(os.system, "true"), 2)}), "cannot be opened"),
    "overlap.safetensors": (overlapping(), "cannot be opened"),
    "brackets.safetensors": (struct.pack("<Q", 100_000) + b"[" * 100_000, "cannot be opened"),
    "lambda.h5": (keras_lambda("l.h5"), "code of its own"),
    "marshalled.keras": (keras_that_asks_for(CODE), ("code of its own", "cannot be opened by Keras")),
    "module.keras": (
        keras_that_asks_for({"module": "subprocess", "class_name": "Popen", "config": {"args": "true"}}),
        "cannot be opened by Keras"),
    "function.keras": (
        keras_that_asks_for({"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"}),
        "cannot be opened by Keras"),
    "deep.keras": (
        archive({"config.json": DEEP, "metadata.json": b"{}", "model.weights.h5": b""}), ("more memory", "cannot be opened")),
    "out.keras": (archive({"config.json": b"{}", "model.weights.h5": b"", "../../tmp/pwned": b"x"}), "names that lead out of it"),
    "huge.weights.h5": (huge_h5(), ("more memory", "does not fit")),
}  # fmt: skip



FILES = {name: data for name, (data, _) in REFUSED.items()} | {
    "good.pt": GOOD,
    "net.py": NET.encode(),
    "train.py": b"x = images / 255\n",
    "keras_net.py": KERAS.encode(),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    code = tmp_path_factory.mktemp("handed-in")
    for name, data in FILES.items():
        (code / name).write_bytes(data)
    return code


@pytest.fixture(scope="module")
def session(tree: Path) -> Iterator[Session]:
    with open_session(Bubblewrap(), tree, torch=True) as opened:
        yield opened


def judged(session: Session, file: str, net: str = "Net") -> Judgement:
    code = "keras_net.py" if net in ("model", "halved") else "net.py"
    declaration = Checkpoint.model_validate(
        {"file": [file], "model": {"named": [net], "files": [code]}, "dataset": "digits",
         "full_at": {"digits": 0.9}, "zero_at": {"digits": 0.5}}
    )  # fmt: skip
    context = Context(None, "core", 7, data=IMAGES, submission=Submission(FILES, {}))
    return drive(KIND.run(declaration, context), session)


@pytest.mark.parametrize("file", REFUSED)
def test_a_hostile_or_broken_file_is_a_verdict_and_nothing_more(session: Session, file: str) -> None:
    judgement = judged(session, file, "model" if file.endswith(".weights.h5") else "Net")

    words = REFUSED[file][1]
    assert judgement.status in (Status.ERROR, Status.FAIL) and not judgement.ended and session.alive, judgement
    assert judgement.message.startswith(file), judgement.message
    assert any(one in judgement.message for one in ((words,) if isinstance(words, str) else words)), judgement.message
    assert not Path("/tmp/pwned").exists()


@pytest.mark.parametrize("file", ["lambda.keras", "lambda.h5"])
def test_the_weights_of_a_file_with_code_go_into_the_model_of_the_submission(session: Session, file: str) -> None:
    judgement = judged(session, file, "halved")

    assert judgement.status is Status.FAIL and "hidden images of digits" in judgement.message, judgement


def test_an_honest_file_is_judged_after_all_of_them(session: Session) -> None:
    judgement = judged(session, "good.pt")

    assert judgement.status is Status.FAIL and "hidden images of digits" in judgement.message


def test_a_model_that_answers_for_the_grader_knows_no_label(tree: Path) -> None:
    with open_session(Bubblewrap(), tree, torch=True) as own:
        judgement = judged(own, "good.pt", "Liar")

    assert judgement.status is Status.FAIL and judgement.credit == 0, judgement


def test_nothing_is_opened_outside_the_sandbox() -> None:
    """No file of the trusted side imports what could read such a file; data sets are the course's own."""
    readers = re.compile(r"^\s*(import|from) (pickle|marshal|shelve|torch|h5py|safetensors|keras|joblib)\b", re.MULTILINE)
    trusted = [path for folder in ("grader", "worker/trusted") for path in (ROOT / folder).rglob("*.py")]

    found = [path for path in trusted if path.parent.name != "datasets" and readers.search(path.read_text())]

    assert len(trusted) > 100 and not found


def test_a_model_that_ends_the_process(session: Session) -> None:
    judgement = judged(session, "good.pt", "Leaves")

    assert judgement.status is Status.ERROR and "ended the Python process" in judgement.message
    assert judgement.ended and not session.alive  # so this test stands last
