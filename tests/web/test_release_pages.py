"""Before and after publishing: pages, lists and the API say the same, and nothing too early."""

from __future__ import annotations

import re

import pytest

from grader.db.release import publish
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.tables import Assignment, Role, Submission

PREFIX = "/api/v1"
COMMENT, REASON = "ראו את ההרצאה", "Right but for one line"
SECRETS = ("Option 2 is not chosen", "not-2", COMMENT, REASON)


@pytest.fixture
def instructor(room, rooms):
    with transaction() as session:
        return rooms.enrolled(session, room.course, "ira@example.edu", "Ira", Role.INSTRUCTOR)


@pytest.fixture
def marked(room, rooms):
    """A submission with one written question decided and one code question adjusted."""
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
        decide(session, submission, "bn-inline-4", Decision({"not-2": ItemDecision(True, COMMENT)}), room.ta)
        decide(session, submission, "adam", Decision({}, 1.5, REASON), room.ta)
        return submission


def decide(session, submission, question, decision, by):
    version = score_sheet(session, submission).question(question).version
    save_review(session, submission=submission, question=question, decision=decision, version=version, by=by)


def released(room):
    with transaction() as session:
        publish(session, session.get_one(Assignment, room.assignment.id), room.ta)


def texts(client, api_client, room, rooms, submission):
    """Everything in which a student meets the submission."""
    paths = ["/", f"/assignments/{rooms.SLUG}", f"/submissions/{submission.id}", f"/submissions/{submission.id}/result"]
    found = {path: client.get(path).text for path in paths[:3]}
    found |= {f"api {path}": api_client.get(f"{PREFIX}{path}").text for path in paths[2:]}
    return found


def test_marks_show_only_once_they_are_published(room, rooms, browse, api, marked):
    client, api_client = browse(room.student), api(room.student)
    for where, text in texts(client, api_client, room, rooms, marked).items():
        assert not [secret for secret in SECRETS if secret in text], where
    before = api_client.get(f"{PREFIX}/submissions/{marked.id}").json()
    assert before["published"] is False and before["awaiting_review"] == 16
    result = api_client.get(f"{PREFIX}/submissions/{marked.id}/result").json()
    assert result["adjustments"] == {} == result["comments"] and "bn-inline-4" in result["hidden"]
    assert all(not question["items"] for question in result["questions"])

    released(room)
    page = client.get(f"/submissions/{marked.id}").text
    assert all(text in page for text in ("Option 2 is not chosen", COMMENT, REASON))
    after = api_client.get(f"{PREFIX}/submissions/{marked.id}").json()
    assert after["score"] == before["score"] + 1 + 1.5 and after["awaiting_review"] == 14
    result = api_client.get(f"{PREFIX}/submissions/{marked.id}/result").json()
    assert result["comments"] == {"bn-inline-4": {"not-2": COMMENT}} and result["adjustments"]["adam"]["points"] == 1.5
    applied = [item["id"] for question in result["questions"] for item in question["items"]]
    assert applied == ["not-2"], "items that do not apply are not shown"


def test_the_same_upload_again_tells_nothing(room, rooms, api, marked):
    """Handing in again answers with the first submission, as its student may see it."""
    client = api(room.student)
    files = {"files": ("cs231n/layers.py", rooms.LAYERS.encode())}
    first = client.post(f"{PREFIX}/assignments/{rooms.SLUG}/submissions", files=files).json()
    with transaction() as session:
        submission = rooms.graded(session, session.get_one(Submission, first["id"]))
        decide(session, submission, "adam", Decision({}, 1.5, REASON), room.ta)
    again = client.post(f"{PREFIX}/assignments/{rooms.SLUG}/submissions", files=files)
    assert again.status_code == 200
    full = api(room.ta).get(f"{PREFIX}/submissions/{first['id']}").json()
    assert again.json()["score"] == full["score"] - 1.5


def test_staff_see_everything_and_can_look_as_the_student(room, rooms, browse, marked):
    client = browse(room.ta)
    assert COMMENT in client.get(f"/submissions/{marked.id}").text
    assert COMMENT not in client.get(f"/submissions/{marked.id}?as_student=1").text


def test_hidden_checks_are_hidden_everywhere(room, rooms, browse, api, marked):
    with transaction() as session:
        assignment = session.get_one(Assignment, room.assignment.id)
        document = dict(assignment.rubric_version.document)
        for question in document["questions"]:
            for check in question["checks"] if question["id"] == "adam" else ():
                check["visibility"] = "after_published"
        assignment.rubric_version.document = document
        from sqlalchemy.orm.attributes import flag_modified

        flag_modified(assignment.rubric_version, "document")
    client, api_client = browse(room.student), api(room.student)
    for where, text in texts(client, api_client, room, rooms, marked).items():
        assert "bias correction" not in text, where
    assert "shown once the marks are published" in client.get(f"/submissions/{marked.id}").text
    shown = api_client.get(f"{PREFIX}/submissions/{marked.id}").json()
    assert shown["attempts"][0]["score"] is None, "the sum of all checks would tell what the hidden ones gave"
    released(room)
    assert "bias correction" in client.get(f"/submissions/{marked.id}").text
    assert api_client.get(f"{PREFIX}/submissions/{marked.id}").json()["attempts"][0]["score"] is not None


def test_only_an_instructor_publishes(room, rooms, browse, csrf, instructor, marked):
    address = f"/assignments/{rooms.SLUG}/release"
    ta = browse(room.ta)
    page = ta.get(address)
    assert page.status_code == 200 and "Not published" in page.text and "Publish the marks" not in page.text
    for action in ("publish", "unpublish", "settings"):
        assert ta.post(f"{address}/{action}", data={"csrf": csrf(ta), "quota": "1"}).status_code == 403
    student = browse(room.student)
    assert student.get(address).status_code == 403

    client = browse(instructor)
    page = client.get(address).text
    assert "9 answers" in page and '<td class="right number">1 of 1</td>' in page
    assert client.post(f"{address}/publish", data={"csrf": csrf(client)}).status_code == 303
    assert COMMENT in student.get(f"/submissions/{marked.id}").text
    assert client.post(f"{address}/publish", data={"csrf": "0" * 64}).status_code == 403
    assert client.post(f"{address}/unpublish", data={"csrf": csrf(client)}).status_code == 303
    assert COMMENT not in student.get(f"/submissions/{marked.id}").text


def test_settings_are_kept_and_bad_ones_refused(room, rooms, browse, csrf, instructor):
    address = f"/assignments/{rooms.SLUG}/release"
    client = browse(instructor)
    form = {"csrf": csrf(client), "quota": "2", "until": "2026-12-24T18:00", "anonymous": "1"}
    assert client.post(f"{address}/settings", data=form).status_code == 303
    page = client.get(address).text
    assert 'value="2026-12-24T18:00"' in page and re.search(r'name="quota"[^>]*value="2"', page)
    for wrong in ({"quota": "-1"}, {"quota": "²"}, {"until": "tomorrow"}, {"quota": "9999"}):
        answer = client.post(f"{address}/settings", data=form | wrong)
        assert answer.status_code == 422 and "Not saved" in answer.text
