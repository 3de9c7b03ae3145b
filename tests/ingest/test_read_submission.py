"""Folders, archives, notebooks and single files become submissions; uploads become content that is recognised."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from grader.core.submission import Layout
from grader.ingest import errors
from grader.ingest.accept import accept, content_digest
from grader.ingest.intake import Limits
from grader.ingest.submission import from_uploads, read_submission
from worker.trusted.tree import assemble_submission


@pytest.fixture
def homework(notebook) -> dict[str, bytes]:
    cell = (
        "markdown",
        "**Inline Question 1**\nWhat if inverse dropout does not divide values by p?\n\n**Answer:** it shrinks",
    )
    return {"a2/cs231n/layers.py": b"x = 1\n", "a2/Dropout.ipynb": notebook(cell), "a2/collectSubmission.sh": b"zip"}


def test_folder_and_zip_read_the_same(homework, slots, tmp_path: Path, zip_of) -> None:
    (tmp_path / "hw").mkdir()
    assemble_submission(homework, None, tmp_path / "hw")
    (tmp_path / "hw.zip").write_bytes(zip_of(homework).getvalue())
    folder = read_submission(tmp_path / "hw", Layout(), slots)
    assert folder == read_submission(tmp_path / "hw.zip", Layout(), slots)
    assert dict(folder.files) == homework
    assert folder.answers["dropout-inline-1"].text == "it shrinks"
    assert folder.answers["dropout-inline-1"].source == "a2/Dropout.ipynb, cell 1"


@pytest.mark.parametrize("name", ["layers.py", "answers.md", "answers.json"])
def test_single_file(name: str, tmp_path: Path, slots) -> None:
    content = {"layers.py": b"x", "answers.md": b"## bn-inline-4\n(2)", "answers.json": b'{"bn-inline-4": "(2)"}'}[name]
    (tmp_path / name).write_bytes(content)
    submission = read_submission(tmp_path / name, Layout(), slots)
    assert dict(submission.files) == {name: content}
    assert ("bn-inline-4" in submission.answers) == (name != "layers.py")


def test_notebook_alone(homework, tmp_path: Path, slots) -> None:
    (tmp_path / "D.ipynb").write_bytes(homework["a2/Dropout.ipynb"])
    assert read_submission(tmp_path / "D.ipynb", Layout(), slots).answers["dropout-inline-1"].text == "it shrinks"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"cells": [\n  {"cell_type" "markdown"}]}', "is not JSON: line 2, column 16"),
        (b'{"cells": []} trailing', "is not JSON: line 1, column 15"),
        (b"<html>", "is not JSON: line 1, column 1"),
        (b"\x89PNG\r\n\x1a\n\x00", "is not JSON"),
        (b'{"a": 1}', "no notebook"),
        (b"[1, 2]", "no notebook"),
        (b"   ", "is empty"),
        (b"[" * 100_000, "no notebook program"),
        (b'{"cells": [' + b"1" * 5000 + b"]}", "no notebook program"),
    ],
)
def test_notebook_that_is_none(content: bytes, words: str, tmp_path: Path, slots) -> None:
    (tmp_path / "A.ipynb").write_bytes(content)
    with pytest.raises(errors.NotANotebook) as caught:
        read_submission(tmp_path / "A.ipynb", Layout(), slots)
    assert "A.ipynb" in str(caught.value) and words in str(caught.value)


def test_notebook_with_too_many_values_is_not_parsed(tmp_path: Path) -> None:
    (tmp_path / "A.ipynb").write_bytes(b'{"cells": [' + b"[]," * 1_500_000 + b"[]]}")
    with pytest.raises(errors.TooLarge, match="outputs"):
        read_submission(tmp_path / "A.ipynb")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_notebook_with_a_byte_order_mark(encoding: str, homework, tmp_path: Path, slots) -> None:
    (tmp_path / "D.ipynb").write_bytes(homework["a2/Dropout.ipynb"].decode().encode(encoding))
    assert "dropout-inline-1" in read_submission(tmp_path / "D.ipynb", Layout(), slots).answers


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_bytes(b"")
    with pytest.raises(errors.Empty, match="0 bytes"):
        read_submission(tmp_path / "layers.py")


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(errors.Empty):
        read_submission(tmp_path)


def test_folder_of_empty_files(tmp_path: Path) -> None:
    (tmp_path / "layers.py").touch()
    with pytest.raises(errors.Empty, match="empty files only"):
        read_submission(tmp_path)


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(errors.IngestError, match="cannot be opened"):
        read_submission(tmp_path / "nothing.zip")


def test_folder_never_follows_links(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret")
    home = tmp_path / "hw"
    home.mkdir()
    (home / "layers.py").write_text("x")
    (home / "link.py").symlink_to(tmp_path / "secret.py")
    (home / "up").symlink_to(tmp_path)
    os.mkfifo(home / "pipe")
    submission = read_submission(home)
    assert set(submission.files) == {"layers.py"}
    assert "3 files (links and devices)" in submission.remarks[0]


def test_folder_with_the_code_in_a_zip(homework, tmp_path: Path, zip_of, slots) -> None:
    (tmp_path / "code.zip").write_bytes(zip_of({"cs231n/layers.py": b"x"}).getvalue())
    (tmp_path / "Dropout.ipynb").write_bytes(homework["a2/Dropout.ipynb"])
    submission = read_submission(tmp_path, Layout(), slots)
    assert set(submission.files) == {"code.zip/cs231n/layers.py", "Dropout.ipynb"}


def test_nothing_of_the_assignment_is_said(tmp_path: Path, slots) -> None:
    (tmp_path / "a.txt").write_text("hello")
    assert any("No code of cs231n" in remark for remark in read_submission(tmp_path, Layout(), slots).remarks)


# Uploads


def test_several_uploads(homework, zip_of, slots) -> None:
    uploads = [
        ("code.zip", zip_of({"cs231n/layers.py": b"x"})),
        ("Dropout.ipynb", io.BytesIO(homework["a2/Dropout.ipynb"])),
    ]
    submission = from_uploads(uploads, Layout(), slots)
    assert set(submission.files) == {"code.zip/cs231n/layers.py", "Dropout.ipynb"}
    assert submission.answers["dropout-inline-1"].source == "Dropout.ipynb, cell 1"


@pytest.mark.parametrize("name", ["C:\\Users\\me\\layers.py", "/home/me/layers.py", "../../layers.py", "layers.py"])
def test_client_paths_are_cut_to_the_name(name: str) -> None:
    assert set(accept([(name, io.BytesIO(b"x"))]).files) == {"layers.py"}


@pytest.mark.parametrize("name", ["", "..", "a/", "a\0.py", "/"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises((errors.Unsupported, errors.UnsafePath)):
        accept([(name, io.BytesIO(b"x"))])


def test_two_uploads_of_one_name() -> None:
    with pytest.raises(errors.Ambiguous, match="zip"):
        accept([("a/layers.py", io.BytesIO(b"1")), ("b/layers.py", io.BytesIO(b"2"))])


def test_no_upload() -> None:
    with pytest.raises(errors.Empty):
        accept([])


def test_stream_that_cannot_go_back(zip_of) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    assert set(accept([("hw.zip", Pipe(zip_of({"a.py": b"1"}).getvalue()))]).files) == {"a.py"}
    with pytest.raises(errors.TooLarge):
        accept([("hw.py", Pipe(b"x" * 5000))], Limits(upload=1000))


def test_the_same_files_have_the_same_digest(zip_of) -> None:
    files = {"b.py": b"2", "a.py": b"1"}
    first = accept([("one.zip", zip_of(files))])
    second = accept([("other.zip", zip_of(dict(reversed(files.items())), zipfile.ZIP_STORED))])
    assert first.digest == second.digest == content_digest(first.sha256)
    assert first.digest != accept([("one.zip", zip_of({"b.py": b"1", "a.py": b"2"}))]).digest


def test_digest_does_not_confuse_paths() -> None:
    assert content_digest({"a": "0", "b": "1"}) != content_digest({"a\0000\nb": "1"})


# Writing


@pytest.mark.parametrize("path", ["../a.py", "/a.py", "a/../b.py", "./a.py", "a//b.py"])
def test_unsafe_paths_are_not_written(path: str, tmp_path: Path) -> None:
    with pytest.raises(errors.UnsafePath):
        assemble_submission({path: b"x"}, None, tmp_path)
