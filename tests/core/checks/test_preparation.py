"""How sources prepare images: what may be more than the rubric declares is quoted, and nothing else is."""

from __future__ import annotations

import json

import pytest

from grader.core.checks.inputs import Preprocessing, ways_to_prepare
from grader.core.checks.preparation import undeclared_preparation

GREY = (
    Preprocessing(),
    Preprocessing(mean=0.5, std=0.5),
    Preprocessing(mean=0.286, std=0.353),
    Preprocessing(size=32),
    Preprocessing(size=32, fit="resize"),
)
COLOUR = (Preprocessing(mean=(0.49, 0.48, 0.45), std=(0.25, 0.24, 0.26)),)
START = "from torchvision.transforms import ToTensor\n"


def said(source: str, declared: tuple[Preprocessing, ...] = GREY, name: str = "train.py") -> str:
    return undeclared_preparation({name: (START + source).encode()}, declared, (28, 28))


@pytest.mark.parametrize(
    "source",
    [
        # what is declared, however it is written
        "T.Normalize((0.5,), (0.5,))",
        "transforms.Normalize(mean=[0.5, 0.5, 0.5], std=[.5, .5, .5])",
        "T.Normalize(MEAN, STD)\nMEAN, STD = [0.286], [0.353]",
        "Normalize(0, 1)",
        "x_train = x_train.astype('float32') / 255",
        "x = x / 127.5 - 1",
        "X = (X / 255 - 0.5) / 0.5",
        "x = x.float().div_(255).sub_(0.286).div_(0.353)",
        "x = torch.tensor(x, dtype=torch.float32).unsqueeze(1) * (1 / 255)",
        "x /= 255.0",
        "images = images / images.max()",
        "T.Compose([T.Pad(2), T.ToTensor(), T.Normalize(0.5, 0.5)])",
        "T.Resize((32, 32))",
        "layers.Rescaling(1 / 127.5, offset=-1)",
        "ImageDataGenerator(rescale=1. / 255, rotation_range=10)",
        "x = np.pad(x, ((0, 0), (2, 2), (2, 2)))",
        "x = np.transpose(x, (0, 3, 1, 2))",
        # what is done to other things, or only shown
        "running += loss.item() * images.size(0)",
        "held_back = int(0.2 * len(train_data))",
        "accuracy = 100. * correct / len(data)",
        "loss = criterion(model(images), labels) / 4",
        "scaler.scale(loss).backward()",
        "for x in range(10):\n    axes.text(x + 0.1, 3, s)",
        "def show(img):\n    img = img * 0.3 + 0.1\n    plt.imshow(np.transpose(img.numpy(), (1, 2, 0)))",
        "plt.imshow(images[0].T / 2)",
        # what a net does itself
        "class Net(nn.Module):\n    def forward(self, x):\n        return (x - x.mean()) / x.std() * 3",
        "keras.layers.Lambda(lambda x: x / 2)",
        "layers.LayerNormalize(7)",
    ],
)
def test_known_or_of_no_images(source: str) -> None:
    assert said(source) == ""


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("T.Normalize((0.1307,), (0.3081,))", "T.Normalize((0.1307,), (0.3081,))"),
        ("transforms.Normalize(mean, std)", "transforms.Normalize(mean, std)"),
        ("T.Compose([T.ToTensor(), T.Normalize(.5, .5), T.Pad(2)])", "T.Compose([T.ToTensor(), T.Normalize(.5, .5), T.Pad(2)])"),
        ("x = (x - x.mean()) / x.std()", "(x - x.mean()) / x.std()"),
        ("def standardize(z):\n    return (z - z.mean()) / z.std()", "z - z.mean()"),
        ("def prepare(a):\n    return a / 100\nx = prepare(x_train)", "a / 100"),
        ("class Invert:\n    def __call__(self, picture):\n        return 1 - picture", "1 - picture"),
        ("T.Lambda(lambda t: t * 3 - 1)", "t * 3 - 1"),
        ("data.map(lambda a, y: (a / 100, y))", "a / 100"),
        ("X = 255 - X", "255 - X"),
        ("x -= x_mean", "x -= x_mean"),
        ("x = ~x", "~x"),
        ("x = x ** 0.5", "x ** 0.5"),
        ("images = raw.data.numpy().transpose(0, 2, 1)", "raw.data.numpy().transpose(0, 2, 1)"),
        ("x = np.rot90(x, axes=(1, 2))", "np.rot90(x, axes=(1, 2))"),
        ("x = StandardScaler().fit_transform(x)", "StandardScaler()"),
        ("x = tf.image.per_image_standardization(x)", "tf.image.per_image_standardization(x)"),
        ("T.Resize((64, 64))", "T.Resize((64, 64))"),
        ("T.Resize(32, interpolation=T.InterpolationMode.NEAREST)", "T.Resize(32, interpolation=T.InterpolationMode.NEAREST)"),
        ("T.Pad(2, fill=1)", "T.Pad(2, fill=1)"),
        ("ImageDataGenerator(samplewise_center=True)", "ImageDataGenerator(samplewise_center=True)"),
        ("layers.Rescaling(2 / 255.)", "layers.Rescaling(2 / 255.)"),
    ],
)
def test_what_nobody_declared_is_quoted(source: str, quote: str) -> None:
    assert said(source) == f"the rubric does not know how these images are prepared (“{quote}”)"


