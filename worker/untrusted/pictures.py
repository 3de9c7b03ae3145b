"""A stand-in for a picture of Pillow, which is not installed in the sandbox: an array of pixels under Pillow's names."""

import numpy as np

from .data import NotOffered


class NotInPicture(NotOffered, AttributeError):
    """Something of Pillow that a script asks for and this check does not have."""


class Picture:
    """pixels: (H, W) or (H, W, C) uint8."""

    def __init__(self, pixels):
        self.pixels = pixels

    @property
    def size(self):
        """(width, height), as Pillow says it."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def width(self):
        return self.size[0]

    @property
    def height(self):
        return self.size[1]

    @property
    def mode(self):
        return "L" if self.pixels.ndim == 2 else "RGB"

    def __array__(self, dtype=None, copy=None):
        return np.array(self.pixels, dtype=dtype)

    def convert(self, mode="RGB", *args):
        from .functional import rgb_to_grayscale

        if mode not in ("L", "RGB"):
            raise NotInPicture(f"Pillow's mode {mode} is not available in this check")
        return self.copy() if mode == self.mode else rgb_to_grayscale(self, 1 if mode == "L" else 3)

    def resize(self, size, resample="bicubic", *args, **kwargs):
        from .functional import resize

        return resize(self, (size[1], size[0]), resample)

    def crop(self, box):
        left, top, right, bottom = box
        return Picture(self.pixels[top:bottom, left:right])

    def copy(self):
        return Picture(self.pixels.copy())

    def show(self, *args, **kwargs):
        return None

    save = show

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotInPicture(f"Pillow's {name} is not available in this check")


def fromarray(pixels, mode=None):
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise NotInPicture(f"pictures of {pixels.dtype} {pixels.shape} are not available in this check")
    return Picture(pixels)


def unavailable(*args, **kwargs):
    raise NotInPicture("Pillow, which reads and makes pictures, is not available in this check")


NAMES = {
    "Image": Picture,
    "fromarray": fromarray,
    "open": unavailable,
    "new": unavailable,
    "NEAREST": 0,
    "BILINEAR": 2,
    "BICUBIC": 3,
}
