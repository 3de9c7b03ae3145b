"""The nets that a `network` check has built: constructor arguments, and the shapes that parameters and inputs then have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from grader.core.calls import Path
from grader.core.checks.calling import FLOAT64
from grader.core.checks.masks import BATCH, HIDDEN


@dataclass(frozen=True)
class Build:
    """One net: constructor arguments, the shapes of its parameters and of its input.

    names: what the student's net calls a parameter, where it is not what the assignment calls it.
    """

    on: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    input_shape: tuple[int, ...]
    classes: int
    reg: float = 0.0
    normalization: str | None = None
    batch: int = 5
    names: Mapping[str, str] = field(default_factory=dict)

    def gradients(self) -> tuple[Path, ...]:
        """Where the gradients of the parameters stand in what `loss` returns."""
        return tuple(("return", 1, self.names.get(name, name)) for name in self.shapes)


def builds(feature: str, shape: str, parameters: Sequence[str]) -> list[Build]:
    """The nets that a feature is judged on, for a constructor that takes `parameters`."""
    common = in_float64(parameters)
    if feature == "initialization":
        return [_initial_build(shape, common)]
    regs = (0.0, 0.7)
    if shape == "three-layer-conv":
        return [
            _conv(common, (3, 8, 8), filters=4, size=3, hidden=7, classes=5, reg=regs[0]),
            _conv(common, (2, 6, 6), filters=3, size=5, hidden=6, classes=4, reg=regs[1]),
        ]
    norm = _normalization(feature, parameters)
    return [
        _dense(common | norm, 7, (6, 5), 4, regs[0], feature),
        _dense(common | norm, 5, (4, 6, 3), 3, regs[1], feature),
    ]


def dropout_build(argument: str, p: float, parameters: Sequence[str]) -> Build:
    """So small that every mask that dropout could draw can be tried (see `masks.py`)."""
    build = _dense(in_float64(parameters) | {argument: p}, 4, HIDDEN, 3, 0.0, "dropout")
    return replace(build, batch=BATCH, on=f"with hidden layers {list(HIDDEN)} and {argument}={p:g}")


def in_float64(parameters: Sequence[str]) -> dict[str, Any]:
    """The argument for it, if the constructor takes one."""
    return {"dtype": FLOAT64} if "dtype" in parameters or "kwargs" in parameters else {}


def _normalization(feature: str, parameters: Sequence[str]) -> dict[str, Any]:
    if feature not in ("batchnorm", "layernorm"):
        return {}
    return (
        {"use_batchnorm": True}
        if "normalization" not in parameters and "use_batchnorm" in parameters
        else {"normalization": feature}
    )


def _dense(
    kwargs: dict[str, Any], inputs: int, hidden: tuple[int, ...], classes: int, reg: float, feature: str
) -> Build:
    sizes = (inputs, *hidden, classes)
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), 1):
        shapes |= {f"W{layer}": (fan_in, fan_out), f"b{layer}": (fan_out,)}
        if feature in ("batchnorm", "layernorm") and layer < len(sizes) - 1:
            shapes |= {f"gamma{layer}": (fan_out,), f"beta{layer}": (fan_out,)}
    return Build(
        on=f"with hidden layers {list(hidden)}" + _settings_text(feature, reg),
        args=(list(hidden),),
        kwargs={"input_dim": inputs, "num_classes": classes, "reg": reg, "weight_scale": 0.05, **kwargs},
        shapes=shapes,
        input_shape=(inputs,),
        classes=classes,
        reg=reg,
        normalization=feature if feature in ("batchnorm", "layernorm") else None,
    )


def _settings_text(feature: str, reg: float) -> str:
    extra = f", {feature}" if feature != "plain" else ""
    return f"{extra}, reg {reg:g}"


def _conv(
    kwargs: dict[str, Any], inputs: tuple[int, int, int], filters: int, size: int, hidden: int, classes: int, reg: float
) -> Build:
    channels, height, width = inputs
    pooled = filters * (height // 2) * (width // 2)
    return Build(
        on=f"with input {inputs}, {filters} filters of size {size}, {hidden} hidden units, reg {reg:g}",
        args=(),
        kwargs={
            "input_dim": inputs, "num_filters": filters, "filter_size": size, "hidden_dim": hidden,
            "num_classes": classes, "reg": reg, **kwargs,
        },
        shapes={
            "W1": (filters, channels, size, size), "b1": (filters,), "W2": (pooled, hidden), "b2": (hidden,),
            "W3": (hidden, classes), "b3": (classes,),
        },
        input_shape=inputs,
        classes=classes,
        reg=reg,
        batch=3,
    )  # fmt: skip


def _initial_build(shape: str, common: dict[str, Any]) -> Build:
    """Large enough that a standard deviation can be told."""
    scale = {"weight_scale": 0.03}
    if shape == "three-layer-conv":
        return _conv(common | scale, (3, 8, 8), filters=32, size=5, hidden=50, classes=40, reg=0.0)
    return _dense(common | scale, 60, (50, 40), 30, 0.0, "plain")
