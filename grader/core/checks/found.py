"""What a submission's files define, as the sandbox claims after reading them (`worker/untrusted/definitions.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

NO_OPTION = frozenset(
    {
        "classes", "numclasses", "nclasses", "numclass", "nclass", "numlabels", "outchannels", "inchannels", "cin",
        "channels", "inputchannels", "inputshape", "inputsize", "inputdim", "indim", "imagesize", "outputsize", "outputdim",
        "outdim", "hiddensize", "hidden", "units", "filters", "kernelsize", "kernel", "stride", "padding", "pool",
        "pooling", "activation", "activationfn", "act", "bias", "device", "dtype", "seed", "name", "verbose",
        "lr", "learningrate", "momentum", "nesterov", "beta1", "beta2", "betas", "eps", "epsilon", "alpha", "rho",
    }
)  # fmt: skip
"""Parameters that switch no technique on, of a model's constructor or of a function that makes an optimizer."""


def plain(name: str) -> str:
    """Names are compared without case and `_`."""
    return name.replace("_", "").casefold()


def open_options(names: Iterable[str]) -> list[str]:
    """Of parameters that were left to their defaults: those that may switch something on."""
    return [name for name in names if name != "**" and plain(name) not in NO_OPTION]


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Thing(_Claim):
    """Something that the submission defines, as the sandbox claims. `type`: the class of a model; `parts`: names that a class or
    a function uses; `index`: its place among all that was found."""

    name: str
    form: Literal["class", "function", "model", "optimizer"]
    type: str = ""
    framework: str
    file: str
    line: int
    parameters: tuple[str, ...]
    required: tuple[str, ...]
    parts: tuple[str, ...]
    index: int = 0

    @property
    def place(self) -> str:
        return f"{self.name} in {self.file}, line {self.line}"


class Failure(_Claim):
    """A statement that did not run when the files were read. `names`: those it would have set; `uses`: those it reads;
    `defines`: whether it is a class, a function or an import."""

    file: str
    line: int
    names: tuple[str, ...]
    uses: tuple[str, ...] = ()
    defines: bool = False
    error: str
    message: str


LAYERS = frozenset({"Sequential", "Conv2d", "Linear", "LazyConv2d", "LazyLinear", "Conv2D", "Dense"})


class Found(_Claim):
    things: tuple[Thing, ...] = Field(max_length=5000)
    failures: tuple[Failure, ...] = ()

    def untried(self, known: Iterable[str]) -> str:
        """A sentence on a function that makes models and has options that are none of the `known` names; "" if there is none."""
        classes = LAYERS | {thing.name for thing in self.things if thing.form == "class"}
        names = {plain(name) for name in known}
        for thing in self.things:
            options = [name for name in open_options(thing.parameters) if plain(name) not in names]
            if thing.form == "function" and options and classes.intersection(thing.parts):
                return f"{thing.place}, makes models and has options that the rubric does not know ({', '.join(options[:6])})."
        return ""

    @property
    def unmade(self) -> Failure | None:
        """The first statement that did not run and may have made a model or an optimizer: it defines something, or uses a class
        or a function of the submission."""
        makers = {thing.name for thing in self.things if thing.form in ("class", "function")}
        return next((one for one in self.failures if one.defines or makers.intersection(one.uses)), None)
