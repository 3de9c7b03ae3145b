"""PDFs of every sort, honest and hostile, through the real parser in its real confinement."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from contextlib import suppress
from random import Random

import pytest

from grader.ingest import pdf
from grader.ingest.errors import Corrupt, Encrypted, IngestError, TooLarge, Unsupported
from grader.ingest.pages import flow
from grader.ingest.pdf import read_pdf, render_page

GEORGIAN = "ბეჩ ნორმალიზაციის საშუალებით მოდელი ნაკლებად სენსიტიურია hyperparameters-ების მიმართ."
UKRAINIAN = "Так, ми можемо тренувати модель без нормалізації, є ймовірність зіткнутися із затуханням градієнтів."


def words(text: str) -> str:
    return " ".join(text.split())


def test_text_of_every_page(make_pdf) -> None:
    document = read_pdf(make_pdf(["Inline Question 1", "First answer."], ["Second page."]))
    assert [(page.number, words(page.text)) for page in document.pages] == [
        (1, "Inline Question 1 First answer."),
        (2, "Second page."),
    ]
    assert document.without_text == ()


@pytest.mark.parametrize("text", [GEORGIAN, UKRAINIAN, "∂f/∂γ = Σ x̂ᵢ · ∂f/∂yᵢ"])
def test_alphabets(make_pdf, text: str) -> None:
    assert words(read_pdf(make_pdf([text])).pages[0].text) == text


def test_paragraphs_stand_apart_and_lines_do_not(make_pdf) -> None:
    text = read_pdf(make_pdf(["one " * 60, "two " * 60])).pages[0].text
    first, second = text.strip().split("\n\n")
    assert set(first.split()) == {"one"} and set(second.split()) == {"two"}
    assert first.count("\n") >= 2


def test_a_page_without_text(make_pdf) -> None:
    assert read_pdf(make_pdf(["typed"], [])).without_text == (2,)


def test_a_page_as_a_picture(make_pdf) -> None:
    picture = render_page(make_pdf(["one"], ["two"]), 2, 200)
    assert picture.startswith(b"\x89PNG") and int.from_bytes(picture[16:20]) == 200


def test_a_page_that_is_not_there(make_pdf) -> None:
    with pytest.raises(Corrupt, match=r"“a\.pdf”"):
        render_page(make_pdf(["one"]), 3, 200, "a.pdf")


def test_a_password(make_pdf) -> None:
    with pytest.raises(Encrypted, match=r"“hw\.pdf” needs a password"):
        read_pdf(make_pdf(["secret"], password="1234"), "hw.pdf")


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"%PDF-1.4", b"%PDF-1.7\n" + b"\0" * 5000, b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>"],
)
def test_not_a_pdf_or_a_broken_one(data: bytes) -> None:
    with pytest.raises(Corrupt, match=r"“hw\.pdf”"):
        read_pdf(data, "hw.pdf")


def test_every_truncation_is_read_or_refused(make_pdf) -> None:
    data = make_pdf(["Inline Question 1", "An answer."])
    for end in range(1000, len(data), len(data) // 6):
        try:
            read_pdf(data[:end])
        except Corrupt:
            continue


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_are_read_or_refused(make_pdf, seed: int) -> None:
    data, random = bytearray(make_pdf(["Inline Question 1", "An answer."])), Random(seed)
    for _ in range(10 ** (seed % 4)):
        data[random.randrange(len(data))] = random.randrange(256)
    with suppress(IngestError):
        assert len(flow(read_pdf(bytes(data))).text) < 10_000


def blank_pages(count: int) -> bytes:
    kids = " ".join(["3 0 R"] * count)
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {count}/Kids[{kids}]>>",
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>"]  # fmt: skip
    return written(objects)


def written(objects: list[str | bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + (content.encode() if isinstance(content, str) else content) + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out) + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)


def test_too_many_pages() -> None:
    with pytest.raises(TooLarge, match="301 pages; at most 300"):
        read_pdf(blank_pages(301))


def test_too_many_bytes(monkeypatch) -> None:
    monkeypatch.setattr(pdf, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge, match="larger than"):
        read_pdf(blank_pages(3) + b" " * 1000)


def test_a_stream_that_unpacks_to_gigabytes() -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 24)) for _ in range(96)) + packer.flush()  # 1.5 GiB
    stream = b"<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream"
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R>>"
    data = written(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", page, stream])
    with suppress(TooLarge, Corrupt):  # a refusal is an answer, and so is what the parser's own limit leaves
        assert read_pdf(data).without_text == (1,)


def test_a_huge_page_makes_no_huge_picture() -> None:
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 1 100000]>>"
    data = written(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", page])
    picture = render_page(data, 1, 200)
    assert int.from_bytes(picture[20:24]) <= 800


def test_a_parser_that_hangs(make_pdf, monkeypatch, tmp_path) -> None:
    child = tmp_path / "child.py"
    child.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(pdf, "_CHILD", child)
    monkeypatch.setattr(pdf, "_SECONDS", 1)
    with pytest.raises(TooLarge, match="takes too long"):
        read_pdf(make_pdf(["x"]))


def test_a_parser_that_cannot_be_confined_reads_nothing(make_pdf, monkeypatch, tmp_path) -> None:
    child = tmp_path / "child.py"
    child.write_text("import sys\nprint('OSError: no filter', file=sys.stderr)\nsys.exit(2)\n")
    monkeypatch.setattr(pdf, "_CHILD", child)
    with pytest.raises(Unsupported, match=r"cannot confine .*no filter"):
        read_pdf(make_pdf(["x"]))


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"pages": 3}', b'{"pages": [1]}', b"[" * 100_000, b"\xff"])
def test_what_a_taken_over_parser_says_is_a_claim(make_pdf, monkeypatch, tmp_path, answer: bytes) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"import sys\nsys.stdout.buffer.write({answer!r})\n")
    monkeypatch.setattr(pdf, "_CHILD", child)
    with pytest.raises(Corrupt):
        read_pdf(make_pdf(["x"]))
    with pytest.raises(Corrupt):
        render_page(make_pdf(["x"]), 1, 100)


PROBE = """
import json, os, sys
sys.path.insert(0, {folder!r})
import pdf_child, socket
pdf_child.confine()
def tried(action):
    try:
        action()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
found = {{
    "open": tried(lambda: open("/etc/passwd")),
    "write": tried(lambda: open("/tmp/from-a-pdf", "w")),
    "list": tried(lambda: os.listdir("/")),
    "socket": tried(lambda: socket.socket()),
    "fork": tried(os.fork),
    "exec": tried(lambda: os.execv("/bin/true", ["true"])),
    "kill": tried(lambda: os.kill(os.getppid(), 0)),
    "memory": tried(lambda: bytearray(2 << 30)),
    "environment": len(os.environ),
}}
print(json.dumps(found))
"""


def test_the_parser_has_no_rights() -> None:
    probe = PROBE.format(folder=str(pdf._CHILD.parent))
    done = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, env={}, check=True)
    found = json.loads(done.stdout)
    assert found.pop("environment") <= 1  # LC_CTYPE, which Python sets itself
    assert "done" not in found.values(), found
