"""The tokens of an answer, with what LaTeX only needs to set them taken off: fonts, words' wrappers, braces around one name."""

from __future__ import annotations

from dataclasses import replace

from grader.core.answers.formulas.lexer import Lexer, Token

__all__ = ["Token", "read_tokens"]

_TOO_MANY = 6_000
_ARGUMENT = 400  # tokens of a command's argument


def read_tokens(text: str) -> list[Token]:
    """Raises ValueError for a text of more tokens than any answer has."""
    tokens = Lexer(text).tokens
    if len(tokens) > _TOO_MANY:
        raise ValueError("the answer is too long")
    return _unbraced(_accents(_unwrapped(tokens)))


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """Without the wrappers of fonts and text, whose words keep that they are prose."""
    kept: list[Token] = []
    open_braces: list[str] = []  # per brace that is open: "", or the wrapper that it belongs to
    pending = ""
    skipped = 0  # up to here: what is written under a brace
    for place, token in enumerate(tokens):
        if place < skipped:
            continue
        if token.kind == "op" and token.text in ("\\text", "\\wrap", "\\brace"):
            pending = token.text
            continue
        if token.text == "}" and open_braces[-1:] == ["\\brace"]:
            skipped = _after_script(tokens, place + 1)
            open_braces[-1] = ""
        if token.text == "{" and pending == "\\brace":  # it groups
            open_braces.append(pending)
            kept.append(token)
            pending = ""
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


def _after_script(tokens: list[Token], place: int) -> int:
    """The place after an index or exponent that stands at `place`, if one does."""
    if place + 1 >= len(tokens) or tokens[place].text not in ("_", "^"):
        return place
    if tokens[place + 1].text in ("\\text", "\\wrap"):
        place += 1
    if tokens[place + 1].text != "{":
        return place + 2
    depth = 0
    for end in range(place + 1, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[end].text, 0)
        if not depth:
            return end + 1
    return len(tokens)


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


def _unbraced(tokens: list[Token]) -> list[Token]:
    """`{\\widehat{x}}_{i}` is x̂_i: without the braces around one name that carries an index or exponent."""
    dropped: set[int] = set()
    for place in range(len(tokens) - 3):
        opened, name, closed, script = tokens[place : place + 4]
        single = opened.text == "{" and name.kind == "name" and closed.text == "}" and script.text in ("_", "^")
        if single and not _is_argument(tokens, place):
            dropped |= {place, place + 2}
    return [token for place, token in enumerate(tokens) if place not in dropped]


def _is_argument(tokens: list[Token], opened: int) -> bool:
    """Whether the brace at `opened` belongs to a command, an index or an exponent; \\frac has two."""
    before = tokens[opened - 1].text if opened else ""
    if before != "}":
        return before.startswith("\\") or before in ("_", "^", "]")
    depth = 0
    for place in range(opened - 1, max(-1, opened - _ARGUMENT), -1):
        depth += {"}": 1, "{": -1}.get(tokens[place].text, 0)
        if not depth:
            return place > 0 and tokens[place - 1].text == "\\frac"
    return True


def _group(tokens: list[Token], opened: int) -> list[Token]:
    """What stands between the bracket at `opened` and its partner."""
    depth = 0
    for position in range(opened, len(tokens)):
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(tokens[position].text, 0)
        if not depth:
            return tokens[opened + 1 : position]
    return tokens[opened + 1 :]
