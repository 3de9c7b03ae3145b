"""How a reference describes itself: what it computes, how a student's function is called, how cases are drawn, and the
mistakes that are known. Plain data; imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Values = Mapping[str, Any]
"""Arrays (float64), numbers and dicts by name."""


@dataclass(frozen=True)
class Case:
    """One set of inputs.

    scope: "core" for what the assignment asks, "edge" for shapes beyond it.
    inputs: by the names in `Operation.arguments`; what the forward function is called with.
    note: what is special, in words for a student ("padding 0", "a batch of one"); empty for an ordinary case.
    has_backward: whether the assignment asks for the gradient here (not for batch normalization in test mode).
    """

    name: str
    scope: str
    inputs: dict[str, Any]
    note: str = ""
    has_backward: bool = True


@dataclass(frozen=True)
class Mistake:
    """A known mistake, executable: `forward` and / or `backward` replace those of the operation, same signatures.

    label: names the mistake for a student without giving the corrected formula away: a clause that starts in lower case
        and has no full stop ("the bias is not added"), to stand after "It looks as if".
    part: which function of the student's is wrong: "forward" or "backward" (networks have parts of their own).
    visible: "core" if some core case shows it, "edge" if only shapes beyond the assignment do.
    accepted: for another form that is published and counts as right: what is said of it; empty for a mistake.
    """

    id: str
    label: str
    part: str
    forward: Callable[..., dict[str, Any]] | None = None
    backward: Callable[..., dict[str, np.ndarray]] | None = None
    visible: str = "core"
    accepted: str = ""


@dataclass(frozen=True)
class Operation:
    """A layer, a loss or an optimizer step.

    forward(**inputs) -> {output name: value}; never changes its inputs.
    backward(upstream, **inputs) -> {"dx": ..., "dw": ...}, the gradient of sum(out * upstream) by inputs; `upstream`
        has the shape of outputs[0]; recomputes whatever it needs. None where there is none.
    arguments: names of the student's positional forward arguments, in order: ("x", "gamma", "beta", "bn_param").
    outputs: names of the returned tuple's first elements, in order: ("out",) — the cache follows them in layers;
        ("loss", "dx") for losses; ("next_w",) for updates. A function that returns one output and no cache
        returns it bare.
    has_cache: the student's forward returns (*outputs, cache).
    after: outputs read from an argument after the call: {"running_mean": ("bn_param", "running_mean")}.
    gradients: names of what the student's backward(dout, cache) returns, in order; a bare array if only one.
    draw(rng) -> the cases; may depend on `conventions` and `variables`.
    conventions: equally right ways to call it (shapes of parameters that differ between editions); a submission that is
        right under any one of them is right. `draw(rng, convention=...)`.
    depends_on: operations whose student functions this one usually calls ("batchnorm" for "spatial_batchnorm").
    random: the forward pass draws random numbers (dropout): judged by its own kind of check, not by equality.
    starts: of an optimizer, equally right states to begin with where the config has none, each with what is said of it.
    """

    name: str
    forward: Callable[..., dict[str, Any]]
    backward: Callable[..., dict[str, np.ndarray]] | None
    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    gradients: tuple[str, ...]
    draw: Callable[..., list[Case]]
    mistakes: tuple[Mistake, ...] = ()
    has_cache: bool = True
    after: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conventions: tuple[str, ...] = ("",)
    depends_on: tuple[str, ...] = ()
    random: bool = False
    starts: Mapping[str, Values] = field(default_factory=lambda: {"": {}})


def but(right: Callable[..., dict[str, Any]], **wrong: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """`right` (a forward or backward function) with the values named in `wrong` computed otherwise, for a `Mistake`.

    Each of `wrong` gets the arguments that `right` gets:
    `but(backward, db=lambda upstream, x, w, b: upstream.mean(axis=0))`.
    """

    @np.errstate(all="ignore")
    def variant(*args: Any, **inputs: Any) -> dict[str, Any]:
        return right(*args, **inputs) | {name: compute(*args, **inputs) for name, compute in wrong.items()}

    return variant
