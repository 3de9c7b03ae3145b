"""Students' Markdown as safe HTML: raw HTML is text, and what is left is sanitised once more."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from grader.web import formulas

_LIMIT = 200_000  # characters; far above any answer, far below what takes long
_CODE_LIMIT = 20_000  # of a block that is coloured
_TAGS = {
    "p", "br", "hr", "em", "strong", "s", "del", "code", "pre", "span", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
} | formulas.TAGS  # fmt: skip
_BLOCKS = ("p", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table")  # columns run as the table does, cells: .prose td
_PLAIN = HtmlFormatter(nowrap=True)


def markdown(text: str) -> Markup:
    """HTML without images, scripts, styles or foreign attributes; each block finds its own text direction."""
    if len(text) > _LIMIT:
        text = text[:_LIMIT] + "\n\n…"
    html = nh3.clean(
        _reader.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "span": {"tabindex"}} | formulas.ATTRIBUTES,
        allowed_classes={"span": {*STANDARD_TYPES.values(), "formula"} - {""}, "pre": {"code"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in _BLOCKS},
    )
    return Markup(html)


def _coloured(code: str, language: str, _: str) -> str:
    """A fenced block in Pygments' classes (`static/code.css`); "" leaves it plain."""
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        return ""
    return f'<pre class="code"><code>{highlight(code, lexer, _PLAIN)}</code></pre>' if len(code) <= _CODE_LIMIT else ""


_reader = MarkdownIt("commonmark", {"html": False, "highlight": _coloured})
_reader.enable(["table", "strikethrough"]).disable("image")
formulas.add_formulas(_reader)
