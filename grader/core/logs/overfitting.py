"""Whether logged numbers show overfitting, and whether a text points it out."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

LEAST = 8  # points, for anything to be said
LATE = 0.8
"""A lowest validation loss in the last fifth of the training is its end, not the beginning of overfitting."""
RISE = 0.05
"""Of what the validation loss had come down: a smaller rise is noise."""

SAID = re.compile(
    r"over\W?fit\w*|generali[sz]ation gap|memori[sz]\w+|התאמת[- ]יתר|אובר\W?פיט\w*|אוברפיטינג|перенавч\w*|оверфіт\w*|переобуч\w*",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"\b(?:no|not|without|never|n't|doesn't|didn't|neither|little|hardly)\b|\bאין\b|\bלא\b|\bללא\b|\bבלי\b"
    r"|\bне\b|\bнемає\b|\bбез\b",
    re.IGNORECASE,
)


def smooth(values: Iterable[float]) -> np.ndarray:
    """(N,) → (N,): the mean over a window of a tenth of the values, at least three; shorter at both ends."""
    y = np.asarray(tuple(values), dtype=float)
    half = max(1, len(y) // 20)
    total = np.concatenate([[0.0], np.cumsum(y)])
    low, high = np.maximum(np.arange(len(y)) - half, 0), np.minimum(np.arange(len(y)) + half + 1, len(y))
    return (total[high] - total[low]) / (high - low)


def overfits(train_loss: Iterable[float], other_loss: Iterable[float]) -> bool | None:
    """Whether the loss on other data turned well before the end while that on the training data went on falling. None: too
    few numbers to say."""
    train, other = smooth(train_loss), smooth(other_loss)
    if min(len(train), len(other)) < LEAST or abs(len(train) - len(other)) > 1:
        return None
    count = min(len(train), len(other))
    train, raw, other = train[:count], np.asarray(tuple(other_loss), dtype=float)[:count], other[:count]
    lowest = int(np.argmin(other))
    if lowest > LATE * (count - 1):
        return False
    window = 2 * max(1, count // 20) + 1
    noise = 2 * float(np.std(raw - other)) / np.sqrt(window)
    rise, fallen = other[-1] - other[lowest], other[0] - other[lowest]
    return bool(rise > max(RISE * max(fallen, 0.0), noise) and train[-1] < train[lowest])


def pointed_out(text: str) -> bool:
    """Whether a sentence speaks of overfitting without denying it."""
    sentences = re.split(r"(?<=[.!?;])\s+|\n{2,}", text[:200_000])
    return any(SAID.search(sentence) and not DENIED.search(sentence) for sentence in sentences)
