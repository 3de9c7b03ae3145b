"""Where answers stand and pointing at those that were not found: over REST and on the pages, as student and as staff."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from grader.db.session import transaction
from grader.db.tables import Assignment

QUESTION = "dropout-inline-1"
PROMPT = "What happens if values passed through inverse dropout are not divided by p in the dropout layer, and why?"
EVIL = "</textarea><img src=x onerror=alert(1)>"


def notebook_of(*texts: str) -> bytes:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in texts]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def pdf(make_pdf) -> bytes:
    return make_pdf([PROMPT, "Answer:", "The activations shrink by p."], ["Dropout", "Written below: five layers are harder."], [])


@pytest.fixture
def handed_in(api, room, rooms, pdf):
    """The number of a submission of a PDF, a notebook and a text, handed in over REST."""
    files = {
        "a2 (final).pdf": pdf, "Notes.ipynb": notebook_of("# Notes", f"ხუთი შრე. {EVIL}", "**Answer:** because"),
        "notes.md": b"First.\n\nSecond.", "broken.pdf": b"%PDF-1.4",
    }  # fmt: skip
    answer = api(room.student).post(
        f"/api/v1/assignments/{rooms.SLUG}/submissions",
        files=[("files", (name, io.BytesIO(data))) for name, data in files.items()],
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_submission_says_what_was_found_and_what_not(handed_in):
    assert handed_in["answers"] == [
        {"question": QUESTION, "source": "a2 (final).pdf, page 1", "place": "found", "document": "a2 (final).pdf",
         "pages": [1]},
    ]  # fmt: skip
    assert len(handed_in["missing"]) == 9 and QUESTION not in handed_in["missing"]
    assert any("broken.pdf" in remark and "a TA will look" in remark for remark in handed_in["remarks"])


def url(handed_in, question="fc-inline-2") -> str:
    return f"/api/v1/submissions/{handed_in['id']}/answers/{question}"


def test_what_was_not_found_comes_first(api, room, handed_in):
    shown = api(room.student).get(f"/api/v1/submissions/{handed_in['id']}/answers").json()
    assert [it["found"] for it in shown] == [False] * 9 + [True]
    assert (shown[0]["place"], shown[0]["text"], shown[0]["refusal"]) == ("unselected", "", "")
    assert shown[0]["documents"] == ["Notes.ipynb", "a2 (final).pdf", "broken.pdf", "notes.md"]


@pytest.mark.parametrize(
    "document, parts, text, place, pages",
    [
        ("a2 (final).pdf", [2], "Dropout\n\nWritten below: five layers are harder.", "selected", [2]),
        ("a2 (final).pdf", [3], "", "selected", [3]),
        ("Notes.ipynb", [2, 3], "ხუთი შრე. </textarea>[image]\n\nbecause", "given", []),
        ("notes.md", [2], "Second.", "given", []),
    ],
)
def test_a_student_points(api, room, handed_in, document, parts, text, place, pages):
    client = api(room.student)
    answer = client.put(url(handed_in), json={"document": document, "parts": parts})
    assert answer.status_code == 200, answer.text
    stored = client.get(url(handed_in)).json()
    assert stored == answer.json()
    assert (stored["text"], stored["place"], stored["pages"], stored["found"]) == (text, place, pages, True)
    assert stored["placed_at"]
    assert len(client.get(f"/api/v1/submissions/{handed_in['id']}").json()["missing"]) == 8


@pytest.mark.parametrize(
    "body, status",
    [
        ({"document": "a2 (final).pdf", "parts": [4]}, 422),
        ({"document": "a2 (final).pdf", "parts": []}, 422),
        ({"document": "a2 (final).pdf"}, 422),
        ({"document": "broken.pdf", "parts": [1]}, 422),
        ({"document": "../../etc/passwd", "parts": [1]}, 404),
        ({"document": "notes.md", "parts": [1], "text": "x"}, 422),
        ({"text": "typed by a student"}, 403),
        ({}, 422),
    ],
)
def test_what_cannot_be_stored(api, room, handed_in, body, status):
    client = api(room.student)
    assert client.put(url(handed_in), json=body).status_code == status
    assert not client.get(url(handed_in)).json()["found"]


def test_unknown_questions_and_other_people(api, room, handed_in):
    body = {"document": "notes.md", "parts": [1]}
    assert api(room.student).put(url(handed_in, "bn-forward"), json=body).status_code == 404
    assert api(room.student).get(url(handed_in, "nothing")).status_code == 404
    other = api(room.other)
    assert other.put(url(handed_in), json=body).status_code == 404
    assert other.get(url(handed_in)).status_code == 404


def close(room) -> None:
    with transaction() as session:
        session.get_one(Assignment, room.assignment.id).due_at = datetime.now(UTC) - timedelta(hours=1)


def test_after_the_due_date_only_staff(api, room, handed_in):
    close(room)
    body = {"document": "notes.md", "parts": [1]}
    student = api(room.student)
    answer = student.put(url(handed_in), json=body)
    assert answer.status_code == 403 and "due date" in answer.json()["detail"]
    assert "due date" in student.get(url(handed_in)).json()["refusal"]
    assert api(room.ta).put(url(handed_in), json=body).json()["text"] == "First."


def test_staff_type(api, room, handed_in):
    answer = api(room.ta).put(url(handed_in), json={"text": "  חמש שכבות  "})
    assert (answer.json()["text"], answer.json()["source"]) == ("חמש שכבות", "typed by the course staff")


def picture(handed_in, number, path="a2 (final).pdf", width="320"):
    return f"/submissions/{handed_in['id']}/pages/{path}/{number}.png?width={width}"


def test_pictures_of_pages(browse, room, handed_in):
    client = browse(room.student)
    answer = client.get(picture(handed_in, 2))
    assert answer.headers["content-type"] == "image/png" and answer.content.startswith(b"\x89PNG")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "private" in answer.headers["cache-control"]
    for number, path, width, status in (
        (9, "a2 (final).pdf", "320", 422), (0, "a2 (final).pdf", "320", 422), (1, "notes.md", "320", 404),
        (1, "nothing.pdf", "320", 404), (1, "broken.pdf", "320", 422), (1, "a2 (final).pdf", "99999", 422),
    ):  # fmt: skip
        assert client.get(picture(handed_in, number, path, width)).status_code == status
    assert browse(room.other).get(picture(handed_in, 1)).status_code == 404


def page(handed_in, question="fc-inline-2", document=""):
    return f"/submissions/{handed_in['id']}/answers/{question}{'?document=' + document if document else ''}"


def test_pointing_on_the_page(browse, csrf, room, handed_in):
    client = browse(room.student)
    shown = client.get(page(handed_in, document="a2%20(final).pdf")).text
    assert shown.count('type="checkbox"') == 3 and "Type the answer" not in shown
    data = {"csrf": csrf(client), "document": "a2 (final).pdf", "part": ["2"]}
    answer = client.post(page(handed_in), data=data)
    assert (answer.status_code, answer.headers["location"]) == (
        303, f"/submissions/{handed_in['id']}/answers?placed=fc-inline-2",
    )  # fmt: skip
    after = client.get(answer.headers["location"]).text
    assert "five layers are harder" in after and "pointed at by hand" in after
    again = client.get(page(handed_in)).text
    assert 'id="part-2" checked' in again and 'id="part-1" checked' not in again


def test_nothing_ticked_is_told(browse, csrf, room, handed_in):
    client = browse(room.student)
    answer = client.post(page(handed_in), data={"csrf": csrf(client), "document": "notes.md"})
    assert answer.status_code == 422 and "Nothing was chosen" in answer.text


def test_hostile_text_stays_text(browse, room, handed_in):
    shown = browse(room.student).get(page(handed_in, document="Notes.ipynb")).text
    assert "onerror" in shown and "<img src=x" not in shown


def test_a_document_that_cannot_be_read_is_told(browse, room, handed_in):
    shown = browse(room.student).get(page(handed_in, document="broken.pdf")).text
    assert "damaged PDF" in shown and 'type="checkbox"' not in shown


def test_what_staff_typed_is_not_lost(browse, csrf, room, handed_in):
    client = browse(room.ta)
    answer = client.post(page(handed_in), data={"csrf": csrf(client), "text": EVIL * 3000})
    assert answer.status_code == 422 and "&lt;img" in answer.text and "<img src=x" not in answer.text
    assert client.post(page(handed_in), data={"csrf": csrf(client), "text": EVIL}).status_code == 303
    shown = client.get(f"/submissions/{handed_in['id']}/answers").text
    assert "<img src=x" not in shown


def test_students_cannot_type_and_nothing_without_a_token(browse, csrf, room, handed_in):
    client = browse(room.student)
    answer = client.post(page(handed_in), data={"csrf": csrf(client), "text": "five"})
    assert answer.status_code == 403
    assert client.post(page(handed_in), data={"document": "notes.md", "part": "1"}).status_code == 403


def test_late_students_see_why(browse, room, handed_in):
    close(room)
    shown = browse(room.student).get(page(handed_in)).text
    assert "the due date has passed" in shown and "This is the answer" not in shown
    assert "This is the answer" in browse(room.ta).get(page(handed_in)).text


def test_the_submission_page_offers_it(browse, room, handed_in):
    shown = browse(room.student).get(f"/submissions/{handed_in['id']}").text
    assert "9 written answers were not found" in shown
    assert f'href="/submissions/{handed_in["id"]}/answers"' in shown
