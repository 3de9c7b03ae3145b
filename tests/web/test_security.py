"""Signing in, CSRF, headers, hostile files and names."""

from __future__ import annotations

import re

import pytest

from grader.db.session import transaction
from grader.db.tables import Token, TokenPurpose
from grader.web.security.headers import POLICY

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>"


def sign_in(client, csrf, email, password, **more):
    return client.post("/login", data={"csrf": csrf(client, "/login"), "email": email, "password": password} | more)


def test_signing_in_and_out(room, rooms, anonymous, csrf):
    answer = anonymous.get("/assignments/cs231n-a2?x=1")
    assert answer.status_code == 303 and answer.headers["location"] == "/login?next=/assignments/cs231n-a2%3Fx%3D1"
    answer = sign_in(anonymous, csrf, "noa@example.edu", rooms.PASSWORD, next="/tokens")
    assert answer.status_code == 303 and answer.headers["location"] == "/tokens"
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("grader_session="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert anonymous.get("/").status_code == 200
    kept = anonymous.cookies["grader_session"]
    assert anonymous.post("/logout", data={"csrf": csrf(anonymous)}).status_code == 303
    anonymous.cookies.set("grader_session", kept)
    assert anonymous.get("/").status_code == 303, "the session is gone on the server, too"


def test_the_cookie_is_secure_where_the_service_is_reached_by_https(room, rooms, settings_from, csrf):
    from starlette.testclient import TestClient

    from grader.app import create_app

    settings_from(BASE_URL="https://grader.example.edu")
    with TestClient(create_app(), base_url="https://grader.example.edu", follow_redirects=False) as client:
        answer = sign_in(client, csrf, "noa@example.edu", rooms.PASSWORD)
        assert all("Secure" in value for value in answer.headers.get_list("set-cookie") if "Max-Age=0" not in value)
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_session_planted_before_signing_in_is_worth_nothing(room, rooms, anonymous, csrf):
    token = csrf(anonymous, "/login")
    anonymous.cookies.set("grader_session", "grd_planted", domain="testserver.local")
    answer = anonymous.post("/login", data={"csrf": token, "email": "noa@example.edu", "password": rooms.PASSWORD})
    assert answer.status_code in {303, 403}
    assert anonymous.get("/login").status_code == 200
    answer = sign_in(anonymous, csrf, "noa@example.edu", rooms.PASSWORD)
    assert answer.status_code == 303 and anonymous.cookies.get("grader_session") != "grd_planted"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb"])
def test_one_is_never_sent_to_another_site(room, rooms, anonymous, csrf, target):
    answer = sign_in(anonymous, csrf, "noa@example.edu", rooms.PASSWORD, next=target)
    assert answer.headers["location"] == "/"


def test_wrong_passwords_are_paused(room, rooms, anonymous, csrf, settings_from):
    settings_from(LOGIN_TRIES=3)
    for _ in range(3):
        answer = sign_in(anonymous, csrf, "noa@example.edu", "wrong")
        assert answer.status_code == 401 and "do not belong together" in answer.text
    answer = sign_in(anonymous, csrf, "noa@example.edu", rooms.PASSWORD)
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0
    assert sign_in(anonymous, csrf, "bohdan@example.edu", rooms.PASSWORD).status_code == 303


def test_unknown_and_known_emails_get_the_same_answer(room, anonymous, csrf):
    known = sign_in(anonymous, csrf, "noa@example.edu", "wrong").text.replace("noa@", "x@")
    unknown = sign_in(anonymous, csrf, "nobody@example.edu", "wrong").text.replace("nobody@", "x@")
    assert known == unknown


def test_forms_need_their_token(room, rooms, browse, csrf):
    client = browse(room.ta)
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
    for path in (
        "/logout", "/tokens", "/tokens/1/revoke", f"/submissions/{submission.id}/regrade",
        f"/submissions/{submission.id}/review/adam",
    ):  # fmt: skip
        assert client.post(path, data={}).status_code == 403, path
        assert client.post(path, data={"csrf": "0" * 64}).status_code == 403, path
    files = {"files": ("layers.py", b"x = 1"), "csrf": (None, "wrong")}
    assert client.post(f"/assignments/{rooms.SLUG}/hand-in", files=files).status_code == 403
    headers = {"sec-fetch-site": "cross-site"}
    assert client.post("/tokens", data={"csrf": csrf(client), "label": "x"}, headers=headers).status_code == 403


def test_the_api_takes_a_cookie_only_with_the_token(room, browse, csrf):
    client = browse(room.student)
    body = {"label": "from a page"}
    assert client.post("/api/v1/tokens", json=body).status_code == 403
    assert client.post("/api/v1/tokens", json=body, headers={"x-csrf-token": csrf(client)}).status_code == 201


def test_tokens_of_one_kind_do_not_pass_for_the_other(room, browse, api, anonymous):
    client = browse(room.student)
    session_cookie = client.cookies["grader_session"]
    anonymous.headers["authorization"] = f"Bearer {session_cookie}"
    assert anonymous.get("/api/v1/assignments").status_code == 401
    token = api(room.student).headers["authorization"].removeprefix("Bearer ")
    del anonymous.headers["authorization"]
    anonymous.cookies.set("grader_session", token)
    assert anonymous.get("/").status_code == 303


def test_only_hashes_of_secrets_are_stored(room, browse):
    client = browse(room.student)
    with transaction() as session:
        stored = session.query(Token).filter_by(purpose=TokenPurpose.SESSION).one()
    assert stored.sha256 != client.cookies["grader_session"] and len(stored.sha256) == 64


@pytest.mark.parametrize("path", ["/login", "/", "/nothing", "/api/v1/nothing", "/static/base.css", "/healthz"])
def test_headers_of_every_answer(room, anonymous, path):
    headers = anonymous.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
    if not path.startswith("/static"):
        assert "no-store" in headers["cache-control"]


def test_a_student_sees_no_page_of_somebody_else(room, rooms, browse):
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
    client = browse(room.other)
    for end in ("", "/review", "/files/cs231n/layers.py", "/raw/cs231n/layers.py"):
        assert client.get(f"/submissions/{submission.id}{end}").status_code == 404, end
    owner = browse(room.student)
    assert owner.get(f"/submissions/{submission.id}/review").status_code == 403
    assert owner.get(f"/assignments/{rooms.SLUG}/submissions").status_code == 403


def test_hostile_names_answers_and_output_stay_text(room, rooms, browse):
    result = rooms.realistic_result({"fc-inline-1": f"{EVIL}\n\n[x](javascript:alert(1)) ![i](http://evil/x.png)"})
    question = result.questions[0]
    nasty = question.checks[0].model_copy(
        update={"message": EVIL, "detail": EVIL, "mistake": EVIL, "function": EVIL, "remarks": (EVIL,)}
    )
    question = question.model_copy(update={"checks": (nasty,), "score": 0})
    result = result.model_copy(update={"questions": (question, *result.questions[1:]), "remarks": (EVIL,)})
    name = "cs231n/<img src=x onerror=alert(1)>.py"
    with transaction() as session:
        submission = rooms.handed_in(session, room.student, room.assignment, files={name: EVIL}, remarks=(EVIL,))
        rooms.graded(session, submission, result)
    client = browse(room.ta)
    page = client.get(f"/submissions/{submission.id}/review")
    link = re.search(r'href="(/submissions/\d+/files/[^"]+)"', page.text)[1]
    for text in (page.text, client.get(f"/submissions/{submission.id}").text, client.get(link).text):
        assert "<img" not in text and "<svg/onload" not in text and "<script>" not in text
        assert not re.search(r'href="javascript:', text)


def test_files_are_only_ever_downloaded_as_text(room, rooms, browse):
    with transaction() as session:
        files = {"page.html": "<script>alert(1)</script>", 'a"b; x=\u202egvs.svg': "<svg/>"}
        submission = rooms.handed_in(session, room.student, room.assignment, files=files)
        paths = [file.path for file in session.get_one(type(submission), submission.id).files]
    client = browse(room.student)
    for path in paths:
        answer = client.get(f"/submissions/{submission.id}/raw/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
