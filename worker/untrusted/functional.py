"""A stand-in for `torchvision.transforms.functional`, from its documented behaviour.

An image is a `Picture` as `vision.py` gives it, an array, (H, W) or (H, W, C) uint8, or a tensor (C, H, W); a transform of one
kind gives the same kind.
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


def as_it_is(image):
    return planes(image).contiguous()


def picture(image, mode=None):
    """A tensor in 0 … 1, or an array, as a picture."""
    pixels = image if isinstance(image, np.ndarray) else like(np.empty(0), planes(image) * 255)
    return Picture(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)


NAMES = {
    "to_tensor": to_tensor, "normalize": normalize, "resize": resize, "pad": pad, "crop": crop,
    "center_crop": center_crop, "to_pil_image": picture, "pil_to_tensor": as_it_is,
    "hflip": hflip, "vflip": vflip, "rgb_to_grayscale": rgb_to_grayscale,
    "InterpolationMode": InterpolationMode,
}  # fmt: skip
