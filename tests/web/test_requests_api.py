"""Second looks over REST and on the pages: student and staff, and nobody else."""

from __future__ import annotations

import pytest

from grader.db.release import publish, unpublish
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment

PREFIX = "/api/v1"


def decide(session, submission, item, by):
    version = score_sheet(session, submission).question("bn-inline-4").version
    decision = Decision({item: ItemDecision(True)} if item else {})
    save_review(session, submission=submission, question="bn-inline-4", decision=decision, version=version, by=by)


@pytest.fixture
def submission(room, rooms):
    """Published, with one written question decided."""
    with transaction() as session:
        made = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
        decide(session, made, "not-2", room.ta)
        publish(session, session.get_one(Assignment, room.assignment.id), room.ta)
        return made


def ask(client, submission, question="bn-inline-4", text="Option 2 is in my **last** line"):
    body = {"question": question, "text": text}
    return client.post(f"{PREFIX}/submissions/{submission.id}/requests", json=body)


def test_asking_answering_and_the_changed_score(room, rooms, api, submission):
    student, ta = api(room.student), api(room.ta)
    made = ask(student, submission)
    assert made.status_code == 201 and made.json()["state"] == "open"
    request = made.headers["location"]
    assert student.get(request).json() == made.json()
    [waiting] = ta.get(f"{PREFIX}/assignments/{rooms.SLUG}/requests", params={"state": "open"}).json()
    assert waiting["question"] == "bn-inline-4"

    with transaction() as session:
        decide(session, submission_by_id(session, submission.id), None, room.ta)
    answered = ta.post(f"{request}/answer", json={"state": "granted", "text": "You are right"})
    assert answered.status_code == 200 and answered.json()["state"] == "granted"
    listed = student.get(f"{PREFIX}/submissions/{submission.id}/requests").json()
    assert listed["allowance"]["left"] == 2
    assert [message["by"] for message in listed["items"][0]["messages"]] == ["student", "staff"]
    result = student.get(f"{PREFIX}/submissions/{submission.id}/result").json()
    assert next(it["score"] for it in result["questions"] if it["id"] == "bn-inline-4") == 2


def test_errors_are_told_apart(room, rooms, api, submission):
    student = api(room.student)
    assert ask(student, submission, "bn-inline-1").status_code == 422, "not decided yet"
    assert ask(student, submission, "nothing").status_code == 404
    assert ask(student, submission, text="").status_code == 422
    assert ask(api(room.other), submission).status_code == 404
    assert ask(api(room.ta), submission).status_code == 403, "staff do not ask for students"
    assert ask(student, submission, "adam").status_code == 201, "code questions can be asked about too"
    again = ask(student, submission, "adam")
    assert again.status_code == 409
    with transaction() as session:
        session.get_one(Assignment, room.assignment.id).regrade_quota = 1
    refused = ask(student, submission)
    assert refused.status_code == 422 and "used all 1" in refused.json()["detail"]


def test_a_closed_request_answers_with_what_is_stored(room, api, submission):
    student, ta = api(room.student), api(room.ta)
    request = ask(student, submission).headers["location"]
    assert student.post(f"{request}/answer", json={"state": "granted", "text": "Me"}).status_code == 403
    assert api(room.other).get(request).status_code == 404
    ta.post(f"{request}/answer", json={"state": "declined", "text": "No"})
    late = student.post(f"{request}/messages", json={"text": "But"})
    assert late.status_code == 409 and late.json()["current"]["state"] == "declined"
    assert ta.post(f"{request}/reopen").json()["state"] == "open"
    assert student.post(f"{request}/messages", json={"text": "But"}).status_code == 200
    assert ta.post(f"{request}/withdraw").status_code == 403
    assert student.post(f"{request}/withdraw").json()["state"] == "withdrawn"
    assert ta.post(f"{request}/reopen").status_code == 409


def test_threads_rest_while_the_marks_are_not_published(room, rooms, api, browse, submission):
    student = api(room.student)
    request = ask(student, submission).headers["location"]
    with transaction() as session:
        unpublish(session, session.get_one(Assignment, room.assignment.id), room.ta)
    assert student.get(request).status_code == 403
    assert student.get(f"{PREFIX}/submissions/{submission.id}/requests").json()["items"] == []
    assert "last" not in browse(room.student).get(f"/submissions/{submission.id}").text.split("bn-inline-4", 1)[1]
    assert api(room.ta).get(request).status_code == 200


def test_the_pages_do_the_same(room, rooms, browse, csrf, submission):
    student, ta = browse(room.student), browse(room.ta)
    here, inbox = f"/submissions/{submission.id}", f"/assignments/{rooms.SLUG}/requests"
    page = student.get(here).text
    assert "Ask for a second look" in page and "3 of 3 requests left" in page
    asked = student.post(
        f"{here}/requests/bn-inline-4", data={"csrf": csrf(student), "text": "<script>alert(1)</script> **bold**"}
    )
    assert asked.status_code == 303 and asked.headers["location"] == f"{here}#q-bn-inline-4"
    listed = ta.get(inbox).text
    assert "&lt;script&gt;" in listed and "<strong>bold</strong>" in listed and "נועה לוי" in listed
    assert f"/desk/bn-inline-4/{submission.id}" in listed
    assert ta.post("/requests/1/grant", data={"csrf": csrf(ta), "text": "  "}).status_code == 422
    assert ta.post("/requests/1/grant", data={"csrf": csrf(ta), "text": "Granted then"}).status_code == 303
    second = ta.post("/requests/1/decline", data={"csrf": csrf(ta), "text": "My long answer"})
    assert second.status_code == 409 and "nothing was saved" in second.text and "My long answer" in second.text
    page = student.get(here).text
    assert "Granted then" in page and "Course staff" in page and "Tal Amari" not in page
    lost = student.post("/requests/1/messages", data={"csrf": csrf(student), "text": "What I wrote"})
    assert lost.status_code == 409 and "What I wrote" in lost.text, "not stored, but not lost either"
    assert "What I wrote" not in student.get(here).text
    assert student.post("/requests/1/grant", data={"csrf": csrf(student), "text": "x"}).status_code == 403


def test_a_refused_request_keeps_what_was_written(room, rooms, browse, csrf, submission):
    student = browse(room.student)
    with transaction() as session:
        session.get_one(Assignment, room.assignment.id).regrade_quota = 0
    answer = student.post(
        f"/submissions/{submission.id}/requests/bn-inline-4", data={"csrf": csrf(student), "text": "My long reason"}
    )
    assert answer.status_code == 422
    assert "My long reason" in answer.text and "you have used all 0 of your requests" in answer.text


def test_anonymous_marking_hides_the_name_in_the_inbox(room, rooms, api, browse, submission):
    ask(api(room.student), submission)
    with transaction() as session:
        session.get_one(Assignment, room.assignment.id).anonymous = True
    page = browse(room.ta).get(f"/assignments/{rooms.SLUG}/requests").text
    assert "נועה לוי" not in page and f"Student of submission {submission.id}" in page
