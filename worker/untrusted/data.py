"""The images that a student's own script finds under `torchvision.datasets` and `keras.datasets`: those that the host offers.

    Call("_sandbox.data.offer", ("fashion-mnist", x_train, y_train, x_test, y_test))

x: (N, H, W) or (N, H, W, C) uint8, y: (N,) int64. "test" are training images too: labels of hidden images never come in here.
Afterwards `FashionMNIST(root, train=True, download=True, transform=…)` and `keras.datasets.fashion_mnist.load_data()` give
these images, and a `DataLoader` with workers reads them itself, since no process can be started here. A script that asks for
a data set of another image size is told so (`NotOffered`).

Whoever trains a script and then wants predictions for hidden images has to treat them as the script treats its test images:
`test_transform()` is what the script gave to its torchvision data set, `test_images(x)` puts raw images through it.
"""

import sys

import numpy as np


class NotOffered(LookupError):
    """A script asks for images that this check does not have."""


class Offer:
    """What the host gave, and what the script did with it. `transforms`: {train: the last data set's transform}."""

    def __init__(self, name, x_train, y_train, x_test, y_test):
        self.name = name
        self.parts = {True: (x_train, y_train), False: (x_test, y_test)}
        self.transforms = {}
        self.statistics = None


_offers = []


def offer(name, x_train, y_train, x_test, y_test):
    """The last offer counts. Returns nothing."""
    for x in (x_train, x_test):
        x.flags.writeable = False  # each reader gets its own copy
    _offers[:] = [Offer(name, x_train, y_train, x_test, y_test)]
    if "torch" in sys.modules:
        read_in_this_process()


def part(name, train, size):
    """A fresh copy of the training or the test images and labels of the data set `name`, if its images have this size."""
    if not _offers:
        raise NotOffered(f"the data set {name} is not available in this check")
    x, y = _offers[0].parts[bool(train)]
    if x.shape[1:] != size:
        raise NotOffered(f"{name} was asked for, images of {size}; this check offers {_offers[0].name}, {x.shape[1:]}")
    return x.copy(), y.copy()


def remember_transform(train, transform):
    _offers[0].transforms[bool(train)] = transform


def test_transform():
    """The `transform` of the torchvision data set that the script made last with `train=False`; if it made none, of the one
    with `train=True`; None if it made neither or gave no transform."""
    if not _offers:
        return None
    transforms = _offers[0].transforms
    return transforms.get(False, transforms.get(True))


def test_images(x):
    """Raw images, (N, H, W) or (N, H, W, C) uint8, as the script's net gets them: through its test transform, stacked to a
    torch tensor (N, …). Without a transform, as they are."""
    transform = test_transform()
    if transform is None:
        return x
    import torch

    from .pictures import Picture

    return torch.stack([torch.as_tensor(transform(Picture(image))) for image in x])


def training_statistics():
    """(mean, standard deviation) of the offered training images at each pixel, (H, W) or (H, W, C) float32, 0 … 255."""
    if not _offers:
        raise NotOffered("no images were offered")
    if _offers[0].statistics is None:
        x = _offers[0].parts[True][0][:10_000].astype(np.float32)
        _offers[0].statistics = x.mean(axis=0), x.std(axis=0)
    return _offers[0].statistics


def read_in_this_process():
    """`DataLoader(num_workers=2)` starts processes, which is not allowed here; the images are the same without. And
    `iter(loader).next()` works, as it did in older torch."""
    from torch.utils.data import DataLoader
    from torch.utils.data.dataloader import _BaseDataLoaderIter

    original = DataLoader.__init__
    if getattr(original, "in_this_process", False):
        return

    def __init__(self, dataset, *args, **kwargs):
        args = list(args)
        if len(args) > 4:
            args[4] = 0
        kwargs = {key: value for key, value in kwargs.items() if key not in _FOR_WORKERS}
        original(self, dataset, *args, **kwargs)

    __init__.in_this_process = True
    DataLoader.__init__ = __init__
    _BaseDataLoaderIter.next = _BaseDataLoaderIter.__next__


_FOR_WORKERS = (
    "num_workers",
    "prefetch_factor",
    "persistent_workers",
    "multiprocessing_context",
    "pin_memory",
    "timeout",
)
