"""Known mistakes of spatial group normalization: values split up wrongly, and steps done otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_impl.operation import Mistake

Array = np.ndarray
Split = Callable[[Array, int], tuple[Array, tuple[int, ...]]]
"""x (N, C, H, W), G -> x reshaped, and the axes over which one mean and variance are taken."""
EPS = 1e-5


def _groups(x: Array, groups: int) -> tuple[Array, tuple[int, ...]]:
    return x.reshape(len(x), groups, -1), (2,)


def _per_channel(parameter: Array) -> Array:
    return parameter.reshape(1, -1, 1, 1)


@dataclass(frozen=True)
class Normalized:
    """One way to normalize; arrays in the reshaped form of `split` but for `upstream` and `images` (N, C, H, W)."""

    x: Array
    groups: int
    eps: float
    split: Split = _groups

    @property
    def axes(self) -> tuple[int, ...]:
        return self.split(self.x, self.groups)[1]

    @property
    def centred(self) -> Array:
        values, axes = self.split(self.x, self.groups)
        return values - values.mean(axis=axes, keepdims=True)

    @property
    def count(self) -> int:
        """How many values share a mean."""
        return int(np.prod([self.centred.shape[axis] for axis in self.axes]))

    @property
    def var(self) -> Array:
        return (self.centred**2).mean(axis=self.axes, keepdims=True)

    @property
    def std(self) -> Array:
        return np.sqrt(self.var + self.eps)

    @property
    def images(self) -> Array:
        """The normalized values, (N, C, H, W)."""
        return (self.centred / self.std).reshape(self.x.shape)

    def dx(self, dimages: Array, mean: float = 1.0, variance: float = 1.0, std: Array | None = None) -> Array:
        """The gradient from that by `images`; the ways through mean and variance weighed, `std` replaced."""
        std = self.std if std is None else std
        dnormalized, normalized = dimages.reshape(self.centred.shape), self.centred / std
        through_mean = dnormalized.mean(axis=self.axes, keepdims=True)
        through_variance = normalized * (dnormalized * normalized).mean(axis=self.axes, keepdims=True)
        return ((dnormalized - mean * through_mean - variance * through_variance) / std).reshape(self.x.shape)


def _output(images: Array, gamma: Array, beta: Array, groups: int) -> Array:
    return gamma * images + beta


def _forward_with(
    split: Split = _groups,
    root: Callable[[Normalized], Array] = lambda n: n.std,
    output: Callable[[Array, Array, Array, int], Array] = _output,
    centred: Callable[[Normalized], Array] = lambda n: n.centred,
) -> Callable[..., dict[str, Array]]:
    @np.errstate(all="ignore")
    def variant(x: Array, gamma: Array, beta: Array, G: int, gn_param: dict[str, Any]) -> dict[str, Array]:
        n = Normalized(x, G, gn_param.get("eps", EPS), split)
        images = (centred(n) / root(n)).reshape(x.shape)
        return {"out": output(images, _per_channel(gamma), _per_channel(beta), G)}

    return variant


def _backward_with(split: Split = _groups, **wrong: Callable[..., Array]) -> Callable[..., dict[str, Array]]:
    """`wrong` gradients get (normalized, upstream, gamma), gamma as (1, C, 1, 1)."""

    @np.errstate(all="ignore")
    def variant(
        upstream: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: dict[str, Any]
    ) -> dict[str, Array]:
        n = Normalized(x, G, gn_param.get("eps", EPS), split)
        right = {
            "dx": n.dx(upstream * _per_channel(gamma)),
            "dgamma": (upstream * n.images).sum(axis=(0, 2, 3)).reshape(gamma.shape),
            "dbeta": upstream.sum(axis=(0, 2, 3)).reshape(beta.shape),
        }
        return right | {
            name: _shaped(gradient(n, upstream, _per_channel(gamma)), gamma.shape) for name, gradient in wrong.items()
        }

    return variant


def _shaped(gradient: Array, parameter: tuple[int, ...]) -> Array:
    """A gradient per channel in the shape of the parameter; any other stays as it is."""
    return gradient.reshape(parameter) if gradient.ndim == 1 else gradient


def _by_group_size(x: Array, groups: int) -> tuple[Array, tuple[int, ...]]:
    return x.reshape(len(x), x.shape[1] // groups, -1), (2,)


def _interleaved(x: Array, groups: int) -> tuple[Array, tuple[int, ...]]:
    return x.reshape(len(x), x.shape[1] // groups, groups, -1), (1, 3)


SPLITS: tuple[tuple[str, str, Split], ...] = (
    (
        "statistics-per-pixel",
        "every pixel of a group gets a mean and variance of its own",
        lambda x, groups: (x.reshape(len(x), groups, -1, *x.shape[2:]), (2,)),
    ),
    ("groups-ignored", "all channels of an image are normalized together", lambda x, groups: (x, (1, 2, 3))),
    ("statistics-per-channel", "every channel is normalized on its own", lambda x, groups: (x, (2, 3))),
    (
        "over-batch",
        "the images of the batch are normalized together",
        lambda x, groups: (x.reshape(len(x), groups, -1), (0, 2)),
    ),
    (
        "over-groups-and-batch",
        "the statistics are taken over the images and groups instead of within them",
        lambda x, groups: (x.reshape(len(x), groups, -1), (0, 1)),
    ),
    (
        "batch-alone",
        "the statistics are taken over the images of the batch instead of within them",
        lambda x, groups: (x, (0,)),
    ),
    (
        "across-groups",
        "the statistics are taken across the groups instead of within them",
        lambda x, groups: (x.reshape(len(x), groups, -1), (1,)),
    ),
    ("as-batch-normalization", "every channel is normalized over the batch", lambda x, groups: (x, (0, 2, 3))),
    ("group-size-for-number", "G is taken for the number of channels in a group", _by_group_size),
    ("groups-interleaved", "the channels of a group are not neighbours", _interleaved),
)


def _by_group(parameter: Array, groups: int) -> Array:
    """The first G entries, one for every group."""
    return np.repeat(parameter[:, :groups], parameter.shape[1] // groups, axis=1)


FORWARD_MISTAKES = tuple(
    Mistake(id, label, "forward", forward=_forward_with(**steps))
    for id, label, steps in (
        *((id, label, {"split": split}) for id, label, split in SPLITS),
        (
            "eps-outside-root",
            "epsilon is added outside the square root",
            {"root": lambda n: np.sqrt(n.var) + n.eps},
        ),
        ("eps-missing", "epsilon is missing", {"root": lambda n: np.sqrt(n.var)}),
        ("root-missing", "the square root is missing", {"root": lambda n: n.var + n.eps}),
        ("not-divided", "the input is centred but not scaled", {"root": lambda n: np.ones_like(n.var)}),
        ("not-centred", "the mean is not subtracted", {"centred": lambda n: n.split(n.x, n.groups)[0]}),
        (
            "unbiased-variance",
            "the variance is divided by one less than the number of values",
            {"root": lambda n: np.sqrt(n.var * n.count / np.float64(n.count - 1) + n.eps)},
        ),
        ("without-gamma-beta", "gamma and beta are not applied", {"output": lambda images, gamma, beta, g: images}),
        ("gamma-missing", "gamma is not applied", {"output": lambda images, gamma, beta, g: images + beta}),
        ("beta-missing", "beta is not applied", {"output": lambda images, gamma, beta, g: gamma * images}),
        (
            "shift-before-scale",
            "the shift is applied before the scale",
            {"output": lambda images, gamma, beta, g: gamma * (images + beta)},
        ),
        (
            "gamma-per-group",
            "all channels of a group are scaled and shifted alike",
            {"output": lambda images, gamma, beta, g: _by_group(gamma, g) * images + _by_group(beta, g)},
        ),
    )
)

BACKWARD_MISTAKES = tuple(
    Mistake(id, label, "backward", backward=_backward_with(**steps))
    for id, label, steps in (
        *((id, label, {"split": split}) for id, label, split in SPLITS),
        (
            "forgets-mean-path",
            "dx lacks the part of the gradient that flows through the mean",
            {"dx": lambda n, up, gamma: n.dx(up * gamma, mean=0.0)},
        ),
        (
            "forgets-variance-path",
            "dx lacks the part of the gradient that flows through the variance",
            {"dx": lambda n, up, gamma: n.dx(up * gamma, variance=0.0)},
        ),
        (
            "statistics-constant",
            "dx treats mean and variance as constants",
            {"dx": lambda n, up, gamma: n.dx(up * gamma, mean=0.0, variance=0.0)},
        ),
        (
            "channels-for-count",
            "the averages in dx are divided by the number of channels in a group",
            {"dx": lambda n, up, gamma: _counted(n, up * gamma, n.x.shape[1] // n.groups)},
        ),
        (
            "batch-for-count",
            "the averages in dx are divided by the number of images",
            {"dx": lambda n, up, gamma: _counted(n, up * gamma, len(n.x))},
        ),
        (
            "image-for-count",
            "the averages in dx are divided by the number of values of a whole image",
            {"dx": lambda n, up, gamma: _counted(n, up * gamma, n.x[0].size)},
        ),
        (
            "pixels-for-count",
            "the averages in dx are divided by the number of pixels of the whole batch",
            {"dx": lambda n, up, gamma: _counted(n, up * gamma, n.x.size // n.x.shape[1])},
        ),
        (
            "not-divided-by-count",
            "dx is too large by the number of values in a group",
            {"dx": lambda n, up, gamma: n.count * n.dx(up * gamma)},
        ),
        ("gamma-missing", "dx lacks gamma", {"dx": lambda n, up, gamma: n.dx(up)}),
        (
            "gamma-after-averages",
            "gamma is multiplied in after the averages over a group are taken",
            {"dx": lambda n, up, gamma: gamma * n.dx(up)},
        ),
        (
            "std-missing",
            "dx is not divided by the standard deviation",
            {"dx": lambda n, up, gamma: (n.dx(up * gamma).reshape(n.centred.shape) * n.std).reshape(up.shape)},
        ),
        (
            "eps-missing",
            "dx lacks epsilon",
            {"dx": lambda n, up, gamma: n.dx(up * gamma, std=np.sqrt(n.var))},
        ),
        (
            "dgamma-without-normalization",
            "dgamma uses x as it came in",
            {"dgamma": lambda n, up, gamma: (up * n.x).sum(axis=(0, 2, 3))},
        ),
        (
            "dgamma-centred-only",
            "dgamma uses an x that is centred but not scaled",
            {"dgamma": lambda n, up, gamma: (up * n.centred.reshape(up.shape)).sum(axis=(0, 2, 3))},
        ),
        (
            "parameters-averaged",
            "dgamma and dbeta are averaged instead of summed",
            {
                "dgamma": lambda n, up, gamma: (up * n.images).mean(axis=(0, 2, 3)),
                "dbeta": lambda n, up, gamma: up.mean(axis=(0, 2, 3)),
            },
        ),
        (
            "parameters-per-image",
            "dgamma and dbeta are not summed over the images",
            {
                "dgamma": lambda n, up, gamma: (up * n.images).sum(axis=(2, 3)),
                "dbeta": lambda n, up, gamma: up.sum(axis=(2, 3)),
            },
        ),
        (
            "parameters-per-pixel",
            "dgamma and dbeta are not summed over the pixels",
            {
                "dgamma": lambda n, up, gamma: (up * n.images).sum(axis=0),
                "dbeta": lambda n, up, gamma: up.sum(axis=0),
            },
        ),
        (
            "parameters-over-channels",
            "dgamma and dbeta are each one sum over all channels",
            {
                "dgamma": lambda n, up, gamma: np.full(gamma.size, (up * n.images).sum()),
                "dbeta": lambda n, up, gamma: np.full(gamma.size, up.sum()),
            },
        ),
    )
)


def _counted(n: Normalized, dimages: Array, count: int) -> Array:
    """dx with the sums over a group divided by `count`."""
    share = n.count / count
    return n.dx(dimages, mean=share, variance=share)


MISTAKES = FORWARD_MISTAKES + BACKWARD_MISTAKES
