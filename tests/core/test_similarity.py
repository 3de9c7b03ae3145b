"""Which answers count as the same, which never may, and what grouping keeps together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.similarity import duplicate_key, group, is_empty, shows_picture

SAME = [
    ("(2), because it is noisy.", "2 because it is noisy"),
    ("**Answer:** (2)", "2"),
    (r"$\color{blue}{\textit Your Answer:}$ ReLU", "relu."),
    ("## Answer\n\nReLU dies", "relu   dies!"),
    ("don't", "don’t"),
    ("**ReLU** and *sigmoid*", "ReLU and _sigmoid_"),
    ("“no”", "No"),
    ("- first thing\n- second thing", "first thing second thing"),
    ("1) relu\n2) sigmoid", "1. ReLU 2. Sigmoid"),
    ("Відповідь: так", "Так."),
    ("תשובה: כן", "כן"),
    ("პასუხი: დიახ", "დიახ"),
    ("x − 1", "x - 1"),
    ("ＲｅＬＵ", "ReLU"),
    ("zero\u200bgradient", "zerogradient"),
    ("", "..."),
    ("Answer:", " \n"),
]
DIFFERENT = [
    ("x < 0", "x > 0"),
    ("x ≤ 0", "x < 0"),
    ("x = 0", "x != 0"),
    ("x²", "x2"),
    ("1½", "11/2"),
    ("not zero", "zero"),
    ("It does not work", "It does work"),
    ("isn't", "is"),
    ("a", "b"),
    ("2", "3"),
    ("0.5", "5"),
    (".5", "5"),
    ("-1", "1"),
    ("2*3", "2 3"),
    ("x_i", "x i"),
    ("(a + b) * c", "(a + b * c)"),
    ("f'", "f"),
    ("~~ReLU~~ sigmoid", "ReLU sigmoid"),
    ("Answer the question", "the question"),
    ("A: yes", "yes"),
    ("так", "ні"),
    ("∂f/∂x", "f/x"),
    ("✓", ""),
]
WORDS = st.sampled_from(["ReLU", "sigmoid", "zero", "gradient", "not", "no", "2", "3", "0.5", "a", "b", "<", ">", "=", "אין", "არ"])
TEXTS = st.lists(WORDS, min_size=1, max_size=12)
SPACES = st.sampled_from([" ", "  ", "\n", "\t", " \n "])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_words(one, other):
    assert duplicate_key(one) == duplicate_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_makes_a_difference(one, other):
    assert duplicate_key(one) != duplicate_key(other)


@given(TEXTS, SPACES, st.sampled_from(["", ".", "!", " …"]), st.booleans())
def test_blanks_case_and_the_end_do_not_matter(words, space, end, upper):
    plain, dressed = " ".join(words), space + space.join(words) + end
    assert duplicate_key(plain) == duplicate_key(dressed.upper() if upper else dressed)


@given(TEXTS, st.sampled_from(["{}", "**{}**", "*{}*", "_{}_", "`{}`", "“{}”", "({})"]), st.data())
def test_dressing_a_word_does_not_matter(words, dress, data):
    place = data.draw(st.integers(0, len(words) - 1))
    if not words[place].isalnum():
        return
    dressed = [dress.format(word) if index == place else word for index, word in enumerate(words)]
    assert duplicate_key(" ".join(words)) == duplicate_key(" ".join(dressed))


@given(TEXTS, WORDS, st.data())
def test_no_word_is_ever_lost(words, word, data):
    place = data.draw(st.integers(0, len(words)))
    more = [*words[:place], word, *words[place:]]
    assert duplicate_key(" ".join(words)) != duplicate_key(" ".join(more))


@given(TEXTS, WORDS, st.data())
def test_no_word_passes_for_another(words, word, data):
    place = data.draw(st.integers(0, len(words) - 1))
    other = [*words[:place], word, *words[place + 1 :]]
    assert (duplicate_key(" ".join(words)) == duplicate_key(" ".join(other))) == (words == other)


@given(st.text(max_size=200))
def test_any_text_has_a_key(text):
    assert len(duplicate_key(text)) == 32
    assert is_empty(text) == (duplicate_key(text) == duplicate_key(""))


@pytest.mark.parametrize("hostile", [r"\text__", "'", "*a ", "_a ", "(", "(  ", "`", "!", r"$\color{blue}{", "**", "answer"])
def test_long_nonsense_is_read(hostile):
    """The test's time limit is what would fail: a pattern that backtracks takes for ever."""
    assert duplicate_key(hostile * 20_000)


def test_pictures():
    assert shows_picture("as below ![](attachment:image.png)")
    assert shows_picture('<img src="data:image/png;base64,AA">')
    assert not shows_picture("wow! [it works](x)")


def test_similar_answers_are_together():
    batch = "Batch norm keeps the scale of every layer's input the same, so the initialization hardly matters"
    adam = "AdaGrad sums up squared gradients for ever, so its steps get smaller and smaller"
    texts = [batch, adam, "", batch + " at all.", adam.replace("smaller", "tinier"), "So " + batch, "  "]
    grouping = group(texts)
    assert grouping.groups == (0, 1, 2, 0, 1, 0, 2)
    assert sorted(grouping.order) == list(range(7))
    assert [grouping.groups[index] for index in grouping.order] == [0, 0, 0, 1, 1, 2, 2]


def test_options_are_not_mixed_up():
    groups = group(["(2)", "Option 2", "2.", "(3)", "3", "Option 3", "(1)"]).groups
    assert groups[0] == groups[2] and groups[3] == groups[4]
    assert len({groups[0], groups[3], groups[6]}) == 3


@given(st.lists(st.one_of(TEXTS.map(" ".join), st.sampled_from(["", " ", "?"])), max_size=25))
def test_grouping_is_a_partition(texts):
    grouping = group(texts)
    assert sorted(grouping.order) == list(range(len(texts)))
    along = [grouping.groups[index] for index in grouping.order]
    assert along == sorted(along) and set(along) == set(range(len(set(along))))
    by_key = {}
    for text, number in zip(texts, grouping.groups, strict=True):
        assert by_key.setdefault(duplicate_key(text), number) == number
    blank = {number for text, number in zip(texts, grouping.groups, strict=True) if is_empty(text)}
    said = [number for text, number in zip(texts, grouping.groups, strict=True) if not is_empty(text)]
    assert blank.isdisjoint(said) and (not blank or not said or min(blank) > max(said))
    sizes = [said.count(number) for number in sorted(set(said))]
    assert sizes == sorted(sizes, reverse=True)
