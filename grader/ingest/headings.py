"""Lines that announce a question or an answer, and the placeholders that students leave in, in the spellings found in
hundreds of notebooks. Every pattern is applied to bounded text and is linear."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX_LABEL = 80  # characters

CONTENTS = re.compile(r"(?:\.\s?){4,}\s*\d{1,3}\s*$")
"""A line of a table of contents."""

_QUESTION = re.compile(
    r"\b(?:questions?|q(?=\s?\d)|вопрос\w*|питання|запитання|კითხვა|(?:ה?שאלה)|pregunta|frage|pergunta|domanda|soru)"
    r"|问题|問題|题目|思考题|질문|문제|質問",
    re.I,
)
_ANSWER = re.compile(
    r"\b(?:answers?|ans|response|solution|ответ\w*|відповідь|პასუხი|ה?תשובה|respuesta|réponse|antwort|resposta|risposta)\b"
    r"|答案|回答|解答|作答|我的答|^答$|답변|해답|정답|^답$",
    re.I,
)
_LABEL_WORDS = frozenset(
    """inline question questions q your my the our student students s to for of
    answer answers ans response solution here is extra credit bonus no number""".split()  # noqa: SIM905
)
_NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_SECTION_NUMBER = re.compile(r"^\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+(?=\D)")
_HASHES = re.compile(r"^[\s>]*(#{1,6})\s*")
_BOLD = re.compile(r"^[\s>]*(\*\*\*|___|\*\*|__|\*|_)(?=\S)(.{1,160}?)\1")
_MATH = re.compile(r"^[\s>]*\$([^$]{1,160})\$")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_LATEX = re.compile(r"\\(?:color|textcolor)\s*\{[^{}]{0,30}\}|\\[A-Za-z]+")
_COLON = re.compile(r"[:：]")

_PLACEHOLDER = re.compile(
    r"(?P<open>[\[(（【{<*_`\s]{0,8})"
    r"(?:please\s+)?(?:"
    r"fill\s+(?:this|me|it)\s+in(?:\s+here)?"
    r"|(?:write|type|enter|put|insert|add)\s+(?:down\s+)?(?:your|an?|the)\s+(?:answer|response|explanation|solution|text)s?"
    r"(?:\s+(?:in\s+)?(?:here|below|this\s+cell)(?:,?\s+replacing\s+this\s+text)?)?"
    r"|your\s+(?:answer|response|solution)s?(?:\s+goes)?\s+here"
    r"|answer\s+(?:goes\s+)?here"
    r"|todo"
    r")(?![^\W_])[.!…:：\-–]{0,3}(?P<close>[\])）】}>*_`]{0,4})",
    re.I,
)
_PAIRS = {"[": "]", "(": ")", "（": "）", "【": "】", "{": "}", "<": ">"}


@dataclass(frozen=True)
class Heading:
    """`level`: the number of `#`, 3 for bold and other marked lines, 7 for unmarked ones. `rest` follows the label."""

    level: int
    label: str
    rest: str
    number: int | None = None


def heading_level(line: str) -> int | None:
    """The level of a Markdown heading (leading HTML anchors and blanks aside), or None."""
    match = _HASHES.match(_TAG.sub("", line[:400]))
    return len(match[1]) if match else None


def question_heading(line: str) -> Heading | None:
    """The line as a question's heading, such as `## Inline Question 3:` or `**问题 2**`; None if it is not one."""
    level, label, rest, colon = _split(line)
    if not _QUESTION.search(label) or _ANSWER.search(label) or len(label) > _MAX_LABEL:
        return None
    number = _number(label)
    inline = "inline" in label.lower() or not label.isascii()
    words = re.findall(r"\w+", label)
    if len(words) > 7 or (number is None and not inline and len(words) > 2):
        return None
    if level == 7 and (number is None or not (colon or not rest) or len(words) > 4):
        return None
    return Heading(level, label, rest, number)


def answer_heading(line: str) -> Heading | None:
    """The line as an answer's heading, such as `**Your Answer:** the rest`; None if it is not one."""
    level, label, rest, colon = _split(line)
    if not _ANSWER.search(label) or len(label) > 60:
        return None
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", label)]
    if any(word.isascii() and word not in _LABEL_WORDS for word in words) or len(words) > 6:
        return None
    if not colon and level == 7 and rest:
        return None
    return Heading(level, label, rest)


