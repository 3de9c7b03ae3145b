"""How raw images become what a net is given: as the script's own transform has it, or as declared, and as was observed.

A script may subtract, divide, enlarge and flatten in its loop, where nobody hears of it. So the preparations are compared with
what the net was given in its last step: those whose means and deviations come nearest are tried, and the nearest also brought
to the very means and deviations that were seen, or to the negative, which does whatever else the script subtracts and divides by.
"""

import numpy as np

from . import checkpoints, data

NEAREST = 4
FARTHER = 0.25
"""Deviations: a preparation so much farther off than the nearest is another one, and not worth the time of a look."""
ENOUGH = 16
"""Images in a batch whose mean and deviation may stand for all."""
SAMPLE = 256
SKEWED = 0.2
ALIKE = 0.03
"""Of a deviation: means and deviations so near to each other are the same preparation."""


class Given:
    """What a net was given in a step. shape: without the batch, () if it is not known; dtype: None if it is not known; count:
    images in the batch; batch: the tensor itself, None if it is not known."""

    def __init__(self, shape=(), dtype=None, batch=None):
        self.shape, self.dtype, self.batch = shape, dtype, batch
        self.count = 0 if batch is None or batch.dim() == 0 else len(batch)

    @classmethod
    def of(cls, value):
        """A tensor, an array, or the first of several."""
        import torch

        while isinstance(value, (tuple, list, dict)) and value:
            value = next(iter(value.values())) if isinstance(value, dict) else value[0]
        if not isinstance(value, torch.Tensor):
            if not isinstance(value, np.ndarray) or value.dtype == object:
                return cls()
            value = torch.as_tensor(value)
        return cls(tuple(value.shape[1:]), value.dtype, value.detach())


def preparations(images, ways, given):
    """Functions from raw images, (n, …) uint8, to a tensor as the net takes it; of `ways` and one more at most."""
    if data.test_transform() is not None:
        found = [lambda images: fitted(data.test_images(images), given)]
    else:
        found = [lambda images, way=way: by_declaration(images, way, given) for way in _different(ways, given)]
    if given.batch is None or given.count < ENOUGH or not given.batch.dtype.is_floating_point:
        return found
    seen, sample = _moments(given.batch), images[:SAMPLE]
    made = [_moments_of(prepare, sample, given) for prepare in found]
    far = [np.inf if one is None else _distance(one, seen) for one in made]
    order = sorted(range(len(found)), key=far.__getitem__)[:NEAREST]
    nearest = order[0]
    if far[nearest] == np.inf:
        return found
    near = [found[index] for index in order if far[index] <= far[nearest] + FARTHER]
    return [*near, _brought(found[nearest], made[nearest], seen)] if far[nearest] > ALIKE else near


def by_declaration(images, way, given):
    """As declared, except for what the net's own input tells: its size, its channels and their place, a flat row."""
    way, last = _for(way, given)
    if way.get("pixelwise"):
        images = _pixelwise(images, way)
    return fitted(checkpoints.prepared(images, way, last), given)


def fitted(x, given):
    """The same numbers in the shape of the net's input; smaller images get a black edge, as in a script's own padding."""
    import torch

    shape, dtype = given.shape, given.dtype
    x = torch.as_tensor(x)
    if tuple(x.shape[1:]) != tuple(shape) and int(np.prod(x.shape[1:])) == int(np.prod(shape)):
        x = x.reshape(len(x), *shape)
    elif x.dim() == 4 and len(shape) == 3 and shape[1] > x.shape[2] and shape[2] > x.shape[3]:
        high, wide = shape[1] - x.shape[2], shape[2] - x.shape[3]
        x = torch.nn.functional.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
    return x.to(dtype) if dtype is not None and dtype.is_floating_point else x.float()


def _for(way, given):
    """(the way, whether the channels are last) for a net with this input."""
    way, last, shape = dict(way), False, given.shape
    if len(shape) == 3:
        last = shape[-1] in (1, 3) and shape[0] not in (1, 3)
        way["channels"] = shape[-1] if last else shape[0]
        way["size"] = way["size"] or shape[0 if last else 1]
    return way, last


def _different(ways, given):
    """Those that differ for this net: {size: 32} and {} are the same where its images are 32 by 32."""
    found = []
    for way in ways:
        if all(_for(way, given) != _for(other, given) for other in found):
            found.append(way)
    return found


def _pixelwise(images, way):
    """(N, …) float32, still to be divided by the scale: minus the mean picture, and divided by its deviation at each pixel."""
    mean, deviation = data.training_statistics()
    centred = images.astype(np.float32) - mean
    return centred if way["pixelwise"] == "mean" else centred / np.maximum(deviation, 0.1) * way["scale"]


def _moments_of(prepare, sample, given):
    """None where the preparation fails, or gives another shape than the net takes."""
    try:
        made = prepare(sample)
    except Exception:
        return None
    return _moments(made) if tuple(made.shape[1:]) == tuple(given.shape) else None


def _moments(x):
    """(means, deviations) of a batch, for each channel of images with channels, else of all, shaped to be subtracted from it; and
    how skewed all of it is: black on white is not white on black."""
    x = x.detach().float().cpu()
    axes = list(range(x.dim()))
    if x.dim() == 4:
        axes.remove(3 if x.shape[3] in (1, 3) and x.shape[1] not in (1, 3) else 1)
    mean, deviation = x.mean(dim=axes, keepdim=True), x.std(dim=axes, keepdim=True)
    return mean, deviation, float((((x - mean) / (deviation + 1e-6)) ** 3).mean())


def _distance(made, seen):
    """Of means and deviations, in deviations of what was seen; more than that where one is the other's negative."""
    scale = float(seen[1].mean()) + 1e-6
    apart = sum(float((one - other).abs().mean()) for one, other in zip(made[:2], seen[:2], strict=True))
    return apart / scale + _inverted(made, seen)


def _inverted(made, seen):
    return min(abs(made[2]), abs(seen[2])) > SKEWED and made[2] * seen[2] < 0


def _brought(prepare, made, seen):
    """The preparation, brought from its own means and deviations to those that were seen."""
    factor = seen[1] / made[1].clamp(min=1e-6) * (-1 if _inverted(made, seen) else 1)
    return lambda images: (x := prepare(images)).sub(made[0]).mul(factor).add(seen[0]).to(x.dtype)
