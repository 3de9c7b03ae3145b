"""A declared layer, a found one, and in what they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.core.checks.anatomy import Row, Shape, shape_words

KINDS_OF_LAYER = ("conv", "dense", "other", "pool", "dropout", "norm", "flatten")
WEIGHTED = ("conv", "dense", "other")
HAS = {
    "kernel": ("conv",),
    "padding": ("conv",),
    "size": ("pool",),
    "stride": ("conv", "pool"),
    "activation": ("conv", "dense", "other"),
}
"""What only some kinds of layers have; asked of another one, it would be wrong in every submission."""

ACTIVATIONS = frozenset(
    {
        *("none", "relu", "tanh", "sigmoid", "softmax", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "relu6"),
        *("prelu", "rrelu", "hardtanh", "hardsigmoid", "hardswish", "softplus", "softsign", "softmin"),
        *("hard_sigmoid", "hard_silu", "hard_tanh", "exponential", "squareplus", "sparsemax"),
    }
)
"""As PyTorch and Keras call them; logarithms of softmax and sigmoid are taken for these (`worker/untrusted/operations.py`)."""


class Layer(BaseModel):
    """A declared layer: exactly one of conv (filters, or "any"), dense (units, or "any"), pool, dropout (rate), norm, flatten, and
    other (names of what has weights besides, as PyTorch and Keras call it, or "any"), and what else is asked of it. activation:
    any one of these; "none" is one. output: channels first. or: layers that are as right."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    conv: int | Literal["any"] | None = None
    dense: int | Literal["any"] | None = None
    other: str | tuple[str, ...] | None = None
    pool: Literal["max", "avg", "any"] | None = None
    dropout: float | None = None
    norm: Literal["batch", "layer", "group", "instance", "any"] | None = None
    flatten: Literal[True] | None = None
    kernel: int | Shape | None = None
    size: int | Shape | None = None
    stride: int | Shape | None = None
    padding: Literal["same", "valid"] | int | None = None
    activation: str | tuple[str, ...] | None = None
    output: Shape | None = None
    alternatives: tuple[Layer, ...] = Field(default=(), alias="or")

    @model_validator(mode="after")
    def _one_kind(self) -> Layer:
        if sum(getattr(self, kind) is not None for kind in KINDS_OF_LAYER) != 1:
            raise ValueError(f"a layer is exactly one of {', '.join(KINDS_OF_LAYER)}")
        return self

    @model_validator(mode="after")
    def _what_such_a_layer_has(self) -> Layer:
        for key, kinds in HAS.items():
            if getattr(self, key) is not None and self.kind not in kinds:
                raise ValueError(f"a layer of kind {self.kind} has no {key}")
        for name in self.activations:
            if name not in ACTIVATIONS:
                raise ValueError(f"unknown activation '{name}'; known are {', '.join(sorted(ACTIVATIONS))}")
        return self

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS_OF_LAYER if getattr(self, kind) is not None)

    @property
    def others(self) -> tuple[str, ...]:
        given = self.other
        return () if given is None else (given,) if isinstance(given, str) else given

    @property
    def activations(self) -> tuple[str, ...]:
        given = self.activation
        return () if given is None else (given,) if isinstance(given, str) else given


@dataclass(frozen=True)
class Seen:
    """A found layer with the activation behind it: "none", a name, or None where it cannot be told."""

    row: Row
    activation: str | None
    last: bool = False


def nearest(declared: Layer, found: Seen) -> tuple[Layer, tuple[str, ...]]:
    """The alternative of a declared layer that is closest, and in what it differs."""
    options = [(layer, faults(layer, found)) for layer in (declared, *declared.alternatives)]
    return min(options, key=lambda option: (option[0].kind != found.row.kind, len(option[1])))


