import io
import os
import time

import pytest

from grader.errors import BadInput, TooLarge
from grader.inbox import Inbox


@pytest.fixture
def inbox(tmp_path) -> Inbox:
    return Inbox(tmp_path / "inbox")


def receive(inbox, *files, limit=100):
    sent = [(name, io.BytesIO(content)) for name, content in files]
    return inbox.receive(sent, assignment="a2", token_sha256="0" * 64, source="api", limit=limit)


def everything(inbox) -> list[str]:
    return [str(path.relative_to(inbox.folder)) for path in inbox.folder.rglob("*") if path.is_file()]


def test_kept_uploads_read_back_as_they_came_in_order(inbox):
    sent = [receive(inbox, ("../../évil.py", b"1"), ("שלום.ipynb", b"22")), receive(inbox, ("b.zip", b"3"))]
    for upload in sent:
        inbox.keep(upload)
    kept = Inbox(inbox.folder).kept()  # another process, after a restart
    assert [upload.slip for upload in kept] == [upload.slip for upload in sent]
    assert [kept[0].content(0).read_bytes(), kept[0].content(1).read_bytes()] == [b"1", b"22"]


def test_upload_of_a_request_in_progress_is_not_taken_from_it(inbox):
    receive(inbox, ("a.py", b"1"))
    assert inbox.kept() == []


@pytest.mark.parametrize("files", [[("a.py", b"x" * 101)], [("a.py", b"x" * 60), ("b.py", b"x" * 41)]])
def test_too_large_leaves_nothing(inbox, files):
    with pytest.raises(TooLarge, match="100"):
        receive(inbox, *files)
    assert everything(inbox) == []


def test_upload_without_files_is_refused(inbox):
    with pytest.raises(BadInput):
        receive(inbox)
    assert everything(inbox) == []


def test_discarded_is_gone_and_rejected_is_put_aside(inbox):
    inbox.discard(receive(inbox, ("a.py", b"1")))
    assert everything(inbox) == []
    upload = receive(inbox, ("a.py", b"1"))
    receipt = inbox.keep(upload)
    (kept,) = inbox.kept()
    inbox.reject(kept)
    assert inbox.kept() == []
    assert not inbox.is_kept(receipt)
    assert f"rejected/{receipt}/0" in everything(inbox)


def test_leftovers_of_dead_requests_are_removed_after_a_day(inbox):
    old, new = receive(inbox, ("a.py", b"1")), receive(inbox, ("b.py", b"2"))
    long_ago = time.time() - 25 * 3600
    os.utime(old.folder, (long_ago, long_ago))
    inbox.forget_unfinished()
    assert not old.folder.exists()
    assert new.folder.exists()
