"""Reading submissions and results, marks, regrading, tokens; and who may do what."""

from __future__ import annotations

import pytest

from grader.db.release import publish
from grader.db.session import transaction
from grader.db.tables import Assignment, Submission

PREFIX = "/api/v1"


@pytest.fixture
def graded(room, rooms):
    with transaction() as session:
        return rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))


def review(client, submission, question):
    return client.get(f"{PREFIX}/submissions/{submission.id}/marks/{question}").json()


def put(client, submission, question, version, items=(), adjustment=None):
    body = {"version": version, "items": [{"id": item} for item in items], "adjustment": adjustment}
    return client.put(f"{PREFIX}/submissions/{submission.id}/marks/{question}", json=body)


def test_assignments_are_those_of_my_courses(room, api, rooms):
    [found] = api(room.student).get(f"{PREFIX}/assignments").json()
    assert found["slug"] == rooms.SLUG and found["role"] == "student"
    one = api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}").json()
    assert one["role"] == "ta" and one["max_score"] == rooms.PACK.rubric.max_score
    assert {"id", "title", "points", "kind"} == set(one["questions"][0])
    assert sum(question["kind"] == "written" for question in one["questions"]) == 10


def test_the_owner_sees_state_and_result_without_what_is_for_staff(room, api, graded):
    client = api(room.student)
    shown = client.get(f"{PREFIX}/submissions/{graded.id}").json()
    assert shown["state"] == "graded" and shown["awaiting_review"] == 16
    result = client.get(shown["links"]["result"]).json()
    checks = [check for question in result["questions"] for check in question["checks"]]
    assert any(check["mistake"] == "no-bias-correction" for check in checks)
    assert not any(check["detail"] for check in checks) and result["record"] == {}
    full = api(room.ta).get(shown["links"]["result"]).json()
    assert any(check["detail"] for question in full["questions"] for check in question["checks"])


def test_somebody_elses_submission_is_not_found(room, api, graded):
    client = api(room.other)
    for method, path in [
        ("get", ""), ("get", "/result"), ("get", "/events"), ("post", "/regrade"), ("get", "/marks/adam"),
    ]:  # fmt: skip
        answer = client.request(method, f"{PREFIX}/submissions/{graded.id}{path}")
        assert answer.status_code == 404, path
    answer = put(client, graded, "fc-inline-1", "x")
    assert answer.status_code == 404


def test_a_student_may_not_do_what_staff_do(room, api, graded, rooms):
    client = api(room.student)
    assert client.get(f"{PREFIX}/assignments/{rooms.SLUG}/submissions").status_code == 403
    assert client.post(f"{PREFIX}/submissions/{graded.id}/regrade").status_code == 403
    assert put(client, graded, "fc-inline-1", "x").status_code == 403


def test_marks_decide_the_score(room, api, graded):
    client = api(room.ta)
    before = client.get(f"{PREFIX}/submissions/{graded.id}").json()
    found = review(client, graded, "bn-inline-3")
    assert found["status"] == "needs_review"
    saved = put(client, graded, "bn-inline-3", found["version"], ["picked-1-or-4"])
    assert saved.status_code == 200, saved.text
    assert saved.json()["score"] == 2 and saved.json()["status"] == "graded"
    after = client.get(f"{PREFIX}/submissions/{graded.id}").json()
    assert after["score"] == before["score"] + 2 and after["awaiting_review"] == 13
    student = api(room.student)
    assert student.get(f"{PREFIX}/submissions/{graded.id}").json()["score"] == before["score"], "not published yet"
    with transaction() as session:
        publish(session, session.get_one(Assignment, room.assignment.id), room.ta)
    shown = student.get(f"{PREFIX}/submissions/{graded.id}").json()
    assert (shown["score"], shown["awaiting_review"]) == (after["score"], 13)


def test_deductions_are_clamped_and_adjustments_added(room, api, graded):
    client = api(room.ta)
    version = review(client, graded, "dropout-inline-3")["version"]
    saved = put(
        client, graded, "dropout-inline-3", version, ["incorrect", "partial"], {"points": 0.25, "comment": "Kind."}
    )
    assert saved.json()["score"] == 0
    again = put(client, graded, "dropout-inline-3", saved.json()["version"], [], {"points": 5, "comment": "Bonus."})
    assert again.json()["score"] == 1, "no more than the question is worth"


def test_an_adjustment_of_a_code_question(room, api, graded, rooms):
    client = api(room.ta)
    found = review(client, graded, "adam")
    assert found["score"] == 0 and found["items"] == []
    saved = put(client, graded, "adam", found["version"], [], {"points": 1.5, "comment": "Right but for one line."})
    assert saved.json()["score"] == 1.5
    listed = client.get(f"{PREFIX}/assignments/{rooms.SLUG}/submissions").json()["items"]
    shown = client.get(f"{PREFIX}/submissions/{graded.id}").json()
    assert listed[0]["score"] == shown["score"], "the list derives scores another way; both must agree"
    gone = put(client, graded, "adam", saved.json()["version"])
    assert gone.json()["score"] == 0 and gone.json()["adjustment"] is None


def test_a_conflict_shows_what_is_stored(room, api, graded):
    client = api(room.ta)
    version = review(client, graded, "bn-inline-4")["version"]
    first = put(client, graded, "bn-inline-4", version, ["not-2"])
    second = put(client, graded, "bn-inline-4", version, ["picked-1"])
    assert second.status_code == 409
    body = second.json()
    assert body["current"]["version"] == first.json()["version"]
    assert [item["id"] for item in body["current"]["items"] if item["applied"]] == ["not-2"]
    now = review(client, graded, "bn-inline-4") | {"duplicates": 0, "with_it": []}
    assert now == first.json(), "nothing of the second was stored"


