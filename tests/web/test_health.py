"""Health and figures."""

from __future__ import annotations

from fastapi.testclient import TestClient

from grader.app import create_app


def test_everything_is_there(anonymous):
    for path in ("/healthz", "/api/v1/healthz"):
        answer = anonymous.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "ok" and set(answer.json()["parts"]) == {"database", "broker", "sandbox"}


def test_a_missing_sandbox_is_told(room):
    def missing() -> str:
        raise RuntimeError("/etc/secret is not readable")

    answer = TestClient(create_app(sandbox_check=missing)).get("/healthz")
    assert answer.status_code == 503 and answer.json()["parts"]["sandbox"]["ok"] is False
    assert "secret" not in answer.text, "this answer is public"


def test_a_broker_that_is_away_is_told(room, settings_from):
    settings_from(REDIS_URL="unix:///nowhere/redis.sock")
    answer = TestClient(create_app()).get("/healthz")
    assert answer.status_code == 503
    assert [name for name, part in answer.json()["parts"].items() if not part["ok"]] == ["broker"]


def test_figures_count_attempts_and_requests_by_pattern(room, rooms, anonymous):
    from grader.db.session import transaction

    with transaction() as session:
        rooms.handed_in(session, room.student, room.assignment)
    anonymous.get("/submissions/12345")
    text = anonymous.get("/metrics").text
    assert 'grader_attempts{lane="interactive",state="queued"} 1.0' in text
    assert 'route="/submissions/{submission_id}"' in text and "12345" not in text
