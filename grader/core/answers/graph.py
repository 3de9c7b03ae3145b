"""Computational graphs in an answer, judged exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from grader.core.answers.finding import Finding


class Graph(BaseModel):
    """`of`: by name, what an item's expression may name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.of)


def read(declared: Graph, answer: str) -> Mapping[str, Finding]:
    """By name: true when it is right, false when it is wrong, unread otherwise."""
    return {name: Finding(None) for name in declared.names}