def test_channels_are_compared_one_by_one() -> None:
    assert said("T.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))", COLOUR) == ""
    assert said("T.Normalize((0.4914, 0.4822, 0.9), (0.2470, 0.2435, 0.2616))", COLOUR)


def test_cells_of_notebooks_are_read_without_magics() -> None:
    cells = [{"cell_type": "code", "source": ["!pip install x\n", "%matplotlib inline\n", START, "x = x - 0.9\n"]}]
    book = json.dumps({"cells": cells}).encode()

    assert "“x - 0.9”" in undeclared_preparation({"hw.ipynb": book}, GREY, (28, 28))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"report.md": b"Normalize((0.1,), (0.2,))"}, "no source that was handed in shows"),
        ({"net.py": b"class Net: pass"}, "no source that was handed in shows"),
        ({"a.py": b"print 'x / 255'"}, "in a.py could not be read"),
        ({"a.py": b"ToTensor(" * 100_000}, "too long"),
        ({"a.py": b"ToTensor" + b"(" * 90_000}, "could not be read"),
        ({"a.py": b"ToTensor\nx" + b"[0]" * 40_000}, "could not be read"),
        ({"a.py": b"ToTensor\nx = x / 10**10**9"}, "10**10**9"),
        ({"a.py": b"ToTensor\nx = x * (1e308 * 1e308) * 0"}, "1e308"),
    ],
)
def test_what_cannot_be_read_is_said(files: dict[str, bytes], words: str) -> None:
    assert words in undeclared_preparation(files, GREY, (28, 28))


@pytest.mark.parametrize(
    "source", ["np.subtract(" * 90 + "x" + ", 0)" * 90, "(" * 90 + "x" + ") / x.max()" * 90, "x - np.mean(" * 60 + "x" + ")" * 60]
)
def test_arithmetic_within_arithmetic_is_looked_at_once(source: str) -> None:
    said(f"x = {source}")


def test_every_size_is_tried_as_it_is_and_standardized_by_the_images_themselves() -> None:
    ways = ways_to_prepare((Preprocessing(size=32), Preprocessing(size=32, mean=0.5, std=0.5), Preprocessing()), 0.2241, 0.3491)

    assert ways[3:5] == (Preprocessing(size=32, scale=1), Preprocessing(scale=1))
    assert ways[5:] == (Preprocessing(size=32, mean=0.2241, std=0.3491), Preprocessing(mean=0.2241, std=0.3491))
    assert ways_to_prepare((Preprocessing(scale=1),), 0.0, 0.0) == (Preprocessing(scale=1),)
