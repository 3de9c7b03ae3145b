"""The process that looks into a student's PDF: started by grader/ingest/pdf.py, alone with one document.

It loads the parser, gives up every right that it has, and only then reads the document from its standard input. What it
answers on its standard output is a claim of a process that a document may have taken over; pdf.py checks it.
Exit status 0: answered; 2: it could not give up its rights, nothing was read; 3: out of memory.
"""

from __future__ import annotations

import codecs
import ctypes
import errno
import io
import json
import os
import resource
import sys
import traceback
import unicodedata
from collections.abc import Iterator

from bidi.algorithm import get_display

MEMORY = 1 << 30  # bytes of address space
CPU = 15  # seconds
ANSWER = 32 << 20  # bytes
PRIVATE_USER = 62_000  # the first of a thousand numbers that no account has; one each, so that none sees another
SYSTEM_CALLS = """
read write lseek fstat newfstatat close mmap munmap mremap mprotect madvise brk futex
rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack exit exit_group restart_syscall
clock_gettime clock_getres gettimeofday time getrandom getpid gettid getrusage sched_yield sched_getaffinity sysinfo
"""
_GAP = 0.6  # of a line's height: a wider gap between two lines separates paragraphs
_WORD_GAP = 0.1  # of a line's height
_MARGIN = 20  # points: a wider margin on one side tells on which a line begins
_MAX_PAGE = 100_000  # characters
_MAX_TEXT = 2_000_000  # characters of all pages


def confine() -> None:
    """Own user, limits, no new files, no network, no processes. Raises OSError, ImportError where that is impossible."""
    import pyseccomp

    os.chdir("/")
    if os.geteuid() == 0:
        user = PRIVATE_USER + os.getpid() % 1000
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: CPU,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: ANSWER,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))  # sets no_new_privs
    for name in SYSTEM_CALLS.split():
        rules.add_rule(pyseccomp.ALLOW, name)
    rules.load()


