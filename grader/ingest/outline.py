"""Answers that stand below their numbers, whatever they say.

A rubric names the number (`at: "3"`, `at: "1 / e"`, `at: "Part 2 / Task 1"`, `at: "Task 4 normalization"`); which of the
numberings in a document is meant is decided for all questions together, since an answer may hold lists of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.core.submission import AT_STEP, AnswerSlot
from grader.ingest.headings import answer_heading, clean, heading_level
from grader.ingest.marks import Mark, kind_of, marks_of
from grader.ingest.prompts import words


@dataclass(frozen=True)
class Element:
    """One step of `at`: a label, perhaps with its word's kind and with words of its title."""

    kind: str | None
    label: str
    last: str
    title: frozenset[str]


@dataclass(frozen=True)
class Section:
    """`text` stands in the lines `first` to `end` (from 0, the last one excluded). sure: it goes on in the very line of its
    question."""

    text: str
    first: int
    end: int
    sure: bool = False


def path_of(at: str) -> tuple[Element, ...]:
    """The steps of one `at`."""
    return tuple(_element(step.strip()) for step in at.split("/"))


def sections(
    lines: Sequence[str],
    slots: Sequence[AnswerSlot],
    own: Callable[[str, str], str] = lambda question, text: text,
    asks: Callable[[str], str | None] = lambda sentence: None,
) -> dict[str, Section]:
    """By question, what stands below the number that its slot names, or behind the question itself where a line begins with
    it; a question that is not there is absent.

    own(question, text): the text without the question's prompt, "" for the prompt only: then another such number is looked at.
    asks(sentence): the question that a sentence asks. Nothing where less than two of the rubric's numbers are found: one
    number proves nothing.
    """
    marks = marks_of(lines, asks)
    paths = {slot.question: [path_of(at) for at in slot.at] for slot in slots if slot.at}
    first = [steps[0] for ways in paths.values() for steps in ways]
    kind = _numbering(marks, {step.label for step in first if step.kind is None and "." not in step.label})
    found = {mark.label: _section(lines, mark) for mark in reversed(marks) if mark.kind == "asked"}
    found = {question: section for question, section in found.items() if section.text}
    for question, ways in paths.items():
        if question in found:
            continue
        below = [section for steps in ways for section in _below(lines, marks, steps, kind) if section.text]
        answered = (replace(section, text=own(question, section.text)) for section in below)
        section = next((section for section in answered if section.text), next(iter(below), None))
        if section is not None:
            found[question] = section
    for slot in slots:
        closing = _closing(lines, marks, slot.opens) if slot.question not in found else None
        if closing is not None:
            found[slot.question] = closing
    return found if len({section.first for section in found.values()}) > 1 else {}


def without_restated(text: str, restated: Callable[[str], bool]) -> str:
    """The text without the paragraphs at its beginning that only ask the question again."""
    paragraphs = re.split(r"\n\s*\n", text)
    while paragraphs and "=" not in paragraphs[0]:
        last = paragraphs[0].rstrip(" *_")[-1:]
        if last not in "?？؟" and not (last == ":" and restated(paragraphs[0])):
            break
        del paragraphs[0]
    return "\n\n".join(paragraphs)


def _closing(lines: Sequence[str], marks: Sequence[Mark], opens: Sequence[str]) -> Section | None:
    """The last paragraph that begins with one of these words, up to the next mark, heading, or the end."""
    openings = tuple(word.lower() for word in opens)
    starts = [i for i, line in enumerate(lines) if openings and line.lstrip(" >*_#").lower().startswith(openings)]
    if not starts:
        return None
    first = starts[-1]
    ends = [mark.line for mark in marks if mark.line > first]
    ends += [i for i in range(first + 1, len(lines)) if heading_level(lines[i]) is not None]
    section = Section(
        clean("\n".join(lines[first : min(ends, default=len(lines))])), first, min(ends, default=len(lines))
    )
    return section if section.text else None


def _element(step: str) -> Element:
    match = AT_STEP.match(step)
    assert match is not None, "checked when the rubric was read"
    first, _, last = match["label"].lower().partition("-")
    kind = (kind_of(match["word"]) or "task") if match["word"] else None
    return Element(kind, first, last or first, frozenset(words(match["title"] or "")))


def _numbering(marks: Sequence[Mark], labels: set[str]) -> str | None:
    """The kind of mark under which most of the labels stand; the first of several."""
    kinds = dict.fromkeys(mark.kind for mark in marks if mark.kind not in ("part", "letter", "list", "asked"))
    counts = {kind: len(labels & {mark.label for mark in marks if mark.kind == kind}) for kind in kinds}
    best = max(counts, key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] else None


def _below(
    lines: Sequence[str], marks: Sequence[Mark], steps: Sequence[Element], kind: str | None
) -> Iterator[Section]:
    """What stands at the end of a path, once for every place where the path leads."""
    step, *further = steps
    chosen = [mark for mark in marks if _matches(mark, step, kind)]
    if not further and step.last != step.label:
        chosen = chosen[:1] and [replace(chosen[0], rest=lines[chosen[0].line], end=_last(chosen).end)]
    for mark in chosen:
        if further:
            inside = [other for other in marks if mark.line <= other.line < mark.end and other is not mark]
            yield from _below(lines, inside, further, None)
            continue
        yield _section(lines, mark)


def _section(lines: Sequence[str], mark: Mark) -> Section:
    heading = answer_heading(mark.rest)
    opening = heading.rest if heading else mark.rest
    text = clean("\n".join([opening, *lines[mark.line + 1 : mark.end]]))
    return Section(text, mark.line, mark.end, mark.kind == "asked" and bool(clean(opening)))


def _last(chosen: Sequence[Mark]) -> Mark:
    """Of "a", "b", "c", "a", the third: the last one of the first row."""
    last = chosen[0]
    for mark in chosen[1:]:
        if mark.kind != last.kind or mark.label <= last.label:
            break
        last = mark
    return last


def _matches(mark: Mark, step: Element, kind: str | None) -> bool:
    if not (step.label <= mark.label <= step.last if step.label.isalpha() else mark.label == step.label):
        return False
    wanted = step.kind or (kind if "." not in step.label else None)
    if (wanted is not None and mark.kind != wanted) or (wanted is None and mark.kind in ("part", "asked")):
        return False
    return all(any(word.startswith(part) for word in words(mark.title)) for part in step.title)