def plain_heading(line: str) -> Heading:
    """Any line as a heading: its label is words in lower case, to be compared with a heading that a rubric names."""
    level, label, rest, _ = _split(line)
    return Heading(level, " ".join(re.findall(r"\w+", label.replace("_", " ").lower())), rest)


def _split(line: str) -> tuple[int, str, str, bool]:
    """(level, label, what follows on the line, whether a colon ended the label)."""
    line = _untag(line)
    level = 7
    if hashes := _HASHES.match(line):
        level, line = len(hashes[1]), _untag(line[hashes.end() :])
    if marked := _BOLD.match(line) or _MATH.match(line):
        label, after = _undress(marked[marked.lastindex or 1]), line[marked.end() :]
        if colon := _COLON.search(label):
            return min(level, 3), _label(label[: colon.start()]), f"{label[colon.end() :]}{after}".strip(), True
        follows = re.match(r"\s*[:：]\s*", after)
        return min(level, 3), _label(label), after[follows.end() if follows else 0 :].strip(), follows is not None
    if colon := _COLON.search(line[: _MAX_LABEL + 1]):
        return level, _label(line[: colon.start()]), line[colon.end() :].strip(), True
    point = re.match(r"(\D{1,30}\d{1,2})\s*[.)\-–—]\s+", line)  # "Question 3. Why …"
    if point and _QUESTION.search(point[1]):
        return level, _label(point[1]), line[point.end() :].strip(), True
    return (level, _label(line), "", False) if len(line) <= 2 * _MAX_LABEL else (level, "", line, False)


def _untag(line: str) -> str:
    """The line without the HTML tags that it begins with."""
    line = line.strip()
    for _ in range(5):
        if not (tag := _TAG.match(line)):
            break
        line = line[tag.end() :].lstrip()
    return line


def _label(text: str) -> str:
    return _SECTION_NUMBER.sub("", _undress(_TAG.sub("", text))).strip()


def _undress(text: str) -> str:
    return re.sub(r"[*_`#${}~\\]+", " ", _LATEX.sub(" ", text)).strip(" .-–—\t")


def _number(label: str) -> int | None:
    digits = re.search(r"\d{1,2}", label)
    if digits:
        return int(digits[0])
    return next((_NUMERALS[c] for c in label if c in _NUMERALS), None)


def heading_number(text: str | None) -> int | None:
    """The number in a rubric's heading: 3 of "Inline Question 3"."""
    return _number(text) if text else None


def clean(text: str) -> str:
    """A student's own words: without placeholders and markup that only decorates, images as `[image]`; "" if nothing
    (no letter, no digit) is left."""
    text = _without_comments(text)
    text = re.sub(r"!\[[^\[\]\n]{0,300}\](?:\([^()\n]*\)|\[[^\]\n]{0,100}\])", "[image]", text)
    text = re.sub(r"<img\b[^<>]*>", "[image]", text, flags=re.I)
    text = re.sub(r"<br\s*/?>", "\n", text, flags=re.I)
    text = re.sub(r"</?(?:font|span|div|p|b|i|u|em|strong|center|a|h[1-6])\b[^<>]{0,300}>", "", text, flags=re.I)
    text = "\n".join(line.rstrip() for line in _without_placeholders(text).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip().removesuffix("\n---").strip()
    return text if any(c.isalnum() for c in text) else ""


def _without_comments(text: str) -> str:
    """Without `<!-- … -->`; by hand, because a pattern would search to the end for every one that is not closed."""
    first, *others = text.split("<!--")
    return first + "".join(part.split("-->", 1)[1] if "-->" in part else f"<!--{part}" for part in others)


def _without_placeholders(text: str) -> str:
    lines = []
    unclosed: list[str] = []
    for line in text.split("\n"):
        match = _PLACEHOLDER.match(line)
        if match and (match["open"].strip() or not line[match.end() :].strip() or match["close"]):
            unclosed += _unclosed(match["open"], match["close"])
            line = line[match.end() :].lstrip(" .:*_")
        lines.append(line)
    text = "\n".join(lines)
    for mark in unclosed:  # a student wrote inside the brackets: the closing one goes too
        body = text.rstrip(" *_`\n")
        if body.endswith(_PAIRS[mark]):
            text = body[:-1]
    return text


def _unclosed(opened: str, closed: str) -> list[str]:
    return [mark for mark in opened if mark in _PAIRS and _PAIRS[mark] not in closed]
