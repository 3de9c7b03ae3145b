"""The pages of a PDF as one running text in which questions can be found as in Markdown, and back: on which pages a
piece of it stands.

What pages add is taken away (running heads, page numbers, tables of contents), lines that were only wrapped are joined,
large print becomes a heading, and fixed-pitch print a fenced block.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.ingest.headings import CONTENTS, answer_heading, question_heading
from grader.ingest.pdf import Line, Pdf, PdfPage

_EDGE = 2  # lines at the top and at the bottom of a page that may be a running head
_LARGE = 1.06  # times the size of the usual letters
_WIDE = 0.8  # of the widest line's width: a line that ends there was wrapped
_PAGE_NUMBER = re.compile(
    r"^\W*(?:page|стор\w*\.?|עמוד|გვ\w*\.?)?\W*(\d{1,3})\W*(?:(?:of|/|из|з|מתוך)\W*\d{1,3}\W*)?$", re.I
)
_BEGINS = re.compile(r"^\s*(?:[-*+•▪▼►○●·–—]\s|\(?\w{1,3}[.)]\s|\[\d{1,3}\]:|In\s?\[)")  # a list, a cell of a notebook
_SENTENCE_END = re.compile(r"[.!?:;。？！…][\"'”’)\]]*$")
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]([^\W\d_]+)")
_BULLETS = str.maketrans({"\uf0b7": "•", "\uf0a7": "•", "\uf0d8": "•", "\uf02d": "-", "\u00a0": " "})  # of symbol fonts


@dataclass(frozen=True)
class Flow:
    """`text`: the running text. `pages`: for each of its lines the page on which it begins and the one on which it ends
    (from 1)."""

    text: str
    pages: tuple[tuple[int, int], ...]


def flow(pdf: Pdf) -> Flow:
    """The document's text as one, without what the pages added."""
    lines = [(page.number, line) for page in _without_running_heads(pdf.pages) for line in page.lines]
    usual = _usual_size(line for _, line in lines)
    words = Counter(word for _, line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", line.text.lower()))
    out: list[str] = []
    pages: list[tuple[int, int]] = []
    for paragraph in _paragraphs(lines, usual):
        fixed = all(line.fixed for _, line in paragraph if line.text)
        if out and out[-1]:
            out.append("")
            pages.append(pages[-1])
        if fixed:
            texts = [("```", 0, 0), *((line.text, i, i) for i, (_, line) in enumerate(paragraph)), ("```", -1, -1)]
        else:
            texts = list(_joined([line for _, line in paragraph], usual, words))
        out += [text for text, _, _ in texts]
        pages += [(paragraph[first][0], paragraph[last][0]) for _, first, last in texts]
    return Flow("\n".join(out), tuple(pages))


def pages_of(flow: Flow, text: str, first: int, last: int) -> tuple[int, ...]:
    """The pages on which `text`, cut out of the lines `first` to `last` (from 0, the last one excluded), stands."""
    wanted = _bare(text)
    numbers: set[int] = set()
    for line, (begins, ends) in list(zip(flow.text.split("\n"), flow.pages, strict=True))[first:last]:
        bare = _bare(line)
        if bare and (bare in wanted or (len(wanted) > 3 and wanted in bare)):
            numbers.update(range(begins, ends + 1))
    if not numbers and flow.pages:
        numbers = {flow.pages[min(first, len(flow.pages) - 1)][0]}
    return tuple(range(min(numbers), max(numbers) + 1)) if numbers else ()


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _without_running_heads(pages: Sequence[PdfPage]) -> list[PdfPage]:
    """The pages without lines that most of them repeat at their edge (numbers aside), and without page numbers."""
    seen = Counter(key for page in pages for key in {_key(line.text) for line in _edges(page)})
    least = max(3, 0.6 * len(pages))
    repeated = {key for key, count in seen.items() if (count >= least or count == len(pages) == 2)}
    repeated -= {key for key in repeated if question_heading(key) or answer_heading(key)}
    return [PdfPage(page.number, page.text, tuple(_inner(page, repeated, len(pages)))) for page in pages]


def _edges(page: PdfPage) -> list[Line]:
    written = [line for line in page.lines if line.text]
    return written if len(written) <= 2 * _EDGE else written[:_EDGE] + written[-_EDGE:]


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower())


