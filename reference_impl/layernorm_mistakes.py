"""Known mistakes of layer normalization: its steps, with one of them done otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reference_impl.operation import Mistake

Array = np.ndarray


@dataclass(frozen=True)
class Layer:
    """The layer on one batch; `axis` is what it normalizes over. Arrays (N, D), (D,), statistics (N, 1) or (1, D)."""

    x: Array
    gamma: Array
    beta: Array
    eps: float
    upstream: Array | None = None
    axis: int = 1

    @property
    def mean(self) -> Array:
        return self.x.mean(axis=self.axis, keepdims=True)

    @property
    def var(self) -> Array:
        return self.x.var(axis=self.axis, keepdims=True)

    @property
    def count(self) -> int:
        return self.x.shape[self.axis]

    @property
    def std(self) -> Array:
        return np.sqrt(self.var + self.eps)

    @property
    def unbiased_std(self) -> Array:
        return np.sqrt(self.var * self.count / (np.array(self.count) - 1) + self.eps)

    @property
    def centred(self) -> Array:
        return self.x - self.mean

    @property
    def normalized(self) -> Array:
        return self.centred / self.std

    def out(self, normalized: Array) -> Array:
        return self.gamma * normalized + self.beta

    @property
    def dgamma(self) -> Array:
        return (self.upstream * self.normalized).sum(axis=0)

    @property
    def dbeta(self) -> Array:
        return self.upstream.sum(axis=0)

    def dx(self, direct: Any = 1.0, mean: Any = 1.0, variance: Any = 1.0, std: Array | None = None) -> Array:
        """The sum of the three ways from x to the output, each weighed; `std` replaces the standard deviation."""
        std = self.std if std is None else std
        dnormalized = self.upstream * self.gamma
        through_mean = -dnormalized.mean(axis=self.axis, keepdims=True)
        normalized = self.centred / std
        through_variance = -normalized * (dnormalized * normalized).mean(axis=self.axis, keepdims=True)
        return (direct * dnormalized + mean * through_mean + variance * through_variance) / std

    def one_expression(self, count: int, sum_upstream: Array, sum_product: Array) -> Array:
        """dx from sums of upstream * gamma, and of that times the normalized x."""
        dnormalized = self.upstream * self.gamma
        return (count * dnormalized - sum_upstream - self.normalized * sum_product) / (count * self.std)


def forward_with(out: Callable[[Layer], Array], axis: int = 1) -> Callable[..., dict[str, Array]]:
    """The forward pass with its output computed otherwise."""

    @np.errstate(all="ignore")
    def forward(x: Array, gamma: Array, beta: Array, ln_param: dict[str, Any]) -> dict[str, Array]:
        return {"out": out(Layer(x, gamma, beta, ln_param.get("eps", 1e-5), axis=axis))}

    return forward


def backward_with(axis: int = 1, **wrong: Callable[[Layer], Array]) -> Callable[..., dict[str, Array]]:
    """The backward pass with the gradients in `wrong` computed otherwise; with none and axis 1 it is the right one."""

    @np.errstate(all="ignore")
    def backward(upstream: Array, x: Array, gamma: Array, beta: Array, ln_param: dict[str, Any]) -> dict[str, Array]:
        layer = Layer(x, gamma, beta, ln_param.get("eps", 1e-5), upstream, axis)
        right = {"dx": layer.dx(), "dgamma": layer.dgamma, "dbeta": layer.dbeta}
        return right | {name: gradient(layer) for name, gradient in wrong.items()}

    return backward


def _forward(name: str, label: str, out: Callable[[Layer], Array], axis: int = 1) -> Mistake:
    return Mistake(name, label, "forward", forward_with(out, axis))


def _backward(name: str, label: str, axis: int = 1, **wrong: Callable[[Layer], Array]) -> Mistake:
    return Mistake(name, label, "backward", backward=backward_with(axis, **wrong))


def _sum(values: Array) -> Array:
    return values.sum(axis=1, keepdims=True)


FORWARD_MISTAKES = (
    _forward(
        "over-batch-axis",
        "mean and variance are taken over the batch, as batch normalization does",
        lambda layer: layer.out(layer.normalized),
        axis=0,
    ),
    _forward(
        "statistics-over-everything",
        "one mean and variance for the whole batch",
        lambda layer: layer.out((layer.x - layer.x.mean()) / np.sqrt(layer.x.var() + layer.eps)),
    ),
    _forward(
        "eps-outside-root",
        "epsilon is added outside the square root",
        lambda layer: layer.out(layer.centred / (np.sqrt(layer.var) + layer.eps)),
    ),
    _forward("eps-missing", "epsilon is missing", lambda layer: layer.out(layer.centred / np.sqrt(layer.var))),
    _forward(
        "eps-twice",
        "epsilon is added twice",
        lambda layer: layer.out(layer.centred / (np.sqrt(layer.var + layer.eps) + layer.eps)),
    ),
    _forward(
        "root-missing", "the square root is missing", lambda layer: layer.out(layer.centred / (layer.var + layer.eps))
    ),
    _forward(
        "std-for-variance",
        "the square root of the variance is taken twice",
        lambda layer: layer.out(layer.centred / np.sqrt(np.sqrt(layer.var) + layer.eps)),
    ),
    _forward(
        "unbiased-variance",
        "the variance is divided by one less than the number of features",
        lambda layer: layer.out(layer.centred / layer.unbiased_std),
    ),
    _forward("not-centred", "the mean is not subtracted", lambda layer: layer.out(layer.x / layer.std)),
    _forward("not-divided", "the input is centred but not scaled", lambda layer: layer.out(layer.centred)),
    _forward("without-gamma-beta", "gamma and beta are not applied", lambda layer: layer.normalized),
    _forward("gamma-missing", "gamma is not applied", lambda layer: layer.normalized + layer.beta),
    _forward("beta-missing", "beta is not applied", lambda layer: layer.gamma * layer.normalized),
    _forward(
        "gamma-beta-swapped",
        "gamma and beta are used in each other's place",
        lambda layer: layer.beta * layer.normalized + layer.gamma,
    ),
    _forward(
        "shift-before-scale",
        "the shift is applied before the scale",
        lambda layer: layer.gamma * (layer.normalized + layer.beta),
    ),
    _forward("output-transposed", "the output is transposed", lambda layer: layer.out(layer.normalized).T),
)

BACKWARD_MISTAKES = (
    _backward("over-batch-axis", "all sums run over the batch, as in batch normalization", axis=0),
    _backward(
        "dx-over-batch-axis",
        "the sums in dx run over the batch, as in batch normalization",
        dx=lambda layer: layer.one_expression(
            layer.x.shape[0],
            (layer.upstream * layer.gamma).sum(axis=0),
            (layer.upstream * layer.gamma * layer.normalized).sum(axis=0),
        ),
    ),
    _backward(
        "gamma-outside-sums",
        "gamma is taken out of sums in dx over which it is not constant",
        dx=lambda layer: (
            layer.gamma
            * (
                layer.count * layer.upstream
                - _sum(layer.upstream)
                - layer.normalized * _sum(layer.upstream * layer.normalized)
            )
            / (layer.count * layer.std)
        ),
    ),
    _backward(
        "batch-for-features",
        "dx uses the number of examples for the number of features",
        dx=lambda layer: layer.one_expression(
            layer.x.shape[0],
            _sum(layer.upstream * layer.gamma),
            _sum(layer.upstream * layer.gamma * layer.normalized),
        ),
    ),
    _backward(
        "sums-missing",
        "dx lacks its sums",
        dx=lambda layer: layer.one_expression(
            layer.count, layer.upstream * layer.gamma, layer.upstream * layer.gamma * layer.normalized
        ),
    ),
    _backward(
        "forgets-mean-path",
        "dx lacks the part of the gradient that flows through the mean",
        dx=lambda layer: layer.dx(mean=0.0),
    ),
    _backward(
        "forgets-variance-path",
        "dx lacks the part of the gradient that flows through the variance",
        dx=lambda layer: layer.dx(variance=0.0),
    ),
    _backward(
        "statistics-constant",
        "dx treats mean and variance as constants",
        dx=lambda layer: layer.dx(mean=0.0, variance=0.0),
    ),
    _backward(
        "mean-path-not-averaged",
        "the part through the mean lacks its average",
        dx=lambda layer: layer.dx(mean=layer.count),
    ),
    _backward(
        "variance-path-not-averaged",
        "the part through the variance lacks its average",
        dx=lambda layer: layer.dx(variance=layer.count),
    ),
    _backward("mean-path-sign", "the part through the mean has the wrong sign", dx=lambda layer: layer.dx(mean=-1.0)),
    _backward(
        "variance-path-sign",
        "the part through the variance has the wrong sign",
        dx=lambda layer: layer.dx(variance=-1.0),
    ),
    _backward(
        "variance-path-half",
        "the part through the variance is off by a factor",
        dx=lambda layer: layer.dx(variance=0.5),
    ),
    _backward(
        "variance-path-power",
        "the part through the variance has the wrong power of the standard deviation",
        dx=lambda layer: layer.dx(variance=layer.std**2),
    ),
    _backward(
        "not-divided-by-features",
        "dx is too large by the number of features",
        dx=lambda layer: layer.dx() * layer.count,
    ),
    _backward("gamma-missing", "dx lacks gamma", dx=lambda layer: replace(layer, gamma=np.ones_like(layer.gamma)).dx()),
    _backward("std-missing", "dx is not divided by the standard deviation", dx=lambda layer: layer.dx() * layer.std),
    _backward("root-missing", "dx is divided by the variance", dx=lambda layer: layer.dx() / layer.std),
    _backward("eps-missing", "dx lacks epsilon", dx=lambda layer: layer.dx(std=np.sqrt(layer.var))),
    _backward(
        "eps-outside-root",
        "dx has epsilon outside the square root",
        dx=lambda layer: layer.dx(std=np.sqrt(layer.var) + layer.eps),
    ),
    _backward(
        "unbiased-variance",
        "dx uses a variance divided by one less than the number of features",
        dx=lambda layer: layer.dx(std=layer.unbiased_std),
    ),
    _backward(
        "dgamma-without-normalization",
        "dgamma uses x as it came in",
        dgamma=lambda layer: (layer.upstream * layer.x).sum(axis=0),
    ),
    _backward(
        "dgamma-centred-only",
        "dgamma uses an x that is centred but not scaled",
        dgamma=lambda layer: (layer.upstream * layer.centred).sum(axis=0),
    ),
    _backward(
        "dgamma-with-output",
        "dgamma uses the layer's output",
        dgamma=lambda layer: (layer.upstream * layer.out(layer.normalized)).sum(axis=0),
    ),
    _backward(
        "parameters-averaged",
        "dgamma and dbeta are averaged instead of summed",
        dgamma=lambda layer: layer.dgamma / layer.x.shape[0],
        dbeta=lambda layer: layer.dbeta / layer.x.shape[0],
    ),
    _backward(
        "parameters-not-summed",
        "dgamma and dbeta keep the batch dimension",
        dgamma=lambda layer: layer.upstream * layer.normalized,
        dbeta=lambda layer: layer.upstream.copy(),
    ),
    _backward(
        "parameters-over-features",
        "dgamma and dbeta are summed over the features, one value per example",
        dgamma=lambda layer: (layer.upstream * layer.normalized).sum(axis=1),
        dbeta=lambda layer: layer.upstream.sum(axis=1),
    ),
    _backward(
        "dgamma-over-features",
        "dgamma is summed over the features, one value per example",
        dgamma=lambda layer: (layer.upstream * layer.normalized).sum(axis=1),
    ),
    _backward(
        "parameters-swapped",
        "dgamma and dbeta are returned in each other's place",
        dgamma=lambda layer: layer.dbeta,
        dbeta=lambda layer: layer.dgamma,
    ),
    _backward(
        "keepdims",
        "dgamma and dbeta have the right values with an extra dimension of length 1",
        dgamma=lambda layer: layer.dgamma[None],
        dbeta=lambda layer: layer.dbeta[None],
    ),
    _backward("dx-transposed", "dx is transposed", dx=lambda layer: layer.dx().T),
)

MISTAKES = FORWARD_MISTAKES + BACKWARD_MISTAKES
