"""A value of the trusted side that student's code only carries around, such as the cache of a substituted layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """`id` is chosen by whoever answers. What comes back may be any id: student's code can make one up."""

    id: int | str
