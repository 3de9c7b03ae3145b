"""A data set of images: as its files hold it, for the kinds that look at everything that was handed in, and centred for nets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Split:
    """Images, (N, …), and labels, (N,), to train with and held back.

    x_train, y_train and x_hidden may enter a sandbox; `y_hidden` must not.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_hidden: np.ndarray
    y_hidden: np.ndarray
    classes: int


@dataclass(frozen=True)
class ImageSet(Split):
    """Raw images (N, H, W) or (N, H, W, C), uint8, 0 … 255, and labels int64, 0 … classes - 1."""

    def __post_init__(self) -> None:
        for part, x, y in (("train", self.x_train, self.y_train), ("hidden", self.x_hidden, self.y_hidden)):
            if x.dtype != np.uint8 or x.ndim not in (3, 4) or y.shape != (len(x),) or y.dtype != np.int64:
                raise ValueError(
                    f"{self.name}, {part}: images {x.dtype} {x.shape} with labels {y.dtype} {y.shape} are no image set"
                )
        if self.x_train.shape[1:] != self.x_hidden.shape[1:]:
            raise ValueError(f"{self.name}: training and hidden images differ in size")

    @property
    def size(self) -> tuple[int, ...]:
        """(H, W) or (H, W, C) of one image."""
        return self.x_train.shape[1:]


class Images(Split):
    """Float64 images and integer labels."""
