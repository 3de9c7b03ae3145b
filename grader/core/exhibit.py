"""What a check shows besides its sentence: a table or a plot. Plain data; pages and the command line draw it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(_Strict):
    """Such as declared against found. `wrong`: indices of the rows that do not agree."""

    kind: Literal["table"] = "table"
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wrong: tuple[int, ...] = ()


class Series(_Strict):
    """One line of a plot; `x` and `y` are finite and of equal length."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


class Plot(_Strict):
    """Such as a convergence graph. `level`: a horizontal line, such as a threshold."""

    kind: Literal["plot"] = "plot"
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...] = Field(min_length=1)
    level: float | None = None


Exhibit = Table | Plot
