"""Students' Markdown."""

from __future__ import annotations

import re

import pytest

from grader.web.markdown import markdown


def test_what_is_kept():
    html = markdown("# Title\n\n**bold** `code`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[link](https://example.org)")
    for part in ("<strong>bold</strong>", "<code>code</code>", "<table>", 'href="https://example.org"', "nofollow"):
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
