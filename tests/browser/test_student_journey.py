"""A student hands in, watches the progress, reads the result."""

from __future__ import annotations

import io
import re
import threading
import zipfile

from playwright.sync_api import expect

from grader.db import attempts
from grader.db.events import add_event
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import EventKind, Submission


def a_zip() -> dict:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("assignment2/cs231n/layers.py", "def affine_forward(x, w, b):\n    pass\n")
    return {"name": "homework.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}


def grade(rooms, submission_id, shown):
    """What a worker does, one step after the page has shown the step before."""
    with transaction() as session:
        attempt = submission_by_id(session, submission_id).attempts[-1]
        lease = attempts.take(session, attempt.id, worker="test", lease_seconds=60)
        add_event(session, attempt.id, EventKind.PROGRESS, "Dropout: values", 20, 51)
    assert shown.wait(30)
    with transaction() as session:
        attempts.finish(session, lease, rooms.realistic_result())


def test_upload_progress_and_score(visit, room, rooms):
    page = visit(f"/assignments/{rooms.SLUG}", room.student)
    page.set_input_files("#files", a_zip())
    expect(page.locator("[data-chosen]")).to_contain_text("homework.zip")
    page.click(".answers summary")
    page.fill("#answer-fc-inline-1", rooms.HEBREW)
    page.click("[data-send]")
    page.wait_for_url(re.compile(r"/submissions/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Submission #1")
    expect(page.locator("[data-text]")).to_have_text("Waiting for a worker")

    shown = threading.Event()
    worker = threading.Thread(target=grade, args=(rooms, int(page.url.rpartition("/")[2]), shown))
    worker.start()
    expect(page.locator("[data-count]")).to_have_text("20 of 51")
    assert page.locator("progress").evaluate("bar => bar.value / bar.max") > 0.3
    shown.set()
    expect(page.locator(".total-number")).to_be_visible()  # the page loaded the result by itself
    worker.join()
    expect(page.locator("#q-adam")).to_contain_text("the bias correction is missing")
    expect(page.locator("#q-adam")).to_have_attribute("open", "")


def test_without_javascript_everything_works(visit, room, rooms):
    page = visit(f"/assignments/{rooms.SLUG}", room.student, scripts=False)
    page.set_input_files("#files", a_zip())
    page.click("[data-send]")
    page.wait_for_url(re.compile(r"/submissions/\d+$"))
    with transaction() as session:
        rooms.graded(session, session.get_one(Submission, int(page.url.rpartition("/")[2])))
    page.click("text=Look again")
    expect(page.locator(".total-number")).to_be_visible()


def test_the_same_upload_again_is_told(visit, room, rooms):
    page = visit(f"/assignments/{rooms.SLUG}", room.student)
    for _ in range(2):
        page.goto(f"/assignments/{rooms.SLUG}")
        page.set_input_files("#files", a_zip())
        page.click("[data-send]")
        page.wait_for_url(re.compile(r"/submissions/\d+"))
    expect(page.locator(".notice")).to_contain_text("exactly this before")


def test_a_refused_upload_says_why_and_keeps_what_was_typed(visit, room, rooms):
    page = visit(f"/assignments/{rooms.SLUG}", room.student)
    broken = {"name": "work.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04 not a zip"}
    page.set_input_files("#files", broken)
    page.click(".answers summary")
    page.fill("#answer-bn-inline-4", "Option 2, because")
    page.click("[data-send]")
    expect(page.locator("#refused")).to_contain_text("work.zip")
    expect(page.locator("#answer-bn-inline-4")).to_have_value("Option 2, because")


def test_files_can_be_dropped(visit, room, rooms):
    page = visit(f"/assignments/{rooms.SLUG}", room.student)
    data = page.evaluate_handle(
        """() => { const data = new DataTransfer();
        data.items.add(new File(["x = 1"], "layers.py")); return data; }"""
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": data})
    expect(page.locator("[data-chosen]")).to_contain_text("layers.py")


def test_a_folder_keeps_its_names(visit, room, rooms, tmp_path):
    folder = tmp_path / "assignment2" / "cs231n" / "classifiers"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("# 1\n")
    (folder.parent / "__init__.py").write_text("# 2\n")
    (folder.parent / "layers.py").write_text("x = 1\n")
    page = visit(f"/assignments/{rooms.SLUG}", room.student)
    with page.expect_file_chooser() as chosen:
        page.click("[data-folder]")
    chosen.value.set_files(tmp_path / "assignment2")
    page.click("[data-send]")
    page.wait_for_url(re.compile(r"/submissions/\d+$"))
    with transaction() as session:
        stored = submission_by_id(session, int(page.url.rpartition("/")[2]))
        paths = {file.path for file in stored.files}
    assert any(path.endswith("cs231n/classifiers/__init__.py") for path in paths) and len(paths) == 3
