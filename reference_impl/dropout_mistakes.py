"""Known mistakes of dropout, executable for either meaning of p; `dropout_explain` knows the forward ones by id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl.dropout_probability import scales
from reference_impl.operation import Mistake

Array = np.ndarray
Multiplier = Callable[[np.random.Generator, tuple[int, ...], float], Any]
"""What x is multiplied by in training: from a generator, the shape of x and p."""


def multiplier(x: Array, dropout_param: dict[str, Any], convention: str) -> Array:
    """What a right layer multiplies x by, in the shape of x: 0 or the factor; 1 in test mode."""
    if dropout_param["mode"] == "test":
        return np.ones_like(x)
    factor, keep = scales(dropout_param["p"], convention)
    return (np.random.default_rng(dropout_param["seed"]).random(x.shape) < keep) * factor


def mistakes(convention: str) -> tuple[Mistake, ...]:
    """All mistakes of both passes, for p that means "keep" or "drop"."""
    return _forward_mistakes(convention) + _backward_mistakes(convention)


def _forward_mistakes(convention: str) -> tuple[Mistake, ...]:
    def in_training(name: str, label: str, wrong: Multiplier) -> Mistake:
        def forward(x: Array, dropout_param: dict[str, Any]) -> dict[str, Array]:
            if dropout_param["mode"] == "test":
                return {"out": x.copy()}
            rng = np.random.default_rng(dropout_param["seed"])
            return {"out": x * wrong(rng, x.shape, dropout_param["p"])}

        return Mistake(name, label, "forward", forward)

    def at_test_time(name: str, label: str, wrong: Multiplier) -> Mistake:
        def forward(x: Array, dropout_param: dict[str, Any]) -> dict[str, Array]:
            if dropout_param["mode"] == "train":
                return {"out": x * multiplier(x, dropout_param, convention)}
            rng = np.random.default_rng(dropout_param["seed"])
            return {"out": x * wrong(rng, x.shape, dropout_param["p"])}

        return Mistake(name, label, "forward", forward)

    def factor(p: float) -> float:
        return scales(p, convention)[0]

    def keep(p: float) -> float:
        return scales(p, convention)[1]

    def normal_below(rng: np.random.Generator, shape: tuple[int, ...], p: float) -> Array:
        numbers = rng.standard_normal(shape)
        return numbers < p if convention == "keep" else numbers > p

    return (
        in_training(
            "other-convention",
            "p is read the other way round: the probability to drop for that to keep, or the reverse",
            lambda rng, shape, p: (rng.random(shape) >= keep(p)) / (1 - keep(p)),
        ),
        in_training(
            "unscaled",
            "the units that stay are not scaled in training",
            lambda rng, shape, p: rng.random(shape) < keep(p),
        ),
        in_training(
            "unscaled-other-convention",
            "p is read the other way round, and the units that stay are not scaled in training",
            lambda rng, shape, p: rng.random(shape) >= keep(p),
        ),
        in_training(
            "mask-inverted",
            "the units that should stay are dropped, with the scale of those that should stay",
            lambda rng, shape, p: (rng.random(shape) >= keep(p)) * factor(p),
        ),
        in_training(
            "scaled-by-other-probability",
            "the units that stay are scaled by the probability to drop",
            lambda rng, shape, p: (rng.random(shape) < keep(p)) / (1 - keep(p)),
        ),
        in_training(
            "scaled-down",
            "the units that stay are made smaller instead of larger",
            lambda rng, shape, p: (rng.random(shape) < keep(p)) * keep(p),
        ),
        in_training(
            "scaled-twice",
            "the units that stay are scaled twice",
            lambda rng, shape, p: (rng.random(shape) < keep(p)) * factor(p) ** 2,
        ),
        in_training(
            "randn",
            "normally distributed random numbers are compared with p",
            lambda rng, shape, p: normal_below(rng, shape, p) * factor(p),
        ),
        in_training(
            "numbers-for-mask",
            "random numbers are multiplied with the input instead of deciding which units stay",
            lambda rng, shape, p: rng.random(shape) * factor(p),
        ),
        in_training(
            "one-mask-for-the-batch",
            "all examples of a batch share one mask",
            lambda rng, shape, p: (rng.random((1, *shape[1:])) < keep(p)) * factor(p),
        ),
        in_training(
            "one-draw-per-example",
            "one random number decides for all units of an example",
            lambda rng, shape, p: (rng.random((shape[0], *(1 for _ in shape[1:]))) < keep(p)) * factor(p),
        ),
        in_training(
            "probability-fixed",
            "p is not used",
            lambda rng, shape, p: (rng.random(shape) < 0.5) * 2.0,
        ),
        in_training("nothing-dropped", "nothing is dropped in training", lambda rng, shape, p: 1.0),
        in_training("scaled-not-dropped", "units are scaled but none is dropped", lambda rng, shape, p: factor(p)),
        in_training("everything-dropped", "all units are dropped", lambda rng, shape, p: 0.0),
        at_test_time("scaled-at-test-time", "the output is scaled in test mode", lambda rng, shape, p: keep(p)),
        at_test_time(
            "dropped-at-test-time",
            "units are dropped in test mode",
            lambda rng, shape, p: (rng.random(shape) < keep(p)) * factor(p),
        ),
    )


def _backward_mistakes(convention: str) -> tuple[Mistake, ...]:
    def mistake(name: str, label: str, training: Callable[..., Array] | None, test: Any = None) -> Mistake:
        """`training(upstream, ratio, p)`, `test(upstream, p)`: dx in that mode; None where it is right.

        ratio is what the forward pass multiplied x by. If its output `out` is not given, it was the reference's.
        """

        def backward(
            upstream: Array, x: Array, dropout_param: dict[str, Any], out: Array | None = None
        ) -> dict[str, Array]:
            p = dropout_param["p"]
            ratio = multiplier(x, dropout_param, convention) if out is None else out / x
            if dropout_param["mode"] == "train":
                return {"dx": training(upstream, ratio, p) if training else upstream * ratio}
            return {"dx": test(upstream, p) if test else upstream * ratio}

        return Mistake(name, label, "backward", backward=backward)

    def factor(p: float) -> float:
        return scales(p, convention)[0]

    def keep(p: float) -> float:
        return scales(p, convention)[1]

    return (
        mistake(
            "backward-without-mask",
            "the gradient also flows through dropped units",
            lambda upstream, ratio, p: upstream.copy(),
        ),
        mistake(
            "backward-scaled-without-mask",
            "the gradient is scaled but also flows through dropped units",
            lambda upstream, ratio, p: upstream * factor(p),
        ),
        mistake(
            "backward-mask-inverted",
            "the gradient flows through the dropped units instead of those that stayed",
            lambda upstream, ratio, p: upstream * (ratio == 0) * factor(p),
        ),
        mistake(
            "backward-unscaled",
            "the gradient is not scaled although the forward pass scales",
            lambda upstream, ratio, p: upstream * (ratio != 0),
        ),
        mistake(
            "backward-scaled-twice",
            "the gradient is scaled once more than the forward pass scales",
            lambda upstream, ratio, p: upstream * ratio * factor(p),
        ),
        mistake(
            "backward-scaled-down",
            "the gradient is made smaller where the forward pass makes its input larger",
            lambda upstream, ratio, p: upstream * (ratio != 0) * keep(p),
        ),
        mistake(
            "backward-scaled-by-other-probability",
            "the gradient is scaled by the other probability",
            lambda upstream, ratio, p: upstream * (ratio != 0) / (1 - keep(p)),
        ),
        mistake(
            "backward-without-upstream",
            "the upstream gradient is not used",
            lambda upstream, ratio, p: ratio * np.ones_like(upstream),
        ),
        mistake(
            "backward-zero",
            "no gradient flows in training",
            lambda upstream, ratio, p: np.zeros_like(upstream),
        ),
        mistake(
            "backward-scaled-at-test-time",
            "the gradient is scaled in test mode",
            None,
            lambda upstream, p: upstream * keep(p),
        ),
        mistake(
            "backward-scaled-up-at-test-time",
            "the gradient is made larger in test mode",
            None,
            lambda upstream, p: upstream * factor(p),
        ),
        mistake(
            "backward-zero-at-test-time",
            "no gradient flows in test mode",
            None,
            lambda upstream, p: np.zeros_like(upstream),
        ),
    )
