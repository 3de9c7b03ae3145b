"""Known mistakes of batch normalization's backward pass in training mode, in either of its two forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_impl.batchnorm_parameters import read
from reference_impl.operation import Mistake

Array = np.ndarray


@dataclass(frozen=True)
class Training:
    """What the backward pass in training mode needs; arrays (N, D) and (D,)."""

    upstream: Array
    x: Array
    gamma: Array
    beta: Array
    eps: float

    @property
    def n(self) -> int:
        return self.x.shape[0]

    @property
    def var(self) -> Array:
        return self.x.var(axis=0)

    @property
    def std(self) -> Array:
        return np.sqrt(self.var + self.eps)

    @property
    def centred(self) -> Array:
        return self.x - self.x.mean(axis=0)

    @property
    def normalized(self) -> Array:
        return self.centred / self.std

    @property
    def dbeta(self) -> Array:
        return self.upstream.sum(axis=0)

    @property
    def dgamma(self) -> Array:
        return (self.upstream * self.normalized).sum(axis=0)

    def dx(self, direct: Any = 1.0, mean: Any = 1.0, variance: Any = 1.0, std: Array | None = None) -> Array:
        """The sum of the three ways from x to the output, each weighed; `std` replaces the standard deviation."""
        std = self.std if std is None else std
        dnormalized = self.upstream * self.gamma
        through_mean = -(dnormalized / std).sum(axis=0) / self.n
        through_variance = -self.centred * (dnormalized * self.centred).sum(axis=0) * std**-3 / self.n
        return direct * dnormalized / std + mean * through_mean + variance * through_variance


def backward_with(**wrong: Callable[[Training], Array]) -> Callable[..., dict[str, Array]]:
    """The backward pass with the gradients in `wrong` computed otherwise in training mode."""

    @np.errstate(all="ignore")
    def backward(upstream: Array, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
        p = read(bn_param, x.shape[1])
        if p.mode == "test":
            raise ValueError("these mistakes are about training mode; no gradient is asked for in test mode")
        t = Training(upstream, x, gamma, beta, p.eps)
        right = {"dx": t.dx(), "dgamma": t.dgamma, "dbeta": t.dbeta}
        return right | {name: gradient(t) for name, gradient in wrong.items()}

    return backward


def _mistake(name: str, label: str, **wrong: Callable[[Training], Array]) -> Mistake:
    return Mistake(name, label, "backward", backward=backward_with(**wrong))


def _one_expression(t: Training, n: int, sum_upstream: Array, sum_product: Array) -> Array:
    return t.gamma / (n * t.std) * (n * t.upstream - sum_upstream - t.normalized * sum_product)


MISTAKES = (
    _mistake(
        "forgets-mean-path",
        "dx lacks the part of the gradient that flows through the batch mean",
        dx=lambda t: t.dx(mean=0.0),
    ),
    _mistake(
        "forgets-variance-path",
        "dx lacks the part of the gradient that flows through the batch variance",
        dx=lambda t: t.dx(variance=0.0),
    ),
    _mistake(
        "statistics-constant",
        "dx treats the batch's mean and variance as constants",
        dx=lambda t: t.dx(mean=0.0, variance=0.0),
    ),
    _mistake(
        "forgets-direct-path",
        "dx only has the parts that flow through the batch's mean and variance",
        dx=lambda t: t.dx(direct=0.0),
    ),
    _mistake(
        "batch-sums-missing",
        "dx lacks the sums over the batch",
        dx=lambda t: _one_expression(t, t.n, t.upstream, t.upstream * t.normalized),
    ),
    _mistake(
        "batch-sum-of-upstream-missing",
        "dx lacks a sum over the batch, that of the upstream gradient",
        dx=lambda t: _one_expression(t, t.n, t.upstream, t.dgamma),
    ),
    _mistake(
        "batch-sum-of-product-missing",
        "dx lacks a sum over the batch, that in the part through the variance",
        dx=lambda t: _one_expression(t, t.n, t.dbeta, t.upstream * t.normalized),
    ),
    _mistake(
        "sums-over-features",
        "dx adds up over the features instead of over the batch",
        dx=lambda t: _one_expression(
            t,
            t.n,
            t.upstream.sum(axis=1, keepdims=True),
            (t.upstream * t.normalized).sum(axis=1, keepdims=True),
        ),
    ),
    _mistake(
        "features-for-batch",
        "dx uses the number of features for the number of examples",
        dx=lambda t: _one_expression(t, t.x.shape[1], t.dbeta, t.dgamma),
    ),
    _mistake(
        "not-divided-by-batch",
        "dx is too large by the number of examples",
        dx=lambda t: t.n * t.dx(),
    ),
    _mistake(
        "divided-by-batch-twice",
        "dx is too small by the number of examples",
        dx=lambda t: t.dx() / t.n,
    ),
    _mistake("mean-path-not-averaged", "the part through the mean lacks its average", dx=lambda t: t.dx(mean=t.n)),
    _mistake(
        "variance-path-not-averaged",
        "the part through the variance lacks its average",
        dx=lambda t: t.dx(variance=t.n),
    ),
    _mistake("mean-path-sign", "the part through the mean has the wrong sign", dx=lambda t: t.dx(mean=-1.0)),
    _mistake(
        "variance-path-sign",
        "the part through the variance has the wrong sign",
        dx=lambda t: t.dx(variance=-1.0),
    ),
    _mistake("variance-path-half", "the part through the variance is off by a factor", dx=lambda t: t.dx(variance=0.5)),
    _mistake(
        "variance-path-double", "the part through the variance is twice too large", dx=lambda t: t.dx(variance=2.0)
    ),
    _mistake(
        "variance-path-power",
        "the part through the variance has the wrong power of the standard deviation",
        dx=lambda t: t.dx(variance=t.std**2),
    ),
    _mistake(
        "variance-path-power-two",
        "the part through the variance has a whole power of the variance where another is needed",
        dx=lambda t: t.dx(variance=1 / t.std),
    ),
    _mistake("gamma-missing", "dx lacks gamma", dx=lambda t: t.dx() / t.gamma),
    _mistake("gamma-twice", "dx has gamma twice", dx=lambda t: t.dx() * t.gamma),
    _mistake("std-missing", "dx is not divided by the standard deviation", dx=lambda t: t.dx() * t.std),
    _mistake("root-missing", "dx is divided by the variance", dx=lambda t: t.dx() / t.std),
    _mistake("eps-missing", "dx lacks epsilon", dx=lambda t: t.dx(std=np.sqrt(t.var))),
    _mistake(
        "eps-outside-root",
        "dx has epsilon outside the square root",
        dx=lambda t: t.dx(std=np.sqrt(t.var) + t.eps),
    ),
    _mistake(
        "unbiased-variance",
        "dx uses a variance divided by N - 1",
        dx=lambda t: t.dx(std=np.sqrt(t.var * t.n / (t.n - 1) + t.eps)),
    ),
    _mistake(
        "dgamma-without-normalization", "dgamma uses x as it came in", dgamma=lambda t: (t.upstream * t.x).sum(axis=0)
    ),
    _mistake(
        "dgamma-centred-only",
        "dgamma uses an x that is centred but not scaled",
        dgamma=lambda t: (t.upstream * t.centred).sum(axis=0),
    ),
    _mistake(
        "dgamma-with-output",
        "dgamma uses the layer's output",
        dgamma=lambda t: (t.upstream * (t.gamma * t.normalized + t.beta)).sum(axis=0),
    ),
    _mistake("dgamma-with-gamma", "dgamma is multiplied by gamma", dgamma=lambda t: t.dgamma * t.gamma),
    _mistake("dgamma-averaged", "dgamma is averaged instead of summed", dgamma=lambda t: t.dgamma / t.n),
    _mistake("dbeta-averaged", "dbeta is averaged instead of summed", dbeta=lambda t: t.dbeta / t.n),
    _mistake(
        "parameters-averaged",
        "dgamma and dbeta are averaged instead of summed",
        dgamma=lambda t: t.dgamma / t.n,
        dbeta=lambda t: t.dbeta / t.n,
    ),
    _mistake(
        "parameters-not-summed",
        "dgamma and dbeta keep the batch dimension",
        dgamma=lambda t: t.upstream * t.normalized,
        dbeta=lambda t: t.upstream.copy(),
    ),
    _mistake(
        "parameters-over-features",
        "dgamma and dbeta are summed over the features instead of the batch",
        dgamma=lambda t: (t.upstream * t.normalized).sum(axis=1),
        dbeta=lambda t: t.upstream.sum(axis=1),
    ),
    _mistake(
        "parameters-swapped",
        "dgamma and dbeta are returned in each other's place",
        dgamma=lambda t: t.dbeta,
        dbeta=lambda t: t.dgamma,
    ),
    _mistake(
        "keepdims",
        "dgamma and dbeta have the right values with an extra dimension of length 1",
        dgamma=lambda t: t.dgamma[None],
        dbeta=lambda t: t.dbeta[None],
    ),
)
