"""The language of short answers: words that two languages share decide nothing."""

import pytest

from grader.core.answers.glossary import cues
from grader.core.answers.language import UNKNOWN, language
from grader.core.answers.text import read_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Так: dropout та штраф L2 за великі ваги.", "uk"),
        ("Так, для цього при навчанні беремо dropout", "uk"),
        ("Это потому что веса при обучении больше", UNKNOWN),
        ("нет, если веса больше", UNKNOWN),
    ],
)
def test_the_language_is_known_by_what_is_its_own(text, expected):
    functions = {name: frozenset(words) for name, words in cues()["function"].items()}
    assert language(read_text(text), set(), functions) == expected
