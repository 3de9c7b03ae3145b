"""The marks on the page, as tokens. LaTeX, plain text, Unicode and NumPy share them, since students mix these in one line.

A LaTeX parser would need to be told first where LaTeX begins; here every token knows its place in the answer and whether it
stands inside mathematics, so that a reading can be quoted verbatim.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from grader.core.answers.formulas.characters import (
    ACCENTS,
    FRACTIONS,
    GREEK_LETTERS,
    IGNORED,
    MARKS,
    OPERATIONS,
    SAME,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    UNICODE,
    WRAPPERS,
    plain_letters,
)


@dataclass(frozen=True, slots=True)
class Token:
    """kind: name, number, op, break (the end of a statement). text: canonical. prose: words inside \\text{…}. guessed: the answer
    does not show it, and another reading is possible."""

    kind: str
    text: str
    start: int
    end: int
    math: bool = False
    prose: bool = False
    guessed: bool = False


_PIECE = re.compile(
    r"(?P<circled>\\textcircled\s*\{[^{}]*\}|[①-⓿])|(?P<over>\\(?:stackrel|overset)\s*\{[^{}]*\}\s*\{=\})"
    r"|(?P<fence>\$\$|\\\[|\\\]|```[a-z]*|\\(?:begin|end)\s*\{[a-z*]+\}(?:\{[lcr|]*\})?)|(?P<inline>\$|\\\(|\\\)|`)"
    r"|(?P<newline>\\\\(?:\[\w+\])?|\n)|(?P<skip>\\[,;:!> ]|\\(?:label|tag|[hv]space|color|textcolor)\*?\{[^{}]*\}"
    r"|[&~▒ \t\r\u00a0\u2000-\u200f\u202a-\u202e\u2061-\u206f\ufeff])"
    r"|\\(?P<command>[A-Za-z]+)|(?P<escaped>\\[{}|#_%&$*\[\]()=+.-])"
    r"|(?P<package>\b(?:np|numpy|jnp|torch|math|tf|F|K|keras\.ops|torch\.nn\.functional|nn\.functional)\.(?=[a-zA-Z]))"
    r"|(?P<number>\d+(?:\.\d+|\.(?![A-Za-z.]))?(?:[eE][+-]?\d+)?|\.\d+)|(?P<part>[½⅓⅔¼¾])"
    r"|(?P<up>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᐟⁱʲᵏᵐⁿᴺ⁽⁾]+)|(?P<down>[₀₁₂₃₄₅₆₇₈₉₌ᵢⱼₖₙₘₕₒ]+)|(?P<raised>ᵀ)"
    r"|(?P<accented>[A-Za-z][\u0302\u0303\u0304\u0305])|(?P<latin>[A-Za-z]+)|(?P<greek>[Α-ωϵϕϑµℓ])|(?P<word>[^\W\d_]+)"
    r"|(?P<double>\*\*=?|[-+*/]=(?!=)|:=|==|=>|->|<-|<=|>=|!=|\.\.+)|(?P<other>.)",
    re.DOTALL,
)
_BOLD = re.compile(
    r"(?<![\w)\]}*])(?<![\w)\]}] )\*\*(?=[^\s*])[^*\n]*[^*\s]\*\*(?![*\w(])"
)  # in Markdown; x**2 is none
_PAIRED = {"**": "^", ":=": "=", "==": "=", "=>": "=>", "->": "=>"}


class Lexer:
    def __init__(self, text: str) -> None:
        self.text = text = plain_letters(text)
        self.tokens: list[Token] = []
        self.inline = self.display = False
        stars = {place for bold in _BOLD.finditer(text) for place in (bold.start(), bold.end() - 2)}
        position = 0
        while position < len(text):
            found = _PIECE.match(text, position)
            assert found is not None, "the last alternative takes any character"
            if position in stars:
                self._put("op", "gap", position, position + 2)
                position += 2
            else:
                position = self._take(found)

    def _take(self, found: re.Match[str]) -> int:
        kind, piece = found.lastgroup or "other", found.group()
        start, end = found.span()
        match kind:
            case "circled" | "over":
                self._put("op", "=" if "=" in piece else "mark", start, end)
            case "fence":
                self.display = (piece in ("$$", "\\[") and not self.display) or piece.startswith("\\begin")
                self.inline = False
                self._put("break", "fence", start, end)
            case "inline":
                closed, self.inline = self.inline, not self.inline if piece in "$`" else piece == "\\("
                if closed:  # $a = b$ $c = d$ are two
                    self._put("op", "gap", start, end)
            case "newline":
                if piece != "\n":
                    self._put("break", "line", start, end)
                elif not self.display:
                    blank = re.match(r"\n[ \t\r]*\n", self.text[start : start + 80])
                    self.inline = self.inline and not blank
                    self._put("break", "blank" if blank else "line", start, end)
            case "number":
                if self.tokens and self._after_fraction(start):
                    piece, end = piece[0], start + 1
                self._put("number", piece, start, end)
            case "latin":
                after_index = self.tokens and self.tokens[-1].text == "_" and re.fullmatch(r"[a-z][A-Z]", piece)
                if after_index:  # Y_hW_o
                    end = start + 1
                    piece = piece[0]
                self._put("name", SAME.get(piece, piece), start, end)
            case "accented" | "greek" | "word":
                self._letter(kind, piece, start, end)
            case "up" | "down":
                self._script(kind, piece, start, end)
            case "command":
                self._command(found.group("command"), start, end)
            case "double":
                self._put("op", _PAIRED.get(piece, piece), start, end)
            case "escaped":
                self._put("op", {"\\{": "(", "\\}": ")", "\\|": "|"}.get(piece, piece[1:]), start, end)
            case "raised":
                self._put("op", "^", start, start)
                self._put("op", "T", start, end)
            case "part":
                self._part(piece, start, end)
            case "other":
                self._other(piece, start, end)
        return end

    def _put(self, kind: str, text: str, start: int, end: int) -> None:
        self.tokens.append(Token(kind, text, start, end, self.inline or self.display))

    def _after_fraction(self, start: int) -> bool:
        """Whether a digit here is a whole argument: \\frac12."""
        last = self.tokens[-1]
        if last.text == "\\frac":
            return True
        digit = last.kind == "number" and last.end - last.start == 1 and len(self.tokens) > 1
        return digit and self.tokens[-2].text == "\\frac" and last.end == start

    def _letter(self, kind: str, piece: str, start: int, end: int) -> None:
        if kind == "accented":
            self._put("name", piece[0] + MARKS[piece[1]], start, end)
            return
        if kind == "greek" or len(piece) == 1:
            apart = unicodedata.normalize("NFD", piece)
            if piece in UNICODE:
                self._put("op", UNICODE[piece], start, end)
            elif len(apart) == 2 and apart[1] in MARKS and apart[0].isascii():
                self._put("name", apart[0] + MARKS[apart[1]], start, end)
            else:
                self._put("name", GREEK_LETTERS.get(piece, piece), start, end)
            return
        self._put("name", piece, start, end)

    def _script(self, kind: str, piece: str, start: int, end: int) -> None:
        letters = "".join((SUPERSCRIPTS if kind == "up" else SUBSCRIPTS)[letter] for letter in piece)
        self._put("op", "^" if kind == "up" else "_", start, start)
        self._put("op", "{", start, start)
        for part in re.findall(r"\d+|[a-z]+|\D", letters):
            self._put("number" if part.isdigit() else "name" if part.isalpha() else "op", part, start, end)
        self._put("op", "}", end, end)

    def _command(self, name: str, start: int, end: int) -> None:
        if name in IGNORED:
            return
        if name in ("underbrace", "overbrace"):
            self._put("op", "\\brace", start, end)
        elif name in WRAPPERS:
            self._put(
                "op", "\\" + ("text" if name in ("text", "mbox", "textrm", "textbf", "textit") else "wrap"), start, end
            )
        elif name in ACCENTS:
            self._put("op", "\\" + ACCENTS[name], start, end)
        elif name in OPERATIONS:
            self._put("op", OPERATIONS[name], start, end)
        else:
            self._put("name", SAME.get(name, name), start, end)

    def _other(self, piece: str, start: int, end: int) -> None:
        last = self.tokens[-1] if self.tokens else None
        if piece in MARKS and last and last.kind == "name" and self.text[last.end : start] in ("", " "):  # dx̂, Word's and PDF's x ̂
            self.tokens[-1] = replace(last, text=last.text + MARKS[piece], end=end)
        else:
            other = "mark" if unicodedata.category(piece) == "So" else piece  # ✓, □, an emoji
            self._put("op", UNICODE.get(piece, other), start, end)

    def _part(self, piece: str, start: int, end: int) -> None:
        top, bottom = FRACTIONS[piece]
        for kind, text in (("op", "("), ("number", str(top)), ("op", "/"), ("number", str(bottom)), ("op", ")")):
            self._put(kind, text, start, end)
