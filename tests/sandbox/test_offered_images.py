"""Scripts as students write them find the offered images under torchvision's and Keras' names, without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.core.calls import Call
from grader.core.checks.images import ImageSet
from grader.core.verdict import from_reply
from grader.datasets import load_image_set
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import Session, open_session

TORCH = """
import numpy as np
import torch
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader, random_split
from torchvision import datasets
from torchvision.transforms import v2


def loaders():
    pad = transforms.Compose([transforms.Pad(2), transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    train = datasets.FashionMNIST(root="./data", train=True, download=True, transform=pad)
    test = torchvision.datasets.FashionMNIST("./data", False, transform=pad)
    part, rest = random_split(train, [1000, len(train) - 1000])
    loader = DataLoader(part, batch_size=64, shuffle=True, num_workers=2, pin_memory=True)
    images, labels = next(iter(loader))
    return len(train), len(test), len(rest), images, labels, train.data[3], train.targets, len(train.classes)


def indexed(index):
    image, label = datasets.MNIST("./data", train=True)[index]
    assert (image.size, image.mode) == ((28, 28), "L")
    return np.array(image), label


def other_size():
    return datasets.CIFAR10("./data", train=True, download=True)


def lacking():
    return transforms.RandomAffine(5, shear=3)(datasets.MNIST("./data")[0][0])


def by_new_names(image):
    return v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])(image)
"""

KERAS = """
import keras
from tensorflow.keras.datasets import fashion_mnist


def load():
    return fashion_mnist.load_data(), keras.datasets.mnist.load_data()


def other_size():
    return keras.datasets.cifar10.load_data()
"""


@pytest.fixture(scope="module")
def images() -> ImageSet:
    return load_image_set("digits", None)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, images: ImageSet):
    code = tmp_path_factory.mktemp("scripts")
    (code / "in_torch.py").write_text(TORCH)
    (code / "in_keras.py").write_text(KERAS)
    with open_session(Bubblewrap(), Path(code), torch=True) as session:
        train, test = slice(None, 1200), slice(1200, None)
        parts = images.x_train[train], images.y_train[train], images.x_train[test], images.y_train[test]
        reply = session.send(Call("_sandbox.data.offer", ("digits", *parts)))
        assert reply.error is None, reply.error
        yield session


def value(session: Session, target: str, *args: object) -> object:
    reply = session.send(Call(target, args, seconds=60.0))
    assert reply.error is None, reply.error
    return reply.values[0]


def test_a_torch_script(session: Session, images: ImageSet) -> None:
    train, test, rest, batch, labels, fourth, targets, classes = value(session, "in_torch.loaders")

    assert (train, test, rest, classes) == (1200, 200, 200, 10)
    assert batch.shape == (64, 1, 32, 32) and batch.dtype == np.float32 and batch.min() == -1 and batch.max() == 1
    assert labels.shape == (64,) and labels.dtype == np.int64
    np.testing.assert_array_equal(fourth, images.x_train[3])
    np.testing.assert_array_equal(targets, images.y_train[:1200])


def test_images_and_labels_belong_together(session: Session, images: ImageSet) -> None:
    image, label = value(session, "in_torch.indexed", 17)

    np.testing.assert_array_equal(image, images.x_train[17])
    assert label == images.y_train[17]


def test_hidden_images_go_the_way_of_the_scripts_test_images(session: Session, images: ImageSet) -> None:
    value(session, "in_torch.loaders")

    seen = value(session, "_sandbox.data.test_images", images.x_hidden[:5])

    padded = np.pad(images.x_hidden[:5], ((0, 0), (2, 2), (2, 2)))[:, None]
    np.testing.assert_allclose(seen, padded / 255 * 2 - 1, atol=1e-6)


def test_a_keras_script(session: Session, images: ImageSet) -> None:
    fashion, mnist = value(session, "in_keras.load")

    (x_train, y_train), (x_test, y_test) = fashion
    np.testing.assert_array_equal(x_train, images.x_train[:1200])
    np.testing.assert_array_equal(y_test, images.y_train[1200:])
    assert x_train.dtype == y_train.dtype == np.uint8 and len(x_test) == 200
    np.testing.assert_array_equal(mnist[0][0], x_train)


@pytest.mark.parametrize("target", ["in_torch.other_size", "in_keras.other_size", "in_torch.lacking"])
def test_what_is_not_here_is_said_and_not_the_scripts_fault(session: Session, target: str) -> None:
    reply = session.send(Call(target, seconds=60.0))

    judgement = from_reply(reply, "train.py", 60.0)
    assert (
        judgement is not None
        and judgement.unread
        and ("offers digits" in judgement.message or "shear" in judgement.message)
    )


def test_a_script_does_not_change_what_the_next_one_gets(session: Session, images: ImageSet) -> None:
    (x_train, _), _ = value(session, "in_keras.load")[0]
    reply = session.send(Call("_sandbox.data.part", ("digits", True, (28, 28)), keep="mine"))
    assert reply.error is None

    np.testing.assert_array_equal(value(session, "_sandbox.data.part", "digits", True, (28, 28))[0], x_train)


def test_new_names_of_the_transforms(session: Session) -> None:
    image = np.array([[[0, 51, 255]]], np.uint8)

    np.testing.assert_allclose(
        value(session, "in_torch.by_new_names", image), np.array([0, 0.2, 1]).reshape(3, 1, 1), atol=1e-6
    )
