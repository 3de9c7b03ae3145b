"""LaTeX in students' Markdown as MathML; what cannot be read stays as it was written."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

LONGEST = 4000  # characters of a formula that is read
MOST = 400  # formulas of one text that are read
LONG = 80  # characters from which a formula may be wider than a phone, and scrolls by itself
TAGS = {
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd", "mpadded", "mphantom",
    "mstyle",
}  # fmt: skip
ATTRIBUTES = {
    "math": {"display", "alttext"},
    "mo": {"stretchy", "fence", "form", "separator", "lspace", "rspace", "minsize", "maxsize"},
    "mi": {"mathvariant"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "mspace": {"width"},
    "mfrac": {"linethickness"},
    "mtd": {"columnspan", "rowspan"},
    "mstyle": {"displaystyle", "scriptlevel"},
}

# Definitions are not read: a few short ones can stand for gigabytes.
_DEFINES = re.compile(r"\\(?:newcommand|renewcommand|providecommand|def|let|DeclareMathOperator)(?![A-Za-z])")
_NUMBERED = re.compile(r"\{(align|equation|gather|eqnarray|multline)\}")
_BARS = frozenset("|‖∥")
_COMMAND = re.compile(r"\s*\\[A-Za-z]")  # one that is not known is left where a letter should be
_MATHEMATICAL = re.compile(r"[\\^_=<>+*/|{}\d]")
_WORDS = re.compile(r"[^\W\d_]{2,}\s")
_BRACKETS = (("\\\\(", "\\\\)"), ("\\\\[", "\\\\]"), ("\\(", "\\)"), ("\\[", "\\]"))


def add_formulas(reader: MarkdownIt) -> None:
    r"""Teach `reader` $…$, $$…$$, \(…\), \[…\] and \begin{equation}…\end{equation}."""
    dollarmath_plugin(reader, allow_labels=False, allow_digits=False, double_inline=True)
    amsmath_plugin(reader)
    reader.inline.ruler.before("escape", "math_brackets", _bracketed)
    for name, display in (
        ("math_inline", False), ("math_inline_double", True), ("math_block", True), ("amsmath", True),
    ):  # fmt: skip
        reader.add_render_rule(name, _rule(display))


def mathml(latex: str, *, display: bool) -> str | None:
    """`latex` as a `math` element; None for what is too long, defines something or cannot be read."""
    if len(latex) > LONGEST or _DEFINES.search(latex):
        return None
    try:
        root = Converter(display="block" if display else "inline").convert_to_element(_NUMBERED.sub(r"{\1*}", latex))
        _clean(root)
    except Exception:  # the library tells of faults in many ways, among them IndexError and RecursionError
        return None
    root.set("alttext", latex.strip())
    return tostring(root, encoding="unicode")


def _clean(element: Element) -> None:
    """Characters for the library's character references, known attributes only. Raises ValueError for what is unread."""
    element.attrib = {
        name: value for name, value in element.attrib.items() if name in ATTRIBUTES.get(element.tag, ())
    }
    element.text = html.unescape(element.text or "")
    if element.text in _BARS:  # as \|…\| and |…| have it; a bar that stretches alone hangs below the line
        element.attrib.setdefault("stretchy", "false")
    if element.tag not in TAGS or (element.tag != "mtext" and _COMMAND.match(element.text)):
        raise ValueError(f"{element.tag} {element.text[:40]}")
    for child in element:
        child.tail = html.unescape(child.tail or "")
        _clean(child)


def _rule(display: bool):
    def render(self, tokens, index, options, env) -> str:
        token = tokens[index]
        env["formulas"] = env.get("formulas", 0) + 1
        element = None
        if env["formulas"] <= MOST and _is_formula(token.content):
            element = mathml(token.content, display=display)
        if element is not None and len(token.content) > LONG:
            element = f'<span class="formula" tabindex="0">{element}</span>'
        if element is None:
            element = f"<code>{html.escape(_as_written(token))}</code>" if display else html.escape(_as_written(token))
        return f"<p>{element}</p>\n" if token.block else element

    return render


def _is_formula(text: str) -> bool:
    """`$5 and a $ sign` has dollars, and no formula."""
    words = _WORDS.search(text)
    return not words or bool(_MATHEMATICAL.search(re.sub(r"^[\d.,]+", "", text)))


def _as_written(token) -> str:
    mark = token.markup
    close = {"\\(": "\\)", "\\[": "\\]"}.get(mark, mark)
    return token.content if token.type == "amsmath" else f"{mark}{token.content}{close}"


def _bracketed(state: StateInline, silent: bool) -> bool:
    for opening, closing in _BRACKETS:
        if not state.src.startswith(opening, state.pos):
            continue
        start = state.pos + len(opening)
        end = state.src.find(closing, start, min(state.posMax, start + LONGEST + 1))
        if end < 0 or not state.src[start:end].strip():
            continue
        if not silent:
            token = state.push("math_inline_double" if "[" in opening else "math_inline", "math", 0)
            token.content, token.markup = state.src[start:end], opening[-2:]
        state.pos = end + len(closing)
        return True
    return False