def _inner(page: PdfPage, repeated: set[str], count: int) -> Iterator[Line]:
    edges = {id(line) for line in _edges(page)}
    for line in page.lines:
        number = _PAGE_NUMBER.match(line.text)
        is_number = number is not None and abs(int(number[1]) - page.number) <= 2 and count > 1
        if id(line) in edges and line.text and (_key(line.text) in repeated or is_number):
            yield Line("")
        elif not CONTENTS.search(line.text):
            yield Line(line.text.translate(_BULLETS), line.left, line.right, line.size, line.fixed)


def _usual_size(lines: Iterator[Line]) -> float:
    """The size of most letters, code aside."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += 0 if line.fixed else len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _paragraphs(lines: Sequence[tuple[int, Line]], usual: float) -> Iterator[list[tuple[int, Line]]]:
    """Lines that belong together. A paragraph that a page cut goes on, if its last line neither ends a sentence nor
    stops before the margin, and what follows begins nothing new."""
    paragraph: list[tuple[int, Line]] = []
    pending = False  # an empty line was seen
    for number, line in lines:
        if not line.text.strip():
            pending = True
            continue
        if paragraph:
            page, above = paragraph[-1]
            goes_on = above.fixed == line.fixed and _large(above, usual) == _large(line, usual)
            if number != page:
                goes_on = goes_on and (
                    line.fixed or not (_SENTENCE_END.search(above.text.strip()) or _begins(line.text))
                )
            elif pending:
                goes_on = False
            if not goes_on:
                yield paragraph
                paragraph = []
        paragraph.append((number, line))
        pending = False
    if paragraph:
        yield paragraph


def _large(line: Line, usual: float) -> float:
    """The line's size if it is that of a heading, else 0."""
    return round(line.size, 1) if line.size > _LARGE * usual and len(line.text) <= 120 and not line.fixed else 0.0


def _begins(text: str) -> bool:
    return bool(_BEGINS.match(text) or question_heading(text) or answer_heading(text))


def _joined(lines: Sequence[Line], usual: float, words: Counter[str]) -> Iterator[tuple[str, int, int]]:
    """(text, first, last): the lines of a paragraph, those that were wrapped as one; indices of what each is made of."""
    margin = max(line.right for line in lines)
    width = max(line.right - line.left for line in lines)
    text, first = "", 0
    for i, line in enumerate(lines):
        if i and (_begins(line.text) or not _was_wrapped(lines[i - 1], width, margin) or _heading_alone(text)):
            yield _marked(text, lines[first], usual), first, i - 1
            text, first = "", i
        text = _appended(text, line.text.strip(), words)
    yield _marked(text, lines[first], usual), first, len(lines) - 1


def _was_wrapped(line: Line, width: float, margin: float) -> bool:
    """Whether a line goes as far as the paragraph does, on the side where its script ends."""
    return line.right - line.left >= _WIDE * width or (line.right >= margin - 0.15 * width and width > 200)


def _heading_alone(text: str) -> bool:
    """A question's or an answer's heading that fills its line."""
    heading = question_heading(text) or answer_heading(text)
    return heading is not None and not heading.rest


def _appended(text: str, more: str, words: Counter[str]) -> str:
    """The text with one more line of its paragraph, words that were broken at a line's end as one again."""
    more = _BROKEN_WORD.sub(lambda found: _whole(found, words) if "\u00ad" in found[0] else found[0], more)
    if not text:
        return more
    first = re.match(r"[^\W\d_]*", more)[0]
    last = re.search(r"\S*$", text)[0]
    broken = _BROKEN_WORD.search(last + first) if last[-1:] in "-\u00ad\u2010" and first else None
    if broken is None or broken.end() != len(last + first):
        return f"{text} {more}"
    return f"{text[: -len(last)]}{last[: broken.start()]}{_whole(broken, words)}{more[len(first) :]}"


def _whole(broken: re.Match[str], words: Counter[str]) -> str:
    """A word that a line's end broke: with its hyphen if the document writes it so elsewhere."""
    whole, hyphened = f"{broken[1]}{broken[2]}", f"{broken[1]}-{broken[2]}"
    keeps = words[hyphened.lower()] > words[whole.lower()] or not broken[2].islower()
    return hyphened if keeps else whole


def _marked(text: str, line: Line, usual: float) -> str:
    """The text, as a heading if it is printed large: the larger the higher."""
    size = _large(line, usual)
    if not size or not any(c.isalnum() for c in text):
        return text
    level = 1 if size > 1.75 * usual else 2 if size > 1.3 * usual else 3
    return f"{'#' * level} {text}"
