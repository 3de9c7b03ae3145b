"""What a model is made of, as the sandbox saw it in a forward pass (`worker/untrusted/anatomy.py`): claims, and whether they
agree with one another.

Shapes are without the batch, channels first.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.core.calls import Call, Request
from grader.core.checks.model import Built
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply, unread

Shape = tuple[int, ...]
FORWARD_SECONDS = 90.0


class Row(BaseModel):
    """One layer, where it was used. kind "step": something else that keeps the shape, perhaps an activation of one's own. border:
    of zeros, which were put around the input before; `input` includes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["conv", "dense", "pool", "activation", "norm", "dropout", "flatten", "other", "step"]
    output: Shape = Field(max_length=8)
    name: str = Field(default="", max_length=100)
    how: str = Field(default="", max_length=40)
    filters: int = 0
    units: int = 0
    inputs: int = 0
    groups: int = Field(default=1, ge=1)
    kernel: Shape = ()
    size: Shape = ()
    stride: Shape = ()
    padding: Shape | Literal["same"] = ()
    border: Shape = ()
    bias: bool | None = False
    rate: float = 0.0
    input: Shape = ()
    parameters: int = 0

    @property
    def count(self) -> int | None:
        """Parameters that a layer of this form has; None where the sandbox could not see the bias."""
        if self.bias is None:
            return None
        if self.kind == "conv":
            return self.filters * (self.inputs // self.groups * math.prod(self.kernel) + self.bias)
        return self.units * (self.inputs + self.bias) if self.kind == "dense" else self.parameters


class Counts(BaseModel):
    """unseen: of weights that were used, but in no layer that is known. unused: of those that were not used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    total: int
    trainable: int
    unseen: int
    unused: int = 0


class Anatomy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: tuple[Row, ...] = Field(max_length=2000)
    input: Shape
    parameters: Counts
    unused: tuple[str, ...] = ()


def observe(
    built: Built, inputs: tuple[Shape, ...], declared: bool = True
) -> Generator[Request, Reply, Judgement | Anatomy]:
    """inputs: shapes to try, in this order; a Keras model that declares its own input is given that. declared: the first of
    them is what the rubric says a model has to take."""
    request = Call("_sandbox.anatomy.observe", (built.ref, [list(shape) for shape in inputs]), seconds=FORWARD_SECONDS)
    reply = yield request
    on = f"on input of shape {shape_words(inputs[0])}"
    stopped = from_reply(reply, built.place, request.seconds, on)
    if stopped is not None:
        if reply.error is not None and reply.error.type == "TooLong":
            return unread(f"{built.place}, could not be looked at: {reply.error.message}.")
        if reply.error is not None and not declared:
            return unread(f"{built.place}, took images of no usual size. With {shape_words(inputs[0])}: {stopped.message}")
        return stopped
    try:
        anatomy = Anatomy.model_validate(reply.values[0] if reply.values else None)
    except ValidationError as error:
        return Judgement(Status.ERROR, f"{built.place}, could not be looked at.", detail=str(error)[:2000])
    return anatomy


def contradiction(anatomy: Anatomy) -> str | None:
    """A sentence when the claims cannot all be true: then nothing is concluded from them."""
    for row in anatomy.rows:
        if row.kind == "conv" and not _conv_agrees(row):
            return f"a convolution of {row.filters} filters cannot turn {row.input} into {row.output}"
        if row.kind == "dense" and row.output[-1:] != (row.units,):
            return f"a dense layer of {row.units} units cannot give {row.output}"
        if row.kind == "flatten" and len(row.output) != 1:
            return f"flattening cannot give {row.output}"
    counts = [row.count for row in anatomy.rows if row.kind in ("conv", "dense", "norm")]
    whole = not anatomy.unused and not anatomy.parameters.unseen and None not in counts
    if whole and not any(row.kind in ("other", "step") for row in anatomy.rows):
        seen = sum(count or 0 for count in counts)
        if seen < min(anatomy.parameters.total, anatomy.parameters.trainable):
            return f"its layers have {seen:,} parameters together, the model {anatomy.parameters.total:,}"
    return None


def _conv_agrees(row: Row) -> bool:
    dims = len(row.kernel)
    if not dims or len(row.input) != dims + 1 or len(row.output) != dims + 1 or len(row.stride) != dims:
        return False
    if row.input[0] != row.inputs or row.output[0] != row.filters or 0 in row.stride:
        return False
    for axis in range(dims):
        before, after, step = row.input[axis + 1], row.output[axis + 1], row.stride[axis]
        if row.padding == "same":
            if after != -(-before // step):
                return False
        elif len(row.padding) == dims and after > (before + 2 * row.padding[axis] - row.kernel[axis]) // step + 1:
            return False  # smaller is possible: a dilated kernel reaches further
    return True


def shape_words(shape: Shape) -> str:
    return "×".join(str(size) for size in shape) or "a number"
