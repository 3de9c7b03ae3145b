"""Two sequences side by side with the least difference between them (Needleman and Wunsch, 1970)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def align(
    left: Sequence[A], right: Sequence[B], distance: Callable[[A, B], float | None]
) -> list[tuple[A | None, B | None]]:
    """Pairs in order, covering both; None stands for nothing on that side, which costs 1.

    distance: of two that stand side by side, 0 … 2; None where they may not.
    """
    # cost[i][j]: of left[i:] against right[j:], with the step that begins it.
    cost: list[list[tuple[float, str]]] = [[(0.0, "")] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left), -1, -1):
        for j in range(len(right), -1, -1):
            steps = []
            if i < len(left) and j < len(right):
                apart = distance(left[i], right[j])
                if apart is not None:
                    steps.append((cost[i + 1][j + 1][0] + apart, "both"))
            if i < len(left):
                steps.append((cost[i + 1][j][0] + 1, "left"))
            if j < len(right):
                steps.append((cost[i][j + 1][0] + 1, "right"))
            if steps:
                cost[i][j] = min(steps, key=lambda step: step[0])
    pairs: list[tuple[A | None, B | None]] = []
    i = j = 0
    while i < len(left) or j < len(right):
        step = cost[i][j][1]
        pairs.append((left[i] if step != "right" else None, right[j] if step != "left" else None))
        i += step != "right"
        j += step != "left"
    return pairs
