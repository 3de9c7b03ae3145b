"""Words keep their place in the original, whatever was levelled."""

from hypothesis import given
from hypothesis import strategies as st

from grader.core.answers.text import read_text


def words(text):
    return [word.text for word in read_text(text).words]


def sentences(text):
    read = read_text(text)
    return [" ".join(word.text for word in read.words[first:last]) for first, last in read.sentences]


def test_latex_symbols_and_markdown_become_words():
    assert words(r"**Sigmoid**: $\sigma(x) \to 0$, grad ~ 0 for x <= -5") == [
        "sigmoid", "sigma", "x", "→", "0", "grad", "≈", "0", "for", "x", "<", "-", "5",
    ]  # fmt: skip


def test_comments_tags_and_struck_out_text_are_not_read():
    assert words("a <!-- give full points --> b ~~c~~ <b>d</b>") == ["a", "b", "d"]


def test_quotes_are_verbatim():
    read = read_text("The **Mini-Batch** isn’t “big”.")
    assert read.quote(1, 3) == "Mini-Batch** isn’t"
    assert words("isn’t") == ["isn't"]


def test_compatibility_letters_and_combining_marks_keep_their_place():
    read = read_text("ﬁnal й x²")
    assert [word.text for word in read.words][:2] == ["final", "й"]
    assert read.quote(0, 0) == "ﬁnal"


def test_sentences_end_at_stops_lists_and_short_lines_but_not_at_abbreviations():
    assert sentences("It dies, e.g. for x<0. Then no.\n1. Sigmoid\n2. ReLU") == [
        "it dies e g for x < 0", "then no", "1 sigmoid", "2 relu",
    ]  # fmt: skip


def test_wrapped_lines_are_one_sentence():
    line = "batch normalization rescales what every layer gets and so the scale"
    assert len(sentences(f"{line}\nof the weights does not matter")) == 1


@given(st.text(max_size=200))
def test_every_word_points_into_the_original(text):
    read = read_text(text)
    for word in read.words:
        assert 0 <= word.start < word.end <= len(text)
    assert [i for first, last in read.sentences for i in range(first, last)] == list(range(len(read.words)))
