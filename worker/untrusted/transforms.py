"""A stand-in for `torchvision.transforms`, from its documented behaviour; what it lacks is named when a script computes with it.

An image is a `Picture` as `vision.py` gives it, an array, (H, W) or (H, W, C) uint8, or a tensor (C, H, W); a transform of one
kind gives the same kind. Random ones draw from torch's generator.
"""

import math
import numbers

import numpy as np

from .data import NotOffered
from .pictures import Picture


class InterpolationMode:
    NEAREST, BILINEAR, BICUBIC = "nearest", "bilinear", "bicubic"


MODES = {0: "nearest", 2: "bilinear", 3: "bicubic"}  # Pillow's numbers
EDGES = {"constant": "constant", "edge": "replicate", "reflect": "reflect"}


def planes(image):
    """(C, H, W) tensor of an image, the same dtype."""
    import torch

    if isinstance(image, Picture):
        image = image.pixels
    if not isinstance(image, np.ndarray):
        return image if image.dim() > 2 else image[None]
    return torch.from_numpy(np.ascontiguousarray(image if image.ndim == 3 else image[..., None])).permute(2, 0, 1)


def like(image, tensor):
    """The (C, H, W) tensor as the kind and dtype of image that `image` is."""
    import torch

    drawn = isinstance(image, (Picture, np.ndarray))
    if tensor.dtype != torch.uint8 and (drawn or image.dtype == torch.uint8):
        tensor = tensor.round().clamp(0, 255).to(torch.uint8)
    if not drawn:
        return tensor
    pixels = tensor.permute(1, 2, 0).numpy()
    pixels = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    return Picture(pixels) if isinstance(image, Picture) else pixels


def only(**lacking):
    """Raises NotOffered for an option that would be ignored."""
    asked = [name for name, value in lacking.items() if value]
    if asked:
        raise NotOffered(f"torchvision's option {asked[0]} is not available in this check")


def pair(size):
    return (int(size), int(size)) if isinstance(size, numbers.Number) else (int(size[0]), int(size[-1]))


def draw(low=0.0, high=1.0):
    import torch

    return low + (high - low) * torch.rand(1).item()


def to_tensor(image):
    """(C, H, W) float32; uint8 is divided by 255."""
    import torch

    tensor = planes(image).contiguous()
    return tensor.to(torch.get_default_dtype()).div(255) if tensor.dtype == torch.uint8 else tensor


def normalize(tensor, mean, std, inplace=False):
    import torch

    mean, std = (torch.as_tensor(value, dtype=tensor.dtype).reshape(-1, 1, 1) for value in (mean, std))
    return tensor.sub_(mean).div_(std) if inplace else (tensor - mean) / std


def resize(image, size, interpolation="bilinear", max_size=None, antialias=True):
    """A whole number is the length of the shorter side."""
    from torch.nn.functional import interpolate

    only(max_size=max_size)
    x = planes(image)
    mode = MODES.get(interpolation, interpolation)
    if isinstance(size, numbers.Number) or len(size) == 1:
        short = size if isinstance(size, numbers.Number) else size[0]
        height, width = x.shape[1:]
        size = [int(short * side / min(height, width)) for side in (height, width)]
    if mode == "nearest" and isinstance(image, (Picture, np.ndarray)):
        mode = "nearest-exact"  # as Pillow counts
    smooth = {} if mode.startswith("nearest") else {"align_corners": False, "antialias": True}
    return like(image, interpolate(x[None].float(), size=list(size), mode=mode, **smooth)[0])


def pad(image, padding, fill=0, padding_mode="constant"):
    """padding: one number; left and top; or left, top, right, bottom."""
    from torch.nn.functional import pad as torch_pad

    only(padding_mode=padding_mode not in EDGES)
    sides = [padding] if isinstance(padding, numbers.Number) else list(padding)
    left, top, right, bottom = (sides * 4)[:4] if len(sides) < 4 else sides
    options = {"value": float(fill)} if padding_mode == "constant" else {}
    padded = torch_pad(planes(image)[None].float(), (left, right, top, bottom), EDGES[padding_mode], **options)[0]
    return like(image, padded)


def crop(image, top, left, height, width):
    return like(image, planes(image)[:, top : top + height, left : left + width])


def center_crop(image, size):
    height, width = pair(size)
    x = planes(image)
    spare = [max(0, wanted - side) for wanted, side in zip((height, width), x.shape[1:], strict=True)]
    if any(spare):
        image = pad(image, (spare[1] // 2, spare[0] // 2, (spare[1] + 1) // 2, (spare[0] + 1) // 2))
        x = planes(image)
    top, left = (round((side - wanted) / 2.0) for side, wanted in zip(x.shape[1:], (height, width), strict=True))
    return crop(image, top, left, height, width)


def hflip(image):
    return like(image, planes(image).flip(-1))


def vflip(image):
    return like(image, planes(image).flip(-2))


def rgb_to_grayscale(image, num_output_channels=1):
    x = planes(image).float()
    if len(x) == 3:
        x = (0.299 * x[0] + 0.587 * x[1] + 0.114 * x[2])[None]
    return like(image, x.expand(num_output_channels, -1, -1))


def affine(image, angle, translate=(0, 0), scale=1.0, fill=0, interpolation="nearest"):
    """Turned counter-clockwise by `angle` degrees about the middle, scaled, shifted by (right, down) pixels."""
    import torch
    from torch.nn.functional import grid_sample

    x = planes(image).float()
    height, width = x.shape[1:]
    turn = math.radians(angle)
    rows = torch.arange(height) - (height - 1) / 2 - translate[1]
    columns = torch.arange(width) - (width - 1) / 2 - translate[0]
    down, right = torch.meshgrid(rows, columns, indexing="ij")
    across = (math.cos(turn) * right - math.sin(turn) * down) / scale
    along = (math.sin(turn) * right + math.cos(turn) * down) / scale
    grid = torch.stack([across / width * 2, along / height * 2], dim=-1)[None]
    sampled = grid_sample(x[None] - fill, grid, MODES.get(interpolation, interpolation), "zeros", align_corners=False)
    return like(image, sampled[0] + fill)


# --- the classes ----------------------------------------------------------------------------------------------------


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


def as_it_is(image):
    return planes(image).contiguous()


def picture(image, mode=None):
    """A tensor in 0 … 1, or an array, as a picture."""
    pixels = image if isinstance(image, np.ndarray) else like(np.empty(0), planes(image) * 255)
    return Picture(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)


def convert(tensor, dtype=None, scale=True):
    import torch

    dtype = dtype or torch.float32
    whole = not tensor.dtype.is_floating_point
    return tensor.to(dtype).div(255) if scale and whole and dtype.is_floating_point else tensor.to(dtype)


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


FUNCTIONS = {
    "to_tensor": to_tensor, "normalize": normalize, "resize": resize, "pad": pad, "crop": crop,
    "center_crop": center_crop, "to_pil_image": picture, "pil_to_tensor": as_it_is,
    "hflip": hflip, "vflip": vflip, "rgb_to_grayscale": rgb_to_grayscale,
    "InterpolationMode": InterpolationMode,
}  # fmt: skip

CLASSES = {
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
