"""A submission, what a rubric expects to find in one, and the states of an attempt. Pure data: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Place = Literal["given", "found", "selected", "unselected"]
"""given: it stands in a notebook, a text or the form. In a document of pages: found by its text; selected by hand;
unselected: no page was found for the question (the text is empty)."""


@dataclass(frozen=True)
class Answer:
    """A written answer. `source` says where it stood: "FullyConnectedNets.ipynb, cell 12", or "form".

    place: how it was found. `document` and `pages` (from 1) say where in a document of pages.
    """

    question: str
    text: str
    source: str
    place: Place = "given"
    document: str | None = None
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    files: bytes by relative path, `/` between folders, no `..`, nothing absolute.
    answers: by question id; a question without an answer is absent.
    remarks: what ingest skipped, chose or could not read, one sentence each, for student and staff.
    """

    files: Mapping[str, bytes]
    answers: Mapping[str, Answer]
    remarks: tuple[str, ...] = ()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Layout(_Strict):
    """The code that an assignment asks for: a package and the files in it, relative to the package.

    assignment: names of the assignment's folder, as students call it, most usual first; used to choose between several
        assignments that stand in one repository. Compared without regard to case, `-`, `_` and blanks.
    """

    package: str = "cs231n"
    files: tuple[str, ...] = (
        "layers.py",
        "layer_utils.py",
        "optim.py",
        "classifiers/fc_net.py",
        "classifiers/cnn.py",
    )
    assignment: tuple[str, ...] = ("assignment2", "assignment2_colab", "assign2", "hw2", "homework2", "a2")


class AnswerSlot(_Strict):
    """Where a question's written answer is to be found.

    prompt: the question's text or its key phrases, the first anchor; it finds the question in any document.
    notebook, heading: the notebook's file name and the question's heading in it, the second anchor.
    aliases: other wordings of the prompt (other editions, translations).
    """

    question: str = Field(min_length=1)
    notebook: str | None = None
    heading: str | None = None
    prompt: str = ""
    aliases: tuple[str, ...] = ()


class AttemptState(StrEnum):
    """An attempt is one grading of one submission by one rubric version."""

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    FAILED = "failed"
