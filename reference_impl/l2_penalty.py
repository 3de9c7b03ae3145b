"""The L2 penalty of a net, 0.5 * reg * the sum of squares of all its weights W, and the ways in which it goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Penalty:
    """The defaults are right; each known mistake changes one.

    loss, gradient: factors of reg * sum(W^2) and of reg * W.
    kinds: which parameters are penalized, by their names without the number.
    skipped: layers that are not penalized, as places in the list of layers (0 the first, -1 the last).
    where: whether `kinds` and `skipped` hold in the loss, in the gradients or in both; the other one is right.
    averaged: divided by the number of examples. of_gradients: the gradients' squares in place of the weights'.
    """

    loss: float = 0.5
    gradient: float = 1.0
    kinds: tuple[str, ...] = ("W",)
    skipped: tuple[int, ...] = ()
    where: tuple[str, ...] = ("loss", "gradients")
    averaged: bool = False
    of_gradients: bool = False

    def add(
        self, loss: float, gradients: Mapping[str, Array], params: Mapping[str, Array], reg: float, batch: int
    ) -> tuple[float, dict[str, Array]]:
        """The loss and the gradients with the penalty; `batch` is the number of examples."""
        layers = sum(name.startswith("W") for name in params)
        skipped = {1 + place % layers for place in self.skipped}
        reg = reg / batch if self.averaged else reg
        penalized = dict(gradients)
        for name, value in params.items():
            kind = name.rstrip("0123456789")
            here = kind in self.kinds and int(name.removeprefix(kind)) not in skipped
            value = gradients[name] if self.of_gradients else value
            if here if "loss" in self.where else kind == "W":
                loss += self.loss * reg * float(np.sum(value * value))
            if here if "gradients" in self.where else kind == "W":
                penalized[name] = gradients[name] + self.gradient * reg * value
        return loss, penalized


PENALTY = Penalty()

MISTAKES: tuple[tuple[str, str, Penalty], ...] = (
    ("penalty-factor-one", "the L2 penalty lacks its factor in the loss", Penalty(loss=1.0)),
    (
        "penalty-factor-one-everywhere",
        "the L2 penalty is twice too large, in the loss and in the gradients",
        Penalty(loss=1.0, gradient=2.0),
    ),
    (
        "penalty-halved",
        "the L2 penalty is half of what it is, in the loss and in the gradients",
        Penalty(loss=0.25, gradient=0.5),
    ),
    ("penalty-gradient-doubled", "the gradient of the L2 penalty is twice too large", Penalty(gradient=2.0)),
    ("penalty-gradient-halved", "the gradient of the L2 penalty is half of what it is", Penalty(gradient=0.5)),
    ("penalty-missing-in-gradients", "the gradients lack the L2 penalty", Penalty(gradient=0.0)),
    ("penalty-missing-in-loss", "the loss lacks the L2 penalty", Penalty(loss=0.0)),
    ("penalty-missing", "there is no L2 penalty", Penalty(loss=0.0, gradient=0.0)),
    ("penalty-on-biases", "the biases are penalized too", Penalty(kinds=("W", "b"))),
    ("penalty-on-biases-in-loss", "the loss penalizes the biases too", Penalty(kinds=("W", "b"), where=("loss",))),
    ("penalty-on-gradients", "the gradients are penalized instead of the weights", Penalty(of_gradients=True)),
    ("penalty-averaged", "the L2 penalty is divided by the number of examples", Penalty(averaged=True)),
    ("penalty-without-first-layer", "the first layer's weights are not penalized", Penalty(skipped=(0,))),
    ("penalty-without-last-layer", "the last layer's weights are not penalized", Penalty(skipped=(-1,))),
    (
        "loss-without-first-penalty",
        "the loss does not penalize the first layer's weights",
        Penalty(skipped=(0,), where=("loss",)),
    ),
    (
        "loss-without-last-penalty",
        "the loss does not penalize the last layer's weights",
        Penalty(skipped=(-1,), where=("loss",)),
    ),
    (
        "gradients-without-first-penalty",
        "the gradients lack the penalty of the first layer's weights",
        Penalty(skipped=(0,), where=("gradients",)),
    ),
    (
        "gradients-without-last-penalty",
        "the gradients lack the penalty of the last layer's weights",
        Penalty(skipped=(-1,), where=("gradients",)),
    ),
    ("penalty-first-layer-only", "only the first layer's weights are penalized", Penalty(skipped=(-2, -1))),
)
"""(id, label, penalty), for nets of three layers; with two, the last two of these coincide."""