def faults(layer: Layer, found: Seen) -> tuple[str, ...]:
    row = found.row
    if layer.kind != row.kind:
        return ("kind",)
    dims = max(len(row.kernel), len(row.size), 1)
    checks = {
        "filters": layer.conv in (None, "any", row.filters),
        "units": layer.dense in (None, "any", row.units),
        "name": layer.other in (None, "any") or _plain(row.name) in map(_plain, layer.others),
        "pooling": layer.pool in (None, "any", row.how),
        "rate": layer.dropout is None or abs(layer.dropout - row.rate) < 1e-6,
        "kind of normalization": layer.norm in (None, "any", row.how),
        "kernel": layer.kernel is None or _sizes(layer.kernel, dims) == row.kernel,
        "size": layer.size is None or _sizes(layer.size, dims) == row.size,
        "stride": layer.stride is None or _sizes(layer.stride, dims) == row.stride,
        "padding": layer.padding is None or _padding(layer.padding, row),
        "output": layer.output is None or layer.output == row.output,
    }
    wrong = [name for name, holds in checks.items() if not holds]
    if layer.activations and not _activation_agrees(layer.activations, found):
        wrong.append("activation?" if found.activation is None else "activation")
    return tuple(wrong)


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _activation_agrees(asked: tuple[str, ...], found: Seen) -> bool:
    given = found.activation
    if found.last and given == "none" and "softmax" in asked:
        return True  # it is in the loss
    return given in asked


def _padding(asked: str | int, row: Row) -> bool:
    """A border of zeros that was put around before is padding, if the rubric asks for that; else it is a larger input."""
    none = (0,) * (len(row.input) - 1)
    border = row.border if len(row.border) == len(none) else none
    if asked == "same":
        return row.padding == "same" or any(_keeps_size(row, rims) for rims in (none, border))
    amount = 0 if asked == "valid" else asked
    if row.padding == "same":
        return False
    whole = tuple(given + rim for given, rim in zip(row.padding, border, strict=False))
    return any(all(given == amount for given in paddings) for paddings in (row.padding, whole))


def _keeps_size(row: Row, border: Shape) -> bool:
    """Whether it gives as many pixels as it got without the border, or as many as its stride leaves of them."""
    sizes = [size - 2 * rim for size, rim in zip(row.input[1:], border, strict=True)]
    return row.output[1:] == tuple(-(-size // step) for size, step in zip(sizes, row.stride, strict=False))


def _sizes(value: int | Shape, dims: int) -> Shape:
    return (value,) * dims if isinstance(value, int) else value


def declared_words(layer: Layer | None) -> str:
    if layer is None:
        return "—"
    return " or ".join(_words(option) for option in (layer, *layer.alternatives))


def _words(layer: Layer) -> str:
    main = {
        "conv": "conv" if layer.conv == "any" else f"conv {layer.conv}",
        "dense": "dense" if layer.dense == "any" else f"dense {layer.dense}",
        "other": " or ".join(layer.others),
        "pool": "pool" if layer.pool == "any" else f"{layer.pool} pool",
        "dropout": f"dropout {layer.dropout:g}" if layer.dropout is not None else "",
        "norm": "normalization" if layer.norm == "any" else f"{layer.norm} norm",
        "flatten": "flatten",
    }[layer.kind]
    extent = layer.kernel if layer.kernel is not None else layer.size
    details = [f" @ {shape_words(_sizes(extent, 2))}" if extent is not None else ""]
    details += [f", stride {shape_words(_sizes(layer.stride, 1))}" if layer.stride is not None else ""]
    details += [f", padding {layer.padding}" if layer.padding is not None else ""]
    details += [f", {' or '.join(layer.activations)}" if layer.activations else ""]
    return main + "".join(details) + (f" → {shape_words(layer.output)}" if layer.output is not None else "")


def found_words(found: Seen | None) -> str:
    if found is None:
        return "—"
    row = found.row
    main = {
        "conv": f"conv {row.filters} @ {shape_words(row.kernel)}",
        "dense": f"dense {row.units}",
        "pool": f"{row.how} pool @ {shape_words(row.size)}",
        "dropout": f"dropout {row.rate:g}",
        "norm": f"{row.how} norm",
        "flatten": "flatten",
    }.get(row.kind, row.name)
    stride = f", stride {shape_words(row.stride)}" if row.kind == "conv" and set(row.stride) != {1} else ""
    padding = "same" if row.padding == "same" else shape_words(row.padding) if any(row.padding) else ""
    stride += f", padding {padding}" if row.kind == "conv" and padding else ""
    activation = "" if row.kind not in WEIGHTED else f", {found.activation or 'an activation of its own'}"
    return f"{main}{stride}{activation} → {shape_words(row.output)}"
