"""Written answers out of notebooks, Markdown, plain text and JSON, by the rubric's slots.

A question is found by its prompt's words; where those say nothing (a translation), by its notebook and number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from grader.core.submission import Answer, AnswerSlot
from grader.ingest.anchors import Anchor, anchors_of, mark_bare_prompts, pieces_of, without_prompt
from grader.ingest.documents import MAX_PDFS, Document, documents_in, read_document
from grader.ingest.errors import IngestError
from grader.ingest.headings import clean, heading_number, plain_heading
from grader.ingest.notebook import decode, read_json
from grader.ingest.numbered import Item, numbered_answers
from grader.ingest.outline import sections, without_restated
from grader.ingest.paths import show
from grader.ingest.pdf import is_pdf
from grader.ingest.prompts import Prompts, words

_BY_PROMPT = 0.5  # coverage from which a prompt alone decides
_BARE_PROMPT = 0.6  # the same without a question's heading
_HINT = 0.25  # coverage that is worth something beside other evidence
_WINDOW = 1500  # characters of a document that are compared with a prompt
_MAX_ANSWER = 50_000  # characters
_MAX_ANCHORS = 300  # in one document
_MAX_TEXT = 1_000_000  # characters of Markdown and plain text, in all, a line counting as twenty
_SPARE = re.compile(r"origin|template|copy|backup|\bold\b|\bbak\b|checkpoint|\(\d+\)", re.I)


@dataclass(frozen=True)
class Found:
    """An answer that may belong to a slot. `strength` orders those of several documents."""

    slot: AnswerSlot
    text: str
    path: str
    source: str
    strength: float
    by_number: bool = False
    pages: tuple[int, ...] = ()  # of a document of pages


def find_answers(files: Mapping[str, bytes], slots: Sequence[AnswerSlot]) -> tuple[dict[str, Answer], tuple[str, ...]]:
    """(answers by question, remarks). A document that cannot be read gives a remark; no exception.

    A question that was found nowhere gets an empty answer, "unselected", if there is a document of pages to select from.
    """
    if not slots:
        return {}, ()
    prompts = Prompts(slots)
    remarks: list[str] = []
    found: list[Found] = []
    paged: list[str] = []
    documents = documents_in(files, {slot.notebook for slot in slots})
    budget = _MAX_TEXT
    for path in documents:
        try:
            if path.lower().endswith(".json"):
                found += _in_json(path, files[path], slots)
                continue
            document = read_document(path, files[path])
        except IngestError as error:
            remarks.append(f"{error} It is kept, and a TA will look." if is_pdf(path) else str(error))
            continue
        budget -= document.weight
        if budget < 0:
            remarks.append(f"{show(path)} and what follows were not searched for answers: too much text.")
            break
        remarks += document.remarks
        paged += [path] if is_pdf(path) else []
        found += _numbered_or_found(document, slots, prompts)
    answers: dict[str, Answer] = {}
    for slot in slots:
        choice, more = _choose([candidate for candidate in found if candidate.slot is slot])
        remarks += more
        if choice:
            answers[slot.question] = _answer(choice)
        elif paged:
            answers[slot.question] = Answer(slot.question, "", paged[0], "unselected", paged[0])
    for slot in slots:
        if slot.beside in answers and slot.question not in answers:
            answers[slot.question] = replace(answers[slot.beside], question=slot.question)
    return answers, (*remarks, *_left(files, slots, answers, bool(documents)))


def find_in(document: Document, slot: AnswerSlot) -> str:
    """The answer to one question in a document, or a piece of one; "" if the question is not found there by its prompt."""
    found = [it for it in _in_document(document, [slot], Prompts([slot])) if it.text and not it.by_number]
    return max(found, key=_rank).text if found else ""


def _answer(found: Found) -> Answer:
    if not is_pdf(found.path):
        return Answer(found.slot.question, found.text, found.source)
    return Answer(found.slot.question, found.text, found.source, "found", found.path, found.pages)


def _in_json(path: str, data: bytes, slots: Sequence[AnswerSlot]) -> Iterator[Found]:
    """`{question: answer}`, also below a key "answers"."""
    content = read_json(data, path)
    if isinstance(content, dict) and isinstance(content.get("answers"), dict):
        content = content["answers"]
    by_id = {_bare(slot.question): slot for slot in slots}
    for key, value in content.items() if isinstance(content, dict) else ():
        slot = by_id.get(_bare(key))
        if slot is not None and isinstance(value, str | int | float | list | dict):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield Found(slot, clean(decode(text.encode("utf-8", "replace"))), path, path, 3.0)


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _in_document(document: Document, slots: Sequence[AnswerSlot], prompts: Prompts) -> Iterator[Found]:
    """Every candidate in one document: below its question, or in a list after all the questions."""
    path, cells, flat = document.path, document.cells, document.flat
    named = {_label(text): slot.question for slot in slots for text in (slot.heading, slot.question) if _own_name(text)}
    sections = {_bare(PurePosixPath(slot.notebook).stem) for slot in slots if slot.notebook}

    def asks(text: str) -> str | None:
        return prompts.best(words(text[:_WINDOW]), _BARE_PROMPT)

    def is_section(label: str) -> bool:
        return _bare(label) in sections

    pieces = mark_bare_prompts(pieces_of(cells, named.get, flat, is_section), asks)
    if flat and not any(piece.heading for piece in pieces):
        pieces = mark_bare_prompts(pieces_of(document.paragraphs(), named.get, flat, is_section), asks, answered=False)
    anchors = anchors_of(pieces)[:_MAX_ANCHORS]
    listed = _listed(document, prompts)
    for anchor, slot, strength, by_number in _assign(path, anchors, slots, prompts, named):
        if slot.question in listed:
            continue
        least = 0 if flat or anchor.heading.label in named else 1  # a file of answers may leave the prompts out
        resemblance = partial(prompts.resemblance, slot.question)
        below = without_prompt(anchor.own, resemblance, partial(prompts.copied, slot.question), least)
        text = _whole(below, anchor.answer, resemblance)
        pages = document.pages_of(text, anchor.first, anchor.end)
        yield Found(slot, text[:_MAX_ANSWER], path, document.source(anchor.cell, pages), strength, by_number, pages)
    for slot in slots:
        if item := listed.get(slot.question):
            pages = document.pages_of(item.text, item.first, item.end)
            yield Found(slot, item.text[:_MAX_ANSWER], path, document.source(1, pages), 1.0, False, pages)


def _numbered_or_found(document: Document, slots: Sequence[AnswerSlot], prompts: Prompts) -> list[Found]:
    """Answers below the numbers that the rubric names, where more are found so than by their prompts; else by the prompts,
    and by its number what is left."""
    listed = set(_listed(document, prompts))
    outlined, sure = _outlined(document, [slot for slot in slots if slot.question not in listed], prompts)
    found = [it for it in _in_document(document, slots, prompts) if it.slot.question not in sure]
    by_prompt = {it.slot.question for it in found if it.text}
    if len(outlined) > len(by_prompt):
        return [it for it in found if it.slot.question not in outlined] + list(outlined.values())
    taken = [it.text for it in found if it.text]
    left = [it for it in outlined.values() if it.slot.question not in by_prompt]
    return found + [it for it in left if not any(it.text in text or text in it.text for text in taken)]


def _listed(document: Document, prompts: Prompts) -> dict[str, Item | None]:
    """The answers of a list that comes after all the questions."""
    if not document.flat:
        return {}
    return numbered_answers(document.cells[0].text, lambda text: prompts.best(words(text[:_WINDOW]), _BARE_PROMPT))


def _outlined(document: Document, slots: Sequence[AnswerSlot], prompts: Prompts) -> tuple[dict[str, Found], set[str]]:
    """By question, what stands below its number; and the questions that need no second opinion."""
    cells = [cell for cell in document.cells if cell.kind != "code"]
    lines = [(cell.number, line) for cell in cells for line in ["", *cell.text.split("\n")][document.flat :]]

    def own(question: str, text: str) -> str:
        return without_restated(text, partial(prompts.restated, question))

    def asks(sentence: str) -> str | None:
        return prompts.best(words(sentence), _BARE_PROMPT)

    if not any(slot.at or slot.opens for slot in slots):
        return {}, set()
    found, sure = {}, set()
    by_question = {slot.question: slot for slot in slots}
    for question, section in sections([line for _, line in lines], slots, own, asks).items():
        pages = document.pages_of(section.text, section.first, section.end)
        source = document.source(lines[section.first][0], pages)
        slot, text = by_question[question], section.text[:_MAX_ANSWER]
        found[question] = Found(slot, text, document.path, source, 0.9, pages=pages)
        sure |= {question} if section.sure else set()
    return found, sure


def _whole(below: str, after: str, resemblance: Callable[[str], float]) -> str:
    """An answer without a heading, from what stands below the prompt in its cell and in the cells after it: the former
    may be the rest of the prompt."""
    if below and after and (resemblance(below) >= _HINT or len(words(below)) < 4):
        return after
    return "\n\n".join(part for part in (below, after) if part)


def _own_name(text: str | None) -> bool:
    """Whether a heading names one question on its own, unlike "Inline Question 3"."""
    return bool(text) and not re.search(r"question\s*\d*\W*$", text or "", re.I)


def _label(heading: str | None) -> str:
    return plain_heading(f"# {heading}").label


def _assign(
    path: str, anchors: Sequence[Anchor], slots: Sequence[AnswerSlot], prompts: Prompts, named: Mapping[str, str]
) -> Iterator[tuple[Anchor, AnswerSlot, float, bool]]:
    """(anchor, slot, strength, found by number only): the strongest pairs first, each slot and each anchor once; then
    repetitions of a prompt within the document, which are candidates too."""
    pairs = []
    numbered = any(anchor.heading.number for anchor in anchors)
    for i, anchor in enumerate(anchors):
        found = words(anchor.prompt[:_WINDOW])
        for slot in slots:
            coverage = 1.0 if named.get(anchor.heading.label.lower()) == slot.question else 0.0
            coverage = max(coverage, prompts.covered(slot.question, found))
            here = _is_notebook(path, anchor.section, slot)
            number = anchor.heading.number if numbered else i + 1
            same = number is not None and number == heading_number(slot.heading)
            sure = coverage >= _BY_PROMPT
            if sure or (here and same) or (coverage >= _HINT and (here or same)):
                pairs.append((sure, coverage + 0.2 * here + 0.2 * same, -i, slot, coverage))
    pairs.sort(key=lambda pair: pair[:3], reverse=True)
    seen_anchors: set[int] = set()
    seen_slots: set[str] = set()
    for sure, strength, i, slot, _ in pairs:
        if i not in seen_anchors and slot.question not in seen_slots:
            seen_anchors.add(i)
            seen_slots.add(slot.question)
            yield anchors[-i], slot, strength, not sure
    for sure, strength, i, slot, coverage in pairs:
        if i not in seen_anchors and sure and coverage >= 0.7:
            seen_anchors.add(i)
            yield anchors[-i], slot, strength - 1, False


def _is_notebook(path: str, section: str, slot: AnswerSlot) -> bool:
    """Whether a file, or the section of a document, is the slot's notebook, however it was renamed."""
    if slot.notebook is None:
        return True
    stem = _bare(PurePosixPath(slot.notebook).stem)
    return stem in _bare(PurePosixPath(path).stem) or _bare(section) == stem


