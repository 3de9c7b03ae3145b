"""What a submission's files define, as the sandbox claims after reading them (`worker/untrusted/definitions.py`)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Thing(_Claim):
    """Something that the submission defines, as the sandbox claims. `parts`: names of other classes that it uses; `index`: its
    place among all that was found."""

    name: str
    form: Literal["class", "function", "model", "optimizer"]
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
    """A statement that did not run when the files were read; `names` are those it would have set."""

    file: str
    line: int
    names: tuple[str, ...]
    error: str
    message: str


class Found(_Claim):
    things: tuple[Thing, ...] = Field(max_length=5000)
    failures: tuple[Failure, ...] = ()
