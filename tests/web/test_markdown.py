"""Students' Markdown."""

from __future__ import annotations

import re

import pytest

from grader.web.markdown import markdown


def test_what_is_kept():
    html = markdown("# Title\n\n**bold** `code`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[link](https://example.org)")
    for part in ("<strong>bold</strong>", "<code>code</code>", "<table dir=\"auto\">", 'href="https://example.org"', "nofollow"):
        assert part in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](https://evil.example/pixel.png)",
        "<style>*{display:none}</style>",
        '<a href="x" onclick="alert(1)">x</a>',
        '<https://example.org/" onmouseover=alert(1)>',
    ],
)
def test_what_is_not(text):
    html = str(markdown(text)).lower()
    for tag in ("<script", "<img", "<style", 'href="javascript:', 'href="data:'):
        assert tag not in html
    assert not re.search(r"<[^>]*\son\w+=", html)


def test_each_block_finds_its_own_direction():
    assert str(markdown("שלום\n\nhello")).count('<p dir="auto">') == 2


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "*a" * 20_000, "`" * 50_000, "> " * 5_000, "|a" * 20_000, "x" * 1_000_000]
)
def test_hostile_sizes_are_read_in_a_moment(text):
    assert markdown(text) is not None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (r"so $\frac{\partial L}{\partial x_i}$ is", "<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow>"),
        (r"\(x < 0\)", "<mo>&lt;</mo>"),
        ("$$\n\\sum_{i=1}^{N} x_i\n$$", 'display="block"'),
        (r"\[ y \]", 'display="block"'),
        ("\\begin{align}a &= b\\\\ c &= d\\end{align}", "<mtable>"),
        ("$ x $", "<mi>x</mi>"),
        (r"$\text{if x < 0}$", "<mtext>if&nbsp;x&nbsp;&lt;&nbsp;0</mtext>"),
        ("**אם** $x_1 < 0$ אז", "<msub>"),
    ],
)
def test_formulas_become_mathml(text, part):
    html = str(markdown(text))
    assert "<math" in html and part in html


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "costs $5 and a $ sign",
        r"$\frac{$",
        r"$\unknowncommand{x}$",
        r"$\newcommand{\a}{\b\b}\a$",
        r"$\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}\b$",
        "`$x$`",
        r"\$x\$",
        "$" + "{" * 3000 + "$",
        "$" + "x" * 5000 + "$",
    ],
)
def test_what_is_no_formula_stays_as_text(text):
    html = str(markdown(text))
    assert "<math" not in html and ("$" in html)


@pytest.mark.parametrize(
    "text",
    [
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{color:red;background:url(x)}{x}$",
        r"$\class{button}{x}$",
        '$\\text{"><script>alert(1)</script>}$',
        '$x" onmouseover="alert(1)$',
        r"$\text{</mtext></math><script>alert(1)</script>}$",
    ],
)
def test_formulas_bring_nothing_but_formulas(text):
    html = str(markdown(text))
    assert not re.search(r"<(?:img|script)|href=|style=|class=", html)
    assert not re.search(r'<[^>"]*("[^"]*"[^>"]*)*\son\w+=', html)


def test_a_formula_keeps_what_was_written():
    assert 'alttext="x_i &lt; &quot;y&quot;"' in markdown('$x_i < "y"$')


def test_a_long_formula_scrolls_by_itself_and_is_reached_by_the_keyboard():
    long = " + ".join(f"x_{{{number}}}" for number in range(30))
    for text in (f"so ${long}$.", f"$${long}$$", f"so $${long}$$."):
        assert '<span class="formula" tabindex="0"><math' in markdown(text)
    assert "tabindex" not in markdown("$x_1$ and $$x_2$$")


def test_code_is_coloured_by_classes_only():
    html = str(markdown("```python\ndef f(x):\n    return x < 1\n```\n\n```\nplain <b>\n```"))
    assert '<pre class="code">' in html and '<span class="k">def</span>' in html and "&lt;" in html
    assert "plain &lt;b&gt;" in html and "style=" not in html


def test_an_unknown_language_stays_plain():
    assert "<span" not in markdown("```no-such-language\ndef f\n```")


@pytest.mark.parametrize(
    "text",
    [
        "$" * 50_000, "$a" * 50_000, "\\(" * 30_000, "\\begin{align}" * 8_000, "$$\n" * 30_000, "\\[a" * 30_000,
        ("$" + r"\frac{a}{b}" * 360 + "$ ") * 60, "```python\n" + "'" * 19_000 + "\n```", "$" + r"\sqrt" * 900 + "$",
    ],
)  # fmt: skip
def test_hostile_formulas_are_read_in_a_moment(text):
    assert len(markdown(text)) < 2_000_000
