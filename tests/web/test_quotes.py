"""Quotes marked in an answer as it is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from grader.web.markdown import markdown
from grader.web.quotes import Quote, mark_quotes

TEXT = (
    "(2), because **statistics** over very few features are noisy & x < 0. Also 12.\n\n"
    "- when $x_i < 0$ it dies\n- `relu` too\n\n1. one two\n2. three\n\nבגלל ש-`x < 0` הוא *שלילי*"
)


def marked(quote: str, text: str = TEXT) -> str:
    html = mark_quotes(markdown(text), [Quote(quote, "it")])
    return "|".join(re.sub(r"<[^>]+>", "", part) for part in re.findall(r"<mark[^>]*>(.*?)</mark>", html))


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("few features", "few features"),
        ("(2), because **statistics** over", "(2), because|statistics|over"),
        ("noisy & x < 0", "noisy &amp; x &lt; 0"),
        ("when $x_i < 0$ it", "when|xi&lt;0|it"),
        ("it dies\n- `relu` too", "it dies|relu|too"),
        ("one two\n2. three", "one two|three"),
        ("ש-`x < 0` הוא *שלילי*", "ש-|x &lt; 0|הוא|שלילי"),
        ("2", "2"),
        ("FEW Features", "few features"),
        ("feat", ""),
        ("nowhere", ""),
        ("", ""),
        ("*", ""),
    ],
)
def test_where_a_quote_is_marked(quote, found):
    assert marked(quote) == found


def test_a_word_is_not_found_inside_another():
    assert "12 apples, <mark" in mark_quotes(markdown("12 apples, 2 pears"), [Quote("2", "it")])


def test_quotes_may_overlap():
    quotes = [Quote("one two", "a", "clear", "1"), Quote("two three", "b", "deduct", "2")]
    assert mark_quotes(markdown("one two three"), quotes) == (
        '<p dir="auto"><mark data-items="a" data-tone="clear" data-label="1">one </mark>'
        '<mark data-items="a b" data-tone="deduct" data-label="2">two</mark>'
        '<mark data-items="b" data-tone="deduct"> three</mark></p>\n'
    )


def test_no_quote_changes_nothing():
    html = markdown(TEXT)
    assert mark_quotes(html, []) == html


class _Shape(HTMLParser):
    """Elements that are opened and closed, without the marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in {"br", "hr"}:
            self.open.append(tag)
        if tag != "mark":
            self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@given(st.text(alphabet="ab <>&*_`$#\\|\n-1.(ש\"'", max_size=60), st.text(alphabet="ab <&*$\n1ש", max_size=12))
def test_marks_leave_elements_and_text_as_they_are(text, quote):
    html = markdown(text)
    result = mark_quotes(html, [Quote(quote, 'x"<'), Quote(text[:9], "y")])
    assert isinstance(result, Markup)
    before, after = _Shape(str(html)), _Shape(str(result))
    assert after.open == before.open == [] and after.seen == before.seen and after.text == before.text


def test_a_formula_that_is_all_of_the_quote_comes_before_a_longer_one_that_holds_it():
    text = r"A: $g = \sum_i d_i \cdot x_i$, B: $b = \sum_i d_i$"
    html = str(mark_quotes(markdown(text), [Quote(r"\sum_i d_i", "beta")]))
    assert "</math></mark>" in html and "<mark" not in html[: html.index("B:")]
    assert "<mark" in str(mark_quotes(markdown(text.replace(", B: ", " - ")), [Quote(r"\sum_i d_i \cdot x_i", "gamma")]))
