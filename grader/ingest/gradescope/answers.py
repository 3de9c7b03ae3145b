"""Which section of the work answers which question: beside the question's panel, of its number, in its words, in order."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from grader.ingest.gradescope.export import ExportQuestion
from grader.ingest.gradescope.labels import key
from grader.ingest.gradescope.panels import Panel, Printed
from grader.ingest.gradescope.sections import Section, sections_of, segments_of, unescaped
from grader.ingest.headings import clean
from grader.ingest.prompts import words

_BESIDE = 1.5  # it stands beside the question's panel
_SAME_NUMBER = 1.0  # the number in its heading is the one in the question's title
_OTHER_NUMBER = -0.7
_WORDS = 0.8  # all words of the question's title and labels occur in it
_IN_ORDER = 0.5  # it comes where the question comes
_LEAST = 0.9  # what a section must reach to be an answer
_MAX_SECTIONS = 400


@dataclass(frozen=True)
class _Work:
    """A section, once, though its page may be printed several times: `segments` are all of its places."""

    section: Section
    segments: frozenset[int]


def with_answers(
    questions: Sequence[ExportQuestion], printed: Printed, lines: Sequence[str]
) -> tuple[list[ExportQuestion], list[str]]:
    """The questions with their answers, and a sentence for each that has none or was found by weak evidence."""
    segments = segments_of(lines, printed.used, [panel.start for panel in printed.panels])
    works = _works(segments)
    pairs, beside = _placed(questions, works, printed.panels, segments)
    given: dict[str, Section] = {}
    repairs: list[str] = []
    for question, work, score in pairs:
        given[question.number] = work.section
        if score < _LEAST + _IN_ORDER:
            repairs.append(f"Question {question.number}: its answer was found by weak evidence. Please check.")
    answered = []
    for question in questions:
        section = given.get(question.number)
        answer = section.answer if section else None
        if section is None:
            answer = _page(beside.get(question.number, ()), segments, works)
            repairs.append(
                f"Question {question.number}: no heading marks its answer; it is all text of its page."
                if answer
                else f"Question {question.number}: no answer was found."
            )
        elif not answer:
            repairs.append(f"Question {question.number}: nothing is written below its answer heading.")
        heading, prompt = (section.heading, unescaped(section.prompt)) if section else ("", "")
        answered.append(replace(question, answer=answer, heading=heading, prompt=prompt))
    return answered, repairs


def _works(segments: Sequence[Sequence[str]]) -> list[_Work]:
    """All sections; copies of one become one, with the answer that most copies have, else the longest."""
    copies: dict[tuple[str | None, str], list[Section]] = {}
    for index, lines in enumerate(segments):
        for section in sections_of(index, lines):
            copies.setdefault((section.number, key(section.prompt or section.answer)[:60]), []).append(section)
    works = []
    for same in list(copies.values())[:_MAX_SECTIONS]:
        count = Counter(key(section.answer) for section in same)
        best = max(same, key=lambda section: (bool(section.answer), count[key(section.answer)], len(section.answer)))
        works.append(_Work(best, frozenset(section.segment for section in same)))
    return works


def _placed(
    questions: Sequence[ExportQuestion],
    works: Sequence[_Work],
    panels: Sequence[Panel],
    segments: Sequence[Sequence[str]],
) -> tuple[list[tuple[ExportQuestion, _Work, float]], Mapping[str, list[int]]]:
    """(pairs of question and section, segments beside each question's page panels). The panels stand below all pages or
    above all pages, whichever fits the sections better."""
    likeness = _likeness(questions, works)
    tried = []
    for step in (-1, 1):
        beside = _neighbours(panels, segments, step)
        pairs = _assign(questions, works, beside, likeness)
        tried.append((sum(score for _, _, score in pairs), -step, pairs, beside))
    _, _, pairs, beside = max(tried, key=lambda found: found[:2])
    return pairs, beside


def _neighbours(panels: Sequence[Panel], segments: Sequence[Sequence[str]], step: int) -> dict[str, list[int]]:
    """By question, for each of its page panels, the nearest segment with text above (step -1) or below (1); several
    panels may stand in a row. A segment that does not exist stands for none."""
    found: dict[str, list[int]] = {}
    for index, panel in enumerate(panels):
        if panel.summary:
            continue
        near = index if step < 0 else index + 1
        while 0 <= near < len(segments) and not any(line.strip() for line in segments[near]):
            beyond = near - 1 if step < 0 else near
            if not 0 <= beyond < len(panels) or panels[beyond].summary:
                break
            near += step
        found.setdefault(panel.number, []).append(near)
    return found


def title_number(title: str) -> str | None:
    """The number of a question in its notebook: "4" of "Batch Norm - Inline Q4"; None if the title has none."""
    numbers = re.findall(r"(?<![\d.])\d{1,2}(?:\.\d{1,2})*(?![\d.])", title)
    return numbers[-1] if numbers else None


def _assign(
    questions: Sequence[ExportQuestion], works: Sequence[_Work], beside: Mapping[str, list[int]], likeness: np.ndarray
) -> list[tuple[ExportQuestion, _Work, float]]:
    """The pairs of question and section that are best all together, and what speaks for each."""
    if not works:
        return []
    score = np.array([[_evidence(q, work, beside.get(q.number, ())) for work in works] for q in questions])
    score += _WORDS * likeness
    for row, column in _in_order(score):
        score[row, column] += _IN_ORDER
    rows, columns = linear_sum_assignment(-np.maximum(score, 0))
    return [
        (questions[row], works[column], float(score[row, column]))
        for row, column in zip(rows, columns, strict=True) if score[row, column] >= _LEAST
    ]  # fmt: skip


def _evidence(question: ExportQuestion, work: _Work, beside: Sequence[int]) -> float:
    number, here = title_number(question.title), work.section.number
    same = here == number if number else here in (question.number, str(question.order[-1]))
    by_number = 0.0 if here is None else _SAME_NUMBER if same else _OTHER_NUMBER
    # Of a page that is printed twice both panels stand beside the section.
    near = sum(segment in work.segments for segment in beside) / len(beside) if beside else 0.0
    return by_number + _BESIDE * near


def _likeness(questions: Sequence[ExportQuestion], works: Sequence[_Work]) -> np.ndarray:
    """(questions, sections): the part of a question's words that a section has, rare words weighing more; 0 to 1."""
    if not works:
        return np.zeros((len(questions), 0))
    asked = [words(" ".join([q.title, *(item.label for item in q.items)])) for q in questions]
    written = [words(f"{work.section.prompt}\n{work.section.answer}") for work in works]
    vocabulary = sorted(set().union(*asked))
    has = np.array([_has(vocabulary, text) for text in written], dtype=float)
    wants = np.array([[word in text for word in vocabulary] for text in asked], dtype=float)
    weight = np.array([math.log((1 + len(works)) / (0.5 + count)) for count in has.sum(axis=0)]).clip(min=0)
    weight *= has.any(axis=0)
    return (wants * weight) @ has.T / np.maximum(wants @ weight, 1e-9)[:, None]


def _has(vocabulary: Sequence[str], text: set[str]) -> list[bool]:
    """Which words occur in a text. Two stems are one word if one begins with the other: "norm" and "normal"."""
    begins: dict[str, list[str]] = {}
    for word in text:
        begins.setdefault(word[:4], []).append(word)
    return [
        word in text or (len(word) >= 4 and any(_akin(word, other) for other in begins.get(word[:4], ())))
        for word in vocabulary
    ]


def _akin(word: str, other: str) -> bool:
    return len(other) >= 4 and (word.startswith(other) or other.startswith(word))


def _in_order(score: np.ndarray) -> list[tuple[int, int]]:
    """The pairs of the best assignment that keeps both orders (Needleman-Wunsch without gap costs)."""
    rows, columns = score.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            best[i, j] = max(best[i - 1, j], best[i, j - 1], best[i - 1, j - 1] + max(score[i - 1, j - 1], 0))
    pairs = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs


def _page(beside: Sequence[int], segments: Sequence[Sequence[str]], works: Sequence[_Work]) -> str | None:
    """The text of a question's pages, where no heading of a question or an answer structures them."""
    if any(work.segments & set(beside) for work in works):
        return None
    return (
        clean(
            "\n\n".join(
                "\n".join(segments[index]).replace("\f", "\n") for index in sorted({*beside} & {*range(len(segments))})
            )
        )
        or None
    )
