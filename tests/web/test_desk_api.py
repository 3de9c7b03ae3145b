"""The desk over REST: saving with duplicates, groups, what is clear, undo, claims, the queue."""

import pytest

from grader.core.result import QuestionResult
from grader.db.session import transaction

PREFIX = "/api/v1"
QUESTION = "bn-inline-4"


@pytest.fixture
def handed(room, rooms):
    """`handed(name, text, suggested="unknown")`: a graded submission's id."""

    def handed(name, text, suggested="unknown"):
        with transaction() as session:
            user = rooms.enrolled(session, room.course, f"{name}@example.edu", name)
            answers = {QUESTION: text} if text else {}
            submission = rooms.handed_in(session, user, room.assignment, answers=answers)
            result = rooms.realistic_result(answers)
            questions = tuple(_suggesting(question, suggested) for question in result.questions)
            return rooms.graded(session, submission, result.model_copy(update={"questions": questions})).id

    return handed


def _suggesting(question: QuestionResult, suggested: str) -> QuestionResult:
    if question.id != QUESTION:
        return question
    items = tuple(item.model_copy(update={"suggested": suggested}) for item in question.items)
    return question.model_copy(update={"items": items})


@pytest.fixture
def client(room, api):
    return api(room.ta)


@pytest.fixture
def desk(rooms):
    return f"{PREFIX}/assignments/{rooms.SLUG}/desk"


def review(client, submission):
    return client.get(f"{PREFIX}/submissions/{submission}/marks/{QUESTION}").json()


def save(client, submission, *items, **more):
    body = {
        "version": review(client, submission)["version"], "via": "desk", "seconds": 4.2,
        "items": [{"id": item} for item in items], **more,
    }  # fmt: skip
    return client.put(f"{PREFIX}/submissions/{submission}/marks/{QUESTION}", json=body)


def seen(client, *submissions):
    return [{"submission": it, "version": review(client, it)["version"]} for it in submissions]


def test_saving_tells_how_many_say_the_same(client, handed):
    first, same = handed("ana", "(2), noisy"), handed("ben", "2 noisy.")
    saved = save(client, first, "not-2")
    assert (saved.status_code, saved.json()["duplicates"], saved.json()["score"]) == (200, 1, 1)
    assert [item["id"] for item in review(client, same)["items"] if item["applied"]] == ["not-2"]


@pytest.mark.parametrize("more", [{"seconds": -1}, {"seconds": 1e9}, {"via": "bulk"}, {"by": "me"}])
def test_what_a_client_may_not_say(client, handed, more):
    assert save(client, handed("ana", "(2)"), **more).status_code == 422


def test_a_group_with_conflicts(client, handed, desk):
    ids = [handed(name, text) for name, text in (("ana", "2 noisy"), ("ben", "2 is noisy"), ("eka", "2 was noisy"))]
    answers = seen(client, *ids[:2])
    save(client, ids[1], "picked-1")
    done = client.post(f"{desk}/{QUESTION}/group", json={"answers": answers, "items": [{"id": "not-2"}]}).json()
    assert (done["decided"], done["gone"]) == ([ids[0]], [])
    assert [it["submission"] for it in done["conflicts"]] == [ids[1]]
    assert [it["id"] for it in done["conflicts"][0]["current"]["items"] if it["applied"]] == ["picked-1"]
    assert review(client, ids[2])["status"] == "needs_review"


def test_confirming_what_is_clear_and_taking_it_back(client, handed, desk):
    clear, unsure = handed("ana", "(2) because …", "clear"), handed("ben", "(3)", "deduct")
    assert client.post(f"{desk}/{QUESTION}/confirm-clear").json() == {"confirmed": 1}
    assert (review(client, clear)["score"], review(client, unsure)["status"]) == (2, "needs_review")
    undone = client.post(f"{desk}/undo").json()
    assert undone == {"question": QUESTION, "submission": clear, "restored": [clear], "kept": []}
    again = client.post(f"{desk}/undo")
    assert (again.status_code, again.json()["title"]) == (404, "Not found")


def test_who_has_which_answer(room, rooms, api, client, handed):
    submission = handed("ana", "(2)")
    with transaction() as session:
        uri = rooms.enrolled(session, room.course, "uri@example.edu", "Uri", rooms.Role.TA)
    other = api(uri)
    path = f"{PREFIX}/submissions/{submission}/claims/{QUESTION}"
    assert client.put(path).json()["mine"] is True
    theirs = other.put(path).json()
    assert (theirs["mine"], theirs["by"]) == (False, room.ta.name)
    other.delete(path)
    assert client.put(path).json()["mine"] is True
    assert client.delete(path).status_code == 204
    assert other.put(path).json()["mine"] is True


def test_the_queue(room, client, handed, desk):
    blank, said = handed("ana", ""), handed("ben", "(2), noisy")
    queue = client.get(f"{desk}/{QUESTION}").json()
    assert [it["submission"] for it in queue["answers"]] == [said, blank]
    assert (queue["next"], queue["answers"][0]["student"], queue["answers"][0]["decided"]) == (said, "ben", False)
    assert client.get(f"{desk}/{QUESTION}", params={"after": said}).json()["next"] == blank
    with transaction() as session:
        session.merge(room.assignment).anonymous = True
    hidden = client.get(f"{desk}/{QUESTION}", params={"order": "random"}).json()["answers"]
    assert {(it["student"], it["email"]) for it in hidden} == {(None, None)}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "{desk}/bn-inline-4", None),
        ("POST", "{desk}/bn-inline-4/group", {"answers": [{"submission": 1, "version": "x"}]}),
        ("POST", "{desk}/bn-inline-4/confirm-clear", None),
        ("POST", "{desk}/undo", None),
        ("PUT", "/api/v1/submissions/{submission}/claims/bn-inline-4", None),
        ("DELETE", "/api/v1/submissions/{submission}/claims/bn-inline-4", None),
    ],
)
def test_not_for_students(room, api, handed, desk, method, path, body):
    submission = handed("ana", "(2)")
    answer = api(room.student).request(method, path.format(desk=desk, submission=submission), json=body)
    assert answer.status_code in {403, 404}


@pytest.mark.parametrize("question", ["adam", "unheard-of"])
def test_only_written_questions(client, handed, desk, question):
    submission = handed("ana", "(2)")
    answers = [{"submission": submission, "version": "x"}]
    assert client.get(f"{desk}/{question}").status_code == 404
    assert client.post(f"{desk}/{question}/group", json={"answers": answers}).status_code == 404
    assert client.post(f"{desk}/{question}/confirm-clear").status_code == 404
    assert client.put(f"{PREFIX}/submissions/{submission}/claims/{question}").status_code == 404
