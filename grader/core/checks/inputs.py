"""How raw images become what a net is given. A file of weights does not say it, so a pack declares what students usually do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Channels = float | tuple[float, ...]


class Preprocessing(BaseModel):
    """One way: enlarged to `size` (black around it, or bilinear), divided by `scale`, minus `mean`, divided by `std`.

    channels: 3 repeats a grey image, 1 averages a coloured one. flatten: one row of features per image. channels_last:
    (N, H, W, C); where it is not declared, Keras gets that and torch (N, C, H, W).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int | None = Field(default=None, ge=1, le=1024)
    fit: Literal["pad", "resize"] = "pad"
    scale: float = Field(default=255.0, gt=0)
    mean: Channels = 0.0
    std: Channels = 1.0
    channels: Literal[1, 3] | None = None
    flatten: bool = False
    channels_last: bool | None = None

    @model_validator(mode="after")
    def _std_divides(self) -> Preprocessing:
        if not all(one > 0 for one in (self.std if isinstance(self.std, tuple) else (self.std,))):
            raise ValueError("std must be greater than 0")
        return self

    @property
    def plain(self) -> dict[str, object]:
        """As it enters the sandbox."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in self.model_dump(mode="python").items()
        }

    @property
    def text(self) -> str:
        """ "images padded to 32×32, divided by 255, mean 0.5, std 0.5"."""
        fitted = {"pad": "padded", "resize": "enlarged"}[self.fit]
        parts = [f"{fitted} to {self.size}×{self.size}"] if self.size else []
        parts += [f"divided by {self.scale:g}"] if self.scale != 1 else []
        if self.mean not in (0, (0,)) or self.std not in (1, (1,)):
            parts += [f"mean {_numbers(self.mean)}", f"std {_numbers(self.std)}"]
        return "images " + ", ".join(parts or ["as they are"])


def ways_to_prepare(declared: Sequence[Preprocessing], mean: float, std: float) -> tuple[Preprocessing, ...]:
    """As declared; and of each size as they are, for nets that divide by 255 themselves, and standardized by the training images'
    own mean and standard deviation (fractions of 255), as scripts do that compute these."""
    figures: list[dict[str, Channels]] = [{"scale": 1.0, "mean": 0.0, "std": 1.0}]
    if std > 0:
        figures.append({"scale": 255.0, "mean": round(mean, 4), "std": round(std, 4)})
    more = [way.model_copy(update=one) for one in figures for way in declared]
    return tuple(dict.fromkeys([*declared, *more]))


def _numbers(value: Channels) -> str:
    return " ".join(f"{one:g}" for one in (value if isinstance(value, tuple) else (value,)))
