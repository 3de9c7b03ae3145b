"""What the letters, signs and LaTeX commands of a formula stand for."""

from __future__ import annotations

import re
import unicodedata

GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho",
    "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Phi", "Psi", "Omega",
    "ell", "nabla",
]  # fmt: skip
GREEK_LETTERS = {
    **dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΦΨΩℓ∇", GREEK, strict=True)),
    "ϵ": "epsilon", "µ": "mu", "ϕ": "phi", "ς": "sigma", "ϑ": "theta",
}  # fmt: skip
SAME = {"varepsilon": "epsilon", "eps": "epsilon", "varphi": "phi", "vartheta": "theta", "nabla": "∇"}
OPERATIONS = {
    "frac": "\\frac", "dfrac": "\\frac", "tfrac": "\\frac", "cfrac": "\\frac", "sqrt": "\\sqrt", "sum": "\\sum", "partial": "∂",
    "cdot": "·", "times": "·", "ast": "*", "odot": "o", "circ": "o", "bullet": "·", "div": "/", "colon": ":",
    "Rightarrow": "=>", "rightarrow": "=>", "to": "=>", "implies": "=>", "Longrightarrow": "=>", "therefore": "=>", "iff": "=>",
    "leftarrow": "<=", "equiv": "=", "approx": "=", "coloneqq": "=", "triangleq": "=", "top": "T", "intercal": "T", "in": "∈",
    "lbrack": "[", "rbrack": "]", "lbrace": "(", "rbrace": ")", "ldots": "…", "dots": "…", "cdots": "…", "prime": "'",
    "quad": "gap", "qquad": "gap", "square": "mark", "blacksquare": "mark", "Box": "mark", "checkmark": "mark", "pm": "±",
}  # fmt: skip
WRAPPERS = {
    "text", "mathrm", "mathbf", "mathit", "mathsf", "mathtt", "mathcal", "mathbb", "mathscr", "boldsymbol", "bm", "mbox",
    "operatorname", "textbf", "textit", "textrm", "texttt", "boxed", "fbox", "bf", "rm", "vec",
}  # fmt: skip
ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde"}
IGNORED = {
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "displaystyle",
    "textstyle", "limits", "nolimits", "nonumber", "notag", "mathop", "qedhere", "strut", "hspace", "hfill",
}  # fmt: skip
UNICODE = {
    "∑": "\\sum", "Σ": "\\sum", "√": "\\sqrt", "∂": "∂", "𝜕": "∂", "⋅": "·", "×": "·", "∙": "·", "•": "·", "∗": "*",
    "⊙": "o", "∘": "o", "−": "-", "–": "-", "÷": "/", "⁄": "/", "∕": "/", "⊜": "=", "≔": "=", "≡": "=", "≈": "=",
    "→": "=>", "⇒": "=>", "⟹": "=>", "∴": "=>", "⟶": "=>", "∈": "∈", "′": "'", "’": "'", "⊤": "T", "…": "…", "∇": "∇", "∎": "mark",
    "〖": "(", "〗": ")",  # of the linear format of Word
}  # fmt: skip
MARKS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde"}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᐟⁱʲᵏᵐⁿᵀᴺ⁽⁾", "0123456789-+/ijkmnTN()", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₌ᵢⱼₖₙₘₕₒ", "0123456789=ijknmho", strict=True))
FRACTIONS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}


_LOOKALIKES = dict(zip("хуіасеХУ", "xyiaceXY", strict=True))
_LOOKALIKE = re.compile(r"(?<![^\W\d_])[хуіасеХУ](?=[_^\u0302ᵢⱼ²³\[])|(?<=[_∂])[хуіасеХУ](?![^\W\d_])")
"""A Cyrillic letter that stands alone as a symbol: typed for the Latin one."""
_HAT_BEFORE, _HAT_AFTER = re.compile(r"(?<![A-Za-z])\u02c6([A-Za-z])"), re.compile(r"([A-Za-z])\u02c6")
"""A hat that an export set beside its letter: ˆx, xˆ."""


def plain_letters(text: str) -> str:
    """Mathematical letters (𝛾, 𝑥), letters of full width and lookalikes as ordinary ones; the text keeps its length."""
    if text.isascii():
        return text
    text = _HAT_AFTER.sub("\\1\u0302", _HAT_BEFORE.sub("\\1\u0302", text))
    text = _LOOKALIKE.sub(lambda found: _LOOKALIKES[found.group()], text)
    return "".join(_plain(one) if one >= "\uff01" else one for one in text)


def _plain(letter: str) -> str:
    if not ("\uff01" <= letter <= "\uff5e" or "\U0001d400" <= letter <= "\U0001d7ff"):
        return letter
    plain = unicodedata.normalize("NFKC", letter)
    return plain if len(plain) == 1 else letter
