"""Downloads for other systems: pages, REST and the command line give the same; only staff get them."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction

PREFIX = "/api/v1"


@pytest.fixture
def marked(room, rooms):
    """One student fully decided, one not, the name of one a formula."""
    with transaction() as session:
        rooms.enrolled(session, room.course, "evil@example.edu", '=HYPERLINK("x")')
        rooms.graded(session, rooms.handed_in(session, room.other, room.assignment))
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
        for question in [one for one in rooms.PACK.rubric.questions if one.items]:
            version = score_sheet(session, submission).question(question.id).version
            items = {"not-2": ItemDecision(True, "See slide 3")} if question.id == "bn-inline-4" else {}
            save_review(
                session, submission=submission, question=question.id, decision=Decision(items), version=version,
                by=room.ta,
            )  # fmt: skip
        return submission


def rows(text):
    return {row["Email"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_only_what_is_decided_has_a_total(room, rooms, browse, api, marked):
    page = browse(room.ta).get(f"/assignments/{rooms.SLUG}/export/gradescope.csv")
    assert page.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in page.headers["content-disposition"] and "cs231n-a2" in page.headers["content-disposition"]
    found = rows(page.text)
    assert list(found) and found["noa@example.edu"]["Status"] == "Graded"
    shown = api(room.ta).get(f"{PREFIX}/submissions/{marked.id}").json()
    assert float(found["noa@example.edu"]["Total Score"]) == shown["score"]
    assert (found["bohdan@example.edu"]["Status"], found["bohdan@example.edu"]["Total Score"]) == ("Ungraded", "")
    assert found["evil@example.edu"]["First Name"] == '\'=HYPERLINK("x")' and "tal@example.edu" not in found
    over_rest = api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}/exports/gradescope")
    assert over_rest.content == page.content
    excel = browse(room.ta).get(f"/assignments/{rooms.SLUG}/export/gradescope.csv?excel=1")
    assert excel.content == b"\xef\xbb\xbf" + page.content


def test_results_of_everybody(room, rooms, api, marked):
    made = api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}/exports/results")
    assert made.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(made.content))
    names = archive.namelist()
    assert len(names) == 2 and f"{marked.id}-noa@example.edu/results.json" in names
    full = json.loads(archive.read(f"{marked.id}-noa@example.edu/results.json"))
    shown = api(room.ta).get(f"{PREFIX}/submissions/{marked.id}").json()
    assert full["score"] == shown["score"] == pytest.approx(sum(test["score"] for test in full["tests"]))
    assert "-1 Option 2 is not chosen: See slide 3" in [test["output"] for test in full["tests"]]
    other = json.loads(archive.read(next(name for name in names if "bohdan" in name)))
    assert "score" not in other


def test_a_canvas_gradebook_is_filled_in(room, rooms, browse, csrf, marked):
    client = browse(room.ta)
    address = f"/assignments/{rooms.SLUG}/export/canvas.csv"
    gradebook = "Student,ID,SIS Login ID,Section\n    Points Possible,,,\nNoa,7001,noa@example.edu,1\n"

    def send(text, **fields):
        files = {"roster": ("gradebook.csv", text.encode())}
        return client.post(address, data={"csrf": csrf(client)} | fields, files=files)

    filled = send(gradebook)
    assert filled.status_code == 200, filled.text
    [_, row] = csv.DictReader(io.StringIO(filled.text, newline=""))
    assert row["ID"] == "7001" and float(row[rooms.PACK.rubric.title]) > 0
    refused = send(gradebook.replace("noa@", "other@"))
    assert refused.status_code == 422 and "noa@example.edu" in refused.text
    assert send(gradebook.replace("noa@", "other@"), leave_out="1").status_code == 200
    assert send("no gradebook").status_code == 422
    assert client.post(address, data={"csrf": csrf(client)}).status_code == 422
    assert client.post(address, data={"csrf": "x"}, files={"roster": ("a", b"")}).status_code == 403
    assert send("\ud800".encode("utf-16", "surrogatepass").decode("latin-1")).status_code == 422


def test_students_get_nothing(room, rooms, browse, api, csrf, marked):
    client = browse(room.student)
    for name in ("gradescope.csv", "results.zip", "canvas.csv", "nbgrader.csv"):
        assert client.get(f"/assignments/{rooms.SLUG}/export/{name}").status_code == 403
    sent = client.post(
        f"/assignments/{rooms.SLUG}/export/canvas.csv", data={"csrf": csrf(client)}, files={"roster": ("a", b"Student")}
    )
    assert sent.status_code == 403
    assert api(room.student).get(f"{PREFIX}/assignments/{rooms.SLUG}/exports/canvas").status_code == 403
    assert api(room.ta).get(f"{PREFIX}/assignments/{rooms.SLUG}/exports/word").status_code == 422
    assert browse(room.ta).get(f"/assignments/{rooms.SLUG}/export/word.csv").status_code == 422


def test_the_command_line_writes_the_same(room, rooms, browse, marked, tmp_path):
    page = browse(room.ta).get(f"/assignments/{rooms.SLUG}/export/nbgrader.csv")
    target = tmp_path / "grades.csv"
    done = CliRunner().invoke(app, ["course", "export", rooms.SLUG, "--format", "nbgrader", "--output", str(target)])
    assert done.exit_code == 0, done.output
    assert target.read_bytes() == page.content
    wrong = CliRunner().invoke(app, ["course", "export", rooms.SLUG, "--format", "word"])
    assert wrong.exit_code == 1 and "gradescope, results, canvas, nbgrader" in wrong.output
    assert CliRunner().invoke(app, ["course", "export", "nothing", "--format", "canvas"]).exit_code == 1
