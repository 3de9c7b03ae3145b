import io
import json
import zipfile

import pytest

from grader.accept import accept
from grader.blobs import Blobs
from grader.db.submissions import submission_by_id
from grader.errors import BadInput
from grader.inbox import Inbox
from grader.ingest.errors import IngestError
from grader.settings import get_settings


@pytest.fixture
def demo(session, make_demo_course):
    return make_demo_course(session)


@pytest.fixture
def hand_in(session, demo, tmp_path):
    def send(*files, user=None):
        inbox = Inbox(tmp_path / "inbox")
        sent = [(name, io.BytesIO(content)) for name, content in files]
        upload = inbox.receive(sent, assignment="a2", token_sha256="0" * 64, source="page", limit=10**6)
        stored = accept(session, upload, user=user or demo.student, assignment=demo.assignment)
        return stored, submission_by_id(session, stored.submission.id)

    return send


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"cs231n/{name}.py", content)
    return buffer.getvalue()


def contents(submission) -> dict[str, bytes]:
    blobs = Blobs(get_settings().blobs_dir)
    return {file.path.rpartition("/")[2]: blobs.get(file.sha256) for file in submission.files}


def test_zip_is_unpacked_into_blobs(hand_in):
    stored, submission = hand_in(("hw.zip", zipped(layers=b"x = 1", optim=b"y = 2")))
    assert stored.created
    assert submission.source == "page"
    assert contents(submission) == {"layers.py": b"x = 1", "optim.py": b"y = 2"}


def test_same_files_in_another_zip_are_the_same_submission(hand_in):
    first, _ = hand_in(("hw.zip", zipped(layers=b"x = 1", optim=b"y = 2")))
    again, _ = hand_in(("homework (1).zip", zipped(optim=b"y = 2", layers=b"x = 1")))
    assert (again.created, again.attempt.id) == (False, first.attempt.id)


def test_several_files_and_typed_answers(hand_in):
    answers = json.dumps({"essay": "რადგან გრადიენტი არ ქრება"}).encode()
    _, submission = hand_in(("layers.py", b"x = 1"), ("answers.json", answers))
    assert contents(submission)["layers.py"] == b"x = 1"
    assert [(answer.question, answer.text) for answer in submission.answers] == [("essay", "რადგან გრადიენტი არ ქრება")]


@pytest.mark.parametrize("name", ["../../layers.py", "C:\\work\\layers.py", "/etc/layers.py"])
def test_folders_in_a_clients_file_name_lead_nowhere(hand_in, name):
    _, submission = hand_in((name, b"x = 1"))
    assert [file.path for file in submission.files] == ["layers.py"]


@pytest.mark.parametrize("name", ["..", "", "a\0b", "x" * 300])
def test_impossible_names_are_refused(hand_in, name):
    with pytest.raises(BadInput, match="name of a file"):
        hand_in((name, b"x = 1"), ("b.py", b"y"))


def test_two_files_of_one_name_are_refused(hand_in):
    with pytest.raises(BadInput, match=r"two files .* 'layers.py'"):
        hand_in(("a/layers.py", b"x = 1"), ("b/layers.py", b"x = 2"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn"])
def test_what_cannot_be_read_is_refused_and_nothing_is_stored(hand_in, session, content):
    with pytest.raises(IngestError):
        hand_in(("hw.zip", content))
    stored, _ = hand_in(("layers.py", b"x = 1"))
    assert stored.created
