"""A student's text with LaTeX, Markdown and look-alike letters levelled, and every character's place in the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from grader.core.computation import parse_expression

_COMMANDS = {
    "times": "×", "cdot": "·", "in": "∈", "colon": ":", "to": "→", "rightarrow": "→", "longrightarrow": "→", "mapsto": "→",
    "Rightarrow": "→", "implies": "→", "top": "T", "intercal": "T", "partial": "∂", "odot": "⊙", "equiv": "=", "quad": " ",
    "qquad": " ", "newline": "\n", "dots": "…", "ldots": "…", "text": "", "textbf": "", "textit": "", "textrm": "", "mathrm": "",
    "mathbf": "", "mathit": "", "mathsf": "", "mathbb": "", "mathcal": "", "bm": "", "boldsymbol": "", "operatorname": "",
    "hline": "", "toprule": "", "midrule": "", "bottomrule": "",
    "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "displaystyle": "", "label": "", "left(": "(",
}  # fmt: skip
_LEVELLED = re.compile(
    r"(?P<gone>~~[^~\n]+~~|<!--.*?-->|</?[a-zA-Z][^<>\n]{0,100}>|https?://\S+|\*\*|[${}`\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    r"|\\(?P<command>[a-zA-Z]+)"
    r"|(?P<newline>\\\\(?:[^\S\n]*\n)?)"
    r"|\\(?P<escaped>[_*#%&|^.)(\[\]])"
    r"|(?P<space>\\[,;:! ])"
    r"|(?P<emphasis>(?<![\w*)\]×·])\*(?=[^\s*\d][^*\n]*[^\s*]\*(?![\w*])|[^\W\d]\*(?![\w*])))"
    r"|(?P<times>(?<![^\W\d_])[хХ](?![^\W\d_]))"
    r"|(?P<em>(?<![^\W\d_])[мМ](?![^\W\d_]))",
    re.DOTALL,
)
_TAGS = {"</td>": "\t", "</th>": "\t", "</tr>": "\n", "</li>": "\n", "</p>": "\n", "<br>": "\n", "<br/>": "\n"}
"""What a tag of HTML stands for; any other is a blank."""
_BRACE = re.compile(
    r"\\(?:under|over)brace\s*\{(?P<named>(?:[^{}]|\{[^{}]*\}){1,60})(?P<open>\}\s*[_^]\s*\{)(?P<shape>[^{}]{1,80})\}"
)
_INDEX = re.compile(r"(?<![Rℝ])(?<!R\})(?P<open>[_^]\s*\{)(?P<shape>[^{}]{0,60}(?:\\times|×|x)\s*\d[^{}]{0,60})\}")
_INSIDE = re.compile(r"(?P<letter>_\s*\{\s*\w{1,8}\s*)(?P<comma>,)(?P<shape>\s*\w{1,8}\s*(?:\\times|×|x)[^{},]{1,40})\}")
_OVER = re.compile(r"\\(?:under|over)set\s*\{(?P<shape>[^{}]{1,80})\}\s*\{(?P<named>(?:[^{}]|\{[^{}]*\}){1,60})\}")
_GRID = re.compile(r"\\begin\{(?:tabular|array)\}.*?\\end\{(?:tabular|array)\}", re.DOTALL)
_INNER = r"[\d\s+\-−*/]"
_WORKED = re.compile(rf"\((?={_INNER}*[\d(])(?:{_INNER}|\({_INNER}{{3,30}}\)){{3,40}}\)")
_CROSS_BEFORE = re.compile(r"(?:[×xх*·(\[,]|\\times|\\cdot|\bby)\s*$")
_CROSS_AFTER = re.compile(r"\s*(?:,\s*[\d(]|[×xх]\s*[\d(a-zA-Z]|\*|·|\\times|\\cdot|by\b)")
_MATHS = {"(": " ", ")": " ", "[": " ", "]": " "}  # \( … \) and \[ … \] only fence a formula


@dataclass(frozen=True)
class Level:
    """`text[i]` comes from `original[origin[i]]`."""

    original: str
    text: str
    origin: tuple[int, ...]

    def quote(self, start: int, end: int) -> str:
        """The original from `start` to `end` of the levelled text."""
        places = self.origin[start:end]
        return self.original[min(places) : max(places) + 1]


def _annotated(text: str) -> tuple[str, list[int]]:
    r"""`\underbrace{X}_{m×10}`, `\underset{m×10}{X}` and `X_{m×10}` as X(m×10), cells of a LaTeX table parted by tabs, `(28-5+1)x…`
    worked out; and where every character stood."""

    def brackets(match: re.Match[str]) -> str:
        opening = "(".ljust(match.end("open") - match.start("open"))
        named = match["named"].rjust(match.start("open") - match.start()) if "named" in match.re.groupindex else ""
        return f"{named}{opening}{match['shape']})"

    def inside(match: re.Match[str]) -> str:
        return f"{match['letter']}({match['shape']})"

    def cells(match: re.Match[str]) -> str:
        return re.sub(r"(?<!\\)&", "\t", match.group())

    def worked(match: re.Match[str]) -> str:
        crossed = _CROSS_BEFORE.search(text[max(0, match.start() - 8) : match.start()]) or _CROSS_AFTER.match(text, match.end())
        size = whole_size(match.group()[1:-1]) if crossed else None
        return match.group() if size is None else str(size).ljust(len(match.group()))

    text = _WORKED.sub(worked, text)
    text = _GRID.sub(cells, _INSIDE.sub(inside, text))
    text = _INDEX.sub(brackets, _BRACE.sub(brackets, text))
    turned, places, position = "", [], 0
    for match in _OVER.finditer(text):
        moved = [*range(*match.span("named")), match.end("named"), *range(*match.span("shape")), match.end("named")]
        turned += text[position : match.start()] + f"{match['named']}({match['shape']})"
        places += [*range(position, match.start()), *moved]
        position = match.end()
    return turned + text[position:], [*places, *range(position, len(text))]


def whole_size(arithmetic: str) -> int | None:
    """What `28 - 5 + 1` comes to, if it is a whole number above 0."""
    try:
        found = float(np.asarray(parse_expression(arithmetic.replace("−", "-"))({})))
    except (ValueError, TypeError, ArithmeticError, KeyError):
        return None
    return int(found) if found.is_integer() and found > 0 else None


def level(original: str) -> Level:
    """Linear in the length of the text."""
    text: list[str] = []
    origin: list[int] = []

    def put(characters: str, at: int) -> None:
        for character in unicodedata.normalize("NFKC", characters):
            text.append(character)
            origin.append(at)

    position = 0
    annotated, places = _annotated(original)
    for match in _LEVELLED.finditer(annotated):
        for at in range(position, match.start()):
            put(annotated[at], places[at])
        put(_levelled(match), places[match.start()])
        position = match.end()
    for at in range(position, len(annotated)):
        put(annotated[at], places[at])
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
            return _TAGS.get(found.lower(), " ")
    return ""
