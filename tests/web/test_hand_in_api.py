"""Handing in over REST: every way in, and every way it is refused."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from grader.db.session import transaction
from grader.db.tables import Submission

URL = "/api/v1/assignments/cs231n-a2/submissions"
CODE = b"def affine_forward(x, w, b):\n    pass\n"


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/") + ".py", content)
    return packed.getvalue()


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["title"] and body["detail"] and body["instance"]
    return body


def test_a_zip_is_stored_and_its_attempt_queued(room, api):
    answer = api(room.student).post(URL, files={"files": ("work.zip", zipped(cs231n__layers=CODE))})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/api/v1/submissions/{body['id']}"
    assert body["state"] == "queued" and body["files"] == [{"path": "cs231n/layers.py", "size": len(CODE)}]
    assert body["source"] == "api" and body["score"] is None


def test_the_second_identical_upload_is_answered_with_the_first(room, api):
    client = api(room.student)
    first = client.post(URL, files={"files": ("work.zip", zipped(cs231n__layers=CODE))})
    again = client.post(URL, files={"files": ("renamed.zip", zipped(cs231n__layers=CODE))})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"] and len(again.json()["attempts"]) == 1
    other = api(room.other).post(URL, files={"files": ("work.zip", zipped(cs231n__layers=CODE))})
    assert other.status_code == 201 and other.json()["id"] != first.json()["id"]


def test_loose_files_keep_their_relative_names(room, api):
    parts = [("files", (name, CODE + name.encode())) for name in ("cs231n/layers.py", "cs231n/classifiers/cnn.py")]
    parts.append(("files", ("cs231n/__init__.py", b"")))
    parts.append(("files", ("cs231n/classifiers/__init__.py", b"")))
    answer = api(room.student).post(URL, files=parts)
    assert answer.status_code == 201, answer.text
    paths = {file["path"] for file in answer.json()["files"]}
    assert {"cs231n/layers.py", "cs231n/classifiers/cnn.py", "cs231n/classifiers/__init__.py"} <= paths


def test_answers_alone_are_a_submission(room, api):
    answers = {"fc-inline-1": "סיגמואיד רוויה", "bn-inline-4": "2"}
    answer = api(room.student).post(URL, data={"answers": json.dumps(answers)}, files={})
    assert answer.status_code == 422, "this is a form without multipart"
    answer = api(room.student).post(URL, files={"answers": (None, json.dumps(answers))})
    assert answer.status_code == 201, answer.text
    assert {found["question"] for found in answer.json()["answers"]} == set(answers)
    with transaction() as session:
        stored = session.get_one(Submission, answer.json()["id"])
        assert {given.question: given.text for given in stored.answers} == answers


@pytest.mark.parametrize("given", ["{", "[1]", '{"a": 1}', '"x"'])
def test_answers_that_are_no_object_of_strings(room, api, given):
    assert "answers" in problem(api(room.student).post(URL, files={"answers": (None, given)}), 422)["detail"]


def test_nothing_at_all(room, api):
    assert "nothing" in problem(api(room.student).post(URL, files={"answers": (None, "{}")}), 422)["detail"].lower()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("work.zip", b"PK\x03\x04 this is not a zip", "corrupt"),
        ("work.rar", b"Rar!\x1a\x07\x00", "unsupported"),
        ("empty.py", b"", "empty"),
        ("work.ipynb", b"{", "not-a-notebook"),
        ("work.zip", zipped(**{"..__..__evil": CODE}), "unsafe-path"),
    ],
)
def test_uploads_that_cannot_be_read(room, api, name, content, code):
    client = api(room.student)
    body = problem(client.post(URL, files={"files": (name, content)}), 422)
    assert body["code"] == code
    assert client.get(URL.rpartition("/")[0]).status_code == 200
    with transaction() as session:
        assert session.query(Submission).count() == 0


def test_a_password_protected_zip_says_so(room, api):
    content = bytearray(zipped(cs231n__layers=CODE))
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + offset] |= 1
    assert problem(api(room.student).post(URL, files={"files": ("a.zip", bytes(content))}), 422)["code"] == "encrypted"


def test_too_large_by_its_declared_length(room, api):
    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": str(2 * 2**30)}
    body = problem(api(room.student).post(URL, headers=headers, content=b""), 413)
    assert "64 MiB" in body["detail"]


def test_too_large_while_it_streams(room, api):
    """No length is declared; the stream is stopped soon after the limit, not read to its end."""
    sent = 0

    def stream():
        nonlocal sent
        yield b'--x\r\ncontent-disposition: form-data; name="files"; filename="big.zip"\r\n\r\n'
        while sent < 2 * 2**30:
            sent += 2**20
            yield b"\0" * 2**20

    headers = {"content-type": "multipart/form-data; boundary=x"}
    problem(api(room.student).post(URL, headers=headers, content=stream()), 413)


def test_too_many_files(room, api, settings_from):
    parts = [("files", (f"f{n}.py", b"x")) for n in range(2100)]
    assert "2,000 files" in problem(api(room.student).post(URL, files=parts), 422)["detail"]


def test_who_may_not_hand_in(room, api, anonymous):
    files = {"files": ("layers.py", CODE)}
    body = problem(anonymous.post(URL, files=files), 401)
    assert "token" in body["detail"]
    assert anonymous.post(URL, files=files).headers["www-authenticate"].startswith("Bearer")
    anonymous.headers["authorization"] = "Bearer grd_wrong"
    problem(anonymous.post(URL, files=files), 401)
    problem(api(room.student).post("/api/v1/assignments/other/submissions", files=files), 404)


def test_a_form_that_is_torn(room, api):
    headers = {"content-type": "multipart/form-data; boundary=x"}
    problem(api(room.student).post(URL, headers=headers, content=b"--x\r\nnonsense"), 422)


def test_while_the_database_is_away_the_upload_is_kept(room, api, settings_from, monkeypatch):
    """The client shows its token, the upload goes to the inbox, and the answer says where to ask."""
    import psycopg
    from sqlalchemy.exc import OperationalError

    from grader.inbox import Inbox
    from grader.settings import get_settings
    from grader.web import handin

    def away():
        raise OperationalError("", {}, psycopg.OperationalError("connection refused"))

    client = api(room.student)
    monkeypatch.setattr(handin, "transaction", away)
    answer = client.post(URL, files={"files": ("work.zip", zipped(cs231n__layers=CODE))})
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "kept"
    monkeypatch.undo()
    kept = Inbox(get_settings().inbox_dir).kept()
    assert [upload.slip.assignment for upload in kept] == ["cs231n-a2"]
    assert client.get(answer.headers["location"]).json()["state"] == "kept"
