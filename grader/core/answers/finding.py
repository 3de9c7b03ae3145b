"""What reading an answer gave for one thing that was asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """value: None when it could not be read. quotes: verbatim from the answer. reason: for the TA, may be empty."""

    value: bool | None
    quotes: tuple[str, ...] = ()
    reason: str = ""
    confidence: float = 0.9
