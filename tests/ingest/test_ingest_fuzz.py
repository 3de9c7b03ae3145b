"""Whatever bytes come in, reading ends in a submission or in an IngestError, and never reaches outside."""

from __future__ import annotations

import contextlib
import io
import tarfile
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.submission import AnswerSlot, Layout, Submission
from grader.ingest.errors import IngestError
from grader.ingest.intake import Limits
from grader.ingest.paths import safe_path
from grader.ingest.submission import from_uploads
from worker.trusted.tree import assemble_submission

LIMITS = Limits(upload=1 << 20, total=1 << 20, file=1 << 19, count=50, stream=4 << 20)
SLOTS = (
    AnswerSlot(
        question="bn-inline-3",
        notebook="BatchNormalization.ipynb",
        heading="Inline Question 3",
        prompt="layer normalization",
    ),
    AnswerSlot(
        question="dropout-inline-1", notebook="Dropout.ipynb", heading="Inline Question 1", prompt="divide by p"
    ),
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def a_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assignment2/cs231n/layers.py", "def affine_forward(x, w, b):\n    pass\n" * 20)
        archive.writestr(zipfile.ZipInfo("c/stored.md"), "## Inline Question 3\n3 and 2")
        archive.writestr("домашка/Dropout.ipynb", a_notebook())
    return stream.getvalue()


def a_tar(mode: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name in ("a/cs231n/layers.py", "n" * 120 + ".md", "answers.json"):
            info = tarfile.TarInfo(name)
            info.size = 700
            archive.addfile(info, io.BytesIO(b"{}" * 350))
    return stream.getvalue()


def a_notebook() -> bytes:
    return (
        b'{"cells": [{"cell_type": "markdown", "source": ["## Inline Question 1:\\n", "Why divide by p?\\n", "## Answer:\\n",'
        b' "[FILL THIS IN: because $x$"]}, {"cell_type": "code", "source": "%%writefile cs231n/optim.py\\nx = 1"}],'
        b' "nbformat": 4, "nbformat_minor": 5}'
    )


SEEDS = {
    "hw.zip": a_zip(),
    "hw.tar": a_tar("w"),
    "hw.tgz": a_tar("w:gz"),
    "Dropout.ipynb": a_notebook(),
    "answers.json": b'{"bn-inline-3": "2", "dropout-inline-1": ["x"]}',
    "answers.md": b"## Inline Question 3: layer normalization\n**Answer:** 2\n\n```\n# Question 1\n```\n",
}


@st.composite
def mutated(draw) -> tuple[str, bytes]:
    """A valid upload with bytes overwritten, cut out, repeated or inserted."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    data = bytearray(SEEDS[name])
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.sampled_from(["set", "cut", "copy", "insert", "word"]))
        if kind == "set" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 64))]
        elif kind == "copy":
            data[at:at] = data[at : at + draw(st.integers(1, 200))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=16))
        else:
            data[at : at + 4] = draw(
                st.sampled_from([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"../.", b"\xff\xff\xff\x7f"])
            )
    return name, bytes(data)


def check(submission: Submission) -> None:
    for path in submission.files:
        assert safe_path(path) == path
        path.encode()
    for text in [*submission.remarks, *(answer.text + answer.source for answer in submission.answers.values())]:
        assert "\0" not in text
        text.encode()


def read(name: str, data: bytes) -> Submission | None:
    try:
        return from_uploads([(name, io.BytesIO(data))], Layout(), SLOTS, LIMITS)
    except IngestError as error:
        str(error).encode()
        assert str(error)
        return None


@FUZZ
@given(mutated())
def test_mutated_uploads(upload: tuple[str, bytes]) -> None:
    if submission := read(*upload):
        check(submission)


@FUZZ
@given(
    st.binary(max_size=600),
    st.sampled_from(["hw.zip", "hw.tar.gz", "A.ipynb", "layers.py", "answers.json", "answers.md"]),
)
def test_random_bytes(data: bytes, name: str) -> None:
    if submission := read(name, data):
        check(submission)


@FUZZ
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6), st.booleans())
def test_any_names_in_archives(names: list[str], tarred: bool) -> None:
    stream = io.BytesIO()
    if tarred:
        with tarfile.open(fileobj=stream, mode="w", errors="surrogatepass") as archive:
            for name in names:
                archive.addfile(tarfile.TarInfo(name))
    else:
        with zipfile.ZipFile(stream, "w") as archive:
            for name in dict.fromkeys(names):
                archive.writestr(zipfile.ZipInfo(name.encode("utf-8", "replace").decode() or "x"), b"x")
    if submission := read("hw.zip", stream.getvalue()):
        check(submission)


@FUZZ
@given(
    st.dictionaries(
        st.lists(st.sampled_from(["..", ".", "a", "b", "", "/", "\\", "C:", "c\0", "~"]), min_size=1, max_size=5).map(
            "/".join
        ),
        st.just(b"x"),
        max_size=4,
    )
)
def test_writing_stays_inside(tmp_path_factory, files: dict[str, bytes]) -> None:
    outer: Path = tmp_path_factory.mktemp("outer")
    (outer / "in").mkdir()
    with contextlib.suppress(IngestError, OSError):
        assemble_submission(files, None, outer / "in")
    assert {path.name for path in outer.iterdir()} <= {"in"}


@FUZZ
@given(
    st.text(max_size=300),
    st.sampled_from(["", "## Answer:", "**Answer:**", "[FILL THIS IN]", "$\\color{blue}{Your Answer:}$"]),
)
def test_any_text_as_an_answer(text: str, before: str) -> None:
    markdown = f"## Inline Question 3\nlayer normalization?\n\n{before} {text}"
    if submission := read("answers.md", markdown.encode("utf-8", "surrogatepass")):
        check(submission)
