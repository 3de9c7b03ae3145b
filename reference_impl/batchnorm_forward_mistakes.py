"""Known mistakes of batch normalization's forward pass: its steps, with one of them done otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl.batchnorm_parameters import read
from reference_impl.operation import Mistake

Array = np.ndarray
Moments = tuple[Array, Array]


def _moments(x: Array) -> Moments:
    return x.mean(axis=0), x.var(axis=0)


def _unbiased(x: Array) -> Moments:
    return x.mean(axis=0), ((x - x.mean(axis=0)) ** 2).sum(axis=0) / (np.array(x.shape[0]) - 1)


def _overall(x: Array) -> Moments:
    return np.full(x.shape[1], x.mean()), np.full(x.shape[1], x.var())


def _root(var: Array, eps: float, mode: str) -> Array:
    return np.sqrt(var + eps)


def _output(normalized: Array, gamma: Array, beta: Array, mode: str) -> Array:
    return gamma * normalized + beta


def _average(running: Array, batch: Array, momentum: float) -> Array:
    return momentum * running + (1 - momentum) * batch


def forward_with(
    *,
    moments: Callable[[Array], Moments] = _moments,
    of_training: Callable[[Moments, Moments], Moments] = lambda batch, running: batch,
    of_test: Callable[[Moments, Moments], Moments] = lambda batch, running: running,
    root: Callable[[Array, float, str], Array] = _root,
    output: Callable[[Array, Array, Array, str], Array] = _output,
    recorded: Callable[[Array], Moments] | None = None,
    mean_average: Callable[[Array, Array, float], Array] = _average,
    var_average: Callable[[Array, Array, float], Array] = _average,
    updated_in: tuple[str, ...] = ("train",),
) -> Callable[..., dict[str, Array]]:
    """The forward pass with some steps replaced; with none replaced it is the right one.

    moments: mean and variance of a batch. of_training, of_test: which of (batch's, running) moments normalize in that
    mode. root: what is divided by. output: scale and shift. recorded: the batch's moments that enter the running
    averages (default: `moments`); mean_average, var_average: how they enter; updated_in: in which modes.
    """

    @np.errstate(all="ignore")
    def forward(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
        p = read(bn_param, x.shape[1])
        running = p.running_mean, p.running_var
        mean, var = (of_training if p.mode == "train" else of_test)(moments(x), running)
        out = output((x - mean) / root(var, p.eps, p.mode), gamma, beta, p.mode)
        if p.mode in updated_in:
            batch = (recorded or moments)(x)
            running = mean_average(running[0], batch[0], p.momentum), var_average(running[1], batch[1], p.momentum)
        return {"out": out, "running_mean": running[0], "running_var": running[1]}

    return forward


def _at_test(wrong: Callable[..., Array], right: Callable[..., Array]) -> Callable[..., Array]:
    """`wrong` in test mode, `right` in training; the mode is the last argument of both."""
    return lambda *args: (wrong if args[-1] == "test" else right)(*args)


def _swapped(running: Array, batch: Array, momentum: float) -> Array:
    return (1 - momentum) * running + momentum * batch


def _unscaled(normalized: Array, gamma: Array, beta: Array, mode: str) -> Array:
    return normalized


def _kept(running: Array, batch: Array, momentum: float) -> Array:
    return running


def _replaced(running: Array, batch: Array, momentum: float) -> Array:
    return batch


_right = forward_with()


def _plain_scale(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    """Normalizes in training only."""
    right = _right(x, gamma, beta, bn_param)
    return right if bn_param["mode"] == "train" else right | {"out": gamma * x + beta}


def _keepdims(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    right = _right(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return right
    return right | {name: right[name][None] for name in ("running_mean", "running_var")}


def _per_example(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> dict[str, Array]:
    right = _right(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return right
    spread = np.sqrt(x.var(axis=1, keepdims=True) + read(bn_param, x.shape[1]).eps)
    return right | {"out": gamma * (x - x.mean(axis=1, keepdims=True)) / spread + beta}


def _mistake(name: str, label: str, **steps: Any) -> Mistake:
    return Mistake(name, label, "forward", forward_with(**steps))


MISTAKES = (
    _mistake(
        "eps-outside-root",
        "epsilon is added outside the square root",
        root=lambda var, eps, mode: np.sqrt(var) + eps,
    ),
    _mistake("eps-missing", "epsilon is missing", root=lambda var, eps, mode: np.sqrt(var)),
    _mistake(
        "eps-outside-root-at-test-time",
        "epsilon is added outside the square root in test mode",
        root=_at_test(lambda var, eps, mode: np.sqrt(var) + eps, _root),
    ),
    _mistake(
        "eps-missing-at-test-time",
        "epsilon is missing in test mode",
        root=_at_test(lambda var, eps, mode: np.sqrt(var), _root),
    ),
    _mistake(
        "eps-outside-root-in-training",
        "epsilon is added outside the square root in training mode",
        root=lambda var, eps, mode: np.sqrt(var) + eps if mode == "train" else np.sqrt(var + eps),
    ),
    _mistake(
        "eps-missing-in-training",
        "epsilon is missing in training mode",
        root=lambda var, eps, mode: np.sqrt(var if mode == "train" else var + eps),
    ),
    _mistake("eps-twice", "epsilon is added twice", root=lambda var, eps, mode: np.sqrt(var + eps) + eps),
    _mistake("root-missing", "the square root is missing", root=lambda var, eps, mode: var + eps),
    _mistake(
        "root-missing-at-test-time",
        "the square root is missing in test mode",
        root=_at_test(lambda var, eps, mode: var + eps, _root),
    ),
    _mistake(
        "std-for-variance",
        "the square root of the variance is taken twice",
        root=lambda var, eps, mode: np.sqrt(np.sqrt(var) + eps),
    ),
    _mistake("not-divided", "the input is centred but not scaled", root=lambda var, eps, mode: np.ones_like(var)),
    _mistake(
        "not-centred",
        "the mean is not subtracted",
        of_training=lambda batch, running: (0 * batch[0], batch[1]),
        of_test=lambda batch, running: (0 * running[0], running[1]),
    ),
    _mistake("unbiased-variance", "the variance is divided by N - 1", moments=_unbiased),
    _mistake(
        "running-variance-unbiased",
        "the running variance averages variances that are divided by N - 1",
        recorded=_unbiased,
    ),
    _mistake("statistics-over-everything", "one mean and variance for all features together", moments=_overall),
    Mistake(
        "statistics-per-example",
        "the training output is normalized over the features of each example",
        "forward",
        _per_example,
    ),
    _mistake("without-gamma-beta", "gamma and beta are not applied", output=_unscaled),
    _mistake(
        "test-mode-without-gamma-beta",
        "gamma and beta are not applied in test mode",
        output=_at_test(_unscaled, _output),
    ),
    _mistake("gamma-missing", "gamma is not applied", output=lambda normalized, gamma, beta, mode: normalized + beta),
    _mistake("beta-missing", "beta is not applied", output=lambda normalized, gamma, beta, mode: gamma * normalized),
    _mistake(
        "gamma-beta-swapped",
        "gamma and beta are used in each other's place",
        output=lambda normalized, gamma, beta, mode: beta * normalized + gamma,
    ),
    _mistake(
        "shift-before-scale",
        "the shift is applied before the scale",
        output=lambda normalized, gamma, beta, mode: gamma * (normalized + beta),
    ),
    _mistake(
        "test-mode-batch-statistics",
        "test mode normalizes with the statistics of the batch",
        of_test=lambda batch, running: batch,
    ),
    _mistake(
        "mode-ignored",
        "test mode does the same as training mode",
        of_test=lambda batch, running: batch,
        updated_in=("train", "test"),
    ),
    Mistake("test-mode-not-normalized", "test mode does not normalize", "forward", _plain_scale),
    _mistake(
        "training-with-running-statistics",
        "training mode normalizes with the running averages",
        of_training=lambda batch, running: running,
    ),
    _mistake(
        "running-statistics-updated-at-test-time",
        "the running averages are changed in test mode",
        updated_in=("train", "test"),
    ),
    _mistake(
        "momentum-swapped",
        "momentum weighs the batch instead of the running average",
        mean_average=_swapped,
        var_average=_swapped,
    ),
    _mistake(
        "running-statistics-never-updated",
        "the running averages are not changed in training mode",
        updated_in=(),
    ),
    _mistake(
        "running-variance-never-updated",
        "the running variance is not changed in training mode",
        var_average=_kept,
    ),
    _mistake("running-mean-never-updated", "the running mean is not changed in training mode", mean_average=_kept),
    _mistake(
        "running-statistics-replaced",
        "the running averages are replaced by the batch's statistics",
        mean_average=_replaced,
        var_average=_replaced,
    ),
    _mistake(
        "running-statistics-decay-missing",
        "the old running averages are not weighed",
        mean_average=lambda running, batch, momentum: running + (1 - momentum) * batch,
        var_average=lambda running, batch, momentum: running + (1 - momentum) * batch,
    ),
    _mistake(
        "running-variance-as-std",
        "standard deviations are averaged as running variance",
        recorded=lambda x: (x.mean(axis=0), x.std(axis=0)),
    ),
    Mistake("keepdims", "the running averages get an extra dimension of length 1", "forward", _keepdims),
)
