"""The shared glossary, and how its terms are found: stems, phrases, misspellings, opposites, several languages at once."""

import pytest

from grader.core.answers.declaration import LANGUAGES
from grader.core.answers.glossary import CUES, cues, merged, shared
from grader.core.answers.lexicon import Lexicon
from grader.core.answers.terms import Terms, glossary_names, wanted
from grader.core.answers.text import read_text


def found(words, text, own=None):
    terms = Terms(merged(own or {}), [words], cues())
    mentions = terms.read(text)
    return [mentions.text.quote(o.span.first, o.span.last - 1) for o in mentions.of(wanted(words))]


def test_every_term_that_another_is_made_of_exists():
    terms = shared()
    for term in terms.values():
        assert {name for words in term.together for word in words for name in glossary_names(word)} <= set(terms)
        assert term.opposite is None or term.opposite in terms


def test_every_term_can_be_found_in_some_language():
    assert [name for name, term in shared().items() if not any(term.forms.values()) and not term.together] == []


def test_small_words_of_every_kind_and_language_are_there():
    assert set(cues()) == set(CUES)
    for kind in ("negation", "cause", "function", "address"):
        assert set(LANGUAGES[1:]) <= set(cues()[kind])


@pytest.mark.parametrize("text", ["mini-batch", "minibatch", "mini batch", "Mini-Batch"])
def test_a_hyphen_may_be_left_out(text):
    assert found("mini-batch", text) == [text]


@pytest.mark.parametrize("word", ["initialisation", "intialization", "initailization", "initializaton"])
def test_one_slip_in_a_long_word_is_forgiven(word):
    assert found("$initialization", f"the {word} matters") == [word]


def test_short_words_are_not_guessed():
    assert found("decay", "a delay") == []


def test_a_gap_stands_for_up_to_three_words():
    assert found("gradient .. zero", "the gradient is then zero") == ["gradient is then zero"]
    assert found("gradient .. zero", "the gradient is then for some zero") == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("ბეჩნორმალიზაცია კარგია", "ბეჩნორმალიზაცია"),
        ("з батч нормалізацією", "батч нормалізацією"),
        ("BatchNorm helps", "BatchNorm"),
    ],
)
def test_terms_are_found_in_all_languages_at_once(text, quote):
    assert found("$batch-norm", text) == [quote]


def test_hebrew_prefixes_are_taken_off():
    assert found("$gradient", "והגרדיאנטים קטנים") == ["והגרדיאנטים"]


def test_leaky_relu_is_no_relu():
    assert found("$relu | $leaky-relu", "leaky ReLU and ReLU") == ["leaky ReLU", "ReLU"]
    terms = Terms(merged({}), ["$relu", "$leaky-relu"], cues())
    mentions = terms.read("leaky ReLU only")
    assert mentions.of(wanted("$relu")) == []


def test_of_overlapping_forms_the_longest_counts():
    lexicon = Lexicon({"a": ["grad", "grad = 0"]})
    assert [len(span) for span in lexicon.find(read_text("grad = 0"))["a"]] == [3]
