"""A submission, what a rubric expects to find in one, and the states of an attempt. Pure data: no I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

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
    at: its number in documents whose answers are only numbered: "3", "1 / e", "Part 2 / Task 1", "Task 4 normalization" (a
        word of that heading), or several, of which the first that is there counts.
    beside: the question in whose answer students answer this one too, if it has no answer of its own.
    opens: words with which a closing paragraph begins that answers it without heading and number ("In summary"); the last
        such paragraph of a document, where nothing else is found.
    """

    question: str = Field(min_length=1)
    notebook: str | None = None
    heading: str | None = None
    prompt: str = ""
    aliases: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    beside: str | None = None
    opens: tuple[str, ...] = ()

    @field_validator("at", mode="before")
    @classmethod
    def _one_or_several(cls, at: object) -> object:
        several = at if isinstance(at, list | tuple) else (at,)
        return tuple(
            str(way) if isinstance(way, int | float) else way for way in several
        )  # 3 and 2.1 are numbers in YAML

    @field_validator("at")
    @classmethod
    def _readable(cls, at: tuple[str, ...]) -> tuple[str, ...]:
        for way in at:
            if not all(AT_STEP.match(step.strip()) for step in way.split("/")):
                raise ValueError(f"at: {way!r} is no number such as 3, 2.1, 1 / e, 1 / a-d, Task 2 or Part 1 / Task 2")
        return at


AT_STEP = re.compile(
    r"^(?:(?P<word>[^\W\d_]{2,})\s+)?(?P<label>\d{1,2}(?:\.\d{1,2})*|[a-z](?:-[a-z])?)(?:\s+(?P<title>.+))?$", re.I
)
"""One step of `AnswerSlot.at`: "Task 4 normalization" is a word, a label and words of the title."""


class AttemptState(StrEnum):
    """An attempt is one grading of one submission by one rubric version."""

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    FAILED = "failed"
