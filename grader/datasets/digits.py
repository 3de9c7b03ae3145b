"""scikit-learn's 1,797 handwritten digits, 8x8, the data set that is always there; enlarged, it stands in for others."""

from __future__ import annotations

import functools
import gzip
import importlib.util
from pathlib import Path

import numpy as np

from grader.core.checks.images import Images, ImageSet
from grader.datasets.error import DatasetError

HIDDEN = 397
BRIGHTEST = 16  # of a pixel, as the file counts


@functools.cache
def digits() -> Images:
    """(N, 1, 8, 8) float64 with the training mean subtracted; 397 images are held back."""
    x, y = _table()
    x = x.reshape(-1, 1, 8, 8) / BRIGHTEST
    mean = x[:-HIDDEN].mean(axis=0)
    return Images("digits", x[:-HIDDEN] - mean, y[:-HIDDEN], x[-HIDDEN:] - mean, y[-HIDDEN:], 10)


@functools.cache
def enlarged_digits() -> ImageSet:
    """(N, 28, 28): each pixel three times as wide and high, two black pixels around. Stands in for Fashion-MNIST."""
    x, y = _table()
    x = np.pad(_grey(x).repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
    return ImageSet("digits", x[:-HIDDEN], y[:-HIDDEN], x[-HIDDEN:], y[-HIDDEN:], 10)


@functools.cache
def coloured_digits() -> ImageSet:
    """(N, 32, 32, 3): each pixel four times as wide and high, each image in a light colour. Stands in for CIFAR-10."""
    x, y = _table()
    colours = np.random.default_rng(2017).uniform(0.5, 1.0, size=(len(x), 1, 1, 3))
    x = (_grey(x).repeat(4, axis=1).repeat(4, axis=2)[..., None] * colours).astype(np.uint8)
    return ImageSet("digits-colour", x[:-HIDDEN], y[:-HIDDEN], x[-HIDDEN:], y[-HIDDEN:], 10)


def _grey(x: np.ndarray) -> np.ndarray:
    """(N, 8, 8) uint8, 0 … 255."""
    return np.rint(x.reshape(-1, 8, 8) * (255 / BRIGHTEST)).astype(np.uint8)


@functools.cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    """(1797, 64) float64 0 … 16 and (1797,) labels, in a shuffle that is always the same."""
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise DatasetError("scikit-learn is not installed, so its digits cannot be read")
    with gzip.open(Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    table = table[np.random.default_rng(2017).permutation(len(table))]
    return table[:, :-1], table[:, -1].astype(np.int64)
