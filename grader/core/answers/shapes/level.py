"""A student's text with LaTeX, Markdown and look-alike letters levelled, and every character's place in the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_COMMANDS = {
    "times": "×", "cdot": "·", "in": "∈", "colon": ":", "to": "→", "rightarrow": "→", "longrightarrow": "→", "mapsto": "→",
    "Rightarrow": "→", "implies": "→", "top": "T", "intercal": "T", "partial": "∂", "odot": "⊙", "equiv": "=", "quad": " ",
    "qquad": " ", "newline": "\n", "dots": "…", "ldots": "…", "text": "", "textbf": "", "textit": "", "textrm": "", "mathrm": "",
    "mathbf": "", "mathit": "", "mathsf": "", "mathbb": "", "mathcal": "", "bm": "", "boldsymbol": "", "operatorname": "",
    "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "displaystyle": "", "label": "", "left(": "(",
}  # fmt: skip
_LEVELLED = re.compile(
    r"(?P<gone>~~[^~\n]+~~|<!--.*?-->|</?[a-zA-Z][^<>\n]{0,100}>|https?://\S+|\*\*|[${}`\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    r"|\\(?P<command>[a-zA-Z]+)"
    r"|(?P<newline>\\\\)"
    r"|\\(?P<escaped>[_*#%&|^.)(\[\]])"
    r"|(?P<space>\\[,;:! ])"
    r"|(?P<emphasis>(?<![\w*)\]×·])\*(?=[^\s*\d][^*\n]*[^\s*]\*(?![\w*])|[^\W\d]\*(?![\w*])))"
    r"|(?P<times>(?<![^\W\d_])[хХ](?![^\W\d_]))"
    r"|(?P<em>(?<![^\W\d_])[мМ](?![^\W\d_]))",
    re.DOTALL,
)
_BRACE = re.compile(
    r"\\(?:under|over)brace\s*\{(?P<named>(?:[^{}]|\{[^{}]*\}){1,60})(?P<open>\}\s*[_^]\s*\{)(?P<shape>[^{}]{1,80})\}"
)
_INDEX = re.compile(r"(?<![Rℝ])(?<!R\})(?P<open>[_^]\s*\{)(?P<shape>[^{}]{0,60}(?:\\times|×|x)\s*\d[^{}]{0,60})\}")
_MATHS = {"(": " ", ")": " ", "[": " ", "]": " "}  # \( … \) and \[ … \] only fence a formula


@dataclass(frozen=True)
class Level:
    """`text[i]` comes from `original[origin[i]]`."""

    original: str
    text: str
    origin: tuple[int, ...]

    def quote(self, start: int, end: int) -> str:
        """The original from `start` to `end` of the levelled text."""
        return self.original[self.origin[start] : self.origin[end - 1] + 1]


def _annotated(text: str) -> str:
    r"""`\underbrace{X}_{m×10}` and `X_{m×10}` as X(m×10), without moving a character."""

    def brackets(match: re.Match[str]) -> str:
        opening = "(".ljust(match.end("open") - match.start("open"))
        named = match["named"].rjust(match.start("open") - match.start()) if "named" in match.re.groupindex else ""
        return f"{named}{opening}{match['shape']})"

    return _INDEX.sub(brackets, _BRACE.sub(brackets, text))


def level(original: str) -> Level:
    """Linear in the length of the text."""
    text: list[str] = []
    origin: list[int] = []

    def put(characters: str, at: int) -> None:
        for character in unicodedata.normalize("NFKC", characters):
            text.append(character)
            origin.append(at)

    position = 0
    annotated = _annotated(original)
    for match in _LEVELLED.finditer(annotated):
        for at in range(position, match.start()):
            put(annotated[at], at)
        put(_levelled(match), match.start())
        position = match.end()
    for at in range(position, len(annotated)):
        put(annotated[at], at)
    return Level(original, "".join(text), tuple(origin))


def _levelled(match: re.Match[str]) -> str:
    found = match.group()
    match match.lastgroup:
        case "command":
            return _COMMANDS.get(match["command"], match["command"])
        case "newline":
            return "\n"
        case "escaped":
            return _MATHS.get(match["escaped"], match["escaped"])
        case "space":
            return " "
        case "times":
            return "x" if found == "х" else "X"
        case "em":
            return "m" if found == "м" else "M"
        case "gone" if len(found) > 2:
            return " "
    return ""
