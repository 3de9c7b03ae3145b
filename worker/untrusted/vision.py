"""A stand-in for `torchvision.datasets`: the images that the host offered (`data.py`), under the names scripts use.

An image is a `Picture` (`pictures.py`), where torchvision gives one of Pillow, which is not installed here.
"""

import numpy as np

from . import data
from .pictures import Picture


class _Offered:
    """As documented for torchvision: `data`, `targets`, `classes`, `transform`, and (image, label) by index."""

    size = (28, 28)
    classes = ()

    def __init__(self, root=None, train=True, transform=None, target_transform=None, download=False, **other):
        self.root, self.train = root, train
        self.transform, self.target_transform = transform, target_transform
        images, labels = data.part(type(self).__name__, train, self.size)
        data.remember_transform(train, transform)
        self.class_to_idx = {name: index for index, name in enumerate(self.classes)}
        self._hold(images, labels)

    def _hold(self, images, labels):
        import torch

        self.data, self.targets = torch.from_numpy(images), torch.from_numpy(labels)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        image, label = self.data[index], int(self.targets[index])
        if not isinstance(image, np.ndarray):
            image = image.numpy()
        image = Picture(image)
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def __add__(self, other):
        from torch.utils.data import ConcatDataset

        return ConcatDataset([self, other])


class MNIST(_Offered):
    classes = (
        "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine",
    )  # fmt: skip


class FashionMNIST(_Offered):
    classes = (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip


class CIFAR10(_Offered):
    size = (32, 32, 3)
    classes = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

    def _hold(self, images, labels):
        self.data, self.targets = images, labels.tolist()


def make_grid(tensor, nrow=8, padding=2, normalize=False, pad_value=0.0, **other):
    """(N, C, H, W), or a list of (C, H, W), to one picture (3 or C, …), as documented."""
    import torch

    images = torch.stack(list(tensor)) if isinstance(tensor, (list, tuple)) else tensor
    images = images[(None,) * (4 - images.dim())]
    if images.shape[1] == 1:
        images = images.expand(-1, 3, -1, -1)
    if normalize:
        low, high = images.min(), images.max()
        images = (images - low) / (high - low).clamp(min=1e-5)
    count, channels, height, width = images.shape
    across = min(nrow, count)
    high, wide = height + padding, width + padding
    grid = images.new_full((channels, high * -(-count // across) + padding, wide * across + padding), pad_value)
    for index, image in enumerate(images):
        top, left = index // across * high + padding, index % across * wide + padding
        grid[:, top : top + height, left : left + width] = image
    return grid


def save_image(*args, **kwargs):
    return None


UTILS = {"make_grid": make_grid, "save_image": save_image}
NAMES = {"MNIST": MNIST, "FashionMNIST": FashionMNIST, "CIFAR10": CIFAR10}
