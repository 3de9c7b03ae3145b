"""Claimed or denied: negation, lessening, undoing, opposites, per language."""

import pytest

from grader.core.answers.glossary import cues, merged
from grader.core.answers.terms import Terms, wanted


def polarity(word, text):
    mentions = Terms(merged({}), [word], cues()).read(text)
    return [occurrence.positive for occurrence in mentions.of(wanted("~" + word))]


CLAIMED = [
    ("$sensitive", "it is sensitive to the scale"),
    ("$vanish", "not only do gradients vanish"),
    ("$vanish", "no matter what, gradients vanish"),
    ("$vanish", "it does not explode, gradients vanish"),
    ("$robust", "it is not sensitive to the scale"),
    ("$robust", "it is less sensitive to the scale"),
    ("$robust", "the net is insensitive"),
    ("$sensitive", "მგრძნობიარეა ინიციალიზაციის მიმართ"),
    ("$sensitive", "мережа чутлива до ініціалізації"),
    ("$sensitive", "הרשת רגישה לאתחול"),
]  # fmt: skip
DENIED = [
    ("$vanish", "the gradient does not vanish"),
    ("$vanish", "this prevents the gradients from vanishing"),
    ("$vanish", "without vanishing gradients"),
    ("$sensitive", "it is not as sensitive"),
    ("$sensitive", "the small net wasn't as sensitive"),
    ("$sensitive", "hardly sensitive at all"),
    ("$sensitive", "neither sensitive nor slow"),
    ("$sensitive", "less sensitive than before"),
    ("$zero-gradient", "No grad = 0 situation"),
    ("$sensitive", "არ არის მგრძნობიარე"),
    ("$sensitive", "мережа не чутлива"),
    ("$sensitive", "הרשת לא רגישה"),
]


@pytest.mark.parametrize(("word", "text"), CLAIMED)
def test_claimed(word, text):
    assert polarity(word, text) == [True]


@pytest.mark.parametrize(("word", "text"), DENIED)
def test_denied(word, text):
    assert polarity(word, text) == [False]


def test_a_negation_ends_with_its_clause():
    assert polarity("$vanish", "it is not big, so gradients vanish") == [True]
    assert polarity("$vanish", "it does not explode but vanishes") == [True]


def test_a_negation_inside_a_form_ends_with_the_form():
    assert polarity("$dead | $negative", "any x that is not positive kills it")[-1] is True


def test_two_negations_cancel_out():
    assert polarity("$vanish", "it is not without vanishing") == [True]
