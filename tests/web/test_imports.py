"""Importing graded exports: preview, mapping, import; into an assignment and as a new one; over REST."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.rubric_file import parse_rubric
from grader.db import courses, users
from grader.db.attempts import finish, take
from grader.db.audit import entries
from grader.db.kinds import ReviewVia
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import Role
from grader.ingest.gradescope import read_export
from grader.ingest.gradescope.match import match
from grader.pack import load_pack

PARTS = Path(__file__).parents[1] / "corpus" / "gradescope" / "parts.txt"
EXPORT = """CS homework

TOTAL POINTS

4.5 / 6

QUESTION 1

1 Batch Norm - Inline Q1 1 / 2

- 0 pts Correct

✓ - 1 pts no justification

- 1 pts not mentioning insensitivity

QUESTION 2

2 Dropout - Inline Q1 0.5 / 1

- 0 pts Correct

✓ - 1 pts Incorrect: predictions at test time

+ 0.5 Point adjustment

Half the idea

QUESTION 3

3 Batch Norm - Inline Q3 3 / 3

✓ - 0 pts Correct

- 3 pts didn't answer

# Batch Normalization

## Inline Question 1

How does the scale of weight initialization affect models with and without batch normalization differently, and why?

## Answer

It matters <b>less</b> with it. <script>alert(1)</script>

1 Batch Norm - Inline Q1 1 / 2

- 0 pts Correct
- ✓ - 1 pts no justification
- 1 pts not mentioning insensitivity

## Inline Question 3

Which of these data preprocessing steps is analogous to batch normalization, and which to layer normalization?

## Answer

(3) and (2)

3 Batch Norm - Inline Q3 3 / 3

