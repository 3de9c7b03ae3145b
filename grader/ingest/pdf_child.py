"""The process that looks into a student's PDF: started by grader/ingest/pdf.py, alone with one document.

It loads the parser, gives up every right that it has, and only then reads the document from its standard input. What it
answers on its standard output is a claim of a process that a document may have taken over; pdf.py checks it.
Exit status 0: answered; 2: it could not give up its rights, nothing was read; 3: out of memory.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import resource
import sys
import traceback

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
_MAX_TEXT = 200_000  # characters of one page


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
    """JSON: {"pages": [text, …]}, or {"error": kind}. Lines end with one line feed, paragraphs with two."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        return json.dumps(
            {"error": "encrypted" if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD else "broken"}
        ).encode()
    if len(document) > most:
        return json.dumps({"error": "pages", "count": len(document)}).encode()
    pages = []
    for index in range(len(document)):
        try:
            page = document[index]
            pages.append(_page_text(page.get_textpage()))
            page.close()
        except pdfium.PdfiumError:
            pages.append("")
    return json.dumps({"pages": pages}).encode()


def _page_text(page) -> str:
    """The page's text with a blank line where the lines stand apart."""
    text = page.get_text_range(0, min(page.count_chars(), _MAX_TEXT), errors="replace")
    out: list[str] = []
    below: tuple[float, float] | None = None  # bottom and height of the line above
    start = 0
    for line in text.split("\n"):
        here = _box(page, start, line)
        if here and below and out and out[-1]:
            bottom, top = here
            gap, height = below[0] - top, max(below[1], top - bottom)
            if gap > _GAP * height or -gap > 3 * height:  # further down, or back up: another column
                out.append("")
        out.append(line.rstrip("\r"))
        below = (here[0], here[1] - here[0]) if here else below
        start += len(line) + 1
    return "\n".join(out)


def _box(page, start: int, line: str) -> tuple[float, float] | None:
    """(bottom, top) of a line in points, by its first and last characters; None for an empty one."""
    written = [i for i, c in enumerate(line) if not c.isspace()]
    if not written:
        return None
    try:
        boxes = [page.get_charbox(start + i, loose=True) for i in (written[0], written[len(written) // 2], written[-1])]
    except Exception:
        return None
    return min(box[1] for box in boxes), max(box[3] for box in boxes)


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
