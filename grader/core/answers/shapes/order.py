"""Things that stand one behind the other in a text, and which of them is next to a place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


class Spanned(Protocol):
    """What stands from `start` to before `end`."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=Spanned)


class InOrder(Generic[S]):
    """items: in the order of the text, none inside another. Every question costs a search by halves: a hostile answer may hold
    thousands of them."""

    def __init__(self, items: Sequence[S]) -> None:
        self._items = items
        self._starts = [one.start for one in items]
        self._ends = [one.end for one in items]

    def behind(self, place: int) -> S | None:
        """The first that starts at `place` or later."""
        found = bisect_left(self._starts, place)
        return self._items[found] if found < len(self._items) else None

    def before(self, place: int) -> S | None:
        """The last that ends at `place` or earlier."""
        found = bisect_right(self._ends, place)
        return self._items[found - 1] if found else None

    def between(self, start: int, end: int) -> Sequence[S]:
        """Those that start at `start` or later, and before `end`."""
        return self._items[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
