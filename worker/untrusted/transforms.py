"""A stand-in for `torchvision.transforms`, from its documented behaviour; what it lacks is named when a script computes with it.

Images are what they are in `functional.py`. Random transforms draw from torch's generator.
"""

import math
import numbers

from .functional import (
    InterpolationMode,
    affine,
    as_it_is,
    center_crop,
    crop,
    hflip,
    normalize,
    only,
    pad,
    pair,
    picture,
    planes,
    resize,
    rgb_to_grayscale,
    to_tensor,
    vflip,
)


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, image):
        for transform in self.transforms:
            image = transform(image)
        return image

    forward = __call__


def fixed(function, *names):
    """A class whose instances call `function(image, **what they were made with)`; `names` are its parameters in order."""

    class Transform:
        def __init__(self, *args, **kwargs):
            self.settings = {**dict(zip(names, args, strict=False)), **kwargs}

        def __call__(self, image):
            return function(image, **self.settings)

        forward = __call__

    Transform.__name__ = Transform.__qualname__ = function.__name__
    return Transform


def convert(tensor, dtype=None, scale=True):
    import torch

    dtype = dtype or torch.float32
    whole = not tensor.dtype.is_floating_point
    return tensor.to(dtype).div(255) if scale and whole and dtype.is_floating_point else tensor.to(dtype)


def draw(low=0.0, high=1.0):
    import torch

    return low + (high - low) * torch.rand(1).item()


def apply(image, lambd):
    return lambd(image)


def random_crop(image, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
    import torch

    if padding is not None:
        image = pad(image, padding, fill, padding_mode)
    height, width = pair(size)
    spare = [wanted - side for wanted, side in zip((height, width), planes(image).shape[1:], strict=True)]
    if pad_if_needed and max(spare) > 0:
        image = pad(image, (max(0, spare[1]), max(0, spare[0])), fill, padding_mode)
    rows, columns = planes(image).shape[1:]
    if rows < height or columns < width:
        raise ValueError(f"Required crop size {(height, width)} is larger than input image size {(rows, columns)}")
    top = torch.randint(0, rows - height + 1, (1,)).item()
    left = torch.randint(0, columns - width + 1, (1,)).item()
    return crop(image, top, left, height, width)


def random_resized_crop(image, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), interpolation="bilinear", antialias=True):
    rows, columns = planes(image).shape[1:]
    for _ in range(10):
        area, shape = rows * columns * draw(*scale), math.exp(draw(math.log(ratio[0]), math.log(ratio[1])))
        width, height = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
        if 0 < width <= columns and 0 < height <= rows:
            top, left = int(draw(0, rows - height + 1)), int(draw(0, columns - width + 1))
            return resize(crop(image, top, left, height, width), pair(size), interpolation)
    return resize(center_crop(image, min(rows, columns)), pair(size), interpolation)


def random_hflip(image, p=0.5):
    return hflip(image) if draw() < p else image


def random_vflip(image, p=0.5):
    return vflip(image) if draw() < p else image


def random_rotation(image, degrees, interpolation="nearest", expand=False, center=None, fill=0):
    only(expand=expand, center=center)
    low, high = (-degrees, degrees) if isinstance(degrees, numbers.Number) else degrees
    return affine(image, draw(low, high), fill=fill, interpolation=interpolation)


def random_affine(image, degrees, translate=None, scale=None, shear=None, interpolation="nearest", fill=0, center=None):
    only(shear=shear, center=center)
    rows, columns = planes(image).shape[1:]
    low, high = (-degrees, degrees) if isinstance(degrees, numbers.Number) else degrees
    angle = draw(low, high)
    shift = [
        round(draw(-part * side, part * side)) for part, side in zip(translate or (0, 0), (columns, rows), strict=True)
    ]
    return affine(image, -angle, shift, draw(*scale) if scale else 1.0, fill, interpolation)


def random_erasing(tensor, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False):
    if draw() >= p:
        return tensor
    rows, columns = tensor.shape[-2:]
    for _ in range(10):
        area, shape = rows * columns * draw(*scale), math.exp(draw(math.log(ratio[0]), math.log(ratio[1])))
        height, width = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
        if height < rows and width < columns:
            top, left = int(draw(0, rows - height + 1)), int(draw(0, columns - width + 1))
            tensor = tensor if inplace else tensor.clone()
            tensor[..., top : top + height, left : left + width] = value
            return tensor
    return tensor


def random_apply(image, transforms, p=0.5):
    return Compose(transforms)(image) if draw() < p else image


def random_choice(image, transforms):
    return transforms[int(draw(0, len(transforms)))](image)


NAMES = {
    "Compose": Compose,
    "InterpolationMode": InterpolationMode,
    "ToTensor": fixed(to_tensor),
    "PILToTensor": fixed(as_it_is),
    "ToImage": fixed(as_it_is),
    "ToPILImage": fixed(picture, "mode"),
    "ConvertImageDtype": fixed(convert, "dtype"),
    "ToDtype": fixed(lambda tensor, dtype, scale=False: convert(tensor, dtype, scale), "dtype", "scale"),
    "Normalize": fixed(normalize, "mean", "std", "inplace"),
    "Resize": fixed(resize, "size", "interpolation", "max_size", "antialias"),
    "Pad": fixed(pad, "padding", "fill", "padding_mode"),
    "CenterCrop": fixed(center_crop, "size"),
    "Grayscale": fixed(rgb_to_grayscale, "num_output_channels"),
    "Lambda": fixed(apply, "lambd"),
    "RandomCrop": fixed(random_crop, "size", "padding", "pad_if_needed", "fill", "padding_mode"),
    "RandomResizedCrop": fixed(random_resized_crop, "size", "scale", "ratio", "interpolation", "antialias"),
    "RandomHorizontalFlip": fixed(random_hflip, "p"),
    "RandomVerticalFlip": fixed(random_vflip, "p"),
    "RandomRotation": fixed(random_rotation, "degrees", "interpolation", "expand", "center", "fill"),
    "RandomAffine": fixed(random_affine, "degrees", "translate", "scale", "shear", "interpolation", "fill", "center"),
    "RandomErasing": fixed(random_erasing, "p", "scale", "ratio", "value", "inplace"),
    "RandomApply": fixed(random_apply, "transforms", "p"),
    "RandomChoice": fixed(random_choice, "transforms"),
}