✓ - 0 pts Correct
- 3 pts didn't answer
"""


def upload(client, csrf, path, content=EXPORT, **fields):
    token = csrf(client)
    return client.post(path, data={"csrf": token, "do": "preview", **fields}, files={"file": ("export.txt", content)})


def confirm(client, csrf, path, content=EXPORT, **fields):
    data = {"csrf": csrf(client), "do": "import", "text": content, "name": "export.txt", **fields}
    return client.post(path, data=data, files={"none": ("", b"")})


@pytest.fixture
def path(rooms):
    return f"/assignments/{rooms.SLUG}/import"


@pytest.fixture
def ta(browse, room):
    return browse(room.ta)


def imported(answer):
    """The submission that a redirect after an import names."""
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].partition("done=")[2].partition("&")[0])


def reviews_of(session, submission_id, rooms):
    """{question: sheet} once its attempt is graded."""
    submission = submission_by_id(session, submission_id)
    rooms.graded(session, submission)
    return {sheet.result.id: sheet for sheet in score_sheet(session, submission).questions if sheet.review}


def test_the_preview_shows_what_was_read_and_stores_nothing(ta, csrf, path, room):
    page = upload(ta, csrf, path)
    assert page.status_code == 200
    assert "no justification" in page.text and "4.5 / 6" in page.text
    assert '<option value="bn-inline-1" selected>' in page.text
    assert '<option value="no-justification" selected>' in page.text
    assert "no answer was found" in page.text  # question 2, among the repairs
    assert "alert(1)</script>" not in page.text
    with transaction() as session:
        assert entries(session, room.assignment.id) == []


def test_an_import_is_a_submission_with_its_marks(ta, csrf, path, room, rooms):
    submission_id = imported(confirm(ta, csrf, path, student=room.student.id))
    with transaction() as session:
        submission = submission_by_id(session, submission_id)
        assert (submission.user_id, submission.source) == (room.student.id, "gradescope")
        assert {a.question: a.text for a in submission.answers}["bn-inline-3"] == "(3) and (2)"
        noted = [entry for entry in entries(session, room.assignment.id) if entry.action == "import"]
        assert (noted[0].by_id, noted[0].after["imported"]) == (room.ta.id, 4.5)
        sheets = reviews_of(session, submission_id, rooms)
        assert {name: sheet.result.score for name, sheet in sheets.items()} == {
            "bn-inline-1": 1, "dropout-inline-1": 0.5, "bn-inline-3": 3,
        }  # fmt: skip
        assert all(
            sheet.review.via is ReviewVia.IMPORT and sheet.review.by_id == room.ta.id for sheet in sheets.values()
        )
        assert sheets["dropout-inline-1"].adjustment.comment == "Half the idea"
        assert float(sheets["dropout-inline-1"].adjustment.points) == 0.5
        assert sheets["bn-inline-1"].marks["no-justification"].applied


def test_the_same_export_again_is_the_same_submission(ta, csrf, path, room, rooms):
    first = imported(confirm(ta, csrf, path, student=room.student.id))
    with transaction() as session:
        submission = submission_by_id(session, first)
        rooms.graded(session, submission)
        sheet = score_sheet(session, submission).question("bn-inline-1")
        decision = Decision({"insensitivity-missing": ItemDecision(True)})
        save_review(
            session, submission=submission, question="bn-inline-1", decision=decision, version=sheet.version, by=room.ta
        )
    assert imported(confirm(ta, csrf, path, student=room.student.id)) == first
    with transaction() as session:
        sheet = score_sheet(session, submission_by_id(session, first)).question("bn-inline-1")
        assert [item.id for item in sheet.result.items if item.applied] == ["insensitivity-missing"]
        newest = entries(session, room.assignment.id)[0]
        assert any("left as it is" in sentence for sentence in newest.after["differences"])


def test_code_that_was_handed_in_before_stays(ta, csrf, path, room, rooms):
    with transaction() as session:
        earlier = rooms.handed_in(session, room.student, room.assignment)
        wanted = {file.path: file.sha256 for file in submission_by_id(session, earlier.id).files}
    submission_id = imported(confirm(ta, csrf, path, student=room.student.id))
    with transaction() as session:
        submission = submission_by_id(session, submission_id)
        assert submission.id != earlier.id and {file.path: file.sha256 for file in submission.files} == wanted
        answers = {answer.question: answer.text for answer in submission.answers}
        assert answers["fc-inline-1"] == rooms.HEBREW and answers["bn-inline-3"] == "(3) and (2)"


def test_the_mapping_can_be_changed(ta, csrf, path, room, rooms):
    fields = {"question:1": "bn-inline-2", "was:1": "bn-inline-1", "question:3": ""}
    page = upload(ta, csrf, path, **fields)
    assert '<option value="bn-inline-2" selected>' in page.text
    assert "not in this rubric" in page.text and "adds up to 1.5" in page.text
    items = {"question:1": "bn-inline-1", "was:1": "bn-inline-1", "item:1:1": "insensitivity-missing", "item:1:2": ""}
    submission_id = imported(confirm(ta, csrf, path, student=room.student.id, **items))
    with transaction() as session:
        sheet = reviews_of(session, submission_id, rooms)["bn-inline-1"]
        assert [item.id for item in sheet.result.items if item.applied] == ["insensitivity-missing"]


def test_an_item_that_the_rubric_lacks_becomes_an_adjustment(ta, csrf, path, room, rooms):
    items = {"question:1": "bn-inline-1", "was:1": "bn-inline-1", "item:1:1": ""}
    submission_id = imported(confirm(ta, csrf, path, student=room.student.id, **items))
    with transaction() as session:
        sheet = reviews_of(session, submission_id, rooms)["bn-inline-1"]
        assert sheet.result.score == 1 and sheet.adjustment.comment == "no justification"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "choose a student"),
        ({"email": "nobody"}, "not an e-mail"),
        ({"student": "999999"}, "not in this course"),
        ({"question:1": "bn-forward", "was:1": ""}, "no written question"),
        ({"question:1": "bn-inline-3", "was:1": ""}, "two questions"),
        ({"question:1": "bn-inline-1", "was:1": "bn-inline-1", "item:1:1": "nonsense"}, "no item nonsense"),
    ],
)
def test_what_cannot_be_imported_is_said_and_nothing_is_stored(ta, csrf, path, room, fields, said):
    if "student" not in fields and "question:1" in fields:
        fields = fields | {"student": room.student.id}
    page = confirm(ta, csrf, path, **fields)
    assert page.status_code == 422 and said in page.text.replace("&#39;", "'")
    with transaction() as session:
        assert entries(session, room.assignment.id) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\0\0", b"%PDF-1.7 broken", b"Just notes\n", b"\xff\xfe", b"1 A 1 / 2\n\n- 1e999 pts x"],
)
def test_other_files_are_refused(ta, csrf, path, content):
    page = upload(ta, csrf, path, content)
    assert page.status_code == 422 and 'role="alert"' in page.text


def test_somebody_new_is_enrolled(ta, csrf, path, room):
    submission_id = imported(confirm(ta, csrf, path, email=" Dana@Example.edu ", student_name="Dana"))
    with transaction() as session:
        dana = users.user_by_email(session, "dana@example.edu")
        assert courses.role_in(session, dana, room.course.id) is Role.STUDENT
        assert submission_by_id(session, submission_id).user_id == dana.id


def test_students_cannot_import(browse, csrf, path, room):
    client = browse(room.student)
    assert client.get(path).status_code == 403
    assert confirm(client, csrf, path, student=room.student.id).status_code == 403
    assert client.get("/courses/dl/import").status_code == 403


@pytest.fixture
def instructor(browse, room, rooms):
    with transaction() as session:
        user = rooms.enrolled(session, room.course, "ines@example.edu", "Ines", Role.INSTRUCTOR)
    return browse(user)


def test_an_export_becomes_an_assignment(instructor, csrf, room, rooms):
    text = PARTS.read_text()
    page = upload(instructor, csrf, "/courses/dl/import", text)
    assert page.status_code == 200 and "id: proofs-base-case" in page.text
    fields = {"slug": "hw3", "title": "Homework 3", "student": room.student.id}
    done = confirm(instructor, csrf, "/courses/dl/import", text, **fields)
    submission_id = imported(done)
    assert done.headers["location"].startswith("/assignments/hw3/import?")
    assert "8.5 / 14" in instructor.get(done.headers["location"]).text
    with transaction() as session:
        submission = submission_by_id(session, submission_id)
        rubric = parse_rubric(submission.assignment.rubric_version.yaml_text)
        assert rubric.max_score == 14
        lease = take(session, submission.attempts[0].id, worker="test", lease_seconds=60)
        result = rooms.realistic_result().model_copy(update={"questions": (), "score": 0, "max_score": 14})
        assert finish(session, lease, result)
        session.refresh(submission, ["attempts"])
        sheet = score_sheet(session, submission)
        assert (sheet.score, sheet.max_score, sheet.awaiting_review) == (8.5, 14, 0)


@pytest.mark.parametrize("slug", ["", "Has Blanks", "cs231n-a2", "cs231n_a2", "../up"])
def test_a_bad_address_is_refused(instructor, csrf, room, slug):
    page = confirm(instructor, csrf, "/courses/dl/import", slug=slug, title="x", student=room.student.id)
    assert page.status_code == 422 and 'role="alert"' in page.text


def test_only_instructors_make_assignments(ta):
    assert ta.get("/courses/dl/import").status_code == 403
    assert ta.get("/courses/nowhere/import").status_code == 404


def test_over_rest(api, room, rooms):
    client = api(room.ta)
    files = {"file": ("export.txt", EXPORT)}
    done = client.post(f"/api/v1/assignments/{rooms.SLUG}/imports", data={"email": room.other.email}, files=files)
    assert done.status_code == 201, done.text
    body = done.json()
    assert (body["score"], body["export_score"], body["export_max_score"]) == (4.5, 4.5, 6)
    assert body["questions"] == {"1": "bn-inline-1", "2": "dropout-inline-1", "3": "bn-inline-3"}
    with transaction() as session:
        assert submission_by_id(session, body["submission"]).user_id == room.other.id
    wrong = client.post(
        f"/api/v1/assignments/{rooms.SLUG}/imports", data={"email": room.other.email}, files={"file": b"x"}
    )
    assert wrong.status_code == 422 and wrong.json()["detail"].startswith("This is no graded")
    student = api(room.student)
    refused = student.post(f"/api/v1/assignments/{rooms.SLUG}/imports", data={"email": "a@b.c"}, files=files)
    assert refused.status_code == 403


SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds"


@pytest.mark.seeds
@pytest.mark.skipif(not SEED.is_dir(), reason="no seed documents beside the repository")
def test_the_real_export_comes_in_with_nine_points(ta, csrf, path, room, rooms):
    text = next(SEED.glob("001_*")).read_text()
    wanted = ["fc-inline-1", "fc-inline-2", "fc-inline-3", "bn-inline-1", "bn-inline-2", "bn-inline-3", "bn-inline-4",
              "dropout-inline-1", "dropout-inline-2", "dropout-inline-3"]  # fmt: skip
    assert list(match(read_export(text), load_pack("cs231n_a2").rubric).questions.values()) == wanted
    submission_id = imported(confirm(ta, csrf, path, text, student=room.student.id))
    with transaction() as session:
        sheets = reviews_of(session, submission_id, rooms)
        assert sum(sheet.result.score for sheet in sheets.values()) == 9
        assert sum(sheet.result.max_score for sheet in sheets.values()) == 16
        assert not any(sheet.adjustment for sheet in sheets.values())
        applied = {name: [item.id for item in sheet.result.items if item.applied] for name, sheet in sheets.items()}
        assert applied == {
            "fc-inline-1": [], "fc-inline-2": [], "fc-inline-3": [], "bn-inline-1": ["no-justification"],
            "bn-inline-2": ["justification"], "bn-inline-3": ["picked-1-or-4"], "bn-inline-4": ["not-2"],
            "dropout-inline-1": ["test-time-missing"], "dropout-inline-2": ["explanation"],
            "dropout-inline-3": ["incorrect"],
        }  # fmt: skip
