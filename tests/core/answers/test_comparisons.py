"""Comparisons: whoever is named first, the one who is said to have more is found; what is denied or open says nothing."""

from __future__ import annotations

import pytest

DECLARED = """
    subjects: {one: sgd | один приклад, mini: mini-batch* | міні-батч*, full: full batch* | повний батч | повного батчу}
    statements:
      noisier:
        says: that smaller batches are noisier
        compares:
          order: [one, mini, full]
          more: &more [noisier, more noise, шумніш*]
          less: &less [less noisy, smoother, not as noisy, менш шумн*]
      calmer: {says: that larger batches are noisier, compares: {order: [full, mini, one], more: *more, less: *less}}
"""
ITEMS = "[{id: said, points: -1, label: Which is noisier, clear: noisier, deduct: calmer}]"


@pytest.fixture
def ask(question_of, ask_of):
    bound = ask_of(question_of(DECLARED, ITEMS))
    return lambda text: bound(text)["said"].suggested


@pytest.mark.parametrize(
    "text",
    [
        "SGD is noisier than a mini-batch.",
        "Mini-batches are less noisy than SGD.",
        "Compared to SGD, a mini-batch is smoother.",
        "A mini-batch is noisier than the full batch, but less noisy than SGD.",
        "A mini-batch is not as noisy as SGD is.",
        "Of the two, SGD is noisier.",
        "The full batch is smoother.",
        "Міні-батчі шумніші за повний батч, але менш шумні за один приклад.",
        "Міні-батч менш шумний, ніж SGD, бо градієнт усереднюється.",
    ],
)
def test_the_direction_is_read(ask, text):
    assert ask(text) == "clear"


@pytest.mark.parametrize(
    "text",
    [
        "SGD is less noisy than a mini-batch.",
        "Mini-batches are noisier than SGD.",
        "Compared to SGD, a full batch is noisier.",
        "SGD is smoother.",
        "Міні-батчі шумніші за SGD.",
    ],
)
def test_the_other_direction_is_read(ask, text):
    assert ask(text) == "deduct"


@pytest.mark.parametrize(
    "text",
    [
        "SGD is not noisier than a mini-batch.",  # perhaps as noisy
        "Mini-batches are noisier.",  # than which of the two?
        "SGD and mini-batches are noisier.",
        "A mini-batch is a mixture of SGD and a full batch. It is smoother than you would think.",  # who is it?
        "It is smoother.",
        "SGD is noisier than a mini-batch, yet the full batch is noisier than SGD.",
    ],
)
def test_what_is_open_stays_open(ask, text):
    assert ask(text) == "unknown"


def test_a_statement_needs_a_way_to_be_found(question_of):
    with pytest.raises(Exception, match="needs `any` or `compares`"):
        question_of("    statements: {said: {says: nothing}}")


def test_the_order_names_subjects(question_of):
    with pytest.raises(Exception, match="subject"):
        question_of("    statements: {said: {says: so, compares: {order: [a, b], more: [more]}}}")
