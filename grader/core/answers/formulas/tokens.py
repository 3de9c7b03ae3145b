"""The tokens of an answer. LaTeX, plain text, Unicode and NumPy share them, since students mix these in one line.

A LaTeX parser would need to be told first where LaTeX begins; here every token knows its place in the answer and whether it
stands inside mathematics, so that a reading can be quoted verbatim.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Token:
    """kind: name, number, op, break (the end of a statement). text: canonical. prose: words inside \\text{…}."""

    kind: str
    text: str
    start: int
    end: int
    math: bool = False
    prose: bool = False


_GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho",
    "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Phi", "Psi", "Omega",
    "ell", "nabla",
]  # fmt: skip
_GREEK_LETTERS = {
    **dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΦΨΩℓ∇", _GREEK, strict=True)),
    "ϵ": "epsilon", "µ": "mu", "ϕ": "phi", "ς": "sigma", "ϑ": "theta",
}  # fmt: skip
_SAME = {"varepsilon": "epsilon", "eps": "epsilon", "varphi": "phi", "vartheta": "theta", "nabla": "∇"}
_OPERATIONS = {
    "frac": "\\frac", "dfrac": "\\frac", "tfrac": "\\frac", "cfrac": "\\frac", "sqrt": "\\sqrt", "sum": "\\sum", "partial": "∂",
    "cdot": "·", "times": "·", "ast": "*", "odot": "o", "circ": "o", "bullet": "·", "div": "/", "colon": ":",
    "Rightarrow": "=>", "rightarrow": "=>", "to": "=>", "implies": "=>", "Longrightarrow": "=>", "therefore": "=>", "iff": "=>",
    "leftarrow": "<=", "equiv": "=", "approx": "=", "coloneqq": "=", "triangleq": "=", "top": "T", "intercal": "T", "in": "∈",
    "lbrack": "[", "rbrack": "]", "lbrace": "(", "rbrace": ")", "ldots": "…", "dots": "…", "cdots": "…", "prime": "'",
    "quad": "gap", "qquad": "gap", "pm": "±",
}  # fmt: skip
_WRAPPERS = {
    "text", "mathrm", "mathbf", "mathit", "mathsf", "mathtt", "mathcal", "mathbb", "mathscr", "boldsymbol", "bm", "mbox",
    "operatorname", "textbf", "textit", "textrm", "texttt", "underbrace", "overbrace", "boxed", "fbox", "bf", "rm", "vec",
}  # fmt: skip
_ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde"}
_IGNORED = {
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "displaystyle",
    "textstyle", "limits", "nolimits", "nonumber", "notag", "mathop", "qedhere", "strut", "hspace", "hfill",
}  # fmt: skip
_UNICODE = {
    "∑": "\\sum", "Σ": "\\sum", "√": "\\sqrt", "∂": "∂", "𝜕": "∂", "⋅": "·", "×": "·", "∙": "·", "•": "·", "∗": "*",
    "⊙": "o", "∘": "o", "−": "-", "–": "-", "÷": "/", "⁄": "/", "∕": "/", "⊜": "=", "≔": "=", "≡": "=", "≈": "=",
    "→": "=>", "⇒": "=>", "⟹": "=>", "∴": "=>", "⟶": "=>", "∈": "∈", "′": "'", "’": "'", "⊤": "T", "½": "½", "…": "…", "∇": "∇",
}  # fmt: skip
_MARKS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde"}
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᐟⁱʲ", "0123456789-+/ij", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₘₕₒ", "0123456789ijknmho", strict=True))

_PIECE = re.compile(
    r"(?P<circled>\\textcircled\s*\{[^{}]*\}|[①-⓿])|(?P<over>\\(?:stackrel|overset)\s*\{[^{}]*\}\s*\{=\})"
    r"|(?P<fence>\$\$|\\\[|\\\]|```[a-z]*|\\(?:begin|end)\s*\{[a-z*]+\}(?:\{[lcr|]*\})?)|(?P<inline>\$|\\\(|\\\)|`)"
    r"|(?P<newline>\\\\(?:\[\w+\])?|\n)|(?P<skip>\\[,;:!> ]|\\(?:label|tag)\*?\{[^{}]*\}|[&~ \t\r\u00a0\u200e\u200f\u2009\ufeff])"
    r"|\\(?P<command>[A-Za-z]+)|(?P<escaped>\\[{}|#_%&$*\[\]()=+.-])"
    r"|(?P<package>\b(?:np|numpy|jnp|torch|math|tf|F|K|keras\.ops|torch\.nn\.functional|nn\.functional)\.(?=[a-zA-Z]))"
    r"|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<up>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᐟⁱʲ]+)|(?P<down>[₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₘₕₒ]+)|(?P<raised>ᵀ)"
    r"|(?P<accented>[A-Za-z][\u0302\u0303\u0304\u0305])|(?P<latin>[A-Za-z]+)|(?P<greek>[Α-ωϵϕϑµℓ])|(?P<word>[^\W\d_]+)"
    r"|(?P<double>\*\*|:=|==|=>|->|<-|<=|>=|!=|\.\.+)|(?P<other>.)",
    re.DOTALL,
)
_PAIRED = {"**": "^", ":=": "=", "==": "=", "=>": "=>", "->": "=>"}
_TOO_MANY = 6_000


def read_tokens(text: str) -> list[Token]:
    """Raises ValueError for a text of more tokens than any answer has."""
    tokens = _Lexer(text).tokens
    if len(tokens) > _TOO_MANY:
        raise ValueError("the answer is too long")
    return _accents(_unwrapped(tokens))


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.inline = self.display = False
        position = 0
        while position < len(text):
            found = _PIECE.match(text, position)
            assert found is not None, "the last alternative takes any character"
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
                self.inline = not self.inline if piece in "$`" else piece == "\\("
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
                self._put("name", _SAME.get(piece, piece), start, end)
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
            self._put("name", piece[0] + _MARKS[piece[1]], start, end)
            return
        if kind == "greek" or len(piece) == 1:
            apart = unicodedata.normalize("NFD", piece)
            if piece in _UNICODE:
                self._put("op", _UNICODE[piece], start, end)
            elif len(apart) == 2 and apart[1] in _MARKS and apart[0].isascii():
                self._put("name", apart[0] + _MARKS[apart[1]], start, end)
            else:
                self._put("name", _GREEK_LETTERS.get(piece, piece), start, end)
            return
        self._put("name", piece, start, end)

    def _script(self, kind: str, piece: str, start: int, end: int) -> None:
        letters = "".join((_SUPERSCRIPTS if kind == "up" else _SUBSCRIPTS)[letter] for letter in piece)
        self._put("op", "^" if kind == "up" else "_", start, start)
        self._put("op", "{", start, start)
        for part in re.findall(r"\d+|[a-z]+|\D", letters):
            self._put("number" if part.isdigit() else "name" if part.isalpha() else "op", part, start, end)
        self._put("op", "}", end, end)

    def _command(self, name: str, start: int, end: int) -> None:
        if name in _IGNORED:
            return
        if name in _WRAPPERS:
            self._put(
                "op", "\\" + ("text" if name in ("text", "mbox", "textrm", "textbf", "textit") else "wrap"), start, end
            )
        elif name in _ACCENTS:
            self._put("op", "\\" + _ACCENTS[name], start, end)
        elif name in _OPERATIONS:
            self._put("op", _OPERATIONS[name], start, end)
        else:
            self._put("name", _SAME.get(name, name), start, end)

    def _other(self, piece: str, start: int, end: int) -> None:
        text = _UNICODE.get(piece, piece)
        if text == "½":
            for kind, part in (("op", "("), ("number", "1"), ("op", "/"), ("number", "2"), ("op", ")")):
                self._put(kind, part, start, end)
            return
        if piece in _MARKS:  # a mark on more than a letter
            text = "\\after-" + _MARKS[piece]
        self._put("op", text, start, end)


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """Without the wrappers of fonts and text, whose words keep that they are prose."""
    kept: list[Token] = []
    open_braces: list[str] = []  # per brace that is open: "", or the wrapper that it belongs to
    pending = ""
    for token in tokens:
        if token.kind == "op" and token.text in ("\\text", "\\wrap"):
            pending = token.text
            continue
        if token.text == "{" and token.kind == "op":
            open_braces.append(pending)
            if pending:
                pending = ""
                continue
        elif token.text == "}" and token.kind == "op" and open_braces and open_braces.pop():
            continue
        pending = ""
        kept.append(replace(token, prose=True) if "\\text" in open_braces else token)
    return kept


def _accents(tokens: list[Token]) -> list[Token]:
    """`\\hat{x}`, `\\hat x`, `\\hat{x_i}`, `x_hat`, `hat(x)` all become the name `xhat`."""
    out: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        after = [one.text for one in tokens[position + 1 : position + 3]]
        if token.text in ("\\hat", "\\bar", "\\tilde") or (token.text == "hat" and after[:1] in (["{"], ["("])):
            accent = token.text.lstrip("\\")
            opened = position + 1 if after[:1] in (["{"], ["("]) else None
            base = position + (2 if opened else 1)
            if base < len(tokens) and tokens[base].kind == "name":
                named = replace(tokens[base], text=tokens[base].text + accent, start=token.start)
                inside = _group(tokens, opened) if opened else [tokens[base]]
                out.append(named)
                out.extend(inside[1:])
                position = base + len(inside) + (1 if opened else 0)
                continue
        if token.kind == "name" and after in (["_", "hat"], ["_", "bar"], ["_", "norm"]):
            accent = "hat" if after[1] == "norm" else after[1]
            out.append(replace(token, text=token.text + accent, end=tokens[position + 2].end))
            position += 3
            continue
        out.append(token)
        position += 1
    return out


def _group(tokens: list[Token], opened: int) -> list[Token]:
    """What stands between the bracket at `opened` and its partner."""
    depth = 0
    for position in range(opened, len(tokens)):
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(tokens[position].text, 0)
        if not depth:
            return tokens[opened + 1 : position]
    return tokens[opened + 1 :]