def text_of(pdfium, data: bytes, most: int) -> bytes:
    """JSON: {"pages": [[line, …], …]}, or {"error": kind}."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        return json.dumps(
            {"error": "encrypted" if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD else "broken"}
        ).encode()
    if len(document) > most:
        return json.dumps({"error": "pages", "count": len(document)}).encode()
    pages, left = [], _MAX_TEXT
    for index in range(len(document)):
        try:
            page = document[index]
            pages.append(_lines(pdfium.raw, page.get_textpage(), min(left, _MAX_PAGE), page.get_width()))
            page.close()
        except pdfium.PdfiumError:
            pages.append([])
        left -= sum(len(line["text"]) for line in pages[-1])
    return json.dumps({"pages": pages}).encode()


def _lines(raw, page, most: int, across: float) -> list[dict]:
    """The lines of a page `across` points wide, as `grader.ingest.pdf.Line` wants them; an empty one between paragraphs."""
    lines: list[dict] = []
    start, text = 0, []
    for i in range(min(page.count_chars(), most)):
        code = raw.FPDFText_GetUnicode(page, i)
        if code == 10:
            lines.append(_line(raw, page, start, "".join(text), across))
            start, text = i + 1, []
        elif code != 13:
            text.append(chr(code) if code < 0x110000 else "\ufffd")
        else:
            text.append(" ")
    lines.append(_line(raw, page, start, "".join(text), across))
    return list(_apart(lines))


def _line(raw, page, start: int, text: str, across: float) -> dict:
    written = [i for i, c in enumerate(text) if not c.isspace()]
    if not written:
        return {"text": ""}
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in text):
        text = _in_reading_order(page, start, text, across)
    looked_at = [start + written[i * (len(written) - 1) // 4] for i in range(5)]
    boxes = [page.get_charbox(i, loose=True) for i in looked_at]
    fixed = sum(_fixed_pitch(raw, page, i) for i in looked_at)
    return {
        "text": text.rstrip(),
        "left": min(box[0] for box in boxes),
        "right": max(box[2] for box in boxes),
        "bottom": min(box[1] for box in boxes),
        "top": max(box[3] for box in boxes),
        "size": sorted(_size(raw, page, i) for i in looked_at)[2],
        "fixed": fixed >= 4,
    }


def _in_reading_order(page, start: int, text: str, across: float) -> str:
    """A line with right-to-left letters, by where its characters stand: the parser orders each word, but not the words."""
    placed = [(page.get_charbox(start + i, loose=True), c) for i, c in enumerate(text) if not c.isspace()]
    placed.sort(key=lambda place: place[0][0])
    visual, edge = "", None
    for (left, bottom, right, top), c in placed:
        visual += f" {c}" if edge is not None and left - edge > _WORD_GAP * (top - bottom) else c
        edge = max(right, edge or right)
    kinds = [kind for c in visual if (kind := unicodedata.bidirectional(c)) in ("L", "R", "AL")]
    ends = {"L" if kind == "L" else "R" for kind in (kinds[0], kinds[-1])}
    direction = ends.pop() if len(ends) == 1 else _direction(kinds, placed[0][0][0], across - edge)
    return get_display(_paired(visual), base_dir=direction)


def _direction(kinds: list[str], left: float, right: float) -> str:
    """Of a line that begins and ends in different scripts: by its wider margin, or by most of its letters."""
    if abs(left - right) > _MARGIN:
        return "R" if left > right else "L"
    return "L" if 2 * kinds.count("L") > len(kinds) else "R"


def _paired(visual: str) -> str:
    """The line with every second bracket closing: the parser turns some of those that stand beside a word."""
    for pair in ("()", "[]"):
        places = [i for i, c in enumerate(visual) if c in pair]
        if len(places) % 2 == 0:
            for n, i in enumerate(places):
                visual = visual[:i] + pair[n % 2] + visual[i + 1 :]
    return visual


def _size(raw, page, i: int) -> float:
    """The font's size as it is printed, in points: the same for every script, unlike the height of its letters."""
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(page, i, matrix)
    return raw.FPDFText_GetFontSize(page, i) * (matrix.b**2 + matrix.d**2) ** 0.5


def _fixed_pitch(raw, page, i: int) -> bool:
    flags = ctypes.c_int(0)
    raw.FPDFText_GetFontInfo(page, i, None, 0, flags)
    return bool(flags.value & 1)


def _apart(lines: list[dict]) -> Iterator[dict]:
    """The lines, with an empty one where two stand further apart than the lines of a paragraph do."""
    above: dict = {}
    for line in lines:
        if not line["text"]:
            continue
        gap = above["bottom"] - line["top"] if above else 0.0
        height = max(line["top"] - line["bottom"], above["top"] - above["bottom"]) if above else 0.0
        if gap > _GAP * height or gap < -3 * height:  # further down, or back up in another column
            yield {"text": ""}
        yield line
        above = line


def picture_of(pdfium, data: bytes, number: int, width: int) -> bytes:
    """One page as PNG, `width` pixels wide and at most four times as high."""
    document = pdfium.PdfDocument(data)
    page = document[number - 1]
    across, down = page.get_size()
    scale = min(width / max(across, 1), 4 * width / max(down, 1))
    image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def main(arguments: list[str]) -> int:
    try:
        import PIL.Image
        import pypdfium2 as pdfium

        PIL.Image.preinit()  # what is loaded at first use otherwise: later, no file can be opened
        codecs.lookup("utf-16-le")
        confine()
    except Exception:
        traceback.print_exc()
        return 2
    try:
        data = sys.stdin.buffer.read()
        if arguments[0] == "text":
            answer = text_of(pdfium, data, int(arguments[1]))
        else:
            answer = picture_of(pdfium, data, int(arguments[1]), int(arguments[2]))
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    except MemoryError:
        return 3
    os._exit(0)  # a parser's clean-up of a broken document is one more thing that can go wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