@pytest.mark.parametrize(
    ("question", "body", "status"),
    [
        ("no-such", {}, 404),
        ("adam", {"items": [{"id": "not-2"}]}, 422),
        ("adam", {"adjustment": {"points": 1, "comment": ""}}, 422),
        ("adam", {"adjustment": {"points": 1, "comment": "   "}}, 422),
        ("adam", {"adjustment": {"points": 1e300, "comment": "x"}}, 422),
        ("adam", {"unknown": 1}, 422),
    ],
)
def test_reviews_that_cannot_be_used(room, api, graded, question, body, status):
    client = api(room.ta)
    version = review(client, graded, "adam")["version"]
    answer = client.put(f"{PREFIX}/submissions/{graded.id}/marks/{question}", json={"version": version} | body)
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


def test_marks_before_grading_are_refused(room, api, rooms):
    with transaction() as session:
        queued = rooms.handed_in(session, room.student, room.assignment)
    assert put(api(room.ta), queued, "adam", "x").status_code == 422
    assert api(room.student).get(f"{PREFIX}/submissions/{queued.id}/result").status_code == 404


def test_marks_outlive_a_regrade(room, api, graded, rooms):
    client = api(room.ta)
    put(client, graded, "dropout-inline-2", review(client, graded, "dropout-inline-2")["version"], ["explanation"])
    opened = client.post(f"{PREFIX}/submissions/{graded.id}/regrade")
    assert opened.status_code == 202 and opened.json()["state"] == "queued"
    assert client.post(f"{PREFIX}/submissions/{graded.id}/regrade").status_code == 409
    with transaction() as session:
        rooms.graded(session, session.get_one(Submission, graded.id))
    shown = client.get(f"{PREFIX}/submissions/{graded.id}").json()
    assert len(shown["attempts"]) == 2 and shown["awaiting_review"] == 15


def test_the_list_is_searched_filtered_sorted_and_paged(room, api, rooms):
    with transaction() as session:
        rooms.fill(session, room)
    client = api(room.ta)

    def listed(**query):
        answer = client.get(f"{PREFIX}/assignments/{rooms.SLUG}/submissions", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert listed()["total"] == len(rooms.CLASSMATES)
    assert [row["student"] for row in listed(q="oka")["items"]] == ["Ada Okafor"]
    assert [row["state"] for row in listed(state="queued")["items"]] == ["queued"]
    scores = [row["score"] or -1 for row in listed(sort="-score")["items"]]
    assert scores == sorted(scores, reverse=True)
    first = listed(size=5)
    assert len(first["items"]) == 5
    second = client.get(first["next"]).json()
    assert not {row["id"] for row in first["items"]} & {row["id"] for row in second["items"]}
    assert client.get(f"{PREFIX}/assignments/{rooms.SLUG}/submissions?sort=drop").status_code == 422


def test_tokens_are_shown_once_and_can_be_revoked(room, api):
    client = api(room.student)
    made = client.post(f"{PREFIX}/tokens", json={"label": "laptop"})
    assert made.status_code == 201
    token = made.json()["token"]
    listed = client.get(f"{PREFIX}/tokens").text
    assert "laptop" in listed and token not in listed
    fresh = {"authorization": f"Bearer {token}"}
    assert client.get(f"{PREFIX}/assignments", headers=fresh).status_code == 200
    assert api(room.other).delete(f"{PREFIX}/tokens/{made.json()['id']}").status_code == 404
    assert client.delete(f"{PREFIX}/tokens/{made.json()['id']}").status_code == 204
    assert client.get(f"{PREFIX}/assignments", headers=fresh).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/assignments", 405),
        ("GET", "/submissions/x", 422),
        ("GET", "/submissions/99999999999999999999", 422),
        ("GET", "/submissions/0", 422),
        ("POST", "/tokens", 422),
        ("GET", "/receipts/00000000-0000-0000-0000-000000000000", 404),
    ],
)
def test_every_error_is_a_problem(room, api, method, path, status):
    answer = api(room.student).request(method, PREFIX + path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance"} <= set(answer.json())


def test_a_bug_of_ours_is_a_problem_that_tells_nothing(room, api, monkeypatch):
    from grader.web.api import tokens

    def broken(*_):
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(tokens, "tokens_of", broken)
    answer = api(room.student).get(f"{PREFIX}/tokens")
    assert answer.status_code == 500 and answer.headers["content-type"] == "application/problem+json"
    assert "42" not in answer.text and "content-security-policy" in answer.headers


def test_a_commit_that_fails_is_never_answered_with_201(room, api, monkeypatch):
    from sqlalchemy.orm import Session

    client = api(room.student)

    def broken(self):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Session, "commit", broken)
    assert client.post(f"{PREFIX}/tokens", json={"label": "laptop"}).status_code == 500


def test_openapi_documents_errors_and_examples(anonymous):
    document = anonymous.get(f"{PREFIX}/openapi.json").json()
    post = document["paths"][f"{PREFIX}/assignments/{{slug}}/submissions"]["post"]
    assert {"200", "201", "202", "401", "404", "413", "422", "500", "503"} <= set(post["responses"])
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            for status, answer in route["responses"].items():
                if status.startswith(("4", "5")) and not path.endswith("healthz"):
                    assert list(answer["content"]) == ["application/problem+json"], (path, method, status)
    assert document["components"]["schemas"]["SubmissionOut"]["example"]["state"] == "graded"
