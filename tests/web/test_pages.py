"""Every page is shown, in every state, to those who may see it."""

from __future__ import annotations

import re

from grader.db.session import transaction


def test_a_student_finds_assignment_and_result(room, rooms, browse):
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
    client = browse(room.student)
    assert "CS231n assignment 2" in client.get("/").text
    page = client.get(f"/assignments/{rooms.SLUG}")
    assert page.status_code == 200 and 'name="answer:fc-inline-1"' in page.text
    page = client.get(f"/submissions/{submission.id}")
    assert page.status_code == 200
    assert "It looks as if the bias correction is missing." in page.text and "Not shown yet" in page.text
    assert "outcome=ok" not in page.text, "what is for staff is shown to a student"
    assert "Beyond the assignment: informational" in page.text


def test_a_queued_submission_shows_progress_without_a_script(room, rooms, browse):
    with transaction() as session:
        submission = rooms.handed_in(session, room.student, room.assignment)
    page = browse(room.student).get(f"/submissions/{submission.id}").text
    assert "<progress" in page and "Look again" in page


def test_staff_see_list_and_everything(room, rooms, browse):
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
        rooms.fill(session, room)
    client = browse(room.ta)
    page = client.get(f"/assignments/{rooms.SLUG}/submissions")
    assert page.status_code == 200 and "נועה לוי" in page.text and "Ada Okafor" in page.text
    page = client.get(f"/submissions/{submission.id}/review")
    assert page.status_code == 200 and "outcome=ok" in page.text and 'name="item" value="relu-missing"' in page.text
    file = client.get(f"/submissions/{submission.id}/files/cs231n/layers.py")
    assert file.status_code == 200 and 'href="#L5"' in file.text


def test_no_page_carries_script_or_style_inline(room, rooms, browse):
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
    client = browse(room.ta)
    paths = ["/", "/tokens", f"/assignments/{rooms.SLUG}", f"/assignments/{rooms.SLUG}/submissions"]
    paths += [f"/submissions/{submission.id}{end}" for end in ("", "/review", "/files/cs231n/layers.py")]
    for path in paths:
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text), path


def test_while_the_database_is_away_an_upload_is_kept_and_the_page_says_so(room, rooms, browse, csrf, monkeypatch):
    import psycopg
    from sqlalchemy.exc import OperationalError

    from grader.web import deps, handin

    client = browse(room.student)
    token = csrf(client)

    def away():
        raise OperationalError("", {}, psycopg.OperationalError("connection refused"))

    monkeypatch.setattr(handin, "transaction", away)
    monkeypatch.setattr(deps, "open_session", away)
    files = {"csrf": (None, token), "files": ("layers.py", b"x = 1\n")}
    answer = client.post(f"/assignments/{rooms.SLUG}/hand-in", files=files)
    assert answer.status_code == 202 and "Your upload is safe" in answer.text
    receipt = re.search(r"/receipts/[0-9a-f-]{36}", answer.text)[0]
    away_page = client.get(receipt)
    assert away_page.status_code == 503 and away_page.headers["retry-after"] == "30"
    monkeypatch.undo()
    assert client.get(receipt).status_code == 202
