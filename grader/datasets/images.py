"""Data sets by name, from the course's folder or as the stand-ins that are always there."""

from __future__ import annotations

import functools
from pathlib import Path

from grader.core.checks.images import Images, ImageSet
from grader.datasets.cifar import FOLDERS, cifar10, find_cifar10
from grader.datasets.digits import coloured_digits, digits, enlarged_digits
from grader.datasets.error import DatasetError
from grader.datasets.store import is_installed, read

STAND_INS = {"digits": enlarged_digits, "digits-colour": coloured_digits}


def load_images(name: str, folder: Path | None) -> Images:
    """`cifar10`, `digits`, or `cifar10-or-digits`: CIFAR-10 if `folder` holds it.

    Images are (N, C, H, W) float64 with the training mean subtracted. Raises DatasetError.
    """
    if name == "digits" or (name == "cifar10-or-digits" and not _has_cifar10(folder)):
        return digits()
    return _centred("cifar10", folder)


def load_image_set(name: str, folder: Path | None) -> ImageSet:
    """`fashion-mnist`, `mnist`, `cifar10` from `folder`; `digits` (28x28) and `digits-colour` (32x32x3) from nowhere.

    Raises DatasetError when it is not installed, naming the command that installs it, or when its files are damaged.
    """
    if name in STAND_INS:
        return STAND_INS[name]()
    if is_installed(name, folder):
        return read(name, folder)
    if name == "cifar10" and (found := find_cifar10(folder)) is not None:
        return cifar10(found)
    also = f", or put the folder {FOLDERS[0]} into {folder}" if name == "cifar10" else ""
    raise DatasetError(f"the data set {name} is not installed: `grader datasets add {name} PATH`{also}")


def _has_cifar10(folder: Path | None) -> bool:
    return is_installed("cifar10", folder) or find_cifar10(folder) is not None


@functools.lru_cache(maxsize=2)
def _centred(name: str, folder: Path | None) -> Images:
    """Made once, since a check trains on it again and again."""
    images = load_image_set(name, folder)
    x, x_hidden = (part.transpose(0, 3, 1, 2) / 255.0 for part in (images.x_train, images.x_hidden))
    mean = x.mean(axis=0)
    return Images(images.name, x - mean, images.y_train, x_hidden - mean, images.y_hidden, images.classes)
