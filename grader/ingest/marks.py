"""Where numbered answers begin and end in a text: "1)", "2.) …", "3) a.", "Task 2:", "Part 2", "שאלה 3", "Завдання 2.1"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.ingest.headings import CONTENTS

TASKS = frozenset(
    """task question exercise problem ex q питання завдання задача вправа запитання שאלה השאלה תרגיל משימה
    კითხვა სავარჯიშო ამოცანა დავალება""".split()  # noqa: SIM905
)
PARTS = frozenset("part section частина розділ חלק ნაწილი თავი".split())  # noqa: SIM905
ENDS = re.compile(
    r"^\W*(?:references?|bibliography|sources|література|джерела|список літератури|מקורות|ביבליוגרפיה)\W*$", re.I
)

_DRESS = r"[\s>#*_\\•–—-]{0,12}(?:\$\$?)?\s{0,4}(?:\\(?:text|textbf|mathbf|underline)\s?\{)?"
_WORDED = re.compile(
    rf"^(?P<dress>{_DRESS})(?P<word>[^\W\d_]{{1,12}})\s{{0,3}}(?:№|#|no\.?)?\s{{0,3}}(?P<label>\d{{1,2}}(?:\.\d{{1,2}}){{0,3}}|[a-zа-яא-ת](?!\w))"
    r"(?P<note>\s{0,2}\[\d{1,3}\])?\s{0,3}(?P<stop>[:.)\-–—]{0,3})(?P<rest>.*)$",
    re.I,
)
_NUMBERED = re.compile(
    rf"^(?P<dress>{_DRESS})\(?(?P<label>\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}(?=[\s.):\]*])|\d{{1,2}}(?=\s?[.)\]:]))"
    r"\s?[.)\]:*]{0,3}(?=[\s*_$\\{(]|[^\W\d_]|$)(?P<rest>.*)$"
)
_LETTERED = re.compile(rf"^(?P<dress>{_DRESS})\(?(?P<label>[a-zа-яა-ჰא-ת])\s?[.)]{{1,2}}(?=[\s*_$\\]|$)(?P<rest>.*)$")
_SENTENCE = re.compile(r"^[\s>#*_•–—-]{0,12}(?P<asked>[^?？؟]{8,300}[?？؟])[*_\s]{0,6}")
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмн", "אבגדהוזחטיכלמנ", "აბგდევზთიკლმნ")


@dataclass(frozen=True)
class Mark:
    """A numbered beginning.

    kind: "part", "task", a number's depth ("0", "1" for 2.1), "list" for the numbers of a list inside an answer, "letter",
    or "asked" for a question's own sentence (`label` is the question's id). It begins at `line`; `rest` is that line
    without the number. end: the first line that is not its any more. style: what stands around a number, such as "()".
    """

    kind: str
    label: str
    title: str
    rest: str
    line: int
    end: int
    style: str = ""


def marks_of(lines: Sequence[str], asks: Callable[[str], str | None] = lambda sentence: None) -> list[Mark]:
    """Every numbered beginning, in order. A mark ends where one of its kind, or of a kind around it, begins."""
    marks: list[Mark] = []
    open_: list[int] = []  # indices of the marks that the current line is in, outermost first
    for i, line in enumerate(lines):
        if CONTENTS.search(line):
            continue
        begun = list(_begun(line, i)) or list(_asked(line, i, asks))
        if ENDS.match(line):
            _close(marks, open_, 0, i)
        for mark in begun:
            mark = _in_list(mark, [marks[index] for index in open_])
            depth = next((d for d, index in enumerate(open_) if _around(marks[index].kind, mark.kind)), len(open_))
            _close(marks, open_, depth, i)
            open_.append(len(marks))
            marks.append(mark)
    _close(marks, open_, 0, len(lines))
    return marks


def _in_list(mark: Mark, around: Sequence[Mark]) -> Mark:
    """A number that begins again at 1 below "2)" or later, and those that follow it, are a list of that answer's own. The
    number that continues both the list and what is around it continues what is written as it is."""
    outer = next((other for other in around if other.kind == mark.kind == "0"), None)
    if outer is None or not mark.label.isdigit():
        return mark
    inner = next((other for other in around if other.kind == "list"), None)
    begins = mark.label == "1" and int(outer.label) > 1
    follows = inner is not None and int(mark.label) == int(inner.label) + 1
    also_outer = int(mark.label) == int(outer.label) + 1
    if begins or (follows and (not also_outer or mark.style == inner.style != outer.style)):
        return replace(mark, kind="list")
    return mark


def _around(outer: str, kind: str) -> bool:
    """Whether a mark of `kind` ends one of kind `outer`: the same, a part, or a smaller depth of number."""
    if outer == kind or kind == "part" or outer == "asked":
        return True
    inner = 9 if outer == "list" else int(outer) if outer.isdigit() else -1
    return kind.isdigit() and int(kind) < inner


def _close(marks: list[Mark], open_: list[int], depth: int, line: int) -> None:
    for index in open_[depth:]:
        marks[index] = replace(marks[index], end=max(line, marks[index].line + 1) if depth == 0 else line)
    del open_[depth:]


def _begun(line: str, number: int) -> Iterator[Mark]:
    """The marks with which a line begins: none, one, or "3) a." two."""
    part = _part_by_name(line)
    if part is not None:
        yield Mark("part", part, part, "", number, number)
        return
    rest, kinds = line, set()
    for _ in range(3):
        mark = _mark(rest, number)
        if mark is None or mark.kind in kinds:
            return
        kinds.add(mark.kind)
        yield mark
        rest = mark.rest


def _asked(line: str, number: int, asks: Callable[[str], str | None]) -> Iterator[Mark]:
    """ "*How many layers?* It has 8 …": a line that begins with a question of the rubric."""
    sentence = _SENTENCE.match(line[:400])
    question = asks(sentence["asked"]) if sentence else None
    if question:
        yield Mark("asked", question, "", line[sentence.end() :], number, number)


def _mark(line: str, number: int) -> Mark | None:
    head = line[:200]
    worded = _WORDED.match(head)
    if worded and (kind := kind_of(worded["word"])):
        rest = worded["rest"].strip()
        rest = re.sub(r"^[*_]+\s*", "", rest) if "*" in worded["dress"] or "_" in worded["dress"] else rest
        heading = "#" in worded["dress"] or "**" in worded["dress"] or worded["stop"] or not rest
        if heading or (len(line) <= 80 and line.rstrip(" *_")[-1:] in ":："):
            title = re.sub(r"[*_:]+", " ", rest).strip()
            follows = rest.partition(":")[2] if _is_title(rest) else rest
            return Mark(kind, _label(worded["label"]), title, _kept(worded["dress"], follows), number, number)
    if numbered := _NUMBERED.match(line):
        label, rest = numbered["label"], numbered["rest"]
        style = line[numbered.end("dress") : numbered.start("rest")].replace(label, "").strip()
        return Mark(str(label.count(".")), label, rest[:80], _kept(numbered["dress"], rest), number, number, style)
    if lettered := _LETTERED.match(line):
        rest = _kept(lettered["dress"], lettered["rest"])
        return Mark("letter", _label(lettered["label"]), lettered["rest"][:80], rest, number, number)
    return None


def _is_title(rest: str) -> bool:
    """Whether "Mini-Batches: the rest" begins with a title."""
    title, colon, _ = rest.partition(":")
    return bool(colon) and len(title.split()) <= 6


def _kept(dress: str, rest: str) -> str:
    """The line without its number; a formula that the number stood in goes on."""
    dollars = re.search(r"\$\$?", dress)
    return f"{dollars[0] if dollars else ''}{rest.lstrip()}"


def _part_by_name(line: str) -> str | None:
    """The name of a part that has no number: "Practical part", "חלק פרקטי"."""
    found = re.sub(r"[#*_:\s]+", " ", line[:80]).strip().lower().split()
    if len(line) > 40 or not 2 <= len(found) <= 3 or any(c.isdigit() for c in line):
        return None
    return " ".join(found) if found[0] in PARTS or found[-1] in PARTS else None


def kind_of(word: str) -> str | None:
    word = word.lower()
    return "part" if word in PARTS else "task" if word in TASKS else None


def _label(text: str) -> str:
    """A letter of any alphabet by its place: the second is "b"."""
    place = next((alphabet.find(text.lower()) for alphabet in _ALPHABETS if text.lower() in alphabet), -1)
    return _ALPHABETS[0][place] if len(text) == 1 and place >= 0 else text
