"""Names and numbers as students write them in tables: look-alike letters, subscripts, LaTeX, decimal commas, fractions."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from grader.core.answers.graph.cells import Written
from grader.core.computation import parse_expression

_LOOK_ALIKES = str.maketrans(
    "авекмнорстухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅαοορνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abekmhopctyxijsdhqwABEKMHOPCTYXIJSaoopvABEZHIKMNOPTYX",
)
_MINUS = re.compile(r"[−–—‒﹣－‐‑]|&minus;|\\text-?minus")
_WRAPPING = re.compile(
    r"\\(?:left|right|displaystyle|mathrm|mathbf|text|boxed|approx|simeq|quad|,|;|!| )(?![a-zA-Z])"
    r"|[$`{}≈~∼≃]|^\*+|\*+$|\\[()\[\]]|&nbsp;"
)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_MATRIX = re.compile(r"\\begin\{[a-z]*(?:matrix|array)\}(?:\{[a-z]*\})?(.*?)\\end\{[a-z]*(?:matrix|array)\}", re.DOTALL)
_EXPONENT = re.compile(r"(?:\*|×|·|\\cdot|\\times)\s*10\s*(?:\^|\*\*)\s*\{?\s*([-+]?\d+)\s*\}?")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
_BLANK = re.compile(r"[\s\-?.…_/|]*|n/?a|empty|none|nan", re.IGNORECASE)
_VECTOR = re.compile(r"[\[(<⟨](.*)[\])>⟩]\s*(?:\^?\s*(?:T|⊤|top|\\top))?", re.DOTALL)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u061c\u2066-\u2069\u202a-\u202e\ufeff\u00ad]")
_REMARK = re.compile(r"(?<=\d)\s+\([^()\d]*\)\s*$")
_LONGEST = 200


def fold(name: str) -> str:
    """A label without what does not tell names apart: look-alikes, subscripts, blanks, markup."""
    name = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).translate(_LOOK_ALIKES)
    name = re.sub(r"\\(?:cdot|times|ast)\b|[×·⋅∙•]", "*", re.sub(r"\\_", "_", name))
    name = re.sub(r"^[\s$`*]+|[\s$`*:]+$", "", _MINUS.sub("-", name))
    return re.sub(r"[\s$`{}\\_]", "", name).replace("**", "^")


def plain(text: str) -> str:
    """Numbers in ASCII: Unicode minus signs, digits of other scripts, LaTeX, bold and "approximately" signs."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.replace("⁻", "^-")))
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    text = _MINUS.sub("-", text).replace("⁄", "/").strip()
    text = _EXPONENT.sub(r"e\1", text)
    text = _MATRIX.sub(lambda found: "[" + re.sub(r"\\\\|&", ";", found[1]) + "]", text)
    for _ in range(2):
        text = _FRACTION.sub(r"((\1)/(\2))", text)
    text = re.sub(r"\\(?:cdot|times)|[×·⋅]", "@", text)
    text = _WRAPPING.sub("", text).replace("@", "*")
    return _REMARK.sub("", text).strip().removesuffix(".")


def read_number(text: str, quote: str, *, comma: bool) -> Written:
    """What one cell says. comma: the answer writes 0,5 (it never writes 0.5)."""
    cell = plain(text.rpartition("=")[2] if "=" in text else text)
    if len(cell) > _LONGEST:
        return Written(text, quote, why="it is too long for a number")
    if _BLANK.fullmatch(cell):
        return Written(text, quote, blank=True)
    vector = _VECTOR.fullmatch(cell)
    if vector and not _is_scalar(vector[1]):
        parts = [_scalar(part, comma) for part in _elements(vector[1], comma)]
        if parts and all(part is not None for part in parts):
            numbers = np.array([part[0] for part in parts if part])
            places = [part[1] for part in parts if part and part[1] is not None]
            return Written(text, quote, numbers, min(places) if places else None)
        return Written(text, quote, why="its numbers cannot be read")
    if (found := _scalar(cell, comma)) is not None:
        return Written(text, quote, np.array([found[0]]), found[1])
    return Written(text, quote, why="it is no number that can be read")


def read_cell(text: str, quote: str, *, comma: bool) -> Written:
    """The same for a cell of a table: 0,5 alone in it is a number also where others are written 0.5."""
    alone = re.fullmatch(r"[-+]?\d+,\d+", plain(text)) and not re.search(r"[1-9]\d{0,2},\d{3}$", text.strip())
    return read_number(text, quote, comma=comma or bool(alone))


def _is_scalar(inner: str) -> bool:
    """Whether brackets stand around one number only, as in "(-0.2)" or "(1)/(3)"."""
    return not re.search(r"[,;]|\d\s+[-+]?[\d.]", inner)


def _elements(inner: str, comma: bool) -> list[str]:
    """[1, 2], [1; 2], [1 2], [[1], [2]]; with decimal commas only ";", blanks or ", " separate."""
    inner = re.sub(r"[\[\]()]", " ", inner) if "/" not in inner else inner
    if ";" in inner:
        parts = inner.split(";")
    elif comma:
        parts = re.split(r",\s+|\s+", inner.strip())
    elif "," in inner:
        parts = inner.split(",")
    else:
        parts = re.sub(r"([-+])\s+(?=\d)", r"\1", inner).split()
    return [part for part in parts if part.strip()]


def _scalar(text: str, comma: bool) -> tuple[float, int | None] | None:
    """(number, decimals). An exact fraction or arithmetic such as 1/3 or -2*3 has no decimals."""
    text = re.sub(r"^([-+])\s+(?=[\d.,])", r"\1", text.strip()).strip()
    if _NUMBER.fullmatch(text):
        return _decimal(text, comma)
    if not re.search(r"\d", text) or (re.search(r"\d,", text) and not comma):
        return None
    try:
        arithmetic = parse_expression(re.sub(r"(?<=\d),(?=\d)", ".", text))
        value = arithmetic({}) if not arithmetic.names else np.array(np.nan)
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return None
    return (float(value), None) if value.ndim == 0 and np.isfinite(value) else None


def _decimal(text: str, comma: bool) -> tuple[float, int | None] | None:
    """None for 1,234 and 1,5 where points are decimal ones: two numbers, thousands, or a slip of the pen."""
    mantissa, _, power = text.lower().partition("e")
    if "," in mantissa and not comma:
        return None
    mantissa = mantissa.replace(",", ".")
    places = len(mantissa.partition(".")[2]) - int(power or 0)
    number = float(f"{mantissa}e{power or 0}")
    return (number, max(places, 0)) if np.isfinite(number) else None


def has_decimal_commas(text: str) -> bool:
    """Whether the whole answer writes 0,5: no point between digits, and a comma that cannot end a clause."""
    return not re.search(r"\d\.\d", text) and bool(re.search(r"\d,\d", text))