def _choose(candidates: Sequence[Found]) -> tuple[Found | None, list[str]]:
    """The answer to take, and a remark if another one was left."""
    written = [candidate for candidate in candidates if candidate.text]
    if not written:
        return None, []
    best = max(written, key=_rank)
    taken = " ".join(best.text.split())
    others = sorted({c.source for c in written if c.source != best.source and " ".join(c.text.split()) != taken})
    remarks = []
    if others:
        remarks.append(
            f"The answer to {best.slot.question} is from {show(best.source)}; another one stands in {show(others[0])}."
        )
    if best.by_number:
        remarks.append(f"The answer to {best.slot.question} was found by its number only, in {show(best.source)}.")
    return best, remarks


def _rank(found: Found) -> tuple[object, ...]:
    """A notebook or a text before a print of it, the student's own before a spare copy, a sure find before others."""
    spare = bool(_SPARE.search(found.path))
    return not is_pdf(found.path), not spare, not found.by_number, found.strength, -len(found.path)


def _left(
    files: Mapping[str, bytes], slots: Sequence[AnswerSlot], answers: Mapping[str, Answer], documents: bool
) -> Iterator[str]:
    """What was not found, in one sentence, and documents of kinds that are not read."""
    missing = [slot.question for slot in slots if slot.question not in answers]
    unselected = [answer for answer in answers.values() if answer.place == "unselected"]
    if missing and not documents:
        yield "There is no notebook and no file of answers: the written questions are unanswered."
    elif missing:
        yield f"No answer was found to {', '.join(missing)}."
    if unselected:
        questions = ", ".join(answer.question for answer in unselected)
        yield f"No page of {show(unselected[0].source)} was found to answer {questions}. Point at the pages."
    for path in sorted(path for path in files if path.lower().endswith((".docx", ".doc", ".rtf", ".odt"))):
        yield f"{show(path)} is kept, but answers are not read from such documents: a TA will look. Hand in a PDF of it."
    if len(pdfs := [path for path in files if is_pdf(path)]) > MAX_PDFS:
        yield f"Of {len(pdfs)} PDFs {MAX_PDFS} were searched for answers."
